//! Figures of a day with cancellations, a no-show, offers let go and reports that come late, told
//! to the scribe by hand: the ledger serves live days too, and there this is daily bread.

mod city;

use city::{City, at, rules, vehicle, window};
use mukae_engine::model::{CancelReason, Wish};
use mukae_engine::{Answer, Command, Work};
use mukae_maps::MatrixTimes;
use mukae_record::{Origin, Principal, Record, Scribe};
use mukae_sim::{Kpis, Ledger};
use mukae_units::{BookingId, Metres, OfferId, RiderId, Seats, ShiftId, Span, StopId};

/// A scribe and a ledger beside it.
struct Desk {
    city: City,
    roads: MatrixTimes,
    scribe: Scribe,
    ledger: Ledger,
}

const SHIFT: ShiftId = ShiftId(1);

impl Desk {
    /// One car that works 08:00 to 12:00 from and to A, its shift open.
    fn open() -> Desk {
        let city = City::new("A-300-B-600-C-300-D");
        let roads = city.roads();
        let mut desk = Desk { city, roads, scribe: Scribe::new(), ledger: Ledger::new() };
        let mut settings = rules();
        settings.push(vehicle(1, Seats::new(2, 0)));
        settings.push(desk.city.shift(1, 1, ("08:00", "12:00"), ("A", "A")));
        settings.into_iter().for_each(|setting| _ = desk.tell("07:00", setting));
        desk.tell("08:00", Command::OpenShift { shift: SHIFT, at: at("08:00") });
        desk
    }

    fn tell(&mut self, now: &str, command: Command) -> Answer {
        let origin = Origin::of(Principal::new("desk").unwrap());
        let taken = self.scribe.take(at(now), &origin, command.clone(), &mut Work::new(&mut self.roads)).unwrap();
        assert!(!matches!(taken.answer, Answer::Rejected(_)), "{now} {command:?}: {:?}", taken.answer);
        if let Some(bytes) = taken.record {
            let record = Record::from_bytes(&bytes).unwrap();
            self.ledger.observe(&record.exogenous, record.endogenous.iter(), &mut self.city.lengths());
        }
        taken.answer
    }

    fn quote(&mut self, now: &str, ends: (&str, &str), wish: (&str, &str)) -> OfferId {
        let ask = self.city.ask("r", now, ends, Wish::DepartAfter(window(wish.0, wish.1)));
        match self.tell(now, Command::Quote(ask.request)) {
            Answer::Offered(offers) => offers[0].id,
            other => panic!("{other:?}"),
        }
    }

    fn confirm(&mut self, now: &str, offer: OfferId) -> BookingId {
        match self.tell(now, Command::ConfirmOffer { offer }) {
            Answer::Confirmed(booking) => booking.id,
            other => panic!("{other:?}"),
        }
    }

    fn next_stop(&self) -> StopId {
        self.scribe.state().schedules[&SHIFT].next_stop().unwrap().id
    }

    fn drive(&mut self, leave: &str, arrive: &str) {
        let stop = self.next_stop();
        self.tell(leave, Command::Depart { shift: SHIFT, stop, at: at(leave) });
        self.tell(arrive, Command::Arrive { shift: SHIFT, stop, at: at(arrive) });
    }

    fn kpis(&self) -> Kpis {
        let kpis = self.ledger.kpis();
        assert_eq!(kpis.unaccounted(), 0, "{kpis}");
        kpis
    }
}

