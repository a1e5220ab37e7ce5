use mukae_maps::EdgeId;
use mukae_maps::overlay::{Effect, Measure};
use mukae_record::codec::{decode_as, encode_as};
use mukae_units::{BookingId, VehicleId};

use super::*;
use crate::message::Recipient;
use crate::roads::ToldRoads;

fn at(minutes: i64) -> Time {
    Time::from_unix_secs(1_800_000_000) + Span::MINUTE * minutes
}

fn measure(id: u64, from: Option<i64>, until: Option<i64>) -> Fact {
    let measure = Measure {
        note: "landslide".to_owned(),
        effect: Effect::Close,
        edges: vec![EdgeId(7), EdgeId(9)],
        from: from.map(at),
        until: until.map(at),
    };
    let told = ToldRoads { name: "Mountain Road".to_owned(), ..ToldRoads::default() };
    Fact::MeasureOrdered(RoadMeasure { id: MeasureId(id), measure, told })
}

/// Checked, written, read back and applied, as the shell does it.
fn tell(office: &mut Office, minutes: i64, fact: Fact) -> Result<(), Objection> {
    office.check(&fact)?;
    let mukae_engine::Command::Note { content: bytes, .. } = fact.clone().into_command() else {
        panic!("a fact is a note")
    };
    assert_eq!(Fact::from_note(&bytes).as_ref(), Ok(&fact));
    office.apply(at(minutes), &fact);
    let bytes = encode_as(mukae_record::FORMAT_VERSION, office);
    assert_eq!(decode_as::<Office>(mukae_record::FORMAT_VERSION, &bytes).as_ref(), Ok(&*office));
    Ok(())
}

#[test]
fn a_measure_holds_for_its_time_and_is_in_force_once_the_dispatcher_knows() {
    let mut office = Office::default();
    tell(&mut office, 0, measure(1, Some(10), Some(20))).unwrap();
    tell(&mut office, 0, measure(2, None, None)).unwrap();
    assert_eq!(tell(&mut office, 0, measure(2, None, None)), Err(Objection::NumberTaken));
    assert_eq!(office.measures_at(at(5)), BTreeSet::from([MeasureId(2)]));
    assert_eq!(office.measures_at(at(10)), BTreeSet::from([MeasureId(1), MeasureId(2)]));
    assert_eq!(office.measures_at(at(20)), BTreeSet::from([MeasureId(2)]), "up to and without its end");
    assert_eq!(office.next_change_of_roads(at(0)), Some(at(10)));
    assert_eq!(office.next_change_of_roads(at(10)), Some(at(20)));
    assert!(office.in_force().is_empty());
    office.note_roads_changed(at(12));
    assert_eq!(office.in_force().len(), 2);

    tell(&mut office, 15, Fact::MeasureLifted { measure: MeasureId(2) }).unwrap();
    assert_eq!(office.measures_at(at(15)), BTreeSet::from([MeasureId(1)]));
    assert_eq!(office.overlay_of(office.in_force()).measures.len(), 2, "until the dispatcher was told");
    assert_eq!(tell(&mut office, 15, Fact::MeasureLifted { measure: MeasureId(9) }), Err(Objection::Unknown));

    // what is over is forgotten, but not while it is in force
    let later = KEPT.as_millis() / 60_000 + 30;
    tell(&mut office, later, Fact::Overruled { bookings: vec![], reason: "asked to".to_owned() }).unwrap();
    assert_eq!(office.measures().len(), 2);
    office.note_roads_changed(at(later));
    tell(&mut office, later, Fact::Overruled { bookings: vec![], reason: "asked to".to_owned() }).unwrap();
    assert!(office.measures().is_empty());
    assert_eq!(office.next_measure(), MeasureId(3), "numbers are not given twice");
}

#[test]
fn one_alert_of_a_kind_is_open_at_a_time() {
    let mut office = Office::default();
    let kind = AlertKind::SilentVehicle { vehicle: VehicleId(3) };
    let raise = |alert| Fact::AlertRaised { alert: AlertId(alert), kind };
    tell(&mut office, 0, raise(1)).unwrap();
    assert_eq!(tell(&mut office, 1, raise(2)), Err(Objection::AlreadySo));
    tell(&mut office, 2, Fact::AlertAcknowledged { alert: AlertId(1) }).unwrap();
    assert_eq!(tell(&mut office, 2, Fact::AlertAcknowledged { alert: AlertId(1) }), Err(Objection::AlreadySo));
    tell(&mut office, 3, Fact::AlertNoted { alert: AlertId(1), text: "called: in a tunnel".to_owned() }).unwrap();
    let empty = Fact::AlertNoted { alert: AlertId(1), text: " ".to_owned() };
    assert_eq!(tell(&mut office, 3, empty), Err(Objection::TextMissing));
    tell(&mut office, 4, Fact::AlertCleared { alert: AlertId(1) }).unwrap();
    assert_eq!(tell(&mut office, 4, Fact::AlertCleared { alert: AlertId(1) }), Err(Objection::AlreadySo));
    assert_eq!(tell(&mut office, 5, raise(1)), Err(Objection::NumberTaken));
    tell(&mut office, 5, raise(2)).unwrap();
    let first = &office.alerts()[&AlertId(1)];
    assert_eq!((first.raised, first.cleared, first.acknowledged), (at(0), Some(at(4)), Some(at(2))));
    assert_eq!(first.notes, [AlertNote { at: at(3), text: "called: in a tunnel".to_owned() }]);
    assert_eq!(office.open_alerts().get(&kind), Some(&AlertId(2)));
    let later = KEPT.as_millis() / 60_000 + 5;
    tell(&mut office, later, Fact::AlertCleared { alert: AlertId(2) }).unwrap();
    assert_eq!(office.alerts().len(), 1, "the first was cleared too long ago");
}

