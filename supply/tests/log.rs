//! Who asked for what, and what became of it: a few records at a time.

mod support;

use std::sync::Arc;

use mukae_engine::model::{CancelReason, Channel, Refusal, Wish};
use mukae_engine::{Answer, Command, Endogenous};
use mukae_office::{Day, Fact, Leg, MissCause, MissedRide, StandingId, Waiting, WaitingEnd, WaitingId};
use mukae_record::Record;
use mukae_supply::log::{Manner, Quality};
use mukae_supply::{Asked, Commitment, DemandLog, Outcome, Scope, Why};
use mukae_units::{BookingId, DriverId, OfferId, RiderId, ServiceId, ShiftId, Span};
use support::*;

const BY_RULE: Outcome = Outcome::Refused(Vec::new());

fn log(records: &[Record]) -> DemandLog {
    let mut log = DemandLog::default();
    records.iter().for_each(|record| log.take(record));
    log
}

fn one(records: &[Record]) -> Asked {
    let log = log(records);
    assert_eq!(log.asked().len(), 1, "{:?}", log.asked());
    log.asked()[0].clone()
}

fn outcomes(log: &DemandLog) -> Vec<Outcome> {
    log.asked().iter().map(|asked| asked.outcome.clone()).collect()
}

fn quoted(at: i64, id: u64, rider: u64, channel: Channel) -> Record {
    let request = request(rider, channel, at);
    let offers = [offer(id, id, &request), offer(id + 1, id, &request)];
    record(at, Command::Quote(request), offers.into_iter().map(Endogenous::OfferMade).collect())
}

fn expired(at: i64, offers: &[u64]) -> Record {
    let expired = offers.iter().map(|&offer| Endogenous::OfferExpired { offer: OfferId(offer) });
    record(at, Command::AdvanceClock, expired.collect())
}

fn confirmed(at: i64, offer: u64, other: u64) -> Record {
    let (booking, shift) = (BookingId(offer), ShiftId(1));
    let events = vec![
        Endogenous::OfferExpired { offer: OfferId(other) },
        Endogenous::BookingConfirmed { booking, offer: OfferId(offer), shift },
    ];
    record(at, Command::ConfirmOffer { offer: OfferId(offer) }, events)
}

fn cancelled(at: i64, booking: u64, reason: CancelReason) -> Record {
    let booking = BookingId(booking);
    let events = vec![Endogenous::BookingCancelled { booking, reason }];
    record(at, Command::CancelBooking { booking, reason }, events)
}

#[test]
fn an_entry_tells_all_that_records_tell() {
    let asked = one(&[quoted(0, 1, 7, Channel::Phone)]);
    assert_eq!(
        (asked.at, asked.service, asked.rider, asked.channel),
        (mins(0), TOWN, Some(RiderId(7)), Channel::Phone)
    );
    assert_eq!(asked.origin.unwrap().place, Some(spot(0).place));
    assert_eq!(asked.destination.unwrap().point, point(5));
    assert_eq!((asked.wish, asked.lead()), (Some(Wish::DepartAfter(window(0, 30))), Some(Span::ZERO)));
    assert_eq!((asked.manner, asked.offers, asked.outcome, asked.ended), (Manner::Quoted, 2, Outcome::Offered, None));
    let quality = Quality { wait: Span::from_mins(10), excess: Span::from_mins(2) };
    assert_eq!(asked.quality, Some(quality));
}

#[test]
fn offers_that_lapse_are_searches_or_abandoned() {
    let lapsed = |rider, channel| {
        let records = [quoted(0, 1, rider, channel), expired(5, &[1]), expired(6, &[2])];
        assert_eq!(one(&records[..2]).outcome, Outcome::Offered, "one is still open");
        let asked = one(&records);
        assert_eq!(asked.ended, Some(mins(6)));
        asked.outcome
    };
    assert_eq!(lapsed(0, Channel::Partner), Outcome::SearchOnly);
    assert_eq!(lapsed(0, Channel::Unknown), Outcome::SearchOnly);
    assert_eq!(lapsed(7, Channel::Partner), Outcome::Abandoned);
    assert_eq!(lapsed(0, Channel::Phone), Outcome::Abandoned);
}

