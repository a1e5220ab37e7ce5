//! Vehicles that go where they are likely to be wanted, before anybody asks.

mod support;

use mukae_engine::model::{
    Anticipation, CoverageRule, DeclaredTrip, Driver, DriverKind, Outlook, Reposition, RepositionRule, SupplyRules,
    Terms, Tier,
};
use mukae_engine::schedule::Whereabouts;
use mukae_engine::{Aim, Answer, Command, Endogenous, Event, Rejection, Standing, Work};
use mukae_units::{BookingId, DriverId, Metres, Seats, ShiftId, Span, VehicleId};
use support::desk::{book, depart, next_stop, state, town};
use support::town::{Town, at, midnight};

const SHIFT: ShiftId = ShiftId(1);

const COVERAGE: CoverageRule = CoverageRule { reach_max: Span::HOUR, lost: 0, gap_min: Span::ZERO };

fn rule() -> RepositionRule {
    RepositionRule {
        eagerness_permille: 1000,
        gain_min: 0,
        empty_max: Metres::from_metres(100_000),
        idle_min: Span::ZERO,
    }
}

/// Every node is a post.
fn every_node(town: &Town, reposition: Reposition, anticipation: Anticipation) -> SupplyRules {
    let posts = (0..town.city.node_count()).map(|node| town.city.place(node)).collect();
    SupplyRules { posts, coverage: COVERAGE, reposition, anticipation, standby_max: Span::ZERO }
}

fn rules(town: &Town, reposition: RepositionRule) -> Command {
    let rules = every_node(town, Reposition::ByDemand(reposition), Anticipation::NONE);
    Command::SetSupply(Some(rules.into()))
}

/// So many thousandths at each node, for an hour.
fn foresee(town: &mut Town, now: &str, expected: &[u32]) -> Vec<Event> {
    let outlook = Outlook { expected: expected.to_vec(), within: Span::HOUR, until: at(now) + Span::HOUR };
    let decision = town.take(at(now), &Command::Foresee(outlook.into()));
    assert_eq!(decision.answer, Answer::Noted);
    decision.events
}

/// A town with one vehicle at A and these rules.
fn ready(picture: &str, reposition: RepositionRule) -> Town {
    let mut town = town(picture);
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let rules = rules(&town, reposition);
    town.expect_noted(midnight(), rules);
    town
}

fn is_moving(town: &Town, shift: ShiftId) -> bool {
    state(town).schedules[&shift].plan.is_repositioning()
}

/// Where the vehicle is or will be free, and from when on.
fn free(town: &Town, shift: ShiftId) -> (String, String) {
    let (place, since) = state(town).schedules[&shift].plan.whereabouts.free().expect("it sees to no stop");
    let clock = (since - midnight()).as_millis() / 1000;
    (town.city.name(place).to_owned(), format!("{:02}:{:02}:{:02}", clock / 3600, clock / 60 % 60, clock % 60))
}

/// Fetches somebody at one time and brings them at another.
fn serve(town: &mut Town, booking: BookingId, clocks: [&str; 2]) {
    for (is_pickup, clock) in [true, false].into_iter().zip(clocks) {
        let (stop, now) = (next_stop(town, SHIFT), at(clock));
        town.expect_noted(now, Command::Arrive { shift: SHIFT, stop, at: now });
        let done = if is_pickup { Command::Board { booking, at: now } } else { Command::Alight { booking, at: now } };
        town.expect_noted(now, done);
    }
}

#[test]
fn it_goes_where_most_is_expected_and_stays_there() {
    let mut town = ready("A--B--C--D--E 60s", rule());
    let events = foresee(&mut town, "10:00", &[0, 0, 0, 0, 900]);
    let ordered = events.iter().find_map(|event| match event {
        Event::Endogenous(Endogenous::RepositioningOrdered { shift, aim, length }) => Some((*shift, *aim, *length)),
        _ => None,
    });
    // four minutes less of waiting at 40 yen, of which three tenths are lost on the way, for nine in ten of a rider
    let gain = 40 * 240_000 * 7 / 10 * 900 / 1000;
    let aim = Aim::Post { post: 4, gain, expected: 900 };
    assert_eq!(ordered, Some((SHIFT, aim, Metres::from_metres(2400))));
    assert_eq!(free(&town, SHIFT), ("E".into(), "10:04:00".into()));
    town.expect_noted(at("10:05"), Command::EndRepositioning { shift: SHIFT, at: at("10:05") });
    assert_eq!(free(&town, SHIFT), ("E".into(), "10:05:00".into()));
    foresee(&mut town, "10:10", &[0, 0, 0, 0, 900]);
    assert!(!is_moving(&town, SHIFT));
    let again = Command::EndRepositioning { shift: SHIFT, at: at("10:11") };
    assert_eq!(town.tell(at("10:11"), again), Answer::Rejected(Rejection::NotRepositioning(SHIFT)));
}

