//! A real town: the committed extract of Niue, and two cars.

#![allow(dead_code, reason = "each test file uses its part")]

use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::{MapId, Shift, Spot};
use mukae_maps::{BuildOptions, PreparedMap, build_map};
use mukae_sim::batch::Stage;
use mukae_sim::kpi::{Grid, Hamlets};
use mukae_units::{Features, LatLon, Metres, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, VehicleId, Zones};

use crate::city;

pub const SNAP_LIMIT: Metres = Metres::from_metres(500);

pub fn niue() -> Arc<PreparedMap> {
    static MAP: OnceLock<Arc<PreparedMap>> = OnceLock::new();
    let build = || {
        let extract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
        Arc::new(build_map(&extract, &BuildOptions::default(), &mut |_, _| {}).unwrap().0)
    };
    MAP.get_or_init(build).clone()
}

/// Two cars in Alofi, from seven to eight in the evening, every day.
pub fn settings(map: &PreparedMap, zone: &TimeZone, days: std::ops::RangeInclusive<Date>) -> Vec<Command> {
    let asked = LatLon::from_degrees(-19.0547, -169.9189).unwrap();
    let place = map.snap(asked, SNAP_LIMIT).unwrap().place;
    let depot = Spot { asked, kana: String::new(), label: "Alofi".to_owned(), place, zones: Zones::EMPTY };
    let mut settings = city::rules();
    settings[0] = Command::UseMap(MapId(map.checksum()));
    settings.extend((1..=2).map(|car| city::vehicle(car, Seats::new(6, 1))));
    let mut ids = (1..).map(ShiftId);
    for date in days.start().series(jiff::Span::new().days(1)).take_while(|date| date <= days.end()) {
        let midnight = date.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
        let hour = |hour: i64| Time::from_unix_millis(midnight) + Span::HOUR * hour;
        for car in 1..=2 {
            let shift = Shift {
                id: ids.next().unwrap(),
                name: format!("car {car} on {date}"),
                vehicle: VehicleId(car),
                window: TimeWindow::new(hour(7), hour(20)).unwrap(),
                start: depot.clone(),
                end: Some(depot.clone()),
                features: Features::EMPTY,
                zones: Zones::EMPTY,
                crew: None,
                breaks: Vec::new(),
                driver: None,
                declared: None,
                on_call: None,
            };
            settings.push(Command::PlanShift(shift.into()));
        }
    }
    settings
}

pub fn stage() -> Stage {
    let (map, zone) = (niue(), TimeZone::get("Pacific/Niue").unwrap());
    let (of_map, of_zone) = (map.clone(), zone.clone());
    let hamlets = Hamlets::Grid(Grid::over(&map.meta().bounds));
    Stage {
        map,
        zone,
        town: None,
        hamlets,
        snap_limit: SNAP_LIMIT,
        service: ServiceId(1),
        zones_of: Box::new(|_| Zones::EMPTY),
        settings: Box::new(move |days| Ok(settings(&of_map, &of_zone, days))),
        program: "test".to_owned(),
    }
}
