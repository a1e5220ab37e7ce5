//! A request sent twice happens once, whatever lies between: a replay, a snapshot, six days.

use mukae_engine::model::Wish;
use mukae_engine::{Answer, Command, Work};
use mukae_record::{ANSWERS_KEPT, BadName, Fingerprint, Origin, Principal, RequestId, Scribe, TakeError, Written};
use mukae_units::{Seats, Span, Time};

use crate::town::{Town, at, caller, request, roads, window};

fn quote(origin: u32) -> Command {
    let wish = Wish::DepartAfter(window(at(8, 0), at(8, 30)));
    Command::Quote(request(origin, 20, Seats::new(1, 0), wish).into())
}

fn take(scribe: &mut Scribe, now: Time, origin: &Origin, command: Command) -> Result<Written, TakeError> {
    scribe.take(now, origin, command, &mut Work::new(&mut roads()))
}

/// The same scribe, replayed from its log, and out of a snapshot.
fn lives(town: &Town) -> [Scribe; 3] {
    let mut replayed = Scribe::new();
    for record in &town.log {
        replayed.replay(record).expect("it was written by us");
    }
    [town.scribe.clone(), replayed, Scribe::from_snapshot(&town.scribe.snapshot()).expect("ours")]
}

#[test]
fn a_repeat_gets_the_first_answer_and_writes_nothing() {
    let mut town = Town::with_vehicles(2);
    let origin = caller("anna", "1");
    let first = town.take(at(7, 0), &origin, quote(3));
    assert!(matches!(first.answer, Answer::Offered(_)) && !first.is_repeat);
    town.tell(at(7, 30), quote(4));
    for mut scribe in lives(&town) {
        let before = scribe.clone();
        let again = take(&mut scribe, at(9, 0), &origin, quote(3)).expect("the same request");
        assert_eq!(again, Written { answer: first.answer.clone(), events: vec![], record: None, is_repeat: true });
        assert_eq!(scribe, before);
    }
}

#[test]
fn an_id_stands_for_one_request() {
    let mut town = Town::with_vehicles(2);
    town.take(at(7, 0), &caller("anna", "1"), quote(3));
    for mut scribe in lives(&town) {
        let before = scribe.clone();
        let error = take(&mut scribe, at(7, 0), &caller("anna", "1"), quote(4)).expect_err("another request");
        assert_eq!(error.to_string(), "request id 1 was used for another request");
        assert_eq!(scribe, before);
        assert!(!take(&mut scribe, at(7, 0), &caller("bert", "1"), quote(4)).expect("his own id").is_repeat);
        assert!(!take(&mut scribe, at(7, 0), &caller("anna", "2"), quote(4)).expect("her next id").is_repeat);
    }
    // No two callers run together: "anna1" + "1" is not "anna" + "11".
    town.take(at(7, 0), &caller("anna", "11"), quote(5));
    assert!(!town.take(at(7, 0), &caller("anna1", "1"), quote(6)).is_repeat);
}

/// The shell may make different commands of one request, at different times of day.
#[test]
fn a_fingerprint_is_compared_instead_of_the_command() {
    let of = |request: &str| {
        let (principal, id) = (Principal::new("anna").expect("short"), RequestId::new("1").expect("short"));
        Origin::of_wire_call(principal, id, Fingerprint::of(request.as_bytes()))
    };
    let mut town = Town::with_vehicles(2);
    let first = town.take(at(7, 0), &of("take me home"), quote(3));
    for mut scribe in lives(&town) {
        let again = take(&mut scribe, at(7, 1), &of("take me home"), quote(4)).expect("the same request");
        assert_eq!((again.answer, again.is_repeat), (first.answer.clone(), true));
        assert!(take(&mut scribe, at(7, 1), &of("take me away"), quote(3)).is_err());
        assert!(take(&mut scribe, at(7, 1), &caller("anna", "1"), quote(3)).is_err(), "nothing to compare by");
    }
}

#[test]
fn a_command_without_an_id_is_taken_every_time() {
    let mut town = Town::with_vehicles(2);
    let origin = Origin::of(Principal::new("anna").expect("short"));
    assert!(!town.take(at(7, 0), &origin, quote(3)).is_repeat);
    let again = town.take(at(7, 0), &origin, quote(3));
    assert!(!again.is_repeat && again.record.is_some());
}

/// What was not accepted left nothing behind, so it may be tried again under its id.
#[test]
fn a_rejected_command_is_decided_again() {
    let mut town = Town::with_vehicles(1);
    let origin = caller("desk", "new vehicle");
    let [_, policy, _] = crate::town::settings();
    let rejected = town.take(at(7, 0), &origin, Command::RegisterVehicle(crate::town::vehicle(1)));
    assert!(matches!(rejected.answer, Answer::Rejected(_)) && rejected.record.is_none());
    assert_eq!(town.take(at(7, 0), &origin, policy).answer, Answer::Noted);
}

#[test]
fn answers_are_kept_a_week_of_record_time_and_then_dropped() {
    let mut town = Town::with_vehicles(1);
    let [_, policy, service] = crate::town::settings();
    town.take(at(7, 0), &caller("anna", "1"), policy.clone());
    let empty = town.scribe.snapshot().len();
    let week_later = at(7, 0) + ANSWERS_KEPT;
    assert_eq!(ANSWERS_KEPT, Span::DAY * 7);

    town.take(week_later, &caller("desk", "a"), service.clone());
    assert!(town.take(week_later + Span::HOUR, &caller("anna", "1"), policy.clone()).is_repeat, "no record since");
    town.take(week_later + Span::from_millis(1), &caller("desk", "b"), service.clone());
    for mut scribe in lives(&town) {
        assert!(
            !take(&mut scribe, week_later + Span::HOUR, &caller("anna", "1"), policy.clone()).expect("new").is_repeat
        );
    }
    // Nothing else is left of the first week, so the table did not grow.
    assert!(town.scribe.snapshot().len() < empty, "{} bytes", town.scribe.snapshot().len());
}

#[test]
fn names_have_bounds() {
    assert!(Principal::new("p".repeat(128)).is_ok() && RequestId::new("r".repeat(64)).is_ok());
    let error = Principal::new("p".repeat(129)).expect_err("too long");
    assert_eq!(error, BadName { what: "a principal", length: 129, max: 128 });
    assert_eq!(RequestId::new("").expect_err("empty").to_string(), "a request id has 0 bytes, 1 to 64 are allowed");
}