/// The drive has to be worth it, by as much of the gain as is believed.
#[test]
fn it_stays_where_the_drive_is_not_worth_it() {
    // a minute's drive costs 25, a minute of waiting 40 of which 28 are saved: nine tenths of a request it has to be
    for (eagerness_permille, gain_min, expected, goes) in [
        (1000, 0, 900, true),
        (1000, 0, 890, false),
        (500, 0, 1780, false),
        (500, 0, 1790, true),
        (1000, 1, 930, true),
        (1000, 1, 900, false),
        (0, 0, 900_000, false),
    ] {
        let mut town = ready("A--B--C--D--E 60s", RepositionRule { eagerness_permille, gain_min, ..rule() });
        foresee(&mut town, "10:00", &[0, 0, 0, 0, expected]);
        assert_eq!(is_moving(&town, SHIFT), goes, "{eagerness_permille} {gain_min} {expected}");
    }
}

#[test]
fn two_vehicles_do_not_go_to_the_same_place() {
    let mut town = ready("A--B--C--D--E 60s", rule());
    town.add_vehicle(2, 0, Seats::new(4, 0));
    foresee(&mut town, "10:00", &[0, 0, 3000, 0, 3000]);
    let mut places = [free(&town, SHIFT).0, free(&town, ShiftId(2)).0];
    places.sort();
    assert_eq!(places, ["C", "E"]);
}

/// A rider who wants it now turns it at the next junction; one who wants it later waits until it has been there.
#[test]
fn it_is_turned_for_whoever_wants_it_sooner() {
    let mut town = ready("A--B--C--D--E 60s", rule());
    foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
    let later = book(&mut town, "10:01:30", "B", "A", depart("11:00", "11:10"));
    assert_eq!(free(&town, SHIFT), ("E".into(), "10:04:00".into()), "it goes on");
    let soon = book(&mut town, "10:01:30", "B", "A", depart("10:01:30", "10:05"));
    assert_eq!(free(&town, SHIFT), ("C".into(), "10:02:00".into()));
    let schedule = &state(&town).schedules[&SHIFT];
    assert_eq!((schedule.position_of(soon, true), schedule.position_of(later, true)), (Some(0), Some(2)));
    assert_eq!(schedule.timeline(at("10:01:30")).stops[0].start, at("10:03"));
}

/// On the way there it is nearer than it was.
#[test]
fn who_is_on_its_way_is_met_there() {
    let mut town = ready("A--B--C--D--E 60s", rule());
    foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
    let rider = book(&mut town, "10:01:30", "D", "E", depart("10:01:30", "10:20"));
    let schedule = &state(&town).schedules[&SHIFT];
    assert_eq!(schedule.position_of(rider, true), Some(0));
    assert_eq!(schedule.timeline(at("10:01:30")).stops[0].start, at("10:03"));
}

#[test]
fn nobody_who_was_promised_is_later_for_it() {
    for (clock, goes_to) in [("10:08", Some("E")), ("10:07", Some("D")), ("10:01", None)] {
        let mut town = ready("A--B--C--D--E 60s", rule());
        book(&mut town, "09:00", "A", "B", depart(clock, "10:30"));
        let promised = state(&town).schedules[&SHIFT].timeline(at("10:00")).stops[0].start;
        foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
        let place = free(&town, SHIFT).0;
        assert_eq!(is_moving(&town, SHIFT).then_some(place.as_str()), goes_to, "{clock}");
        assert_eq!(state(&town).schedules[&SHIFT].timeline(at("10:00")).stops[0].start, promised);
    }
}

#[test]
fn it_is_no_farther_sent_than_may_be() {
    let empty_max = Metres::from_metres(3000);
    let mut town = ready("A--B--C--D--E 60s", RepositionRule { empty_max, ..rule() });
    foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
    town.expect_noted(at("10:04"), Command::EndRepositioning { shift: SHIFT, at: at("10:04") });
    foresee(&mut town, "10:10", &[5000, 0, 0, 0, 0]);
    // 2.4 km are driven; one more minute is 0.6 km
    assert_eq!(free(&town, SHIFT), ("D".into(), "10:11:00".into()));
    assert_eq!(state(&town).schedules[&SHIFT].repositioned, empty_max);
}

