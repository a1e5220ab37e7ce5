//! A right request for each method, in protobuf's text format, as asked in the town of `fuzz/src/requests.rs`.
//!
//! `$NAME` stands for a name of that town, `@60` for the time sixty minutes after it began. The second column is what
//! comes of it: `OK`, or the reason where the town is not where the deed could be done. A field that is a message must
//! stand in one of the examples of its method, or in `faults.rs` among those that nobody reads; scalars need not.

use std::collections::BTreeMap;

use prost_reflect::{DynamicMessage, MethodDescriptor};

use crate::requests::Town;
use crate::support::{MORNING, timestamp};
use mukae_units::Span;

#[derive(Debug)]
pub struct Example {
    pub path: String,
    pub expected: &'static str,
    pub request: DynamicMessage,
}

/// All of them, and what is missing.
pub fn examples(town: &Town) -> (Vec<Example>, Vec<String>) {
    let mut found = Vec::new();
    let mut missing: BTreeMap<&str, &MethodDescriptor> =
        town.methods.iter().map(|(path, method)| (path.as_str(), method)).collect();
    for (path, expected, text) in EXAMPLES {
        let path = format!("transit.{path}");
        let method = town.methods.get(&path).unwrap_or_else(|| panic!("an example of {path}, which is no method"));
        missing.remove(path.as_str());
        let text = filled(text, &town.names);
        let request = DynamicMessage::parse_text_format(method.input(), &text)
            .unwrap_or_else(|error| panic!("the example of {path}: {error}\n{text}"));
        found.push(Example { path, expected, request });
    }
    let advice =
        |path: &str| format!("{path} has no example: add a row to EXAMPLES in server/tests/contract/examples.rs");
    (found, missing.keys().map(|path| advice(path)).collect())
}

fn filled(text: &str, names: &BTreeMap<&'static str, String>) -> String {
    let mut parts = text.split('@');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(part.len());
        let minutes: i64 = part[..digits].parse().expect("minutes after @");
        let seconds = timestamp(MORNING + Span::from_mins(minutes)).seconds;
        filled.push_str(&format!("{{ seconds: {seconds} }}{}", &part[digits..]));
    }
    for (name, value) in names.iter().rev() {
        filled = filled.replace(name, value); // the longer of two that begin alike comes first
    }
    assert!(!filled.contains('$'), "no such name in the town: {filled}");
    filled
}

