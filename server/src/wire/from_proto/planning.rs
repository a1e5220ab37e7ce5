//! What journey planners ask.

use jiff::civil::Date;
use mukae_proto::transit::planning::v1 as pb;
use mukae_proto::transit::units::v1::TimeWindow;
use mukae_units::{ID_SET_MAX, Span, Time};

use super::{lat_lng, seats, when_of};
use crate::caller::Caller;
use crate::civil::{date_of, read_day};
use crate::errors::Fault;
use crate::names::{ServiceName, UsageName};
use crate::shell::input::{ProbeTerms, When};
use crate::shell::probing::{PLACES_MAX, RIDES_MAX, Ride, Rides};
use crate::wire::fields::Fields;

/// Demand of one export, at most.
const EXPORT_MAX: Span = Span::from_mins(400 * 24 * 60);
/// Days from the first to the last of an account, at most.
const USAGE_DAYS_MAX: u32 = 400;

/// Whose demand, asked for from when on and before when.
#[derive(Debug)]
pub struct DemandOf {
    pub service: ServiceName,
    pub from: Time,
    pub until: Time,
}

pub fn export_demand(caller: &Caller, request: &pb::ExportDemandRequest) -> Result<DemandOf, Fault> {
    let mut fields = Fields::of(caller);
    let service = fields.name::<ServiceName>("parent", &request.parent);
    let from = fields.time("start_time", request.start_time);
    let until = fields.time("end_time", request.end_time);
    if from.zip(until).is_some_and(|(from, until)| until <= from || EXPORT_MAX < until - from) {
        fields.wrong("end_time", "after `start_time`, at most 400 days");
    }
    let asked = || Some(DemandOf { service: service?, from: from?, until: until? });
    let asked = asked();
    fields.finish(asked)
}

/// How much the fleet of an area was used, from the first of these civil days to the last.
#[derive(Debug)]
pub struct UsageOf {
    pub name: UsageName,
    pub first: Date,
    pub last: Date,
}

pub fn get_usage(caller: &Caller, request: &pb::GetUsageRequest) -> Result<UsageOf, Fault> {
    let mut fields = Fields::of(caller);
    let name = fields.name::<UsageName>("name", &request.name);
    let mut day = |field: &str, text: &str| {
        let day = read_day(text);
        if day.is_none() {
            fields.wrong(field, format!("a civil date like `2026-04-01`, was {text:?}"));
        }
        day
    };
    let days = day("start_date", &request.start_date).zip(day("end_date", &request.end_date));
    if days.is_some_and(|(first, last)| last < first || first.0 + USAGE_DAYS_MAX < last.0) {
        fields.wrong("end_date", format!("`start_date` or after it, at most {USAGE_DAYS_MAX} days"));
    }
    let dates = days.and_then(|(first, last)| date_of(first).zip(date_of(last)));
    let usage = || Some(UsageOf { name: name?, first: dates?.0, last: dates?.1 });
    let usage = usage();
    fields.finish(usage)
}

/// What the area is asked, and what is asked beside it.
pub fn probe_rides(caller: &Caller, request: pb::ProbeRidesRequest) -> Result<(ProbeTerms, Rides), Fault> {
    let mut fields = Fields::of(caller);
    let service = fields.name::<ServiceName>("parent", &request.parent);
    let party = seats(&mut fields, "party", request.party, u8::MAX);
    if request.requirements.len() > ID_SET_MAX as usize {
        fields.wrong("requirements", format!("at most {ID_SET_MAX}"));
    }
    let place_count = request.places.len();
    if !(1..=PLACES_MAX).contains(&place_count) {
        fields.wrong("places", format!("1 to {PLACES_MAX} places, were {place_count}"));
    }
    if !(1..=RIDES_MAX).contains(&request.probes.len()) {
        fields.wrong("probes", format!("1 to {RIDES_MAX} rides, were {}", request.probes.len()));
    }
    let mut places = Vec::with_capacity(place_count);
    for (number, place) in request.places.into_iter().enumerate() {
        places.extend(lat_lng(&mut fields, &format!("places[{number}]"), Some(place)));
    }
    let mut rides = Vec::with_capacity(request.probes.len());
    for (number, probe) in request.probes.into_iter().enumerate() {
        rides.extend(ride(&mut fields, &format!("probes[{number}]"), probe, place_count));
    }
    let asked = || {
        let terms = ProbeTerms { service: service?, requirements: request.requirements };
        Some((terms, Rides { party: party?, places, rides }))
    };
    let asked = asked();
    fields.finish(asked)
}

fn ride(fields: &mut Fields<'_>, field: &str, probe: pb::RideProbe, place_count: usize) -> Option<Ride> {
    let mut index = |name: &str, index: i32| {
        let found = usize::try_from(index).ok().filter(|&index| index < place_count);
        if found.is_none() {
            fields.wrong(format!("{field}.{name}"), format!("an index in `places`, below {place_count}; was {index}"));
        }
        found
    };
    let (origin, destination) =
        (index("origin_index", probe.origin_index), index("destination_index", probe.destination_index));
    let when = when(fields, field, probe.wish);
    Some(Ride { origin: origin?, destination: destination?, when: when? })
}

fn when(fields: &mut Fields<'_>, field: &str, wish: Option<pb::ride_probe::Wish>) -> Option<When> {
    use pb::ride_probe::Wish;
    let windows: (Option<TimeWindow>, Option<TimeWindow>) = match wish {
        None => (None, None),
        Some(Wish::DepartAfter(window)) => (Some(window), None),
        Some(Wish::ArriveBy(window)) => (None, Some(window)),
    };
    when_of(fields, &format!("{field}."), windows)
}