#[test]
fn it_rests_first() {
    let mut town = ready("A--B--C--D--E 60s", RepositionRule { idle_min: Span::from_mins(10), ..rule() });
    foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
    town.expect_noted(at("10:04"), Command::EndRepositioning { shift: SHIFT, at: at("10:04") });
    foresee(&mut town, "10:13", &[5000, 0, 0, 0, 0]);
    assert!(!is_moving(&town, SHIFT));
    foresee(&mut town, "10:14", &[5000, 0, 0, 0, 0]);
    assert!(is_moving(&town, SHIFT));
}

/// A vehicle that has nothing to do any more is looked at by what was expected last.
#[test]
fn it_goes_on_when_its_riders_have_left() {
    let mut town = ready("A--B--C--D--E 60s", rule());
    let rider = book(&mut town, "10:00", "A", "B", depart("10:00", "10:10"));
    foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
    assert!(!is_moving(&town, SHIFT));
    serve(&mut town, rider, ["10:01", "10:01"]);
    assert_eq!(free(&town, SHIFT), ("E".into(), "10:04:00".into()));
}

/// Private drives, drivers who would be asked, shifts nobody has opened, tables that are too old, and rules that are off.
#[test]
fn what_is_not_ours_to_move_stays() {
    let picture = "A--B--C--D--E 60s";
    let most = [0, 0, 0, 0, 5000];
    let mut off = ready(picture, rule());
    off.expect_noted(at("09:00"), Command::SetSupply(None));
    let outlook = Outlook { expected: most.to_vec(), within: Span::HOUR, until: at("11:00") };
    let told = off.tell(at("10:00"), Command::Foresee(outlook.into()));
    assert_eq!(told, Answer::Rejected(Rejection::BadOutlook { posts: 0 }));

    let mut old = ready(picture, rule());
    let outlook = Outlook { expected: most.to_vec(), within: Span::HOUR, until: at("09:59") };
    old.expect_noted(at("10:00"), Command::Foresee(outlook.into()));
    assert!(!is_moving(&old, SHIFT));

    let mut declared = town(picture);
    let trip = DeclaredTrip {
        seats: Seats::new(2, 0),
        detour_max: Span::HOUR * 3,
        detour_length_max: Metres::from_metres(500_000),
        tier: Tier::T3,
    };
    declared.add_vehicle_with(1, 0, Seats::new(4, 0), |shift| shift.declared = Some(trip));

    let mut asked = town(picture);
    let driver = Driver {
        id: DriverId(1),
        name: "d".into(),
        kind: DriverKind::Volunteer,
        cooldown: Span::ZERO,
        asks_per_week_max: 9,
        tier: Tier::T2,
    };
    asked.expect_noted(midnight(), Command::RegisterDriver(driver));
    asked.add_vehicle_with(1, 0, Seats::new(4, 0), |shift| shift.driver = Some(DriverId(1)));

    let mut neighbour = town(picture);
    let consents = Driver {
        id: DriverId(1),
        name: "d".into(),
        kind: DriverKind::Volunteer,
        cooldown: Span::ZERO,
        asks_per_week_max: 9,
        tier: Tier::T3,
    };
    neighbour.expect_noted(midnight(), Command::RegisterDriver(consents));
    neighbour.add_vehicle_with(1, 0, Seats::new(4, 0), |shift| shift.driver = Some(DriverId(1)));

    let mut planned = town(picture);
    planned.register(1, Seats::new(4, 0), Terms::OPEN);
    planned.add_shift(1, 1, 0, mukae_units::TimeWindow::new(at("09:00"), at("12:00")).expect("in order"));

    for mut town in [declared, asked, neighbour, planned] {
        let rules = rules(&town, rule());
        town.expect_noted(midnight(), rules);
        foresee(&mut town, "10:00", &most);
        assert!(!is_moving(&town, SHIFT));
    }
}

#[test]
fn a_position_tells_how_far_it_is() {
    let mut town = ready("A--B--C--D--E 60s", rule());
    foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
    let place = town.city.place(town.city.node("B"));
    let seen = |clock: &str| Command::ReportPosition { vehicle: VehicleId(1), place, observed_at: at(clock) };
    town.tell(at("10:01"), seen("10:01"));
    assert_eq!(free(&town, SHIFT), ("E".into(), "10:04:00".into()), "as was thought");
    town.tell(at("10:03"), seen("10:03"));
    assert_eq!(free(&town, SHIFT), ("E".into(), "10:06:00".into()));
}

