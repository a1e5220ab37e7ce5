//! Journey planners: many rides at once, of which nothing remains.

use std::path::Path;

use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::booking::v1::binding_constraint::Kind;
use mukae_proto::transit::operations::v1 as ops;
use mukae_proto::transit::planning::v1 as pb;
use mukae_proto::transit::units::v1::{Place, Seats, TimeWindow};
use mukae_server::config::Config;
use mukae_server::serve::Store;
use mukae_units::{Span, Time};
use prost::Message;

use crate::support::*;

/// splitmix64: the same seed, the same wishes.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Around one of the villages, now and then in the sea or where no road is.
    fn place(&mut self) -> LatLng {
        let (latitude, longitude) = match self.below(20) {
            0 => SEA,
            number => [ALOFI, AIRPORT, HAKUPU][number as usize % 3],
        };
        let mut near = |degrees: f64| degrees + (self.below(1000) as f64 - 500.0) * 8e-6;
        LatLng { latitude: near(latitude), longitude: near(longitude) }
    }

    fn window(&mut self) -> TimeWindow {
        let earliest = MORNING + Span::from_mins(self.below(720) as i64 - 90);
        let latest = earliest + Span::from_mins(self.below(60) as i64);
        let kept = self.below(4);
        TimeWindow {
            earliest_time: (kept != 0).then(|| timestamp(earliest)),
            latest_time: (kept != 1).then(|| timestamp(latest)),
        }
    }

    fn wish(&mut self) -> pb::ride_probe::Wish {
        let mut window = self.window();
        if self.below(3) == 0 && window.latest_time.is_some() {
            return pb::ride_probe::Wish::ArriveBy(window);
        }
        if self.below(20) == 0 {
            window = TimeWindow::default(); // from now on
        }
        pb::ride_probe::Wish::DepartAfter(window)
    }
}

fn between(probes: Vec<pb::RideProbe>, places: Vec<LatLng>) -> pb::ProbeRidesRequest {
    pb::ProbeRidesRequest {
        parent: SERVICE.to_owned(),
        party: Some(Seats { seats: 1, ..Default::default() }),
        requirements: Vec::new(),
        places,
        probes,
    }
}

fn lat_lng((latitude, longitude): (f64, f64)) -> LatLng {
    LatLng { latitude, longitude }
}

fn soon(origin_index: i32, destination_index: i32) -> pb::RideProbe {
    let wish = Some(pb::ride_probe::Wish::DepartAfter(TimeWindow::default()));
    pb::RideProbe { origin_index, destination_index, wish }
}

/// What a probe asks, as a quote.
fn as_quote(request: &pb::ProbeRidesRequest, probe: &pb::RideProbe, request_id: String) -> booking_pb::QuoteRequest {
    let place = |index: i32| Some(Place { position: Some(request.places[index as usize]), label: String::new() });
    let wish = match probe.wish.unwrap() {
        pb::ride_probe::Wish::DepartAfter(window) => booking_pb::quote_request::Wish::DepartAfter(window),
        pb::ride_probe::Wish::ArriveBy(window) => booking_pb::quote_request::Wish::ArriveBy(window),
    };
    booking_pb::QuoteRequest {
        parent: request.parent.clone(),
        origin: place(probe.origin_index),
        destination: place(probe.destination_index),
        party: request.party,
        wish: Some(wish),
        rider: String::new(),
        channel: 0,
        request_id,
        max_offers: 1,
        requirements: Vec::new(),
        ..Default::default()
    }
}

