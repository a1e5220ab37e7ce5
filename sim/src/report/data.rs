//! What a page is made of, as JSON: times in seconds after midnight, places on a grid of a metre.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::model::{CancelReason, Relaxation, Spot, Wish};
use mukae_maps::PreparedMap;
use mukae_record::tour::Errand;
use mukae_units::{LatLon, SeatKind, ShiftId, Span, Time};
use serde_json::{Value, json};

use super::day::{Day, Driven};
use super::ground::{Writing, ground};
use super::life::{Boarding, Ending, Life, Moment};
use super::line::Rows;
use super::{Place, Run};
use crate::civil::midnight;
use crate::kpi::{Kpis, Part, constraint_name};
use crate::names::shown_name;

/// Raised when the page's script must be another one to read it.
const FORMAT: u32 = 1;
pub(super) fn data(runs: &[Run<'_>], days: &[Day<'_>], date: Date, place: &Place<'_>) -> Value {
    let midnight = midnight(date, place.zone);
    let clocks: Vec<(Time, Time)> = days.iter().filter_map(Day::clock).collect();
    let start = clocks.iter().map(|clock| clock.0).min().unwrap_or(midnight);
    let end = clocks.iter().map(|clock| clock.1).max().unwrap_or(midnight);
    let first_asked = days.iter().flat_map(|day| &day.lives).map(|life| life.asked_at).min().unwrap_or(start);
    let (writing, mut told) = ground(place, date, points(days, place.map), (start.min(first_asked), end));
    told.insert("format".to_owned(), FORMAT.into());
    told.insert("clock".to_owned(), json!([writing.seconds(start), writing.seconds(end)]));
    let runs = runs.iter().zip(days).map(|(run, day)| writing.run(run, day, date, place.zone));
    told.insert("runs".to_owned(), runs.collect());
    told.into()
}