#[test]
fn texts_are_neither_empty_nor_endless() {
    let mut office = Office::default();
    let message =
        |id, text: String| Fact::MessageSent(Message { id: MessageId(id), to: Recipient::Rider(BookingId(1)), text });
    tell(&mut office, 0, message(1, "五分ほど遅れます".to_owned())).unwrap();
    tell(&mut office, 1, message(2, "あ".repeat(TEXT_MAX))).unwrap();
    assert_eq!(tell(&mut office, 1, message(3, "あ".repeat(TEXT_MAX + 1))), Err(Objection::TextTooLong));
    assert_eq!(tell(&mut office, 1, message(3, String::new())), Err(Objection::TextMissing));
    assert_eq!(office.messages().map(|(sent, _)| sent).collect::<Vec<_>>(), [at(0), at(1)]);
}

#[test]
fn a_note_of_other_bytes_is_an_error() {
    for bytes in [&[][..], &[1], &[1, 200], &[9, 0, 0], &[1, 3]] {
        assert!(Fact::from_note(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn who_waits_is_offered_lets_pass_and_gets_a_ride_or_not() {
    use crate::waiting::{Waiting, WaitingEnd};
    let mut office = Office::default();
    let joined =
        |id| Fact::WaitingJoined(Waiting { id: WaitingId(id), request: request().into(), books_at_once: false });
    let offered = |offer| Fact::WaitingOffered { waiting: WaitingId(1), offer: OfferId(offer), until: at(3) };
    tell(&mut office, 0, joined(1)).unwrap();
    assert_eq!(tell(&mut office, 0, joined(1)), Err(Objection::NumberTaken));
    tell(&mut office, 0, joined(2)).unwrap();
    tell(&mut office, 1, offered(7)).unwrap();
    let state = |office: &Office, id| office.waitings()[&WaitingId(id)].state;
    assert_eq!(state(&office, 1), WaitingState::Offered { offer: OfferId(7), until: at(3) });
    let ranks = |office: &Office| office.waitings().values().map(WaitingNote::rank).collect::<Vec<_>>();
    assert_eq!(ranks(&office), [(1, WaitingId(1)), (0, WaitingId(2))], "who was offered less comes first");
    office.note_let_pass(OfferId(8), true);
    assert!(matches!(state(&office, 1), WaitingState::Offered { .. }), "that was somebody else's");

    // the hold ends, and the offer can still be confirmed for a while
    office.note_let_pass(OfferId(7), false);
    assert_eq!(state(&office, 1), WaitingState::Waiting);
    office.note_confirmed(at(4), OfferId(7), BookingId(5));
    assert_eq!(state(&office, 1), WaitingState::Booked(BookingId(5)));
    assert_eq!(tell(&mut office, 5, offered(9)), Err(Objection::AlreadySo));

    tell(&mut office, 6, Fact::WaitingEnded { waiting: WaitingId(2), end: WaitingEnd::Left }).unwrap();
    assert_eq!(state(&office, 2), WaitingState::Left);
    let ended = Fact::WaitingEnded { waiting: WaitingId(9), end: WaitingEnd::Expired };
    assert_eq!(tell(&mut office, 6, ended), Err(Objection::Unknown));
    // forgotten a week after the end
    tell(&mut office, 7 * 24 * 60 + 5, joined(3)).unwrap();
    assert_eq!(office.waitings().len(), 2);
    tell(&mut office, 7 * 24 * 60 + 7, joined(4)).unwrap();
    assert_eq!(office.waitings().keys().map(|id| id.0).collect::<Vec<_>>(), [3, 4]);
}

fn request() -> mukae_engine::model::Request {
    use mukae_engine::model::{Access, Beyond, Channel, Choice, Concessions, Request, Spot, Wish};
    use mukae_maps::{Fraction, Place, Sides};
    use mukae_units::{Features, LatLon, RiderId, Seats, ServiceId, TimeWindow, Zones};
    let spot = |edge| Spot {
        asked: LatLon::from_e7(350_000_000, 1_350_000_000).expect("on the globe"),
        label: "役場".to_owned(),
        kana: String::new(),
        place: Place { edge: EdgeId(edge), fraction: Fraction::HEAD, sides: Sides::This },
        zones: Zones::EMPTY,
    };
    Request {
        service: ServiceId(1),
        rider: Some(RiderId(77)),
        channel: Channel::Line,
        origin: Access::at_door(spot(1)),
        destination: Access::at_door(spot(2)),
        party: Seats::new(1, 0),
        concessions: Concessions::NONE,
        wish: Wish::DepartAfter(TimeWindow::new(at(10), at(70)).expect("in order")),
        arrive_latest: None,
        needs: Features::EMPTY,
        beyond: Beyond::NOTHING,
        choice: Choice::ONE,
    }
}
