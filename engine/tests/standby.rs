//! Drivers who are asked once to stand by, instead of for every rider.

mod support;

use mukae_engine::model::{Anticipation, BookingState, CoverageRule, Reposition, Standby, SupplyRules, Tier};
use mukae_engine::{Answer, Command, Rejection};
use mukae_units::{DriverId, ShiftId, Span, Time};
use support::town::{Town, at, midnight, policy};
use support::volunteers::{ANNA, S1, TICK, anna, answer, book, booked, schedule, state, town_of_anna};

const PICTURE: &str = "A--B--C--D 60s";

/// Anna, who has agreed to stand by, in an area that allows so much of it.
fn ready(standby_max: Span, tier: Tier) -> Town {
    let mut town = town_of_anna(PICTURE, anna(Span::ZERO, 3, tier));
    allow(&mut town, midnight(), Some(standby_max));
    town
}

fn allow(town: &mut Town, now: Time, standby_max: Option<Span>) {
    let rules = |standby_max| SupplyRules {
        posts: Vec::new(),
        coverage: CoverageRule { reach_max: Span::HOUR, lost: 0, gap_min: Span::ZERO },
        reposition: Reposition::Stay,
        anticipation: Anticipation::NONE,
        standby_max,
    };
    town.expect_noted(now, Command::SetSupply(standby_max.map(|most| rules(most).into())));
}

fn ask(town: &mut Town, now: Time) -> Answer {
    town.tell(now, Command::AskStandby { shift: S1 })
}

fn reply(town: &mut Town, now: Time, accepted: bool) -> Answer {
    town.tell(now, Command::AnswerStandby { shift: S1, driver: ANNA, accepted })
}

fn ride(town: &mut Town, clock: &str) -> Answer {
    book(town, clock, ("B", "D"), (clock, "20:00"))
}

#[test]
fn who_stands_by_is_bound_at_once() {
    let mut town = ready(Span::DAY, Tier::T2);
    assert!(matches!(ride(&mut town, "08:00"), Answer::AwaitingDriver(_)), "she would be asked");
    let mut town = ready(Span::DAY, Tier::T2);
    assert_eq!(ask(&mut town, at("07:00")), Answer::Noted);
    let deadline = at("07:00") + policy().ask_timeout;
    assert_eq!(state(&town).standbys[&S1], Standby::Asked { deadline });
    assert_eq!(state(&town).asks[&ANNA], [at("07:00")], "it counts as an ask");
    assert!(matches!(ride(&mut town, "07:00"), Answer::AwaitingDriver(_)), "she has not answered yet");
    assert_eq!(reply(&mut town, deadline, true), Answer::Noted);
    let Answer::Confirmed(bound) = ride(&mut town, "08:00") else { panic!("she stands by") };
    assert_eq!(bound.state, BookingState::Confirmed);
    assert_eq!(state(&town).asks[&ANNA].len(), 2, "nobody asked her about the second rider");
    town.expect_noted(at("08:01"), Command::EndStandby { shift: S1 });
    assert!(matches!(ride(&mut town, "08:02"), Answer::AwaitingDriver(_)), "it is over");
    assert_eq!(state(&town).bookings[&bound.id].shift, Some(S1), "who is bound stays so");
    let again = town.tell(at("08:03"), Command::EndStandby { shift: S1 });
    assert_eq!(again, Answer::Rejected(Rejection::NotAskedToStandBy(S1)));
}