/// Probes random rides in rounds, quotes each and books some; how many were possible, walked to, and off the area.
async fn probes_agree_with_quotes(house: &House, seed: u64) -> (usize, usize, usize) {
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let (mut possible, mut walked, mut off) = (0, 0, 0);
    for round in 0..4 {
        let places: Vec<LatLng> = (0..12).map(|_| dice.place()).collect();
        let mut any = || pb::RideProbe {
            origin_index: dice.below(12) as i32,
            destination_index: dice.below(12) as i32,
            wish: Some(dice.wish()),
        };
        let request = between((0..60).map(|_| any()).collect(), places);
        let before = house.area_now().await;
        let answers = house.planning().probe_rides(request.clone()).await.unwrap().into_inner();
        assert_eq!(house.area_now().await.revision, before.revision, "nothing is recorded");
        assert_eq!(time(&answers.as_of_time), house.clock_now());
        assert_eq!(answers.rides.len(), request.probes.len());
        let mut first = None;
        for (number, (probe, ride)) in request.probes.iter().zip(&answers.rides).enumerate() {
            let quote = as_quote(&request, probe, format!("q-{seed}-{round}-{number}"));
            let quoted = house.bookings().quote(quote).await.unwrap().into_inner();
            match quoted.result.unwrap() {
                booking_pb::quote_response::Result::Offers(list) => {
                    let offer = &list.offers[0];
                    let predicted = offer.prediction.as_ref().unwrap();
                    assert!(ride.is_possible, "seed {seed}: {probe:?}: {ride:?} but {offer:?}");
                    assert_eq!(
                        (&ride.pickup_time, &ride.dropoff_time),
                        (&predicted.pickup_time, &predicted.dropoff_time)
                    );
                    assert_eq!(ride.pickup_walk_duration, offer.pickup_walk_duration);
                    assert_eq!(ride.dropoff_walk_duration, offer.dropoff_walk_duration);
                    possible += 1;
                    walked += usize::from(0 < offer.pickup_walk_duration.as_ref().unwrap().seconds);
                    first = first.or(Some(offer.clone()));
                }
                booking_pb::quote_response::Result::Refusal(refusal) => {
                    assert!(!ride.is_possible, "seed {seed}: {probe:?}: {ride:?} but {refusal:?}");
                    let told: Vec<i32> = refusal.binding_constraints.iter().map(|binding| binding.kind).collect();
                    let known = |kind: &Kind| told.contains(&(*kind as i32));
                    let of_places = [Kind::OriginOffArea, Kind::DestinationOffArea, Kind::SamePlace];
                    let expected: Vec<Kind> = of_places.into_iter().filter(known).collect();
                    assert_eq!(ride.obstacles().collect::<Vec<_>>(), expected, "seed {seed}");
                    off += usize::from(!expected.is_empty());
                }
            }
        }
        if let Some(offer) = first {
            let confirmed = house.bookings().confirm_offer(confirm(&offer, &format!("c-{seed}-{round}"))).await;
            confirmed.unwrap();
        }
    }
    (possible, walked, off)
}

#[tokio::test]
async fn a_probe_is_possible_if_and_only_if_a_quote_would_have_an_offer() {
    let house = House::open().await;
    let (possible, walked, off) = probes_agree_with_quotes(&house, 17).await;
    assert!(60 < possible && possible < 200 && walked == 0 && 10 < off, "{possible} possible, {off} off the area");

    // the same where everything takes twice as long, from now on
    let everywhere = [(-18.9, -170.0), (-18.9, -169.7), (-19.2, -169.7), (-19.2, -170.0)];
    let area = everywhere.into_iter().map(lat_lng).collect();
    let road_measure = ops::RoadMeasure {
        note: "霧".to_owned(),
        roads: Some(ops::RoadSelection { area, ..Default::default() }),
        effect: Some(ops::road_measure::Effect::Percent(200)),
        ..Default::default()
    };
    let request = ops::CreateRoadMeasureRequest {
        parent: AREA.to_owned(),
        road_measure: Some(road_measure),
        request_id: "fog".to_owned(),
        validate_only: false,
    };
    house.operations().create_road_measure(request).await.unwrap();
    let (possible, ..) = probes_agree_with_quotes(&house, 18).await;
    assert!(30 < possible, "{possible} possible in fog");
    house.close().await;
}

/// The island's churches, as meeting points of a service that comes to no door.
#[tokio::test]
async fn riders_of_a_stop_based_service_are_probed_by_their_meeting_points() {
    let mut text = CONFIG.replace(
        "display_name = \"Alofi ride\"",
        "display_name = \"Alofi ride\"\ndoor_to_door = false\nwalk_max_to_pickup = \"40 min\"\nwalk_max_from_dropoff = \"40 min\"",
    );
    for (lat, lon) in [ALOFI, AIRPORT, HAKUPU, (-19.0180, -169.9180), (-19.0560, -169.8700)] {
        text.push_str(&format!("\n[[meeting_point]]\nplace = [{lat}, {lon}]\n"));
    }
    let config = Config::parse(&text, Path::new("")).unwrap();
    let house = House::open_with(config, Store::Configured, MORNING).await;
    let (possible, walked, _) = probes_agree_with_quotes(&house, 23).await;
    assert!(20 < possible && 20 < walked, "{possible} possible, {walked} walked");
    house.close().await;
}

