//! The story of a day, told over gRPC alone: three drivers, a phone desk, a LINE frontend, a neighbour's declared trip, a
//! group with a wheelchair, a ride that comes back every week, a closed road, somebody who does not come, a rider moved by hand, a restart in the
//! middle, a breakdown with a rider on board. In the evening every booking has ended in one way, and the day as it was
//! promised is the day as it was driven.

use std::collections::BTreeSet;

use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as op;
use mukae_proto::transit::units::v1::Seats;
use mukae_server::Clock;
use mukae_units::{Span, Time};
use op::r#move::To;
use pb::booking::State;

use crate::support::*;

const TAXI: &str = "tenants/alofi/vehicles/taxi";
const SATO: &str = "tenants/alofi/drivers/sato";
const VEHICLES: [&str; 3] = [BUS, VAN, TAXI];

/// There at four and back from half past five, each Wednesday.
fn weekly_treatment() -> pb::StandingBooking {
    use pb::standing_ride::Time::{ArriveBy, DepartAfter};
    let leg =
        |from, to, time| pb::StandingRide { origin: place(from, ""), destination: place(to, ""), time: Some(time) };
    pb::StandingBooking {
        outbound: Some(leg(ALOFI, HAKUPU, ArriveBy("16:00".to_owned()))),
        inbound: Some(leg(HAKUPU, ALOFI, DepartAfter("17:30".to_owned()))),
        stands_together: true,
        party: Some(Seats { seats: 1, ..Default::default() }),
        weekdays: vec![pb::Weekday::Wednesday as i32],
        from_date: "2026-04-01".to_owned(),
        ..Default::default()
    }
}

/// A day in a house, and how many calls it took.
struct Day {
    house: House,
    calls: u32,
    /// Will not be at their door.
    absent: BTreeSet<String>,
}

impl Day {
    fn id(&mut self) -> String {
        self.calls += 1;
        format!("call-{}", self.calls)
    }

    async fn manifest(&self, vehicle: &str) -> fleet_pb::Manifest {
        let request = fleet_pb::GetManifestRequest { name: format!("{vehicle}/manifest"), ..Default::default() };
        self.house.fleet().get_manifest(request).await.unwrap().into_inner()
    }

    async fn booking(&self, name: &str) -> pb::Booking {
        let request = pb::GetBookingRequest { name: name.to_owned() };
        self.house.bookings().get_booking(request).await.unwrap().into_inner()
    }

    async fn shift(&mut self, vehicle: &str, id: &str, shift: fleet_pb::Shift) -> String {
        let request = fleet_pb::CreateShiftRequest {
            parent: vehicle.to_owned(),
            shift_id: id.to_owned(),
            shift: Some(shift),
            request_id: self.id(),
            ..Default::default()
        };
        self.house.fleet().create_shift(request).await.unwrap().into_inner().name
    }

    async fn sign_on(&mut self, shift: &str) {
        let request_id = self.id();
        let request = fleet_pb::OpenShiftRequest { name: shift.to_owned(), request_id, ..Default::default() };
        self.house.fleet().open_shift(request).await.unwrap();
    }

    async fn book(&mut self, after: Span, change: impl FnOnce(&mut pb::QuoteRequest)) -> pb::Booking {
        let id = self.id();
        let mut request = ride(&id, after);
        change(&mut request);
        self.house.book(request).await
    }

    async fn assign(&mut self, booking: &pb::Booking, shift: &str) {
        let moves = vec![op::Move { booking: booking.name.clone(), to: Some(To::Shift(shift.to_owned())) }];
        let request_id = self.id();
        let request = op::AssignBookingsRequest { parent: AREA.to_owned(), moves, request_id, ..Default::default() };
        self.house.dispatch().assign_bookings(request).await.unwrap();
    }