/// The driver who breaks down on the way stands where the vehicle is by then.
#[test]
fn roads_and_breakdowns_meet_it_on_the_way() {
    let mut town = ready("A--B--C--D--E 60s", rule());
    foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
    town.city = town.city.without("D", "E");
    let metric = mukae_maps::TravelTimes::metric(&town.city);
    town.expect_noted(at("10:01:30"), Command::RoadsChanged { metric });
    let whereabouts = state(&town).schedules[&SHIFT].plan.whereabouts;
    assert!(matches!(whereabouts, Whereabouts::Waiting { .. }), "no road leads there any more: {whereabouts:?}");
    // it was on the way that led there before
    assert_eq!(free(&town, SHIFT).1, "10:01:30");

    let mut town = ready("A--B--C--D--E 60s", rule());
    foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
    let broken = Command::BreakDown { shift: SHIFT, place: None, at: at("10:02") };
    town.expect_noted(at("10:02"), broken);
    assert!(state(&town).schedules.is_empty());
}

#[test]
fn rules_and_tables_that_can_not_be_are_refused() {
    let mut town = ready("A--B--C 60s", rule());
    let place = town.city.place(0);
    let good = SupplyRules {
        posts: vec![place],
        coverage: COVERAGE,
        reposition: Reposition::ByDemand(rule()),
        anticipation: Anticipation { coverage_permille: 1000, slack_price: 10, slack_min: Span::MINUTE },
        standby_max: Span::HOUR,
    };
    let by_demand = |rule| SupplyRules { reposition: Reposition::ByDemand(rule), ..good.clone() };
    let covered = |coverage| SupplyRules { coverage, ..good.clone() };
    let priced = |anticipation| SupplyRules { anticipation, ..good.clone() };
    for rules in [
        SupplyRules { posts: vec![place, place], ..good.clone() },
        by_demand(RepositionRule { eagerness_permille: 2001, ..rule() }),
        by_demand(RepositionRule { gain_min: -1, ..rule() }),
        by_demand(RepositionRule { idle_min: Span::from_secs(-1), ..rule() }),
        covered(CoverageRule { lost: 2_000_000, ..COVERAGE }),
        covered(CoverageRule { reach_max: Span::DAY * 2, ..COVERAGE }),
        covered(CoverageRule { gap_min: Span::from_secs(-1), ..COVERAGE }),
        priced(Anticipation { coverage_permille: 1501, ..good.anticipation }),
        priced(Anticipation { slack_price: 1001, ..good.anticipation }),
        priced(Anticipation { slack_min: Span::from_secs(-1), ..good.anticipation }),
        SupplyRules { standby_max: Span::from_secs(-1), ..good.clone() },
    ] {
        let told = town.tell(at("07:00"), Command::SetSupply(Some(rules.into())));
        assert_eq!(told, Answer::Rejected(Rejection::BadSupplyRules));
    }
    for (expected, within) in [
        (vec![0; 2], Span::HOUR),
        (vec![0; 4], Span::HOUR),
        (vec![0, 0, 1_000_001], Span::HOUR),
        (vec![0; 3], Span::DAY * 2),
    ] {
        let told = town.tell(at("07:00"), Command::Foresee(Outlook { expected, within, until: at("08:00") }.into()));
        assert_eq!(told, Answer::Rejected(Rejection::BadOutlook { posts: 3 }));
    }
    town.expect_noted(at("07:00"), Command::SetSupply(Some(good.into())));
}

/// It counts as standing only where it has time for somebody, and is moved only then.
#[test]
fn a_short_gap_is_not_idle() {
    for (gap_mins, moves) in [(20, true), (21, false)] {
        let mut town = ready("A--B--C--D--E 60s", rule());
        let gap_min = Span::from_mins(gap_mins);
        let mut rules = every_node(&town, Reposition::ByDemand(rule()), Anticipation::NONE);
        rules.coverage.gap_min = gap_min;
        town.expect_noted(midnight(), Command::SetSupply(Some(rules.into())));
        book(&mut town, "09:00", "A", "B", depart("10:20", "10:30"));
        foresee(&mut town, "10:00", &[0, 0, 0, 0, 5000]);
        assert_eq!(is_moving(&town, SHIFT), moves, "{gap_mins}");
    }
}