/// All that is drawn of these days.
fn points(days: &[Day<'_>], map: &PreparedMap) -> Vec<LatLon> {
    let position = |spot: &Spot| mukae_maps::place_position(map.graph(), spot.place);
    let mut points: Vec<LatLon> = Vec::new();
    for day in days {
        points.extend(day.drives.iter().flat_map(|driven| &driven.course).map(|passing| passing.point));
        points.extend(day.lives.iter().flat_map(|life| [position(life.origin()), position(life.destination())]));
        points.extend(day.shifts.values().map(|work| position(&work.shift.start)));
    }
    points
}

impl Writing<'_> {
    fn run(&self, run: &Run<'_>, day: &Day<'_>, date: Date, zone: &TimeZone) -> Value {
        let shift_numbers: BTreeMap<ShiftId, usize> =
            day.shifts.keys().enumerate().map(|(number, &id)| (id, number)).collect();
        let vehicles: BTreeSet<_> = day.shifts.values().map(|work| work.shift.vehicle).collect();
        let vehicle_number = |of| vehicles.iter().position(|&vehicle| vehicle == of);
        let name = |id| day.story.vehicles.get(id).map_or_else(String::new, |name| shown_name(name));
        let seats = |id| day.shifts.values().filter(|work| work.shift.vehicle == id).map(|work| work.seats).max();
        let shifts = day.shifts.values().map(|work| {
            json!({
                "vehicle": vehicle_number(work.shift.vehicle),
                "opened": work.opened.map(|at| self.seconds(at)),
                "closed": work.closed.map(|at| self.seconds(at)),
                "planned": self.window(work.shift.window),
                "start": self.spot(&work.shift.start),
            })
        });
        let (others, of_other_days) = day
            .story
            .days(zone)
            .iter()
            .filter(|(other, _)| **other != date)
            .fold((0, 0), |(days, requests), (_, count)| (days + 1, requests + count));
        let without_way = day.drives.iter().filter(|driven| driven.course.is_empty()).count();
        json!({
            "name": run.name,
            "journal_hash": run.journal_hash,
            "records": day.story.records,
            "is_recorded": 0 < day.story.records_of_people,
            "dropped": run.dropped,
            "other_days": others,
            "other_requests": of_other_days,
            "drives_without_way": without_way,
            "kpis": run.ledger.day(date),
            "hours": run.ledger.hours(Some(date)).iter().map(part).collect::<Vec<_>>(),
            "hamlets": run.ledger.hamlets(Some(date)).iter().map(hamlet).collect::<Vec<_>>(),
            "vehicles": vehicles.iter().map(|id| json!({ "name": name(id), "seats": seats(*id) })).collect::<Vec<_>>(),
            "shifts": shifts.collect::<Vec<_>>(),
            "drives": day.drives.iter().map(|driven| self.drive(day, driven, &shift_numbers)).collect::<Vec<_>>(),
            "requests": (0..day.lives.len()).map(|number| self.life(day, number, &shift_numbers)).collect::<Vec<_>>(),
        })
    }

    /// `[shift, errand, persons, metres, [requests], "time, east, north, …"]`
    fn drive(&self, day: &Day<'_>, driven: &Driven<'_>, shifts: &BTreeMap<ShiftId, usize>) -> Value {
        let errand = match driven.drive.errand {
            Errand::ToPickup => 0,
            Errand::ToDropoff => 1,
            Errand::ToBreak => 2,
            Errand::Home => 3,
            Errand::Elsewhere => 4,
        };
        let mut rows = Rows::<3>::new();
        for passing in &driven.course {
            let (x, y) = self.grid.steps(passing.point);
            rows.push([self.seconds(passing.at), x, y]);
        }
        let metres = driven.length.map(|length| length.as_metres());
        json!([shifts[&driven.shift], errand, driven.persons, metres, day.numbers(driven.drive), rows.into_text()])
    }

    fn life(&self, day: &Day<'_>, number: usize, shifts: &BTreeMap<ShiftId, usize>) -> Value {
        let life = day.lives[number];
        let shift = |id: ShiftId| shifts.get(&id).copied();
        let (kind, window) = match life.request.wish {
            Wish::DepartAfter(window) => (0, window),
            Wish::ArriveBy(window) => (1, window),
        };
        let mut told = json!({
            "at": self.seconds(life.asked_at),
            "wish": window_with(kind, self.window(window)),
            "n": life.persons(),
            "from": self.spot(life.origin()),
            "to": self.spot(life.destination()),
            "end": life.ending.map(ending_name),
        });
        let fields = told.as_object_mut().expect("an object was written");
        let mut put = |key: &str, value: Value| _ = fields.insert(key.to_owned(), value);
        let wheelchairs = life.request.party.of(SeatKind::Wheelchair);
        if 0 < wheelchairs {
            put("wheelchairs", wheelchairs.into());
        }
        if let Some(proposal) = &life.proposal {
            let promise = proposal.promise;
            put(
                "offer",
                json!({
                    "pickup": self.window(promise.pickup),
                    "dropoff_latest": self.seconds(promise.dropoff_latest),
                    "planned": [self.seconds(proposal.pickup), self.seconds(proposal.dropoff)],
                    "shift": shift(proposal.shift),
                    "direct": proposal.direct.span().as_secs(),
                    "count": life.offer_count,
                }),
            );
        }
        if let Some(refusal) = &life.refusal {
            let seconds = |by: Option<Span>| by.map(|by| by.as_secs());
            let binding = |binding: &mukae_engine::model::Binding| {
                json!([constraint_name(binding.constraint), seconds(binding.shortfall)])
            };
            put("because", refusal.binding.iter().map(binding).collect());
            if !refusal.relaxations.is_empty() {
                put("instead", refusal.relaxations.iter().map(relaxation).collect());
            }
        }
        if !life.boardings.is_empty() {
            let boarding = |boarding: &Boarding| {
                json!([shift(boarding.shift), self.seconds(boarding.began), self.seconds(boarding.ended)])
            };
            put("boarded", life.boardings.iter().map(boarding).collect());
        }
        if let Some((began, ended)) = life.alighted {
            put("alighted", json!([self.seconds(began), self.seconds(ended)]));
        }
        if let Some(id) = life.shift {
            put("shift", json!(shift(id)));
        }
        if 0 < day.ridden[number].as_metres() {
            put("metres", day.ridden[number].as_metres().into());
        }
        if !day.shared_with[number].is_empty() {
            put("shared", json!(day.shared_with[number]));
        }
        put("moments", self.moments(life, shifts));
        told
    }

    fn moments(&self, life: &Life, shifts: &BTreeMap<ShiftId, usize>) -> Value {
        let moment = |moment: &Moment| {
            let (name, at, shift) = match *moment {
                Moment::OfferedAgain(at) => ("offered_again", at, None),
                Moment::Confirmed(at, shift) => ("confirmed", at, Some(shift)),
                Moment::Amended(at) => ("amended", at, None),
                Moment::Moved(at, shift) => ("moved", at, Some(shift)),
                Moment::AtRisk(at) => ("at_risk", at, None),
                Moment::Restored(at) => ("restored", at, None),
                Moment::DriverAsked(at) => ("driver_asked", at, None),
                Moment::DriverAnswered(at) => ("driver_answered", at, None),
                Moment::Unassigned(at) => ("unassigned", at, None),
                Moment::Stranded(at) => ("stranded", at, None),
                Moment::Ended(at, ending) => (ending_name(ending), at, None),
            };
            match shift {
                None => json!([name, self.seconds(at)]),
                Some(shift) => json!([name, self.seconds(at), shifts.get(&shift)]),
            }
        };
        life.moments.iter().map(moment).collect()
    }
}