    /// When a driver next has something to say, by what the manifest says.
    async fn next_deed(&self, vehicle: &str) -> Option<(Time, fleet_pb::Stop)> {
        let plan = self.manifest(vehicle).await;
        let stop = plan.stops.into_iter().find(|stop| stop.kind() == fleet_pb::stop::Kind::Riders)?;
        // whoever is not at work yet drives nowhere
        let request = fleet_pb::GetVehicleRequest { name: vehicle.to_owned() };
        let seen = self.house.fleet().get_vehicle(request).await.unwrap().into_inner();
        (!seen.open_shift.is_empty()).then(|| (time(&stop.arrive_time), stop))
    }

    /// All drivers do what their manifests say until this time; the one whose stop comes first goes first.
    async fn drive_until(&mut self, until: Time) {
        loop {
            let mut next: Option<(Time, &str, fleet_pb::Stop)> = None;
            for vehicle in VEHICLES {
                if let Some((at, stop)) = self.next_deed(vehicle).await
                    && next.as_ref().is_none_or(|(earliest, ..)| at < *earliest)
                {
                    next = Some((at, vehicle, stop));
                }
            }
            match next {
                Some((at, vehicle, stop)) if at <= until => self.serve(at, vehicle, stop).await,
                _ => break,
            }
        }
        self.house.clock.raise_to(until);
    }

    /// A stop from the arrival to the last one who boards.
    async fn serve(&mut self, at: Time, vehicle: &str, stop: fleet_pb::Stop) {
        if !stop.is_arrived {
            self.house.clock.raise_to(at);
            let request_id = self.id();
            let arrive = fleet_pb::ArriveStopRequest { stop: stop.name.clone(), request_id, ..Default::default() };
            self.house.fleet().arrive_stop(arrive).await.unwrap();
        }
        for call in stop.dropoffs.iter().filter(|call| !call.is_done) {
            let (booking, vehicle, request_id) = (call.booking.clone(), vehicle.to_owned(), self.id());
            let request = fleet_pb::AlightBookingRequest { booking, vehicle, request_id, ..Default::default() };
            self.house.fleet().alight_booking(request).await.unwrap();
        }
        for call in stop.pickups.iter().filter(|call| !call.is_done) {
            let (booking, vehicle, request_id) = (call.booking.clone(), vehicle.to_owned(), self.id());
            let window = call.window.unwrap();
            if self.absent.contains(&booking) {
                // nobody there: the driver waits as long as the service says, then goes on
                let mut request = fleet_pb::ReportNoShowRequest { booking, vehicle, request_id, ..Default::default() };
                let early = self.house.fleet().report_no_show(request.clone()).await.unwrap_err();
                assert_eq!(reason(&early), "NO_SHOW_TOO_EARLY");
                let earliest: prost_types::Timestamp = metadata(&early, "earliest_time").parse().unwrap();
                self.house.clock.raise_to(time(&Some(earliest)));
                request.request_id = self.id();
                self.house.fleet().report_no_show(request).await.unwrap();
                continue;
            }
            self.house.clock.raise_to(time(&window.earliest_time));
            let request = fleet_pb::BoardBookingRequest { booking, vehicle, request_id, ..Default::default() };
            self.house.fleet().board_booking(request).await.unwrap();
        }
    }
}

fn around_hakupu() -> Vec<LatLng> {
    let corner = |north: f64, east: f64| LatLng { latitude: HAKUPU.0 + north, longitude: HAKUPU.1 + east };
    vec![corner(-0.005, -0.005), corner(-0.005, 0.005), corner(0.005, 0.005), corner(0.005, -0.005)]
}