#[test]
fn every_way_to_end_is_counted_once() {
    let mut desk = Desk::open();
    let (wish, ends) = (("08:00", "08:30"), ("B", "C"));
    let let_go = desk.quote("08:00", ends, wish);
    let offer = desk.quote("08:00", ends, wish);
    assert_eq!((desk.kpis().requests, desk.kpis().offers_open, desk.kpis().bookings_open), (2, 2, 0));
    let cancelled = desk.confirm("08:00", offer);
    assert_eq!((desk.kpis().offers_open, desk.kpis().bookings_open), (1, 1));
    desk.tell("08:01", Command::CancelBooking { booking: cancelled, reason: CancelReason::Rider });
    desk.tell("08:06", Command::AdvanceClock);
    assert!(!desk.scribe.state().offers.contains_key(&let_go));
    let kpis = desk.kpis();
    assert_eq!((kpis.cancelled, kpis.not_taken, kpis.offers_open, kpis.bookings_open), (1, 1, 0, 0));

    let offer = desk.quote("08:10", ends, ("08:10", "08:40"));
    let absent = desk.confirm("08:10", offer);
    desk.drive("08:10", "08:15");
    desk.tell("08:25", Command::ReportNoShow { booking: absent, at: at("08:25") });
    let kpis = desk.kpis();
    assert_eq!((kpis.no_shows, kpis.pickups, kpis.served, kpis.bookings_open), (1, 0, 0, 0));
    assert_eq!((kpis.driven, kpis.empty_to_pickup), (Metres::from_metres(3000), Metres::from_metres(3000)));

    // The car is at B. Signing off strands the next rider, for whom nobody is found in time.
    let offer = desk.quote("08:30", ("C", "D"), ("08:40", "09:00"));
    desk.confirm("08:30", offer);
    desk.tell("08:31", Command::CloseShift { shift: SHIFT });
    let kpis = desk.kpis();
    assert_eq!((kpis.unassigned, kpis.bookings_open, kpis.failed), (1, 1, 0));
    assert_eq!((kpis.empty_home, kpis.shift_time), (Metres::from_metres(3000), Span::from_mins(31)));
    desk.tell("09:10", Command::AdvanceClock);
    let kpis = desk.kpis();
    assert_eq!((kpis.unassigned, kpis.bookings_open, kpis.failed, kpis.requests), (0, 0, 1, 4));
}

#[test]
fn an_offer_that_can_not_be_kept_goes_on_as_the_same_request() {
    let mut desk = Desk::open();
    // Two offers for the car's only seats at one time and place, one of which is confirmed.
    let both: Vec<OfferId> = (0..2)
        .map(|_| {
            let mut ask = desk.city.ask("r", "08:00", ("B", "D"), Wish::DepartAfter(window("08:00", "08:12")));
            ask.request_mut().party = Seats::new(2, 0);
            match desk.tell("08:00", Command::Quote(ask.request)) {
                Answer::Offered(offers) => offers[0].id,
                other => panic!("{other:?}"),
            }
        })
        .collect();
    desk.confirm("08:00", both[0]);
    let answer = desk.tell("08:00", Command::ConfirmOffer { offer: both[1] });
    assert!(matches!(answer, Answer::PlanChanged { fresh: Err(_) }), "{answer:?}");
    let kpis = desk.kpis();
    assert_eq!((kpis.requests, kpis.offered, kpis.confirmed, kpis.refused, kpis.not_taken), (2, 2, 1, 1, 0));
}

/// A device without coverage reports everything at 09:00; what counts is when it happened, and the
/// ledger's times are the dispatcher's.
#[test]
fn late_reports_count_from_when_it_happened() {
    let mut desk = Desk::open();
    let offer = desk.quote("08:00", ("B", "C"), ("08:00", "08:30"));
    let booking = desk.confirm("08:00", offer);
    let stop = desk.next_stop();
    desk.tell("09:00", Command::Depart { shift: SHIFT, stop, at: at("08:01") });
    desk.tell("09:00", Command::Arrive { shift: SHIFT, stop, at: at("08:06") });
    // A clock that runs ahead and one that runs behind.
    desk.tell("09:00", Command::Board { booking, at: at("08:07") });
    let stop = desk.next_stop();
    desk.tell("09:00", Command::Arrive { shift: SHIFT, stop, at: at("08:03") });
    desk.tell("09:00", Command::Alight { booking, at: at("23:00") });
    let state = &desk.scribe.state().bookings[&booking];
    assert_eq!((state.boarded_at, state.finished_at), (Some(at("08:07")), Some(at("09:00"))));
    let kpis = desk.kpis();
    assert_eq!((kpis.served, kpis.wait_from_request.sum), (1, Span::from_mins(6).as_millis()));
    assert_eq!(kpis.ride_time.sum, 0, "arrived when it boarded: a report is not before the one before it");
    assert_eq!(kpis.driven, Metres::from_metres(9000));
}