#[tokio::test]
async fn every_fault_of_a_batch_is_named_by_its_place_in_it() {
    let house = House::open().await;
    let mut request = between(vec![soon(0, 1), soon(0, 2), soon(-1, 0)], vec![lat_lng(ALOFI), lat_lng(HAKUPU)]);
    request.places[1].latitude = f64::NAN;
    request.party = None;
    request.probes[0].wish = None;
    let status = house.planning().probe_rides(request).await.unwrap_err();
    let expected = ["party", "places[1]", "probes[0].wish", "probes[1].destination_index", "probes[2].origin_index"];
    assert_eq!(fields(&status), expected);

    let mut request = between(vec![soon(0, 1)], vec![lat_lng(ALOFI), lat_lng(HAKUPU)]);
    let backwards =
        TimeWindow { earliest_time: Some(timestamp(MORNING + Span::HOUR)), latest_time: Some(timestamp(MORNING)) };
    request.probes[0].wish = Some(pb::ride_probe::Wish::ArriveBy(backwards));
    let status = house.planning().probe_rides(request).await.unwrap_err();
    assert_eq!(fields(&status), ["probes[0].arrive_by"]);

    let status = house.planning().probe_rides(between(Vec::new(), Vec::new())).await.unwrap_err();
    assert_eq!(fields(&status), ["places", "probes"]);
    let many = between(vec![soon(0, 0); 5001], vec![lat_lng(ALOFI); 1001]);
    assert_eq!(fields(&house.planning().probe_rides(many).await.unwrap_err()), ["places", "probes"]);

    let mut request = between(vec![soon(0, 1)], vec![lat_lng(ALOFI), lat_lng(HAKUPU)]);
    request.requirements = vec!["ramp".to_owned()];
    assert_eq!(fields(&house.planning().probe_rides(request.clone()).await.unwrap_err()), ["requirements"]);
    request.parent = "tenants/alofi/services/boat".to_owned();
    assert_eq!(reason(&house.planning().probe_rides(request).await.unwrap_err()), "RESOURCE_NOT_FOUND");
    house.close().await;
}

/// The largest batch that the contract allows comes through the transport's limits, both ways.
#[tokio::test]
async fn the_largest_batch_is_answered() {
    let house = House::open().await;
    let mut dice = Dice(5);
    let places: Vec<LatLng> = (0..1000).map(|_| dice.place()).collect();
    let any = |number: i32| {
        let earliest = MORNING + Span::from_millis(1 + i64::from(number));
        let window = TimeWindow {
            earliest_time: Some(timestamp(earliest)),
            latest_time: Some(timestamp(earliest + Span::HOUR)),
        };
        let wish = Some(pb::ride_probe::Wish::DepartAfter(window));
        pb::RideProbe { origin_index: number % 1000, destination_index: (number / 5 + 1) % 1000, wish }
    };
    let request = between((0..5000).map(any).collect(), places);
    assert!(200_000 < request.encoded_len(), "{} bytes", request.encoded_len());
    let answers = house.planning().probe_rides(request).await.unwrap().into_inner();
    assert_eq!(answers.rides.len(), 5000);
    assert!(answers.rides.iter().filter(|ride| ride.is_possible).count() > 1000);
    house.close().await;
}

/// Everything that is exported of the morning's first hours, and the summary.
pub async fn export(house: &House) -> (Vec<pb::AnonymousRequest>, pb::DemandSummary) {
    let request = pb::ExportDemandRequest {
        parent: SERVICE.to_owned(),
        start_time: Some(timestamp(MORNING - Span::HOUR)),
        end_time: Some(timestamp(MORNING + Span::HOUR * 12)),
    };
    let mut stream = house.planning().export_demand(request).await.unwrap().into_inner();
    let (mut told, mut summary) = (Vec::new(), None);
    while let Some(part) = stream.message().await.unwrap() {
        assert!(summary.is_none(), "the summary comes last");
        told.extend(part.requests);
        summary = part.summary;
    }
    (told, summary.expect("an export ends with its summary"))
}