/// What is drawn of an hour or a hamlet.
fn part(kpis: &Kpis) -> Value {
    let wait = &kpis.wait_from_request;
    let open = kpis.offers_open + kpis.bookings_open;
    json!({
        "requests": kpis.requests,
        "served": kpis.served,
        "refused": kpis.refused,
        "other": kpis.not_taken + kpis.cancelled + kpis.no_shows + kpis.failed + open,
        "waits": wait.count,
        "wait_p50_s": wait.p50 / 1000,
        "wait_p90_s": wait.p90 / 1000,
        "km": kpis.driven.as_metres() as f64 / 1000.0,
    })
}

fn hamlet(hamlet: &Part) -> Value {
    let mut told = part(&hamlet.kpis);
    told["name"] = hamlet.name.as_str().into();
    told
}

/// `[0 for a departure or 1 for an arrival, from, until]`
fn window_with(kind: i64, [from, until]: [i64; 2]) -> [i64; 3] {
    [kind, from, until]
}

fn ending_name(ending: Ending) -> &'static str {
    match ending {
        Ending::Served => "served",
        Ending::Refused => "refused",
        Ending::NotTaken => "not_taken",
        Ending::Cancelled(CancelReason::Rider) => "cancelled_by_rider",
        Ending::Cancelled(CancelReason::Service) => "cancelled_by_service",
        Ending::Cancelled(CancelReason::Duplicate | CancelReason::Rebooked) => "cancelled_rebooked",
        Ending::Cancelled(CancelReason::Unknown) => "cancelled",
        Ending::NoShow => "no_show",
        Ending::Failed => "failed",
    }
}

fn relaxation(relaxation: &Relaxation) -> Value {
    match *relaxation {
        Relaxation::Later { by } => json!(["later", by.as_secs()]),
        Relaxation::Earlier { by } => json!(["earlier", by.as_secs()]),
        Relaxation::ArriveLater { by } => json!(["arrive_later", by.as_secs()]),
        Relaxation::LongerRide { by } => json!(["longer_ride", by.as_secs()]),
        Relaxation::LongerWalk { by } => json!(["longer_walk", by.as_secs()]),
        Relaxation::SmallerParty { fewer, .. } => json!(["smaller_party", fewer]),
        Relaxation::DaysLater { days } => json!(["days_later", days]),
    }
}