#[rustfmt::skip]
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("area.v1.AreaService/GetArea", "OK", r#"name: "$AREA""#),
    ("area.v1.AreaService/ListAreas", "OK", "page_size: 10"),
    ("area.v1.AreaService/WatchArea", "OK", r#"name: "$AREA" resume_from_revision: 1"#),
    ("area.v1.AreaService/ExportPastArea", "OK", r#"name: "$AREA" as_of_time: @0"#),

    ("area.v1.SetupService/GetService", "OK", r#"name: "$OWN_SERVICE""#),
    ("area.v1.SetupService/ListServices", "OK", r#"parent: "$TENANT" page_size: 1"#),
    ("area.v1.SetupService/CreateService", "OK", r#"
        parent: "$TENANT" service_id: "village" request_id: "e54" validate_only: true
        service {
            area: "$AREA" display_name: "村の周遊"
            wait_max_duration { seconds: 3600 } promise_width_duration { seconds: 900 }
            ride_extra_duration { seconds: 600 } ride_factor_percent: 150 ride_max_duration { seconds: 3600 }
            dwell_per_stop_duration { seconds: 10 } dwell_per_party_duration { seconds: 30 }
            dwell_per_seat_duration { seconds: 10 } dwell_per_wheelchair_duration { seconds: 180 }
            offer_ttl_duration { seconds: 600 } notice_min_duration { seconds: 0 }
            horizon_duration { seconds: 1209600 } no_show_after_duration { seconds: 300 }
            door_to_door: true walk_max_to_pickup_duration { seconds: 300 }
            walk_max_from_dropoff_duration { seconds: 300 } hold_max_duration { seconds: 180 } offers_max: 3
            hours { days: "mon" days: "holidays" start: "08:30" end: "17:00" }
            closed: "2026-08-15" extra { dates: "2026-12-29 to 2027-01-03" start: "09:00" end: "12:00" }
            book_until: "17:00" book_until_days_before: 1 book_from: "09:00" book_from_days_before: 14
            zones { from: "village" to: "shore" } driven_by: DRIVEN_BY_STAFF party_max: 4
            fare {
                yen: 500 zones { from: "village" to: "shore" yen: 300 }
                shared_discount_yen: 100 party_shares: true child_percent: 50 senior_percent: 80 disabled_percent: 50
                rounding_yen: 10 ticket_yen: 100 cash: true account: true
            }
            cancellation { free_until_duration { seconds: 3600 } late_fee_yen: 200 no_show_fee_yen: 500 }
            suspension { no_shows: 3 within_duration { seconds: 2592000 } lasts_duration { seconds: 604800 } }
            own_zones {
                id: "village"
                corners { latitude: -19.00 longitude: -169.98 } corners { latitude: -19.00 longitude: -169.88 }
                corners { latitude: -19.10 longitude: -169.88 }
            }
            own_zones {
                id: "shore"
                corners { latitude: -19.10 longitude: -169.88 } corners { latitude: -19.10 longitude: -169.80 }
                corners { latitude: -19.15 longitude: -169.80 }
            }
            own_meeting_points {
                position { latitude: -19.0540 longitude: -169.9187 } label: "役場前" kana: "やくばまえ"
            }
        }"#),
    ("area.v1.SetupService/UpdateService", "OK", r#"
        request_id: "e55" validate_only: true
        service {
            name: "$OWN_SERVICE"
            area: "$AREA" display_name: "村の周遊"
            wait_max_duration { seconds: 3600 } promise_width_duration { seconds: 900 }
            ride_extra_duration { seconds: 600 } ride_factor_percent: 150 ride_max_duration { seconds: 3600 }
            dwell_per_stop_duration { seconds: 10 } dwell_per_party_duration { seconds: 30 }
            dwell_per_seat_duration { seconds: 10 } dwell_per_wheelchair_duration { seconds: 180 }
            offer_ttl_duration { seconds: 600 } notice_min_duration { seconds: 0 }
            horizon_duration { seconds: 1209600 } no_show_after_duration { seconds: 300 }
            door_to_door: true walk_max_to_pickup_duration { seconds: 300 }
            walk_max_from_dropoff_duration { seconds: 300 } hold_max_duration { seconds: 180 } offers_max: 3
            hours { days: "mon" days: "holidays" start: "08:30" end: "17:00" }
            closed: "2026-08-15" extra { dates: "2026-12-29 to 2027-01-03" start: "09:00" end: "12:00" }
            book_until: "17:00" book_until_days_before: 1 book_from: "09:00" book_from_days_before: 14
            zones { from: "village" to: "shore" } driven_by: DRIVEN_BY_STAFF party_max: 4
            fare {
                yen: 500 distance { up_to_meters: 5000 yen: 400 }
                shared_discount_yen: 100 party_shares: true child_percent: 50 senior_percent: 80 disabled_percent: 50
                rounding_yen: 10 ticket_yen: 100 cash: true account: true
            }
            cancellation { free_until_duration { seconds: 3600 } late_fee_yen: 200 no_show_fee_yen: 500 }
            suspension { no_shows: 3 within_duration { seconds: 2592000 } lasts_duration { seconds: 604800 } }
            own_zones {
                id: "village"
                corners { latitude: -19.00 longitude: -169.98 } corners { latitude: -19.00 longitude: -169.88 }
                corners { latitude: -19.10 longitude: -169.88 }
            }
            own_zones {
                id: "shore"
                corners { latitude: -19.10 longitude: -169.88 } corners { latitude: -19.10 longitude: -169.80 }
                corners { latitude: -19.15 longitude: -169.80 }
            }
            own_meeting_points {
                position { latitude: -19.0540 longitude: -169.9187 } label: "役場前" kana: "やくばまえ"
            }
        }"#),
    ("area.v1.SetupService/CreateService", "OK", r#"
        parent: "$TENANT" request_id: "e66" validate_only: true
        service { area: "$AREA" fare { yen: 500 distance { up_to_meters: 5000 yen: 400 } } cancellation { late_fee_yen: 200 } }"#),
    ("area.v1.SetupService/UpdateService", "OK", r#"
        request_id: "e67" validate_only: true
        service { name: "$OWN_SERVICE" fare { yen: 500 zones { yen: 300 } } cancellation { late_fee_yen: 200 } }"#),
    ("area.v1.SetupService/ListServiceRevisions", "OK", r#"parent: "$OWN_SERVICE" page_size: 1"#),
    ("area.v1.SetupService/GetMeetingPoint", "OK", r#"name: "$POINT""#),
    ("area.v1.SetupService/ListMeetingPoints", "OK", r#"
        parent: "$SERVICE" page_size: 1 prefix: "Mar"
        near_position { latitude: -19.0540 longitude: -169.9187 } max_distance_meters: 3000"#),

    ("planning.v1.SimulationService/CreateSimulation", "OK", r#"
        parent: "$TENANT" scenario: "name = \"trial\"\n[demand]\ncsv = \"days.csv\"\n"
        attachments { file: "days.csv" content: "id\n" } with_report: true request_id: "e70" validate_only: true"#),
    ("planning.v1.SimulationService/GetSimulation", "OK", r#"name: "$UNDER_WAY""#),
    ("planning.v1.SimulationService/ListSimulations", "OK", r#"parent: "$TENANT" page_size: 1"#),
    ("planning.v1.SimulationService/WatchSimulation", "OK", r#"name: "$UNDER_WAY""#),
    ("planning.v1.SimulationService/CancelSimulation", "OK",
        r#"name: "$UNDER_WAY" request_id: "e71" validate_only: true"#),
    ("planning.v1.SimulationService/DeleteSimulation", "OK",
        r#"name: "$UNDER_WAY" request_id: "e72" validate_only: true"#),
    ("planning.v1.SimulationService/ListSimulationFigures", "OK", r#"parent: "$SIMULATED" page_size: 1"#),
    ("planning.v1.SimulationService/ExportSimulationFile", "OK", r#"name: "$SIMULATED" file: "jobs.csv""#),

    ("booking.v1.BookingService/Quote", "OK", r#"
        parent: "$SERVICE"
        origin { position { latitude: -19.0540 longitude: -169.9187 } label: "Town hall" }
        destination { position { latitude: -19.1200 longitude: -169.8500 } label: "診療所" }
        party { seats: 2 luggage: 1 }
        passengers { adults: 1 children: 1 }
        depart_after { earliest_time: @240 latest_time: @300 }
        rider: "line+U4af4980629" channel: CHANNEL_PHONE request_id: "e1" max_offers: 2
        requirements: "ramp"
        extra_ride_duration { seconds: 300 } extra_walk_duration { seconds: 300 }"#),
    ("booking.v1.BookingService/Quote", "OK", r#"
        parent: "$SERVICE"
        origin { position { latitude: -19.0540 longitude: -169.9187 } }
        destination { position { latitude: -19.1200 longitude: -169.8500 } }
        party { seats: 1 wheelchairs: 1 }
        arrive_by { earliest_time: @300 latest_time: @420 }
        channel: CHANNEL_WEB request_id: "e2""#),
    ("booking.v1.BookingService/GetOffer", "OK", r#"name: "$OFFER""#),
    ("booking.v1.BookingService/HoldOffer", "OK",
        r#"name: "$OFFER" hold_duration { seconds: 60 } request_id: "e3" validate_only: true"#),
    ("booking.v1.BookingService/ReleaseHold", "OK", r#"name: "$HELD_OFFER" request_id: "e4" validate_only: true"#),
    ("booking.v1.BookingService/ConfirmOffer", "OK", r#"name: "$OFFER" request_id: "e5" validate_only: true"#),
    ("booking.v1.BookingService/CancelBooking", "OK",
        r#"name: "$LATER_BOOKING" reason: CANCELLATION_REASON_RIDER request_id: "e6" validate_only: true"#),
    ("booking.v1.BookingService/GetBooking", "OK", r#"name: "$BOOKING""#),
    ("booking.v1.BookingService/ListBookings", "OK", r#"parent: "$SERVICE" page_size: 1"#),
    ("booking.v1.BookingService/WatchBooking", "OK", r#"name: "$BOOKING""#),
    ("booking.v1.BookingService/GetTrip", "OK", r#"name: "$BOOKING""#),
    ("booking.v1.BookingService/WatchTrip", "OK", r#"name: "$BOOKING""#),
    ("booking.v1.BookingService/BatchGetBookings", "OK",
        r#"parent: "$SERVICE" names: "$BOOKING" names: "$LATER_BOOKING""#),

    ("booking.v1.BookingService/BookRide", "OK", r#"
        parent: "$SERVICE" request_id: "e40" validate_only: true
        ride {
            origin { position { latitude: -19.0540 longitude: -169.9187 } label: "Town hall" }
            destination { position { latitude: -19.1200 longitude: -169.8500 } }
            party { seats: 1 } passengers { adults: 1 }
            depart_after { earliest_time: @240 latest_time: @300 }
            rider: "line+U4af4980629" channel: CHANNEL_PHONE requirements: "ramp"
            extra_ride_duration { seconds: 300 } extra_walk_duration { seconds: 300 }
        }"#),
    ("booking.v1.BookingService/BookRide", "OK", r#"
        parent: "$SERVICE" request_id: "e41" validate_only: true
        ride {
            origin { position { latitude: -19.0540 longitude: -169.9187 } }
            destination { position { latitude: -19.1200 longitude: -169.8500 } }
            party { seats: 1 } arrive_by { earliest_time: @300 latest_time: @420 }
        }"#),
    ("booking.v1.BookingService/AmendBooking", "OK", r#"
        name: "$LATER_BOOKING" request_id: "e42" validate_only: true
        ride {
            origin { position { latitude: -19.0540 longitude: -169.9187 } label: "Town hall" }
            destination { position { latitude: -19.1200 longitude: -169.8500 } }
            party { seats: 1 } passengers { adults: 1 }
            depart_after { earliest_time: @240 latest_time: @300 }
            rider: "line+U4af4980629" channel: CHANNEL_PHONE requirements: "ramp"
            extra_ride_duration { seconds: 300 } extra_walk_duration { seconds: 300 }
        }"#),
    ("booking.v1.BookingService/AmendBooking", "OK", r#"
        name: "$LATER_BOOKING" request_id: "e43" validate_only: true
        ride {
            origin { position { latitude: -19.0540 longitude: -169.9187 } }
            destination { position { latitude: -19.1200 longitude: -169.8500 } }
            party { seats: 1 } arrive_by { earliest_time: @300 latest_time: @420 }
        }"#),
    ("booking.v1.BookingService/BookPair", "OK", r#"
        parent: "$SERVICE" stands_together: true request_id: "e44" validate_only: true
        outbound {
            origin { position { latitude: -19.0540 longitude: -169.9187 } label: "Town hall" }
            destination { position { latitude: -19.1200 longitude: -169.8500 } }
            party { seats: 1 } passengers { adults: 1 }
            depart_after { earliest_time: @240 latest_time: @300 }
            rider: "line+U4af4980629" channel: CHANNEL_PHONE requirements: "ramp"
            extra_ride_duration { seconds: 300 } extra_walk_duration { seconds: 300 }
        }
        inbound {
            origin { position { latitude: -19.1200 longitude: -169.8500 } label: "診療所" }
            destination { position { latitude: -19.0540 longitude: -169.9187 } }
            party { seats: 1 } passengers { adults: 1 }
            depart_after { earliest_time: @420 latest_time: @480 }
            extra_ride_duration { seconds: 300 } extra_walk_duration { seconds: 300 }
        }"#),
    ("booking.v1.BookingService/BookPair", "OK", r#"
        parent: "$SERVICE" request_id: "e45" validate_only: true
        outbound {
            origin { position { latitude: -19.0540 longitude: -169.9187 } }
            destination { position { latitude: -19.1200 longitude: -169.8500 } }
            party { seats: 1 } arrive_by { earliest_time: @300 latest_time: @420 }
        }
        inbound {
            origin { position { latitude: -19.1200 longitude: -169.8500 } }
            destination { position { latitude: -19.0540 longitude: -169.9187 } }
            party { seats: 1 } arrive_by { earliest_time: @480 latest_time: @560 }
        }"#),
    ("booking.v1.BookingService/ReportMissedRide", "OK", r#"
        parent: "$SERVICE" cause: CAUSE_UNMET_CALL miss_time: @0 request_id: "e46" validate_only: true
        origin { latitude: -19.0540 longitude: -169.9187 } destination { latitude: -19.1200 longitude: -169.8500 }
        party { seats: 1 } rider: "line+U4af4980629" channel: CHANNEL_PHONE"#),
    ("booking.v1.StandingBookingService/CreateStandingBooking", "OK", r#"
        parent: "$SERVICE" request_id: "e47" validate_only: true
        standing_booking {
            rider: "line+U4af4980629" channel: CHANNEL_STAFF
            outbound {
                origin { position { latitude: -19.0540 longitude: -169.9187 } label: "home" }
                destination { position { latitude: -19.1200 longitude: -169.8500 } label: "hospital" }
                arrive_by: "10:00"
            }
            inbound {
                origin { position { latitude: -19.1200 longitude: -169.8500 } }
                destination { position { latitude: -19.0540 longitude: -169.9187 } }
                depart_after: "14:00"
            }
            stands_together: true party { seats: 1 } requirements: "ramp"
            weekdays: WEEKDAY_WEDNESDAY weekdays: WEEKDAY_FRIDAY from_date: "2026-05-06" until_date: "2026-06-05"
            exceptions { date: "2026-05-08" is_skipped: true }
            exceptions { date: "2026-05-13" outbound_at: "09:30" inbound_at: "13:30" }
        }"#),
    ("booking.v1.StandingBookingService/GetStandingBooking", "OK", r#"name: "$STANDING""#),
    ("booking.v1.StandingBookingService/ListStandingBookings", "OK", r#"parent: "$SERVICE" page_size: 1"#),
    ("booking.v1.StandingBookingService/UpdateStandingBooking", "OK", r#"
        request_id: "e48" validate_only: true
        standing_booking {
            name: "$STANDING"
            outbound {
                origin { position { latitude: -19.0540 longitude: -169.9187 } label: "home" }
                destination { position { latitude: -19.1200 longitude: -169.8500 } label: "hospital" }
                arrive_by: "10:00"
            }
            inbound {
                origin { position { latitude: -19.1200 longitude: -169.8500 } }
                destination { position { latitude: -19.0540 longitude: -169.9187 } }
                depart_after: "14:00"
            }
            stands_together: true party { seats: 1 } requirements: "ramp"
            weekdays: WEEKDAY_WEDNESDAY weekdays: WEEKDAY_FRIDAY from_date: "2026-05-06" until_date: "2026-06-05"
            exceptions { date: "2026-05-08" is_skipped: true }
            exceptions { date: "2026-05-13" outbound_at: "09:30" inbound_at: "13:30" }
        }
        update_mask {
            paths: "outbound" paths: "inbound" paths: "stands_together" paths: "party" paths: "requirements"
            paths: "weekdays" paths: "from_date" paths: "until_date" paths: "exceptions"
        }"#),
    ("booking.v1.StandingBookingService/SkipStandingDate", "OK",
        r#"name: "$STANDING" date: "2026-05-06" request_id: "e49" validate_only: true"#),
    ("booking.v1.StandingBookingService/EndStandingBooking", "OK",
        r#"name: "$STANDING" last_date: "2026-05-20" request_id: "e50" validate_only: true"#),
    ("booking.v1.WaitingListService/JoinWaitingList", "OK", r#"
        parent: "$SERVICE" request_id: "e51" validate_only: true
        ride {
            origin { position { latitude: -19.0540 longitude: -169.9187 } label: "Town hall" }
            destination { position { latitude: -19.1200 longitude: -169.8500 } }
            party { seats: 1 } passengers { adults: 1 }
            depart_after { earliest_time: @240 latest_time: @300 }
            rider: "line+U4af4980629" channel: CHANNEL_PHONE requirements: "ramp"
            extra_ride_duration { seconds: 300 } extra_walk_duration { seconds: 300 }
        }"#),
    ("booking.v1.WaitingListService/JoinWaitingList", "OK", r#"
        parent: "$SERVICE" books_at_once: true request_id: "e52" validate_only: true
        ride {
            origin { position { latitude: -19.0540 longitude: -169.9187 } }
            destination { position { latitude: -19.1200 longitude: -169.8500 } }
            party { seats: 1 } arrive_by { earliest_time: @300 latest_time: @420 }
        }"#),
    ("booking.v1.WaitingListService/GetWaiting", "RESOURCE_NOT_FOUND", r#"name: "$SERVICE/waitings/w1""#),
    ("booking.v1.WaitingListService/ListWaitings", "OK", r#"parent: "$SERVICE" page_size: 1"#),
    ("booking.v1.WaitingListService/LeaveWaitingList", "RESOURCE_NOT_FOUND",
        r#"name: "$SERVICE/waitings/w1" request_id: "e53" validate_only: true"#),

    ("booking.v1.RiderService/CreateRider", "OK", r#"
        parent: "$TENANT" request_id: "e56" validate_only: true
        rider {
            pseudonym: "line+U9c01" display_name: "鈴木一郎" kana: "すずきいちろう" phone_numbers: "090-1234-5678" desk_note: "耳が遠い"
            defaults {
                party { seats: 1 wheelchairs: 1 } requirements: "ramp" extra_walk_duration { seconds: 300 }
                channel: CHANNEL_PHONE driver_note: "呼び鈴は二度"
            }
            favorite_places {
                label: "妹の家" place { position { latitude: -19.1200 longitude: -169.8500 } label: "橋のたもと" }
            }
        }"#),
    ("booking.v1.RiderService/GetRider", "OK", r#"name: "$RIDER""#),
    ("booking.v1.RiderService/UpdateRider", "OK", r#"
        request_id: "e57" validate_only: true
        rider {
            name: "$RIDER" display_name: "鈴木一郎" kana: "すずきいちろう" phone_numbers: "090-1234-5678" desk_note: "耳が遠い"
            defaults {
                party { seats: 1 wheelchairs: 1 } requirements: "ramp" extra_walk_duration { seconds: 300 }
                channel: CHANNEL_PHONE driver_note: "呼び鈴は二度"
            }
            favorite_places {
                label: "妹の家" place { position { latitude: -19.1200 longitude: -169.8500 } label: "橋のたもと" }
            }
        }"#),
    ("booking.v1.RiderService/DeleteRider", "OK", r#"name: "$RIDER" request_id: "e58" validate_only: true"#),
    ("booking.v1.RiderService/ListRiders", "OK", r#"parent: "$TENANT" query: "やまだ" page_size: 1"#),

    ("fleet.v1.FleetService/CreateVehicle", "OK", r#"
        parent: "$TENANT" vehicle_id: "taxi" request_id: "e7" validate_only: true
        vehicle {
            area: "$AREA" display_name: "2号車" capacity { seats: 3 } other_configurations { seats: 1 wheelchairs: 1 }
            substitutions { kind: SEAT_KIND_SEAT may_use: SEAT_KIND_WHEELCHAIR } features: "ramp" services: "$SERVICE"
            driven_by: DRIVEN_BY_STAFF
        }"#),
    ("fleet.v1.FleetService/GetVehicle", "OK", r#"name: "$BUS""#),
    ("fleet.v1.FleetService/ListVehicles", "OK", r#"parent: "$TENANT" page_size: 1"#),
    ("fleet.v1.FleetService/BatchGetVehicles", "OK", r#"parent: "$TENANT" names: "$BUS" names: "$VAN""#),
    ("fleet.v1.FleetService/UpdateVehicle", "OK", r#"
        request_id: "e59" validate_only: true
        vehicle {
            name: "$VAN" display_name: "2号車" capacity { seats: 3 } other_configurations { seats: 1 wheelchairs: 1 }
            substitutions { kind: SEAT_KIND_SEAT may_use: SEAT_KIND_WHEELCHAIR } features: "ramp" services: "$SERVICE"
            driven_by: DRIVEN_BY_STAFF
        }"#),
    ("fleet.v1.FleetService/RetireVehicle", "OK", r#"name: "$SPARE" request_id: "e60" validate_only: true"#),
    ("fleet.v1.FleetService/CreateShift", "OK", r#"
        parent: "$VAN" shift_id: "evening" request_id: "e8" validate_only: true
        shift {
            start_place { position { latitude: -19.0540 longitude: -169.9187 } label: "Garage" }
            start_time: @500 end_time: @700
            breaks {
                window { earliest_time: @550 latest_time: @600 }
                length_duration { seconds: 1800 }
                place { position { latitude: -19.0540 longitude: -169.9187 } }
            }
        }"#),
    ("fleet.v1.FleetService/CreateShift", "OK", r#"
        parent: "$TENANT/vehicles/car" shift_id: "home" request_id: "e9" validate_only: true
        shift {
            start_place { position { latitude: -19.0540 longitude: -169.9187 } }
            end_place { position { latitude: -19.1200 longitude: -169.8500 } }
            start_time: @700 end_time: @760 driver: "$DRIVER"
            declared_trip {
                seats { seats: 2 } max_detour_duration { seconds: 600 } max_detour_meters: 5000 tier: CONSENT_TIER_T0
            }
        }"#),
    ("fleet.v1.FleetService/CreateShift", "OK", r#"
        parent: "$VAN" shift_id: "called" request_id: "e73" validate_only: true
        shift {
            start_place { position { latitude: -19.0540 longitude: -169.9187 } label: "Garage" }
            start_time: @500 end_time: @700
            on_call { cost_yen: 1500 notice_duration { seconds: 1200 } }
        }"#),
    ("fleet.v1.FleetService/GetShift", "OK", r#"name: "$SHIFT""#),
    ("fleet.v1.FleetService/ListShifts", "OK", r#"parent: "$BUS" page_size: 1"#),
    ("fleet.v1.FleetService/OpenShift", "OK", r#"name: "$VAN_SHIFT" request_id: "e10" device_time: @0 validate_only: true"#),
    ("fleet.v1.FleetService/CloseShift", "OK", r#"name: "$VAN_SHIFT" request_id: "e11" validate_only: true"#),
    ("fleet.v1.FleetService/ReportPositions", "OK", r#"
        vehicle: "$BUS"
        positions {
            point { latitude: -19.0540 longitude: -169.9187 } device_time: @0 sequence: 2
            accuracy_meters: 12 bearing_degrees: 90
        }"#),
    ("fleet.v1.FleetService/StreamPositions", "OK", r#"
        vehicle: "$BUS"
        positions {
            point { latitude: -19.0540 longitude: -169.9187 } device_time: @0 sequence: 3
            accuracy_meters: 12 bearing_degrees: 90
        }"#),
    ("fleet.v1.FleetService/DepartStop", "OK", r#"stop: "$STOP" request_id: "e12" device_time: @0 validate_only: true"#),
    ("fleet.v1.FleetService/ArriveStop", "OK", r#"stop: "$STOP" request_id: "e13" device_time: @0 validate_only: true"#),
    ("fleet.v1.FleetService/EndBreak", "NO_OPEN_SHIFT", r#"stop: "$BREAK" request_id: "e61" device_time: @0 validate_only: true"#),
    ("fleet.v1.FleetService/EndRepositioning", "PLAN_CHANGED",
        r#"vehicle: "$BUS" request_id: "e74" device_time: @0 validate_only: true"#),
    ("fleet.v1.FleetService/BoardBooking", "NOT_AT_STOP",
        r#"booking: "$BOOKING" vehicle: "$BUS" request_id: "e14" device_time: @0 validate_only: true"#),
    ("fleet.v1.FleetService/AlightBooking", "WRONG_BOOKING_STATE",
        r#"booking: "$BOOKING" vehicle: "$BUS" request_id: "e15" device_time: @0 validate_only: true"#),
    ("fleet.v1.FleetService/ReportNoShow", "NOT_AT_STOP",
        r#"booking: "$BOOKING" vehicle: "$BUS" request_id: "e16" device_time: @0 validate_only: true"#),
    ("fleet.v1.FleetService/GetManifest", "OK", r#"name: "$BUS/manifest""#),
    ("fleet.v1.FleetService/WatchManifest", "OK", r#"name: "$BUS/manifest""#),
    ("fleet.v1.FleetService/AcknowledgeManifest", "OK", r#"
        name: "$BUS/manifest" etag: "$MANIFEST_ETAG" revision: $MANIFEST_REVISION device_time: @0
        request_id: "e62" validate_only: true"#),
    ("fleet.v1.FleetService/ExportDrivingRecords", "OK",
        r#"parent: "$TENANT" start_time: @0 end_time: @1440 vehicle: "$BUS""#),

    ("fleet.v1.DriverService/CreateDriver", "OK", r#"
        parent: "$TENANT" driver_id: "hana" request_id: "e17" validate_only: true
        driver {
            display_name: "花" kind: KIND_VOLUNTEER tier: CONSENT_TIER_T1 cooldown_duration { seconds: 3600 }
            max_asks_per_week: 5
        }"#),
    ("fleet.v1.DriverService/UpdateDriver", "OK", r#"
        driver {
            name: "$DRIVER" display_name: "佐藤さん" kind: KIND_VOLUNTEER tier: CONSENT_TIER_T0
            cooldown_duration { seconds: 0 } max_asks_per_week: 3
        }
        update_mask {
            paths: "display_name" paths: "kind" paths: "tier" paths: "cooldown_duration" paths: "max_asks_per_week"
        }
        request_id: "e18" validate_only: true"#),
    ("fleet.v1.DriverService/GetDriver", "OK", r#"name: "$DRIVER""#),
    ("fleet.v1.DriverService/ListDrivers", "OK", r#"parent: "$TENANT" page_size: 1"#),
    ("fleet.v1.DriverService/ListAsks", "OK", r#"parent: "$DRIVER" page_size: 1"#),
    ("fleet.v1.DriverService/WatchAsks", "OK", r#"parent: "$DRIVER""#),
    ("fleet.v1.DriverService/AnswerAsk", "OK",
        r#"driver: "$DRIVER" booking: "$ASKED_BOOKING" accepted: true request_id: "e19" validate_only: true"#),
    ("fleet.v1.DriverService/RecordPretripCheck", "OK", r#"
        parent: "$VAN_SHIFT" request_id: "e20" validate_only: true
        pretrip_check {
            check_time: @0 alcohol_micrograms_per_litre: 0 is_sober: true is_well: true is_vehicle_fit: true
            note: "右前のタイヤを交換"
        }"#),
    ("fleet.v1.DriverService/GetPretripCheck", "OK", r#"name: "$CHECK""#),
    ("fleet.v1.DriverService/CreateTripDeclaration", "OK", r#"
        parent: "$TENANT" trip_declaration_id: "to-work" request_id: "e63" validate_only: true
        trip_declaration {
            driver: "$DRIVER" vehicle: "$TENANT/vehicles/car"
            from_place { position { latitude: -19.0540 longitude: -169.9187 } label: "home" }
            to_place { position { latitude: -19.1200 longitude: -169.8500 } label: "work" }
            leave: "22:00" arrive: "23:00" days: "mon" days: "no-holidays" first: "2026-04-01" last: "2026-06-30"
            not_on: "2026-04-06" also_on: "2026-04-07"
            shifted { date: "2026-04-13" leave: "22:30" arrive: "23:30" }
            seats: 2 detour_max_duration { seconds: 600 } detour_max_meters: 5000 tier: CONSENT_TIER_T1
        }"#),
    ("fleet.v1.DriverService/GetTripDeclaration", "OK", r#"name: "$TRIP""#),
    ("fleet.v1.DriverService/ListTripDeclarations", "OK", r#"parent: "$TENANT" page_size: 1"#),
    ("fleet.v1.DriverService/UpdateTripDeclaration", "OK", r#"
        effective_date: "2026-04-02" request_id: "e64" validate_only: true
        trip_declaration {
            name: "$TRIP"
            driver: "$DRIVER" vehicle: "$TENANT/vehicles/car"
            from_place { position { latitude: -19.0540 longitude: -169.9187 } label: "home" }
            to_place { position { latitude: -19.1200 longitude: -169.8500 } label: "work" }
            leave: "22:00" arrive: "23:00" days: "mon" days: "no-holidays" first: "2026-04-01" last: "2026-06-30"
            not_on: "2026-04-06" also_on: "2026-04-07"
            shifted { date: "2026-04-13" leave: "22:30" arrive: "23:30" }
            seats: 2 detour_max_duration { seconds: 600 } detour_max_meters: 5000 tier: CONSENT_TIER_T1
        }"#),
    ("fleet.v1.DriverService/CancelTripDeclaration", "OK",
        r#"name: "$TRIP" date: "2026-04-02" request_id: "e65" validate_only: true"#),

    ("operations.v1.OperationsService/CreateRoadMeasure", "OK", r#"
        parent: "$AREA" request_id: "e21" validate_only: true
        road_measure {
            note: "a tree has fallen"
            roads {
                area { latitude: -19.115 longitude: -169.855 } area { latitude: -19.115 longitude: -169.845 }
                area { latitude: -19.125 longitude: -169.845 } area { latitude: -19.125 longitude: -169.855 }
            }
            is_closed: true start_time: @600 end_time: @700
        }"#),
    ("operations.v1.OperationsService/GetRoadMeasure", "OK", r#"name: "$MEASURE""#),
    ("operations.v1.OperationsService/ListRoadMeasures", "OK", r#"parent: "$AREA" page_size: 1"#),
    ("operations.v1.OperationsService/EndRoadMeasure", "OK", r#"name: "$MEASURE" request_id: "e22" validate_only: true"#),
    ("operations.v1.OperationsService/ListAlerts", "OK", r#"parent: "$AREA" show_cleared: true page_size: 1"#),
    ("operations.v1.OperationsService/AcknowledgeAlert", "OK", r#"name: "$ALERT" request_id: "e23" validate_only: true"#),
    ("operations.v1.OperationsService/AddAlertNote", "OK",
        r#"name: "$ALERT" text: "called; is on the way" request_id: "e24" validate_only: true"#),
    ("operations.v1.OperationsService/SendMessage", "OK", r#"
        parent: "$AREA" message { recipient: "$BUS" text: "Please call the desk" } request_id: "e25" validate_only: true"#),
    ("operations.v1.OperationsService/ListMessages", "OK", r#"parent: "$AREA" page_size: 1"#),
    ("operations.v1.OperationsService/WatchMessages", "OK", r#"parent: "$AREA""#),

    ("operations.v1.DispatchService/SuggestAssignments", "OK", r#"booking: "$BOOKING""#),
    ("operations.v1.DispatchService/AssignBookings", "OK", r#"
        parent: "$AREA" reason: "asked for by the rider" request_id: "e26" validate_only: true
        moves { booking: "$LATER_BOOKING" shift: "$VAN_SHIFT" }"#),
    ("operations.v1.DispatchService/AssignBookings", "OK", r#"
        parent: "$AREA" reason: "asked for by the rider" request_id: "e27" validate_only: true
        moves { booking: "$LATER_BOOKING" placement { shift: "$VAN_SHIFT" overrules: true } }"#),
    ("operations.v1.DispatchService/PinBooking", "OK", r#"name: "$BOOKING" request_id: "e28" validate_only: true"#),
    ("operations.v1.DispatchService/UnpinBooking", "OK", r#"name: "$BOOKING" request_id: "e29" validate_only: true"#),
    ("operations.v1.DispatchService/FreezeStops", "OK", r#"through_stop: "$STOP" request_id: "e30" validate_only: true"#),
    ("operations.v1.DispatchService/UnfreezeStops", "OK", r#"shift: "$SHIFT" request_id: "e31" validate_only: true"#),
    ("operations.v1.DispatchService/ReportBreakdown", "OK", r#"
        shift: "$SHIFT" place { position { latitude: -19.0540 longitude: -169.9187 } label: "by the church" }
        device_time: @0 request_id: "e32" validate_only: true"#),
    ("operations.v1.DispatchService/InterruptShift", "OK", r#"
        shift: "$SHIFT" request_id: "e33" validate_only: true
        unplanned_break {
            window { earliest_time: @300 latest_time: @330 } break_duration { seconds: 900 }
            place { position { latitude: -19.0540 longitude: -169.9187 } }
        }"#),
    ("operations.v1.DispatchService/InterruptShift", "OK",
        r#"shift: "$VAN_SHIFT" start_time: @30 request_id: "e34" validate_only: true"#),
    ("operations.v1.DispatchService/ExplainBooking", "OK", r#"name: "$BOOKING""#),
    ("operations.v1.DispatchService/ExplainOffer", "OK", r#"name: "$OFFER""#),
    ("operations.v1.DispatchService/ExplainQuote", "OK", r#"
        quote {
            parent: "$SERVICE"
            origin { position { latitude: -19.0540 longitude: -169.9187 } label: "Town hall" }
            destination { position { latitude: -19.1200 longitude: -169.8500 } label: "診療所" }
            party { seats: 2 }
            passengers { adults: 2 }
            depart_after { earliest_time: @240 latest_time: @300 }
            request_id: "e35" extra_ride_duration { seconds: 300 } extra_walk_duration { seconds: 300 }
        }"#),
    ("operations.v1.DispatchService/ExplainQuote", "OK", r#"
        quote {
            parent: "$SERVICE"
            origin { position { latitude: -19.0540 longitude: -169.9187 } }
            destination { position { latitude: -19.1200 longitude: -169.8500 } }
            party { seats: 2 }
            arrive_by { latest_time: @300 }
            request_id: "e36"
        }"#),
    ("operations.v1.DispatchService/ListUnassignedBookings", "OK", r#"parent: "$AREA" page_size: 1"#),

    ("operations.v1.SupplyService/GetSupply", "OK", r#"name: "$AREA/supply""#),
    ("operations.v1.SupplyService/SuspendSupply", "OK",
        r#"name: "$AREA/supply" reason: "祭り" request_id: "e75" validate_only: true"#),
    ("operations.v1.SupplyService/ResumeSupply", "ALREADY_SO",
        r#"name: "$AREA/supply" request_id: "e76" validate_only: true"#),

    ("planning.v1.PlanningService/ProbeRides", "OK", r#"
        parent: "$SERVICE" party { seats: 1 } requirements: "ramp"
        places { latitude: -19.0540 longitude: -169.9187 } places { latitude: -19.1200 longitude: -169.8500 }
        probes { origin_index: 0 destination_index: 1 depart_after { earliest_time: @240 latest_time: @300 } }
        probes { origin_index: 1 destination_index: 0 arrive_by { earliest_time: @240 latest_time: @400 } }"#),
    ("planning.v1.PlanningService/ExportDemand", "OK", r#"parent: "$SERVICE" start_time: @0 end_time: @1440"#),
    ("planning.v1.PlanningService/GetUsage", "OK",
        r#"name: "$AREA/usage" start_date: "2026-04-01" end_date: "2026-04-01""#),
];
