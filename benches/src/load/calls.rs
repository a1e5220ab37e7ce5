//! The calls that make the load: quotes of random rides for tomorrow, calls that do nothing, some bookings.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use mukae_maps::PreparedMap;
use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::area::v1::area_service_client::AreaServiceClient;
use mukae_proto::transit::area::v1::{Area, GetAreaRequest};
use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::booking::v1::booking_service_client::BookingServiceClient;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::fleet::v1::fleet_service_client::FleetServiceClient;
use mukae_proto::transit::units::v1::{Place, Seats, TimeWindow};
use prost_types::Timestamp;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

use super::pace::{self, Due};
use super::times::Times;
use crate::Dice;

const AREA: &str = "areas/isle-of-man";
const SERVICE: &str = "tenants/mann/services/mukae";
const VEHICLE: &str = "tenants/mann/vehicles/douglas-1";
/// Connections that calls are spread over.
const CONNECTIONS: usize = 8;
/// Places that riders travel between.
const POINTS: usize = 300;
/// A booking is cancelled so long after it was made, so that the fleet does not fill up.
const BOOKED_FOR: Duration = Duration::from_secs(2);
const DAY_SECS: i64 = 86_400;

/// What a call asks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A ride for tomorrow.
    Quote,
    /// A position that was reported before: decoded, taken to the area's task and answered there at once, like a
    /// quote, with nothing done. The empty call of the same hop.
    Empty,
    /// The area as it is: answered in its turn behind the journal, as every read is.
    GetArea,
    /// An offer of a quote becomes a booking, journalled and synced before the answer.
    Confirm,
    Cancel,
}

/// What one run took.
#[derive(Debug, Default)]
pub struct Taken {
    /// From the instant at which the call was to leave.
    pub whole: std::collections::BTreeMap<Kind, Times>,
    /// From the instant at which it left.
    pub call: std::collections::BTreeMap<Kind, Times>,
    /// By how much the generator was late.
    pub late: Times,
    pub offered: usize,
    pub refused: usize,
    pub failed: usize,
    pub last_failure: String,
}

/// Connections to a server, and what calls are made of.
#[derive(Clone, Debug)]
pub struct Calls {
    channels: Vec<Channel>,
    points: Arc<Vec<LatLng>>,
    taken: Arc<Mutex<Taken>>,
    /// Midnight of tomorrow, in seconds.
    tomorrow: i64,
    /// Told apart from those of earlier runs.
    run: u64,
    /// Offers that a quote asks for; 0: as many as the service shows.
    offers_max: i32,
}

impl Calls {
    pub async fn connect(address: &str, map: &PreparedMap, offers_max: i32) -> Result<Calls> {
        let mut channels = Vec::new();
        for _ in 0..CONNECTIONS {
            channels.push(Endpoint::from_shared(address.to_owned())?.tcp_nodelay(true).connect().await?);
        }
        let mut dice = Dice(41);
        let point = |_| {
            let position = map.position(dice.place(map.graph()));
            LatLng { latitude: position.lat(), longitude: position.lon() }
        };
        let points = Arc::new((0..POINTS).map(point).collect());
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let now = i64::try_from(since_epoch.as_secs())?;
        let tomorrow = (now / DAY_SECS + 1) * DAY_SECS;
        let run = since_epoch.as_micros() as u64;
        let calls = Calls { channels, points, taken: Arc::default(), tomorrow, run, offers_max };
        calls.report_position(0).await.context("the first position")?;
        Ok(calls)
    }

    pub async fn area(&self, number: usize) -> Result<Area, tonic::Status> {
        let request = GetAreaRequest { name: AREA.to_owned() };
        Ok(AreaServiceClient::new(self.channel(number)).get_area(request).await?.into_inner())
    }

    /// Sends calls of these kinds by turns, so many a second in all; of the quotes every `booked_each`th becomes a
    /// booking. Until every answer is there.
    pub async fn run(&self, kinds: &[Kind], rate: f64, length: Duration, booked_each: usize) -> Taken {
        let mut due = pace::tell(pace::instants(rate, length, &mut Dice(self.run)));
        let mut running = JoinSet::new();
        while let Some(call) = due.recv().await {
            let (calls, kind) = (self.clone(), kinds[call.number % kinds.len()]);
            running.spawn(async move { calls.make(kind, call, booked_each).await });
            while running.try_join_next().is_some() {}
        }
        while running.join_next().await.is_some() {}
        std::mem::take(&mut self.taken.lock().expect("nobody panics with it"))
    }