/// Without a forecast: once its riders have left it goes back to where its shift began.
#[test]
fn it_returns_to_base() {
    let mut town = town("A--B--C--D--E 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let rules = every_node(&town, Reposition::ToBase, Anticipation::NONE);
    town.expect_noted(midnight(), Command::SetSupply(Some(rules.into())));
    let rider = book(&mut town, "10:00", "A", "C", depart("10:00", "10:10"));
    serve(&mut town, rider, ["10:01", "10:05"]);
    assert!(is_moving(&town, SHIFT));
    assert_eq!(free(&town, SHIFT), ("A".into(), "10:07:00".into()));
    let soon = book(&mut town, "10:05:30", "D", "E", depart("10:05:30", "10:20"));
    assert!(!is_moving(&town, SHIFT), "who asks on its way turns it");
    serve(&mut town, soon, ["10:08", "10:10"]);
    assert_eq!(free(&town, SHIFT), ("A".into(), "10:14:00".into()));
    town.expect_noted(at("10:14"), Command::EndRepositioning { shift: SHIFT, at: at("10:14") });
    assert!(!is_moving(&town, SHIFT));
    assert_eq!(free(&town, SHIFT), ("A".into(), "10:14:00".into()));
}

/// The second one is back home sooner from there; it is needed there, and spared if that counts.
#[test]
fn who_is_needed_where_it_stands_is_spared() {
    for (coverage_permille, taken) in [(0, 2), (1000, 1)] {
        let mut town = town("A--B--C--D--E 60s");
        town.add_vehicle(1, 1, Seats::new(4, 0));
        town.add_vehicle(2, 3, Seats::new(4, 0));
        let anticipation = Anticipation { coverage_permille, ..Anticipation::NONE };
        let mut rules = every_node(&town, Reposition::Stay, anticipation);
        rules.coverage.gap_min = Span::from_mins(5);
        town.expect_noted(midnight(), Command::SetSupply(Some(rules.into())));
        foresee(&mut town, "10:00", &[0, 0, 0, 0, 9000]);
        let rider = book(&mut town, "10:00", "C", "E", depart("10:00", "10:20"));
        let shift = state(&town).bookings[&rider].shift;
        assert_eq!(shift, Some(ShiftId(taken)), "{coverage_permille}");
    }
}

/// A vehicle whose promise would become tight is spared, if that counts.
#[test]
fn promises_are_kept_some_air() {
    for (slack_price, taken) in [(0, 1), (1000, 2)] {
        let mut town = town("A--B--C--D--E--F--G--H 60s");
        town.add_vehicle(1, 1, Seats::new(4, 0));
        town.add_vehicle(2, 5, Seats::new(4, 0));
        let slack_min = Span::from_mins(15);
        let anticipation = Anticipation { coverage_permille: 0, slack_price, slack_min };
        let rules = every_node(&town, Reposition::Stay, anticipation);
        town.expect_noted(midnight(), Command::SetSupply(Some(rules.into())));
        let promised = book(&mut town, "09:00", "B", "C", depart("10:05", "10:15"));
        assert_eq!(state(&town).bookings[&promised].shift, Some(SHIFT));
        let rider = book(&mut town, "10:00", "C", "E", depart("10:00", "10:03"));
        let shift = state(&town).bookings[&rider].shift;
        assert_eq!(shift, Some(ShiftId(taken)), "{slack_price}");
    }
}

/// Each post counts for the vehicle that is there first, as far as anybody is in time.
#[test]
fn vehicles_wait_for_those_to_whom_they_are_nearest() {
    let mut town = town("A--B--C--D--E--F 60s");
    town.add_vehicle(1, 1, Seats::new(4, 0));
    town.add_vehicle(2, 4, Seats::new(4, 0));
    let mut rules = every_node(&town, Reposition::Stay, Anticipation::NONE);
    rules.coverage.reach_max = Span::from_secs(61);
    town.expect_noted(midnight(), Command::SetSupply(Some(rules.into())));
    assert!(standings(&mut town, "10:00").is_empty(), "nothing is expected yet");
    foresee(&mut town, "10:00", &[100, 20, 3, 50_000, 600, 7]);
    assert_eq!(standings(&mut town, "10:00"), [(1, "B".into(), 123), (2, "E".into(), 50_607)]);
    foresee(&mut town, "10:01", &[0, 0, 0, 0, 0, 9]);
    assert_eq!(standings(&mut town, "10:01"), [(1, "B".into(), 0), (2, "E".into(), 9)]);
    assert!(standings(&mut town, "11:02").is_empty(), "the table is too old");
}

fn standings(town: &mut Town, now: &str) -> Vec<(u32, String, u32)> {
    let mut work = Work::new(&mut town.city);
    let standings = town.dispatcher.standings(at(now), &mut work);
    let shown = |standing: Standing| (standing.shift.0, town.city.name(standing.place).to_owned(), standing.expected);
    standings.into_iter().map(shown).collect()
}