#[tokio::test]
async fn a_day_from_the_first_call_to_the_last_dropoff() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let mut day = Day { house, calls: 0, absent: BTreeSet::new() };

    // eight o'clock: the bus pulls out late, a taxi joins, a neighbour declares the drive to work
    let bus_shift = day.manifest(BUS).await.shift;
    let alerts = op::ListAlertsRequest { parent: AREA.to_owned(), ..Default::default() };
    let late = day.house.operations().list_alerts(alerts.clone()).await.unwrap().into_inner().alerts;
    assert_eq!(late.iter().map(|alert| alert.subject.as_str()).collect::<Vec<_>>(), [bus_shift.as_str()]);
    day.sign_on(&bus_shift).await;
    let taxi = fleet_pb::CreateVehicleRequest {
        parent: "tenants/alofi".to_owned(),
        vehicle_id: "taxi".to_owned(),
        vehicle: Some(fleet_pb::Vehicle {
            area: AREA.to_owned(),
            capacity: Some(Seats { seats: 3, ..Default::default() }),
            ..Default::default()
        }),
        request_id: day.id(),
        ..Default::default()
    };
    day.house.fleet().create_vehicle(taxi).await.unwrap();
    let work = fleet_pb::Shift {
        start_place: place(AIRPORT, "Airport"),
        start_time: Some(timestamp(MORNING)),
        end_time: Some(timestamp(MORNING + Span::HOUR * 10)),
        ..Default::default()
    };
    let taxi_shift = day.shift(TAXI, "day", work).await;
    day.sign_on(&taxi_shift).await;
    let sato = fleet_pb::CreateDriverRequest {
        parent: "tenants/alofi".to_owned(),
        driver_id: "sato".to_owned(),
        driver: Some(fleet_pb::Driver {
            kind: fleet_pb::driver::Kind::Volunteer as i32,
            tier: fleet_pb::ConsentTier::T0 as i32,
            max_asks_per_week: 5,
            ..Default::default()
        }),
        request_id: day.id(),
        ..Default::default()
    };
    day.house.drivers().create_driver(sato).await.unwrap();
    let declared = fleet_pb::Shift {
        start_place: place(ALOFI, "home"),
        end_place: place(HAKUPU, "work"),
        start_time: Some(timestamp(MORNING + Span::HOUR)),
        end_time: Some(timestamp(MORNING + Span::HOUR * 2)),
        driver: SATO.to_owned(),
        declared_trip: Some(fleet_pb::DeclaredTrip {
            seats: Some(Seats { seats: 2, ..Default::default() }),
            max_detour_duration: Some(prost_types::Duration { seconds: 600, nanos: 0 }),
            max_detour_meters: 5000,
            ..Default::default()
        }),
        ..Default::default()
    };
    let trip = day.shift(VAN, "to-work", declared).await;

    // the phone: a group of two and one in a wheelchair, whom only the bus can take; LINE: one, and one who will not come
    let group = day.book(Span::HOUR * 2, |request| {
        request.party = Some(Seats { seats: 2, wheelchairs: 1, ..Default::default() });
    });
    let group = group.await;
    assert_eq!(group.vehicle, BUS);
    let by_line = |request: &mut pb::QuoteRequest| request.channel = pb::Channel::Line as i32;
    let commuter = day.book(Span::HOUR, by_line).await;
    let absent = day.book(Span::HOUR * 4, by_line).await;
    day.absent.insert(absent.name.clone());

    // every Wednesday, there in the afternoon and back: today is one
    let weekly = pb::CreateStandingBookingRequest {
        parent: SERVICE.to_owned(),
        standing_booking: Some(weekly_treatment()),
        request_id: day.id(),
        ..Default::default()
    };
    let mut standings =
        pb::standing_booking_service_client::StandingBookingServiceClient::new(day.house.channel.clone());
    let weekly = standings.create_standing_booking(weekly).await.unwrap().into_inner();
    let treatment = weekly.dates[0].bookings.clone();
    assert_eq!((weekly.dates[0].state(), treatment.len()), (pb::standing_date::State::Booked, 2));

    // the desk gives the commuter to the neighbour, who is asked and says yes
    day.assign(&commuter, &trip).await;
    assert_eq!(day.booking(&commuter.name).await.state(), State::AwaitingDriver);
    let answer = fleet_pb::AnswerAskRequest {
        driver: SATO.to_owned(),
        booking: commuter.name.clone(),
        accepted: true,
        request_id: day.id(),
        ..Default::default()
    };
    day.house.drivers().answer_ask(answer).await.unwrap();
    let commuter = day.booking(&commuter.name).await;
    assert_eq!((commuter.state(), commuter.vehicle.as_str()), (State::Confirmed, VAN));
    day.house.clock.raise_to(MORNING + Span::HOUR);
    day.sign_on(&trip).await;
    day.drive_until(MORNING + Span::from_mins(110)).await;
    assert_eq!(day.booking(&commuter.name).await.state(), State::Alighted);

    // ten to ten: the road is closed before the group is fetched; the desk is told, and nothing is lost
    let closure = op::CreateRoadMeasureRequest {
        parent: AREA.to_owned(),
        road_measure: Some(op::RoadMeasure {
            note: "倒木".to_owned(),
            roads: Some(op::RoadSelection { area: around_hakupu(), ..Default::default() }),
            effect: Some(op::road_measure::Effect::IsClosed(true)),
            ..Default::default()
        }),
        request_id: day.id(),
        ..Default::default()
    };
    let closed = day.house.operations().create_road_measure(closure).await.unwrap().into_inner();
    assert_eq!(day.booking(&group.name).await.state(), State::Unassigned);
    day.house.clock.advance(Span::from_secs(2));
    let raised = day.house.operations().list_alerts(alerts).await.unwrap().into_inner().alerts;
    assert!(raised.iter().any(|alert| alert.kind() == op::alert::Kind::Unassigned && alert.subject == group.name));

    // the server is started anew in the middle of it
    let now = day.house.clock.now();
    let Day { house, calls, absent: gone } = day;
    house.close().await;
    let mut day = Day { house: House::open_in(journal, now).await, calls, absent: gone };
    let ended = op::EndRoadMeasureRequest { name: closed.name, request_id: day.id(), ..Default::default() };
    day.house.operations().end_road_measure(ended).await.unwrap();
    day.assign(&group, &bus_shift).await;
    assert_eq!(day.booking(&group.name).await.promise, group.promise, "the promise stands");
    day.drive_until(MORNING + Span::HOUR * 3).await;
    let group = day.booking(&group.name).await;
    assert_eq!(group.state(), State::Alighted);
    let window = group.promise.unwrap().pickup_window.unwrap();
    assert!(time(&group.arrive_time) <= time(&window.latest_time), "and was kept: {group:?}");

    // noon: nobody at the door
    day.drive_until(MORNING + Span::HOUR * 5).await;
    assert_eq!(day.booking(&absent.name).await.state(), State::NoShow);

    // two o'clock: the taxi breaks down with a rider on board; the bus fetches them from the roadside
    let unlucky = day.book(Span::HOUR * 6, |_| ()).await;
    day.assign(&unlucky, &taxi_shift).await;
    let mut until = MORNING + Span::HOUR * 6;
    while day.booking(&unlucky.name).await.state() != State::Boarded {
        until += Span::MINUTE;
        assert!(until < MORNING + Span::HOUR * 8, "nobody came");
        day.drive_until(until).await;
    }
    let broken = op::ReportBreakdownRequest {
        shift: taxi_shift,
        place: place(AIRPORT, "roadside"),
        request_id: day.id(),
        ..Default::default()
    };
    let told = day.house.dispatch().report_breakdown(broken).await.unwrap().into_inner().consequences.unwrap();
    assert_eq!(told.stranded_bookings, [unlucky.name.as_str()]);
    day.drive_until(MORNING + Span::HOUR * 9).await;
    let fetched = day.booking(&unlucky.name).await;
    assert_eq!((fetched.state(), fetched.vehicle.as_str()), (State::Alighted, BUS));

    // the weekly ride there and back, whoever drove it
    day.drive_until(MORNING + Span::from_mins(10 * 60 + 45)).await;
    for name in &treatment {
        assert_eq!(day.booking(name).await.state(), State::Alighted, "{name}");
    }

    // every booking has ended in one way
    let list = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    let all = day.house.bookings().list_bookings(list).await.unwrap().into_inner().bookings;
    let ends: Vec<State> = all.iter().map(pb::Booking::state).collect();
    let rode = State::Alighted;
    assert_eq!(ends, [rode, rode, State::NoShow, rode, rode, rode]);
    day.house.close().await;
}
