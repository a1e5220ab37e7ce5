//! What a service says about money, and about riders who do not come.

use mukae_engine::model::{
    FARE_ROWS_MAX, Fees, NO_SHOW_MEMORY, NO_SHOWS_MAX, Payment, Rates, SharedRate, Suspension, YEN_MAX,
};
use mukae_units::{Metres, Span, Yen};
use toml::Spanned;

use super::check::Check;
use super::raw::{Number, RawCancellation, RawFare, RawSuspension};

/// The tariff of a service, with zones by their names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TariffConfig {
    pub table: TableConfig,
    pub shared: SharedRate,
    pub rates: Rates,
    pub payment: Payment,
    pub fees: Fees,
}

/// See [`FareTable`](mukae_engine::model::FareTable).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TableConfig {
    Flat(Yen),
    ByZones { rows: Vec<ZoneFareConfig>, other: Yen },
    ByDistance { rows: Vec<(Metres, Yen)>, beyond: Yen },
    ByParty(Vec<Yen>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneFareConfig {
    pub from: Vec<String>,
    pub to: Vec<String>,
    pub yen: Yen,
}

/// Between booking and pickup, at most.
const FREE_UNTIL_MAX: Span = Span::from_mins(400 * 24 * 60);

impl Check<'_> {
    /// `zones` are those that were drawn.
    pub(super) fn tariff(
        &mut self,
        fare: Option<Spanned<RawFare>>,
        cancellation: Option<Spanned<RawCancellation>>,
        zones: &[String],
    ) -> Option<TariffConfig> {
        let Some(fare) = fare else {
            if let Some(cancellation) = cancellation {
                self.wrong(
                    &cancellation,
                    "`cancellation` needs a `fare`; write `yen = 0` if rides are free".to_owned(),
                );
            }
            return None;
        };
        let line = self.line(fare.span().start);
        let mut fare = fare.into_inner();
        let fees = self.fees(cancellation.map(Spanned::into_inner).unwrap_or_default());
        let ticket = fare.ticket_yen.take().map(|yen| self.yen("ticket_yen", Some(yen), 1, 1));
        let account = fare.account.unwrap_or(false);
        let payment = Payment { ticket, cash: fare.cash.unwrap_or(ticket.is_none() && !account), account };
        if payment == (Payment { ticket: None, cash: false, account: false }) {
            self.note(line, "nothing pays the fare; set `ticket_yen`, `cash` or `account`".to_owned());
        }
        let shared = SharedRate {
            discount: self.yen("shared_discount_yen", fare.shared_discount_yen.take(), 0, 0),
            within_party: fare.party_shares.unwrap_or(false),
        };
        let rates = Rates {
            child_percent: self.percent("child_percent", fare.child_percent.take()),
            senior_percent: self.percent("senior_percent", fare.senior_percent.take()),
            disabled_percent: self.percent("disabled_percent", fare.disabled_percent.take()),
            rounding: Yen(self.number("rounding_yen", fare.rounding_yen.take(), 1, 1_000, 10) as u32),
        };
        let table = self.fare_table(line, fare, zones)?;
        Some(TariffConfig { table, shared, rates, payment, fees })
    }

    fn fare_table(&mut self, line: usize, fare: RawFare, zones: &[String]) -> Option<TableConfig> {
        let given = [fare.party_yen.is_some(), fare.zones.is_some(), fare.distance.is_some()];
        if 1 < given.into_iter().filter(|given| *given).count() {
            self.note(line, "a fare goes by one of `party_yen`, `zones` and `distance`".to_owned());
        }
        if let Some(by_party) = fare.party_yen {
            if fare.yen.is_some() {
                self.wrong(&by_party, "`party_yen` is for the whole party; leave `yen` out".to_owned());
            }
            if by_party.as_ref().is_empty() || FARE_ROWS_MAX < by_party.as_ref().len() {
                self.wrong(&by_party, format!("`party_yen` has 1 to {FARE_ROWS_MAX} fares, for one rider, two, ..."));
                return None;
            }
            let yen = by_party.into_inner().into_iter();
            return Some(TableConfig::ByParty(yen.map(|yen| self.yen("party_yen", Some(yen), 0, 0)).collect()));
        }
        if fare.yen.is_none() {
            self.note(line, "`yen` is missing in `fare`: what an adult pays where no row says otherwise".to_owned());
        }
        let yen = self.yen("yen", fare.yen, 0, 0);
        if let Some(rows) = fare.zones {
            self.rows_few("zones", &rows);
            let rows = rows.into_inner().into_iter().map(|row| {
                let row = row.into_inner();
                let from = self.zones_named("from", row.from.unwrap_or_default(), zones);
                let to = self.zones_named("to", row.to.unwrap_or_default(), zones);
                ZoneFareConfig { from, to, yen: self.yen("yen", row.yen, 0, 0) }
            });
            return Some(TableConfig::ByZones { rows: rows.collect(), other: yen });
        }
        let Some(rows) = fare.distance else { return Some(TableConfig::Flat(yen)) };
        self.rows_few("distance", &rows);
        let mut steps: Vec<(Metres, Yen)> = Vec::new();
        for row in rows.into_inner() {
            let line = self.line(row.span().start);
            let row = row.into_inner();
            if row.up_to_m.is_none() || row.yen.is_none() {
                self.note(line, "a row of `distance` is `{ up_to_m = 3000, yen = 300 }`".to_owned());
            }
            let up_to = Metres::from_metres(self.number("up_to_m", row.up_to_m, 1, 1_000_000, 1) as u64);
            if steps.last().is_some_and(|(before, _)| up_to <= *before) {
                self.note(line, "`up_to_m` climbs from row to row".to_owned());
            }
            steps.push((up_to, self.yen("yen", row.yen, 0, 0)));
        }
        Some(TableConfig::ByDistance { rows: steps, beyond: yen })
    }

    fn rows_few<T>(&mut self, key: &str, rows: &Spanned<Vec<T>>) {
        if FARE_ROWS_MAX < rows.as_ref().len() {
            self.wrong(rows, format!("`{key}` has at most {FARE_ROWS_MAX} rows"));
        }
    }

    fn fees(&mut self, raw: RawCancellation) -> Fees {
        Fees {
            free_until: self.span("free_until", raw.free_until, Span::ZERO, FREE_UNTIL_MAX, Span::ZERO),
            late_cancellation: self.yen("late_fee_yen", raw.late_fee_yen, 0, 0),
            no_show: self.yen("no_show_fee_yen", raw.no_show_fee_yen, 0, 0),
        }
    }

    pub(super) fn suspension(&mut self, raw: Option<Spanned<RawSuspension>>) -> Option<Suspension> {
        let raw = raw?;
        let line = self.line(raw.span().start);
        let RawSuspension { no_shows, within, lasts } = raw.into_inner();
        if no_shows.is_none() || within.is_none() || lasts.is_none() {
            let what =
                "`suspension` is `{ no_shows = 3, within = \"30 days\", lasts = \"30 days\" }`, all three of them";
            self.note(line, what.to_owned());
        }
        Some(Suspension {
            no_shows: self.number("no_shows", no_shows, 1, i64::from(NO_SHOWS_MAX), 1) as u32,
            within: self.span("within", within, Span::from_mins(1), NO_SHOW_MEMORY, Span::DAY),
            lasts: self.span("lasts", lasts, Span::from_mins(1), NO_SHOW_MEMORY, Span::DAY),
        })
    }

    fn yen(&mut self, key: &str, raw: Number, least: i64, shipped: i64) -> Yen {
        Yen(self.number(key, raw, least, i64::from(YEN_MAX.0), shipped) as u32)
    }

    fn percent(&mut self, key: &str, raw: Number) -> u8 {
        self.number(key, raw, 0, 100, 100) as u8
    }
}
