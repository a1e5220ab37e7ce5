//! What the model says as a day goes on.

use std::sync::Arc;

use jiff::tz::TimeZone;
use mukae_engine::model::{
    Access, Anticipation, Beyond, Channel, Choice, Concessions, CoverageRule, Outlook, Reposition, Request, Spot, Wish,
};
use mukae_engine::{Command, Exogenous};
use mukae_forecast::returns::{ReturnSettings, Returns, Visit};
use mukae_forecast::{BIN_COUNT, Count, Day as Counted, Exposure, History, RateSettings, Rates};
use mukae_maps::{EdgeId, Place};
use mukae_supply::clock::{Clock, Day};
use mukae_supply::follower::class;
use mukae_supply::{Follower, Following, Model, Origin, Posts};
use mukae_units::{Features, LatLon, Metres, Seats, ServiceId, Span, Time, TimeWindow, Zones};

const HORIZON: Span = Span::HOUR;

fn point(north: f64) -> LatLon {
    LatLon::from_degrees(north, -4.5).unwrap()
}

fn place(number: u32) -> Place {
    Place::head_of(EdgeId(number))
}

/// A hundred days with one request at the first post at half past ten, open from eight to eight.
fn model(returns: Option<Returns>) -> Arc<Model> {
    let posts = [(1, 54.0), (2, 54.1)].map(|(number, north)| Origin { point: point(north), place: place(number) });
    let posts = Posts::of(posts, Metres::ZERO, 9).unwrap();
    let day = |number: i32| Counted {
        number,
        class: class(Day(i64::from(number))),
        exposure: Exposure::open(16, 40),
        counts: vec![Count { zone: 0, bin: 21, weight: 1.0, rider: None }],
    };
    let history = History::new(2, (-100..0).map(day).collect()).unwrap();
    let rates = Rates::fit(&history, -1, &RateSettings::default(), None).unwrap();
    let open: [f64; BIN_COUNT] = std::array::from_fn(|bin| if (16..40).contains(&bin) { 1.0 } else { 0.0 });
    Arc::new(Model { posts, rates, returns, open: [open; 7], lead_max: Span::HOUR, learned_through: Day(0) })
}

fn follower(returns: Option<Returns>) -> Follower {
    let following = Following {
        coverage: CoverageRule { reach_max: Span::HOUR, lost: 0, gap_min: Span::ZERO },
        reposition: Reposition::ToBase,
        anticipation: Anticipation::NONE,
        horizon: HORIZON,
        every: Span::from_mins(5),
    };
    Follower::new(model(returns), following, Clock::new(TimeZone::UTC))
}

/// Of the first day of 1970.
fn at(hour: i64, minute: i64) -> Time {
    Time::from_unix_millis(0) + Span::HOUR * hour + Span::from_mins(minute)
}

fn expected(follower: &mut Follower, now: Time) -> Vec<u32> {
    let Command::Foresee(outlook) = follower.foresee(now) else { panic!("it says what it expects") };
    let Outlook { expected, until, .. } = &*outlook;
    assert_eq!(*until, now + Span::from_mins(10));
    expected.clone()
}

fn ask(follower: &mut Follower, now: Time, (from, to): (f64, f64)) {
    let spot = |north| Spot {
        asked: point(north),
        label: String::new(),
        kana: String::new(),
        place: place(1),
        zones: Zones::EMPTY,
    };
    let request = Request {
        service: ServiceId(1),
        rider: None,
        channel: Channel::Phone,
        origin: Access::at_door(spot(from)),
        destination: Access::at_door(spot(to)),
        party: Seats::new(1, 0),
        concessions: Concessions::NONE,
        wish: Wish::DepartAfter(TimeWindow::new(now, now + Span::HOUR).unwrap()),
        arrive_latest: None,
        needs: Features::EMPTY,
        beyond: Beyond::NOTHING,
        choice: Choice::ONE,
    };
    follower.observe(&Exogenous { at: now, command: Command::Quote(request.into()) }, std::iter::empty());
}

#[test]
fn the_hour_ahead_is_what_is_expected_of_its_half_hours() {
    let mut follower = follower(None);
    let morning = expected(&mut follower, at(10, 0));
    assert!((700..=1000).contains(&morning[0]), "nearly one a day, from ten to eleven: {morning:?}");
    assert!(morning[1] * 5 < morning[0], "{morning:?}");
    // the half hour that matters is half over: and nothing came of the first half, which says little
    let later = expected(&mut follower, at(10, 45));
    assert!((3..=6).contains(&(later[0] * 10 / morning[0])), "{morning:?}, then {later:?}");
    assert_eq!(expected(&mut follower, at(20, 0)), [0, 0], "nothing can be booked any more");
    assert_eq!(expected(&mut follower, at(6, 30)), [0, 0]);
    assert!(expected(&mut follower, at(24 + 10, 0))[0] >= morning[0] * 9 / 10, "another day begins anew");
}

#[test]
fn a_day_with_many_riders_is_expected_to_go_on_so() {
    let (mut busy, mut quiet) = (follower(None), follower(None));
    (0..20).for_each(|minute| ask(&mut busy, at(9, minute), (54.0, 54.1)));
    let (busy, quiet) = (expected(&mut busy, at(10, 0)), expected(&mut quiet, at(10, 0)));
    assert!(quiet[0] * 3 / 2 < busy[0], "{quiet:?}, with twenty riders {busy:?}");
}

/// Everybody comes back after an hour.
fn returning() -> Returns {
    let visit = |number: i32| {
        let after = 45.0 + f64::from(number % 30);
        Visit { zone: 1, watched_min: 600.0, returned_after_min: Some(after) }
    };
    let visits: Vec<Visit> = (0..200).map(visit).collect();
    Returns::fit(2, &visits, &ReturnSettings::default()).unwrap()
}

#[test]
fn whoever_asks_for_the_way_back_is_not_expected_any_more() {
    let mut follower = follower(Some(returning()));
    let before = expected(&mut follower, at(14, 0));
    follower.visit((point(54.0), point(54.1)), at(13, 50));
    let with = expected(&mut follower, at(14, 0));
    assert!(before[1] + 500 < with[1], "somebody will want to go home: {before:?}, then {with:?}");
    ask(&mut follower, at(14, 10), (54.1, 54.0));
    let after = expected(&mut follower, at(14, 10));
    assert!(after[1] < 200, "they have asked: {after:?}");
}