    async fn make(&self, kind: Kind, due: Due, booked_each: usize) {
        let sent = Instant::now();
        match kind {
            Kind::Quote => {
                let answer = self.quote(due.number).await;
                self.note(kind, due.at, sent, answer.as_ref().err());
                let Ok(Some(offer)) = answer else { return };
                if (due.number + 1).is_multiple_of(booked_each) {
                    self.book(offer, due.number).await;
                }
            }
            Kind::Empty => self.note(kind, due.at, sent, self.report_position(due.number).await.as_ref().err()),
            Kind::GetArea => self.note(kind, due.at, sent, self.area(due.number).await.as_ref().err()),
            Kind::Confirm | Kind::Cancel => unreachable!("they follow a quote"),
        }
    }

    fn note(&self, kind: Kind, due: Instant, sent: Instant, error: Option<&tonic::Status>) {
        let done = Instant::now();
        let mut taken = self.taken.lock().expect("nobody panics with it");
        taken.whole.entry(kind).or_default().add(done - due);
        taken.call.entry(kind).or_default().add(done - sent);
        taken.late.add(sent - due);
        if let Some(error) = error {
            taken.failed += 1;
            taken.last_failure = format!("{kind:?}: {error}");
        }
    }

    /// Calls of every kind are spread over all of them.
    fn channel(&self, number: usize) -> Channel {
        self.channels[number / 4 % self.channels.len()].clone()
    }

    /// The name of the first offer, if there is one.
    async fn quote(&self, number: usize) -> Result<Option<String>, tonic::Status> {
        let mut dice = Dice(self.run ^ (number as u64) << 20);
        let mut place = || {
            let position = Some(self.points[dice.below(POINTS as u64) as usize]);
            Some(Place { position, label: String::new() })
        };
        let (origin, destination) = (place(), place());
        let earliest = self.tomorrow + 7 * 3600 + dice.below(10 * 3600) as i64;
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        let window = TimeWindow { earliest_time: at(earliest), latest_time: at(earliest + 3600) };
        let request = booking_pb::QuoteRequest {
            parent: SERVICE.to_owned(),
            origin,
            destination,
            party: Some(Seats { seats: 1, ..Default::default() }),
            wish: Some(booking_pb::quote_request::Wish::DepartAfter(window)),
            channel: booking_pb::Channel::Web as i32,
            request_id: format!("q-{}-{number}", self.run),
            max_offers: self.offers_max,
            ..Default::default()
        };
        let response = BookingServiceClient::new(self.channel(number)).quote(request).await?.into_inner();
        let mut taken = self.taken.lock().expect("nobody panics with it");
        match response.result {
            Some(booking_pb::quote_response::Result::Offers(mut list)) => {
                taken.offered += 1;
                Ok(Some(list.offers.swap_remove(0).name))
            }
            _ => {
                taken.refused += 1;
                Ok(None)
            }
        }
    }

    async fn book(&self, name: String, number: usize) {
        let mut bookings = BookingServiceClient::new(self.channel(number));
        let sent = Instant::now();
        let request = booking_pb::ConfirmOfferRequest {
            name,
            request_id: format!("c-{}-{number}", self.run),
            ..Default::default()
        };
        let confirmed = bookings.confirm_offer(request).await;
        // somebody else may have been faster: that is an answer
        let real = confirmed.as_ref().err().filter(|status| status.code() != tonic::Code::FailedPrecondition);
        self.note(Kind::Confirm, sent, sent, real);
        let Ok(booking) = confirmed else { return };
        tokio::time::sleep(BOOKED_FOR).await;
        let sent = Instant::now();
        let request = booking_pb::CancelBookingRequest {
            name: booking.into_inner().name,
            request_id: format!("x-{}-{number}", self.run),
            ..Default::default()
        };
        let cancelled = bookings.cancel_booking(request).await;
        self.note(Kind::Cancel, sent, sent, cancelled.as_ref().err());
    }

    /// Always the same one.
    async fn report_position(&self, number: usize) -> Result<(), tonic::Status> {
        let position = fleet_pb::Position {
            point: Some(self.points[0]),
            device_time: Some(Timestamp { seconds: self.tomorrow - 2 * DAY_SECS, nanos: 0 }),
            sequence: 1,
            ..Default::default()
        };
        let request = fleet_pb::ReportPositionsRequest { vehicle: VEHICLE.to_owned(), positions: vec![position] };
        FleetServiceClient::new(self.channel(number)).report_positions(request).await.map(|_| ())
    }
}
