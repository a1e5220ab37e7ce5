//! Key figures for people (a table) and for programs (JSON with stable keys).

use std::collections::BTreeMap;
use std::fmt;

use mukae_engine::model::Channel;
use mukae_units::Metres;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{FORMULA_VERSION, Kpis, Spread, constraint_name};

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Unknown => "unknown",
        Channel::Phone => "phone",
        Channel::Line => "line",
        Channel::Web => "web",
        Channel::App => "app",
        Channel::VoiceAgent => "voice_agent",
        Channel::Staff => "staff",
        Channel::Partner => "partner",
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// To three digits after the point, so that JSON does not show how a machine divides.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

impl Kpis {
    /// Rider-km by vehicle-km.
    pub fn occupancy(&self) -> f64 {
        share(self.rider_millimetres, self.driven.as_millimetres())
    }

    pub fn empty_share(&self) -> f64 {
        share(self.driven_empty.as_millimetres(), self.driven.as_millimetres())
    }

    pub fn shift_hours(&self) -> f64 {
        self.shift_time.as_millis() as f64 / 3_600_000.0
    }

    pub fn rides_per_shift_hour(&self) -> f64 {
        if self.shift_time.as_millis() == 0 { 0.0 } else { self.served as f64 / self.shift_hours() }
    }
}

impl Serialize for Kpis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("formula_version", &FORMULA_VERSION)?;
        let counts = [
            ("requests", self.requests),
            ("offered", self.offered),
            ("confirmed", self.confirmed),
            ("served", self.served),
            ("refused", self.refused),
            ("not_taken", self.not_taken),
            ("cancelled", self.cancelled),
            ("lost_to_delay", self.lost_to_delay),
            ("no_shows", self.no_shows),
            ("failed", self.failed),
            ("offers_open", self.offers_open),
            ("bookings_open", self.bookings_open),
            ("unassigned", self.unassigned),
        ];
        for (key, count) in counts {
            map.serialize_entry(key, &count)?;
        }
        map.serialize_entry("unaccounted", &self.unaccounted())?;
        map.serialize_entry("refused_by", &named(&self.refused_by, constraint_name))?;
        map.serialize_entry("requests_by_channel", &named(&self.requests_by_channel, channel_name))?;
        map.serialize_entry("riders_served", &self.riders_served)?;
        for (key, count) in [
            ("latent", self.latent),
            ("latent_served", self.latent_served),
            ("latent_refused", self.latent_refused),
            ("latent_abandoned", self.latent_abandoned),
            ("latent_lost", self.latent_lost),
            ("pickups", self.pickups),
            ("pickups_on_time", self.pickups_on_time),
            ("pickups_punctual", self.pickups_punctual),
            ("promises_at_risk", self.promises_at_risk),
            ("promises_broken", self.promises_broken),
            ("asks", self.asks),
            ("asks_ended", self.asks_ended),
            ("asks_accepted", self.asks_accepted),
            ("asks_week_max", self.asks_week_max),
        ] {
            map.serialize_entry(key, &count)?;
        }
        map.serialize_entry("on_time_share", &rounded(share(self.pickups_on_time, self.pickups)))?;
        map.serialize_entry("punctual_share", &rounded(share(self.pickups_punctual, self.pickups)))?;
        serialize_spread(&mut map, "time_to_confirm", "_s", &self.time_to_confirm)?;
        serialize_spread(&mut map, "wait", "_s", &self.wait_from_request)?;
        map.serialize_entry("wait_gini", &rounded(self.wait_from_request.gini as f64 / 1000.0))?;
        serialize_spread(&mut map, "wait_from_promise", "_s", &self.wait_from_promise)?;
        serialize_spread(&mut map, "ride", "_s", &self.ride_time)?;
        serialize_spread(&mut map, "ride_ratio", "", &self.ride_ratio)?;
        map.serialize_entry("pooled", &self.pooled)?;
        map.serialize_entry("pooled_share", &rounded(share(self.pooled, self.served)))?;
        let lengths = [
            ("km", self.driven),
            ("empty_km", self.driven_empty),
            ("empty_to_pickup_km", self.empty_to_pickup),
            ("empty_reposition_km", self.empty_reposition),
            ("empty_to_break_km", self.empty_to_break),
            ("empty_home_km", self.empty_home),
            ("rider_km", Metres::from_millimetres(self.rider_millimetres)),
        ];
        for (key, length) in lengths {
            map.serialize_entry(key, &rounded(length.as_km()))?;
        }
        map.serialize_entry("empty_share", &rounded(self.empty_share()))?;
        map.serialize_entry("occupancy", &rounded(self.occupancy()))?;
        map.serialize_entry("unmeasured_drives", &self.unmeasured_drives)?;
        map.serialize_entry("shifts_open", &self.shifts_open)?;
        map.serialize_entry("shifts_closed", &self.shifts_closed)?;
        if 0 < self.shifts_called {
            map.serialize_entry("shifts_called", &self.shifts_called)?;
        }
        map.serialize_entry("shift_hours", &rounded(self.shift_hours()))?;
        map.serialize_entry("rides_per_shift_hour", &rounded(self.rides_per_shift_hour()))?;
        map.end()
    }
}