#[test]
fn a_booking_ends_in_one_of_its_ways() {
    let booked = [quoted(0, 1, 7, Channel::Phone), confirmed(1, 2, 1)];
    let ends = |last: Record| {
        let asked = one(&[&booked[..], &[last]].concat());
        assert_eq!(asked.ended, Some(mins(20)));
        (asked.outcome, asked.cancel_reason)
    };
    assert_eq!((one(&booked).outcome, one(&booked).ended), (Outcome::Confirmed, None));
    let (booking, at) = (BookingId(2), mins(20));
    assert_eq!(ends(record(20, Command::Alight { booking, at }, Vec::new())), (Outcome::Completed, None));
    assert_eq!(ends(record(20, Command::ReportNoShow { booking, at }, Vec::new())), (Outcome::NoShow, None));
    let failed = record(20, Command::AdvanceClock, vec![Endogenous::BookingFailed { booking }]);
    assert_eq!(ends(failed), (Outcome::Failed, None));
    let (rider, service) = (CancelReason::Rider, CancelReason::Service);
    assert_eq!(ends(cancelled(20, 2, rider)), (Outcome::Cancelled, Some(rider)));

    let asks = Endogenous::DriverAsked { booking, driver: DriverId(1), deadline: mins(9), fallback: None };
    let asks = record(2, Command::AdvanceClock, vec![asks]);
    let kept_waiting = |reason| one(&[&booked[..], &[asks.clone(), cancelled(3, 2, reason)]].concat()).outcome;
    assert_eq!((kept_waiting(rider), kept_waiting(service)), (Outcome::LostToDelay, Outcome::Cancelled));
}

#[test]
fn a_choice_that_comes_too_late_goes_on_with_fresh_offers_or_a_refusal() {
    let request = request(7, Channel::Line, 0);
    let confirm = |then: Endogenous| {
        let gone = [1, 2].map(|offer| Endogenous::OfferExpired { offer: OfferId(offer) });
        record(1, Command::ConfirmOffer { offer: OfferId(1) }, gone.into_iter().chain([then]).collect())
    };
    let fresh = confirm(Endogenous::OfferMade(offer(3, 3, &request)));
    let asked = one(&[quoted(0, 1, 7, Channel::Line), fresh, confirmed(2, 3, 99)]);
    assert_eq!((asked.outcome, asked.offers), (Outcome::Confirmed, 3));
    let refused = confirm(Endogenous::RequestRefused(refusal()));
    let asked = one(&[quoted(0, 1, 7, Channel::Line), refused]);
    assert!(matches!(asked.outcome, Outcome::Refused(why) if why.len() == 1));
}

#[test]
fn who_asks_again_is_two_entries_and_one_demand() {
    let again = [quoted(0, 1, 7, Channel::Web), expired(5, &[1, 2]), quoted(10, 3, 7, Channel::Web)];
    let log = log(&[&again[..], &[confirmed(11, 3, 4), cancelled(12, 3, CancelReason::Rider)]].concat());
    assert_eq!(outcomes(&log), [Outcome::Abandoned, Outcome::Cancelled]);
    let latents: Vec<_> = log.latents().collect();
    assert_eq!((latents.len(), latents[0].first, latents[0].commitment), (1, 0, Commitment::Cancelled));
    assert_eq!(log.asked()[1].latent, 0);
}

#[test]
fn what_never_reached_the_dispatcher_is_told() {
    let missed = MissedRide {
        cause: MissCause::UnmetCall,
        service: TOWN,
        rider: None,
        channel: Channel::Phone,
        origin: Some(point(0)),
        destination: None,
        party: None,
        wish: None,
        missed: Some(mins(-30)),
    };
    let asked = one(&[fact(0, Fact::RideMissed(missed.clone()))]);
    assert_eq!((asked.at, asked.manner, &asked.outcome), (mins(-30), Manner::Told, &Outcome::UnmetCall));
    assert_eq!((asked.party, asked.needs, asked.wish, asked.lead(), asked.destination), (None, None, None, None, None));
    let off = MissedRide { cause: MissCause::BothOffArea, missed: None, ..missed };
    let asked = one(&[fact(0, Fact::RideMissed(off))]);
    assert_eq!(asked.outcome, Outcome::Refused(vec![Why::OriginOffArea, Why::DestinationOffArea]));
}