#[test]
fn no_and_silence_change_nothing() {
    let mut town = ready(Span::DAY, Tier::T2);
    ask(&mut town, at("07:00"));
    assert_eq!(reply(&mut town, at("07:01"), false), Answer::Noted);
    assert!(state(&town).standbys.is_empty());
    let late = reply(&mut town, at("07:01"), true);
    assert_eq!(late, Answer::Rejected(Rejection::NotAskedToStandBy(S1)), "she said no");

    ask(&mut town, at("07:02"));
    let deadline = at("07:02") + policy().ask_timeout;
    assert_eq!(town.dispatcher.wakeup(), Some(deadline + TICK));
    let other = Command::AnswerStandby { shift: S1, driver: DriverId(9), accepted: true };
    assert_eq!(town.tell(at("07:03"), other), Answer::Rejected(Rejection::NotAskedToStandBy(S1)));
    let late = reply(&mut town, deadline + TICK, true);
    assert_eq!(late, Answer::Rejected(Rejection::NotAskedToStandBy(S1)));
    town.expect_noted(deadline + TICK, Command::AdvanceClock);
    assert!(state(&town).standbys.is_empty());
    assert!(matches!(ride(&mut town, "08:00"), Answer::AwaitingDriver(_)));
}

#[test]
fn only_who_agreed_is_asked_and_no_oftener_than_for_riders() {
    let refused = Answer::Rejected(Rejection::MayNotStandBy(S1));
    for tier in [Tier::T0, Tier::T1, Tier::T3] {
        assert_eq!(ask(&mut ready(Span::DAY, tier), at("07:00")), refused, "{tier:?}");
    }
    let mut none = town_of_anna(PICTURE, anna(Span::ZERO, 3, Tier::T2));
    assert_eq!(ask(&mut none, at("07:00")), refused, "the area has no rules");

    let mut town = ready(Span::DAY, Tier::T2);
    for minute in 0..3 {
        assert_eq!(ask(&mut town, at("07:00") + Span::from_mins(minute)), Answer::Noted);
        let twice = ask(&mut town, at("07:00") + Span::from_mins(minute));
        assert_eq!(twice, refused, "she is asked already");
        reply(&mut town, at("07:00") + Span::from_mins(minute), false);
    }
    assert_eq!(ask(&mut town, at("07:03")), refused, "three asks in seven days are all");

    let unknown = Command::AskStandby { shift: ShiftId(9) };
    assert_eq!(town.tell(at("07:04"), unknown), Answer::Rejected(Rejection::UnknownShift(ShiftId(9))));
}

#[test]
fn so_much_standing_by_is_allowed_and_no_more() {
    let left = |town: &Town, now| schedule(town).shift.window.latest() - at(now);
    let town = ready(Span::DAY, Tier::T2);
    for (spare, is_allowed) in [(Span::ZERO, true), (TICK, false)] {
        let mut town = ready(left(&town, "07:00") - spare, Tier::T2);
        assert_eq!(ask(&mut town, at("07:00")) == Answer::Noted, is_allowed);
    }
}

/// One act of staff, a tier that is taken back, the end of the shift.
#[test]
fn it_ends_with_what_it_rests_on() {
    let standing = || {
        let mut town = ready(Span::DAY, Tier::T2);
        ask(&mut town, at("07:00"));
        reply(&mut town, at("07:00"), true);
        assert_eq!(state(&town).standbys[&S1], Standby::Given);
        town
    };
    for rules in [None, Some(Span::ZERO)] {
        let mut town = standing();
        allow(&mut town, at("07:30"), rules);
        assert!(state(&town).standbys.is_empty());
        assert!(matches!(ride(&mut town, "08:00"), Answer::AwaitingDriver(_)));
    }
    let mut town = standing();
    town.expect_noted(at("07:30"), Command::RegisterDriver(anna(Span::ZERO, 3, Tier::T1)));
    assert!(matches!(ride(&mut town, "08:00"), Answer::AwaitingDriver(_)), "she has agreed to less by now");
    let mut town = standing();
    let booking = booked(ride(&mut town, "08:00"));
    let gone = town.tell(at("08:00"), answer(booking, true));
    assert_eq!(gone, Answer::Rejected(Rejection::NotAsked { booking, driver: ANNA }), "nobody asked about the ride");
    town.expect_noted(at("08:01"), Command::CloseShift { shift: S1 });
    assert!(state(&town).standbys.is_empty());
}