fn named<K: Copy>(counts: &BTreeMap<K, u64>, name: fn(K) -> &'static str) -> BTreeMap<&'static str, u64> {
    counts.iter().map(|(&key, &count)| (name(key), count)).collect()
}

/// Values are thousandths of what is shown: milliseconds of seconds, or permille of ratios.
fn serialize_spread<M: SerializeMap>(map: &mut M, name: &str, unit: &str, spread: &Spread) -> Result<(), M::Error> {
    map.serialize_entry(&format!("{name}_count"), &spread.count)?;
    let shown = [
        ("mean", spread.mean()),
        ("p50", spread.p50 as f64),
        ("p90", spread.p90 as f64),
        ("p95", spread.p95 as f64),
        ("max", spread.max as f64),
    ];
    for (which, value) in shown {
        map.serialize_entry(&format!("{name}_{which}{unit}"), &rounded(value / 1000.0))?;
    }
    Ok(())
}

impl fmt::Display for Kpis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "requests          {:>7}", self.requests)?;
        let outcomes = [
            ("served", self.served, true),
            ("refused", self.refused, true),
            ("not taken", self.not_taken, false),
            ("cancelled", self.cancelled, false),
            ("no-show", self.no_shows, false),
            ("no vehicle left", self.failed, false),
            ("still open", self.offers_open + self.bookings_open, false),
        ];
        for (name, count, is_always_shown) in outcomes {
            if is_always_shown || 0 < count {
                writeln!(f, "  {name:<16}{count:>7}  {:>5.1} %", 100.0 * share(count, self.requests))?;
            }
        }
        if 0 < self.lost_to_delay {
            writeln!(f, "  lost to delay   {:>7}  of those cancelled", self.lost_to_delay)?;
        }
        if self.latent != self.requests {
            writeln!(f, "latent requests   {:>7}  who ask again for the same way are one", self.latent)?;
        }
        if self.unaccounted() != 0 {
            writeln!(f, "  UNACCOUNTED     {:>7}  a defect: please report it", self.unaccounted())?;
        }
        if !self.refused_by.is_empty() {
            let causes: Vec<String> = named(&self.refused_by, constraint_name)
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            writeln!(f, "refused because   {}", causes.join(", "))?;
        }
        writeln!(f)?;
        writeln!(f, "                     mean     p50     p90     p95     max")?;
        let minute = 60_000.0;
        write_spread(f, "time to confirm", &self.time_to_confirm, minute, "min")?;
        write_spread(f, "wait, from wish", &self.wait_from_request, minute, "min  departures")?;
        write_spread(f, "wait, from promise", &self.wait_from_promise, minute, "min  all pickups")?;
        write_spread(f, "ride time", &self.ride_time, minute, "min")?;
        write_spread(f, "ride / direct", &self.ride_ratio, 1000.0, "")?;
        writeln!(f)?;
        let on_time = 100.0 * share(self.pickups_on_time, self.pickups);
        writeln!(f, "on time           {:>7} of {} pickups, {on_time:.1} %", self.pickups_on_time, self.pickups)?;
        let punctual = 100.0 * share(self.pickups_punctual, self.pickups);
        writeln!(
            f,
            "punctual          {:>7} from 5 min before the promise to 10 after, {punctual:.1} %",
            self.pickups_punctual
        )?;
        writeln!(f, "broken promises   {:>7} of {} bookings", self.promises_broken, self.confirmed)?;
        let pooled = 100.0 * share(self.pooled, self.served);
        writeln!(f, "pooled            {:>7} of {} rides, {pooled:.1} %", self.pooled, self.served)?;
        writeln!(
            f,
            "driven            {:>7.1} km, {:.1} % empty (to pickups {:.1} km, moved {:.1} km, home {:.1} km)",
            self.driven.as_km(),
            100.0 * self.empty_share(),
            self.empty_to_pickup.as_km(),
            (self.empty_reposition + self.empty_to_break).as_km(),
            self.empty_home.as_km()
        )?;
        if 0 < self.unmeasured_drives {
            writeln!(f, "  not measured    {:>7} drives without a known road", self.unmeasured_drives)?;
        }
        writeln!(f, "occupancy         {:>7.2} riders on board per km", self.occupancy())?;
        if 0 < self.asks {
            let accepted = 100.0 * share(self.asks_accepted, self.asks_ended);
            writeln!(
                f,
                "drivers asked     {:>7} times, {accepted:.1} % said yes; at most {} in a week of one",
                self.asks, self.asks_week_max
            )?;
        }
        if 0 < self.shifts_called {
            writeln!(f, "drivers called    {:>7} of shifts on call", self.shifts_called)?;
        }
        write!(
            f,
            "shifts            {:>7.1} h in {}, {:.2} rides an hour",
            self.shift_hours(),
            self.shifts_closed,
            self.rides_per_shift_hour()
        )
    }
}

fn write_spread(f: &mut fmt::Formatter<'_>, name: &str, spread: &Spread, per: f64, unit: &str) -> fmt::Result {
    let shown = [spread.mean(), spread.p50 as f64, spread.p90 as f64, spread.p95 as f64, spread.max as f64];
    write!(f, "{name:<17}")?;
    for value in shown {
        write!(f, "{:>8.2}", value / per)?;
    }
    let line_end = if unit.is_empty() { String::new() } else { format!("  {unit}") };
    writeln!(f, "{line_end}")
}
