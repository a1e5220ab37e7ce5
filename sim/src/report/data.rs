//! What a page is made of, as JSON: times in seconds after midnight, places on a grid of a metre.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::model::{CancelReason, Relaxation, Spot, Wish};
use mukae_maps::{Bounds, EdgeId, PreparedMap, RoadGraph};
use mukae_record::tour::Errand;
use mukae_units::{LatLon, SeatKind, ShiftId, Span, Time, TimeWindow};
use serde_json::{Value, json};

use super::day::{Day, Driven};
use super::life::{Boarding, Ending, Life, Moment};
use super::line::{Grid, Rows};
use super::roads::{Breadth, background};
use super::{Place, Run};
use crate::civil::midnight;
use crate::kpi::{Kpis, Part, constraint_name};

/// Raised when the page's script must be another one to read it.
const FORMAT: u32 = 1;
/// Roads looked at for a name, near one that has none.
const NAMES_LOOKED_AT: usize = 60;
/// Around everything that is shown.
const MARGIN_E7: i32 = 50_000;

/// What all parts of the data are written with.
struct Writing<'a> {
    midnight: Time,
    grid: Grid,
    map: &'a PreparedMap,
}

pub(super) fn data(runs: &[Run<'_>], days: &[Day<'_>], date: Date, place: &Place<'_>) -> Value {
    let midnight = midnight(date, place.zone);
    let bounds = bounds(days, place.map);
    let writing = Writing { midnight, grid: Grid::over(&bounds), map: place.map };
    let clocks: Vec<(Time, Time)> = days.iter().filter_map(Day::clock).collect();
    let start = clocks.iter().map(|clock| clock.0).min().unwrap_or(midnight);
    let end = clocks.iter().map(|clock| clock.1).max().unwrap_or(midnight);
    let first_asked = days.iter().flat_map(|day| &day.lives).map(|life| life.asked_at).min().unwrap_or(start);
    let (width, height) = writing.grid.steps(bounds.north_east);
    let roads = background(place.map.graph(), &bounds);
    let lines = |breadth| roads.lines.get(&breadth).cloned().unwrap_or_default();
    json!({
        "format": FORMAT,
        "area": place.name,
        "date": date.to_string(),
        "weekday": date.weekday().to_sunday_zero_offset(),
        "zone": place.zone.iana_name(),
        "zone_changes": zone_changes(place.zone, midnight, start.min(first_asked), end),
        "clock": [writing.seconds(start), writing.seconds(end)],
        "credit": place.map.credit(),
        "grid": { "width": width, "height": height, "squeeze": squeeze(&bounds) },
        "roads": { "broad": lines(Breadth::Broad), "middling": lines(Breadth::Middling), "thin": lines(Breadth::Thin) },
        "roads_lack_thin": roads.lacks_thin,
        "runs": runs.iter().zip(days).map(|(run, day)| writing.run(run, day, date, place.zone)).collect::<Vec<_>>(),
    })
}

/// A degree of longitude in degrees of latitude, in the middle of the area.
fn squeeze(bounds: &Bounds) -> f64 {
    let squeeze = bounds.centre().lat().to_radians().cos();
    (squeeze * 100_000.0).round() / 100_000.0
}

/// All that is drawn of these days, and a margin.
fn bounds(days: &[Day<'_>], map: &PreparedMap) -> Bounds {
    let position = |spot: &Spot| mukae_maps::place_position(map.graph(), spot.place);
    let mut points: Vec<LatLon> = Vec::new();
    for day in days {
        points.extend(day.drives.iter().flat_map(|driven| &driven.course).map(|passing| passing.point));
        points.extend(day.lives.iter().flat_map(|life| [position(life.origin()), position(life.destination())]));
        points.extend(day.shifts.values().map(|work| position(&work.shift.start)));
    }
    let graph = map.graph();
    let all_roads = || graph.edges().filter_map(|edge| graph.line(edge).next());
    let tight = Bounds::around(points).or_else(|| Bounds::around(all_roads())).expect("a map has roads");
    let moved = |corner: LatLon, by: i32| {
        let lat = corner.lat_e7().saturating_add(by).clamp(-900_000_000, 900_000_000);
        let lon = corner.lon_e7().saturating_add(by).clamp(-1_800_000_000, 1_800_000_000);
        LatLon::from_e7(lat, lon).expect("clamped to the globe")
    };
    Bounds { south_west: moved(tight.south_west, -MARGIN_E7), north_east: moved(tight.north_east, MARGIN_E7) }
}

/// From which second after midnight on clocks show how many seconds more than that; the first holds before, too.
fn zone_changes(zone: &TimeZone, midnight: Time, from: Time, until: Time) -> Vec<(i64, i64)> {
    let timestamp = |at: Time| jiff::Timestamp::from_millisecond(at.as_unix_millis()).unwrap_or_default();
    let offset = |at: jiff::Timestamp| i64::from(zone.to_offset(at).seconds());
    let at_midnight = offset(timestamp(midnight));
    let after = |at: jiff::Timestamp| at.as_second() - timestamp(midnight).as_second();
    let mut changes = vec![(after(timestamp(from)), offset(timestamp(from)) - at_midnight)];
    for change in zone.following(timestamp(from)).take_while(|change| change.timestamp() <= timestamp(until)) {
        changes.push((after(change.timestamp()), i64::from(change.offset().seconds()) - at_midnight));
    }
    changes
}

impl Writing<'_> {
    /// After midnight, rounded down.
    fn seconds(&self, at: Time) -> i64 {
        (at - self.midnight).as_millis().div_euclid(1000)
    }

    fn window(&self, window: TimeWindow) -> [i64; 2] {
        [self.seconds(window.earliest()), self.seconds(window.latest())]
    }

    fn spot(&self, spot: &Spot) -> Value {
        let (x, y) = self.grid.steps(mukae_maps::place_position(self.map.graph(), spot.place));
        if !spot.label.is_empty() {
            return json!([x, y, spot.label]);
        }
        let (name, is_near) = road_name(self.map.graph(), spot.place.edge);
        json!([x, y, name, u8::from(is_near)])
    }

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

/// A vehicle's name as people say it: the title behind its resource name, or the last part of that.
fn shown_name(name: &str) -> String {
    let (resource, title) = name.split_once(' ').unwrap_or((name, ""));
    match (title, resource.contains('/')) {
        ("", true) => resource.rsplit('/').next().unwrap_or(resource).to_owned(),
        (title, true) => title.to_owned(),
        (_, false) => name.to_owned(),
    }
}

/// The name of a road, or of one near it if it has none; and whether it is another one's.
fn road_name(graph: &RoadGraph, edge: EdgeId) -> (&str, bool) {
    let mut found = vec![edge];
    let mut next = 0;
    while next < found.len() && next < NAMES_LOOKED_AT {
        let edge = found[next];
        if !graph.name(edge).is_empty() {
            return (graph.name(edge), 0 < next);
        }
        for near in graph.out_edges(graph.head(edge)).chain(graph.out_edges(graph.tail(edge))) {
            if !found.contains(&near) {
                found.push(near);
            }
        }
        next += 1;
    }
    ("", false)
}