#[test]
fn a_date_that_is_tried_every_night_was_asked_for_once() {
    let note = Fact::StandingTried { standing: StandingId(1), day: Day(9), legs: vec![Leg::Outbound] }.into_note();
    let tried = |at, refusal: Refusal| {
        let requests = vec![request(7, Channel::Staff, 600)];
        let command = Command::BookAll { requests, stands_together: false, note: Arc::clone(&note) };
        let refused = vec![Endogenous::RequestRefused(refusal.clone())];
        record_by("standing", at, command, refused, Answer::BookedEach(vec![Err(refusal)]))
    };
    let asked = one(&[tried(0, refusal()), tried(100, Refusal::of(Vec::new()))]);
    assert_eq!((asked.at, asked.manner), (mins(0), Manner::Standing(StandingId(1))));
    assert_eq!((asked.outcome, asked.ended), (BY_RULE, Some(mins(100))));
}

#[test]
fn of_rides_that_stand_together_all_are_refused() {
    let requests = vec![request(7, Channel::Staff, 600), request(8, Channel::Staff, 700)];
    let command = Command::BookAll { requests, stands_together: true, note: [].into() };
    let refused = vec![Endogenous::RequestRefused(refusal())];
    let answer = Answer::BookedNone(vec![None, Some(refusal())]);
    let log = log(&[record_by("desk", 0, command, refused, answer)]);
    assert_eq!(log.asked().len(), 2);
    for asked in log.asked() {
        assert!(matches!(&asked.outcome, Outcome::Refused(why) if why.len() == 1), "{asked:?}");
        assert_eq!(asked.manner, Manner::Together);
    }
}

#[test]
fn a_wish_that_waits_is_the_request_that_was_refused() {
    let request = request(7, Channel::Phone, 60);
    let refused = record(0, Command::Quote(request.clone()), vec![Endogenous::RequestRefused(refusal())]);
    let (waiting, wish) = (WaitingId(1), request.clone());
    let joined = fact(1, Fact::WaitingJoined(Waiting { id: waiting, request: wish, books_at_once: false }));
    let quote = Command::Quote(request.clone());
    let made = vec![Endogenous::OfferMade(offer(1, 1, &request))];
    let tried = record_by("waiting", 2, quote, made, Answer::Noted);
    let offered = fact(2, Fact::WaitingOffered { waiting, offer: OfferId(1), until: mins(9) });
    let records = [refused, joined.clone(), tried, offered, confirmed(3, 1, 99)];
    let states = (1..=5).map(|count| one(&records[..count]).outcome).collect::<Vec<_>>();
    assert!(states[..3].iter().all(|state| matches!(state, Outcome::Refused(why) if why.len() == 1)), "{states:?}");
    assert_eq!(states[3..], [Outcome::Offered, Outcome::Confirmed]);
    assert_eq!((one(&records).waiting, one(&records).offers), (Some(waiting), 1));
    // who joins without having asked asks by joining
    let asked = one(&[joined.clone(), fact(50, Fact::WaitingEnded { waiting, end: WaitingEnd::Expired })]);
    assert_eq!((asked.outcome, asked.ended), (BY_RULE, Some(mins(50))));
}

#[test]
fn what_is_out_of_scope_is_not_followed() {
    let records = [quoted(0, 1, 7, Channel::Phone), confirmed(1, 1, 2), quoted(10, 3, 7, Channel::Phone)];
    let count = |scope| {
        let mut log = DemandLog::within(scope);
        records.iter().for_each(|record| log.take(record));
        log.asked().len()
    };
    let all = Scope::ALL;
    assert_eq!(count(all), 2);
    assert_eq!(count(Scope { from: mins(10), ..all }), 1);
    assert_eq!(count(Scope { until: mins(10), ..all }), 1);
    assert_eq!(count(Scope { service: Some(ServiceId(2)), ..all }), 0);
}