/// Who asks again for the same way within half an hour is one, and counts by the best that came of it.
#[test]
fn asks_of_one_rider_for_one_way_are_one_latent_request() {
    let mut desk = Desk::open();
    let ask = |desk: &mut Desk, rider: u64, wish: (&str, &str), party: u8| {
        let mut ask = desk.city.ask("r", "08:00", ("B", "C"), Wish::DepartAfter(window(wish.0, wish.1)));
        let request = ask.request_mut();
        (request.rider, request.party) = (Some(RiderId(rider)), Seats::new(party, 0));
        match desk.tell("08:00", Command::Quote(ask.request)) {
            Answer::Offered(offers) => Some(offers[0].id),
            Answer::Refused(_) => None,
            other => panic!("{other:?}"),
        }
    };
    let latent = |desk: &Desk| {
        let kpis = desk.kpis();
        (kpis.requests, kpis.latent, kpis.latent_served, kpis.latent_refused, kpis.latent_abandoned, kpis.latent_lost)
    };
    assert_eq!(ask(&mut desk, 1, ("08:00", "08:30"), 5), None, "the car is too small");
    assert_eq!(latent(&desk), (1, 1, 0, 1, 0, 0));
    ask(&mut desk, 1, ("08:20", "08:50"), 1);
    let offer = ask(&mut desk, 1, ("08:30", "09:00"), 1).unwrap();
    let booking = desk.confirm("08:00", offer);
    assert_eq!(latent(&desk), (3, 1, 0, 1, 0, 0), "asked three times, nothing has come of it yet");
    ask(&mut desk, 1, ("09:05", "09:35"), 1);
    ask(&mut desk, 2, ("08:30", "09:00"), 1);
    assert_eq!(latent(&desk), (5, 3, 0, 1, 0, 0), "later, or somebody else: others");
    desk.tell("08:20", Command::AdvanceClock);
    assert_eq!(latent(&desk), (5, 3, 0, 0, 3, 0), "they let the offers go");
    desk.drive("08:30", "08:35");
    desk.tell("08:36", Command::Board { booking, at: at("08:36") });
    desk.drive("08:36", "08:46");
    desk.tell("08:47", Command::Alight { booking, at: at("08:47") });
    assert_eq!(latent(&desk), (5, 3, 1, 0, 2, 0));
}

/// A rider who cancels because the car is late was lost to delay; one who changes their mind was not.
#[test]
fn who_cancels_while_the_car_is_late_is_lost_to_delay() {
    let mut desk = Desk::open();
    let offer = desk.quote("08:00", ("B", "C"), ("08:00", "08:30"));
    let booking = desk.confirm("08:02", offer);
    assert_eq!(desk.kpis().time_to_confirm.sum, Span::from_mins(2).as_millis());
    desk.tell("08:45", Command::AdvanceClock);
    assert!(0 < desk.kpis().promises_at_risk, "the car has not left, the promise is over");
    desk.tell("08:45", Command::CancelBooking { booking, reason: CancelReason::Rider });
    let offer = desk.quote("08:50", ("B", "C"), ("09:00", "09:30"));
    let booking = desk.confirm("08:50", offer);
    desk.tell("08:51", Command::CancelBooking { booking, reason: CancelReason::Rider });
    let kpis = desk.kpis();
    assert_eq!((kpis.cancelled, kpis.lost_to_delay, kpis.latent_lost, kpis.promises_broken), (2, 1, 1, 0));
}

/// A pickup after its window is late, breaks the promise once, and may still be punctual by the common yardstick.
#[test]
fn a_late_pickup_breaks_its_promise_once() {
    let mut desk = Desk::open();
    let offer = desk.quote("08:00", ("B", "C"), ("08:00", "08:30"));
    let booking = desk.confirm("08:00", offer);
    let promise = desk.scribe.state().bookings[&booking].promise;
    assert_eq!((promise.pickup.earliest(), promise.pickup.latest()), (at("08:05"), at("08:15")));
    desk.drive("08:16", "08:21");
    desk.tell("08:22", Command::Board { booking, at: at("08:22") });
    desk.drive("08:22", "09:22");
    desk.tell("09:23", Command::Alight { booking, at: at("09:23") });
    let kpis = desk.kpis();
    assert_eq!((kpis.pickups, kpis.pickups_on_time, kpis.pickups_punctual, kpis.promises_broken), (1, 0, 0, 1));
    assert_eq!((kpis.served, kpis.failed, kpis.wait_from_promise.sum), (1, 0, Span::from_mins(16).as_millis()));
}