pub fn outcomes(summary: &pb::DemandSummary) -> Vec<(pb::anonymous_request::Outcome, i32)> {
    summary.outcomes.iter().map(|count| (count.outcome(), count.request_count)).collect()
}

#[tokio::test]
async fn demand_is_exported_served_or_not_and_tells_of_nobody() {
    use pb::anonymous_request::{DayPart, Outcome};
    let directory = tempfile::tempdir().unwrap();
    let house = House::open_in(directory.path().to_owned(), MORNING).await;
    assert_eq!(export(&house).await, (Vec::new(), pb::DemandSummary::default()));
    let of_rider = |number: usize| booking_pb::QuoteRequest {
        rider: format!("line+{number}"),
        max_offers: 1,
        ..ride(&format!("q{number}"), Span::HOUR)
    };
    // four riders: one booked and cancelled, one only asked, one is refused, one off the area
    let booking = house.book(of_rider(1)).await;
    let cancel = booking_pb::CancelBookingRequest {
        name: booking.name.clone(),
        request_id: "x1".to_owned(),
        ..Default::default()
    };
    house.bookings().cancel_booking(cancel).await.unwrap();
    house.offer(of_rider(2)).await;
    let mut large = of_rider(3);
    large.party.as_mut().unwrap().seats = 9;
    house.bookings().quote(large).await.unwrap();
    let off = booking_pb::QuoteRequest { destination: place(SEA, "boat"), ..of_rider(4) };
    house.bookings().quote(off).await.unwrap();

    let (told, summary) = export(&house).await;
    assert!(told.is_empty(), "four riders are too few");
    assert_eq!((summary.request_count, summary.suppressed_count), (4, 4));
    assert_eq!(outcomes(&summary), [(Outcome::Offered, 1), (Outcome::Refused, 2), (Outcome::Cancelled, 1)]);

    // with three more there are six between the same two cells, and seven in all
    house.book(of_rider(5)).await;
    house.book(of_rider(6)).await;
    house.offer(of_rider(7)).await;
    let (told, summary) = export(&house).await;
    let counts = (summary.small_cell_count, summary.large_cell_count, summary.no_cell_count, summary.suppressed_count);
    assert_eq!((counts, told.len()), ((6, 0, 0, 1), 6));
    for request in &told {
        let (origin, destination) = (request.origin_cell.unwrap(), request.destination_cell.unwrap());
        assert_eq!((origin.size_meters, destination.size_meters), (500, 500));
        let center = origin.center.unwrap();
        assert!((center.latitude - ALOFI.0).abs() < 0.003 && (center.longitude - ALOFI.1).abs() < 0.003, "{center:?}");
        assert!((center.latitude, center.longitude) != ALOFI, "the middle of a cell, not the place");
        assert_eq!((request.day_part(), request.channel()), (DayPart::Morning, booking_pb::Channel::Phone));
        assert_eq!(time(&request.ask_time), MORNING);
    }
    let refused: Vec<_> = told.iter().filter(|request| request.outcome() == Outcome::Refused).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].binding_constraints().collect::<Vec<_>>(), [Kind::PartyTooLarge]);
    assert_eq!(told.iter().filter(|request| request.outcome() == Outcome::Confirmed).count(), 2);

    let before = export(&house).await;
    house.close().await;
    let house = House::open_in(directory.path().to_owned(), MORNING).await;
    assert_eq!(export(&house).await, before, "it is in the journal");

    let request = pb::ExportDemandRequest { parent: SERVICE.to_owned(), start_time: None, end_time: None };
    let status = house.planning().export_demand(request).await.unwrap_err();
    assert_eq!(fields(&status), ["start_time", "end_time"]);
    let request = pb::ExportDemandRequest {
        parent: SERVICE.to_owned(),
        start_time: Some(timestamp(MORNING)),
        end_time: Some(timestamp(MORNING)),
    };
    assert_eq!(fields(&house.planning().export_demand(request).await.unwrap_err()), ["end_time"]);
    house.close().await;
}

impl House {
    fn clock_now(&self) -> Time {
        use mukae_server::Clock;
        self.clock.now()
    }

    async fn area_now(&self) -> mukae_proto::transit::area::v1::Area {
        let request = mukae_proto::transit::area::v1::GetAreaRequest { name: AREA.to_owned() };
        self.area().get_area(request).await.unwrap().into_inner()
    }
}
