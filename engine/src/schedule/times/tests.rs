//! Against Bellman and Ford's test over all constraints, edge by edge, on drawn routes.

use super::*;
use crate::improve::Dice;

/// Between these two, counted from 0 (the start) over the stops to the end: `b` happens at least so long after `a`.
struct Bound {
    a: usize,
    b: usize,
    after: i64,
}

fn bounds(points: &[Point], ends: &Ends) -> Vec<Bound> {
    let (count, mut bounds) = (points.len(), Vec::new());
    let mut say = |a, b, after| bounds.push(Bound { a, b, after });
    let dwell = |node: usize| if node == 0 { 0 } else { points[node - 1].dwell.as_millis() };
    for (stop, point) in points.iter().enumerate() {
        let leg = i64::from(point.leg.as_millis());
        say(stop, stop + 1, dwell(stop) + leg);
        if let Some(boards_at) = point.boards_at {
            let boards_at = boards_at as usize + 1;
            say(stop + 1, boards_at, -(dwell(boards_at) + point.ride_max.as_millis()));
        }
        if let Some(wait_max) = ends.wait_max.filter(|_| point.is_occupied && 0 < stop) {
            say(stop + 1, stop, -(dwell(stop) + leg + wait_max.as_millis()));
        }
    }
    say(count, count + 1, dwell(count) + i64::from(ends.to_end.as_millis()));
    if let Some(out_max) = ends.out_max {
        say(count + 1, 0, -out_max.as_millis());
    }
    bounds
}

/// The earliest schedule, the start and the end included.
fn slow(points: &[Point], ends: &Ends) -> Option<Vec<i64>> {
    let millis = Time::as_unix_millis;
    let mut at = vec![millis(ends.free_from)];
    at.extend(points.iter().map(|point| millis(point.earliest)));
    at.push(i64::MIN / 2);
    let mut latest = vec![i64::MAX];
    let waits = ends.wait_max.is_some();
    let last = |point: &Point| if waits { point.latest.min(point.waits_until) } else { point.latest };
    latest.extend(points.iter().map(|point| millis(last(point))));
    latest.push(millis(ends.end_latest));
    let bounds = bounds(points, ends);
    for _ in 0..=at.len() {
        let mut is_settled = true;
        for bound in &bounds {
            if at[bound.b] < at[bound.a] + bound.after {
                at[bound.b] = at[bound.a] + bound.after;
                is_settled = false;
            }
        }
        if is_settled {
            return at.iter().zip(&latest).all(|(at, latest)| at <= latest).then_some(at);
        }
    }
    None
}

/// A route whose windows lie around a schedule that perhaps keeps all other bounds, too.
fn drawn(dice: &mut Dice) -> (Vec<Point>, Ends) {
    let (riders, unit) = (1 + dice.below(5) as usize, [1, 1_000, 60_000][dice.below(3) as usize]);
    let span = |millis: u64| Span::from_millis(millis as i64);
    let mut order: Vec<usize> = (0..2 * riders).map(|number| number / 2).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, dice.below(at as u64 + 1) as usize);
    }
    let (mut boarded, mut clock) = (vec![None; riders], 0);
    let mut points: Vec<Point> = Vec::new();
    for (stop, &rider) in order.iter().enumerate() {
        let (leg, dwell) = (dice.below(8) * unit, dice.below(3) * unit);
        clock += leg + dice.below(4) * unit;
        let slack = dice.below(10) * unit;
        let is_occupied = points.iter().filter(|point| point.boards_at.is_none()).count() * 2 != stop;
        let ride_max = span(dice.below(30) * unit);
        let latest = (clock + slack + dice.below(6) * unit) as i64;
        let sooner = if dice.below(4) == 0 { (dice.below(8) * unit) as i64 } else { 0 };
        points.push(Point {
            leg: TravelTime::from_millis(leg as u32),
            earliest: Time::from_unix_millis(clock.saturating_sub(slack) as i64),
            latest: Time::from_unix_millis(latest),
            waits_until: Time::from_unix_millis(latest - sooner),
            dwell: span(dwell),
            standing: Span::ZERO,
            joins: false,
            boards_at: boarded[rider],
            ride_max,
            is_occupied,
        });
        clock += dwell;
        boarded[rider] = Some(stop as u32);
    }
    let to_end = dice.below(5) * unit;
    let ends = Ends {
        free_from: Time::from_unix_millis(0),
        to_end: TravelTime::from_millis(to_end as u32),
        end_latest: Time::from_unix_millis((clock + to_end + dice.below(10) * unit) as i64),
        out_max: (dice.below(2) == 0).then(|| span(clock + dice.below(10) * unit)),
        wait_max: (dice.below(2) == 0).then(|| span(dice.below(6) * unit)),
    };
    (points, ends)
}

#[test]
fn there_is_a_schedule_exactly_if_no_circle_of_bounds_asks_for_more() {
    let (mut possible, mut early, mut late) = ([0, 0], Vec::new(), Vec::new());
    for seed in 0..200_000 {
        let (points, ends) = drawn(&mut Dice::new(seed));
        let expected = slow(&points, &ends);
        let finish = earliest(&points, &ends, &mut early);
        assert_eq!(finish.is_some(), expected.is_some(), "seed {seed}: {points:?} {ends:?}");
        assert_eq!(latest(&points, &ends, &mut late), expected.is_some(), "seed {seed}: {points:?} {ends:?}");
        possible[usize::from(expected.is_some())] += 1;
        let Some(expected) = expected else { continue };
        let found: Vec<i64> = early.iter().map(|start| start.as_unix_millis()).collect();
        assert_eq!(found, expected[1..=points.len()], "seed {seed}");
        // the latest schedule is the earliest one of the route driven backwards in time
        let (back, back_ends) = mirrored(&points, &ends);
        let mirror = slow(&back, &back_ends).expect("it has schedules, too");
        let expected: Vec<i64> =
            (0..points.len()).map(|stop| -mirror[points.len() - stop] - points[stop].dwell.as_millis()).collect();
        let found: Vec<i64> = late.iter().map(|start| start.as_unix_millis()).collect();
        assert_eq!(found, expected, "seed {seed}");
    }
    assert!(possible.iter().all(|&count| 20_000 < count), "{possible:?} are not and are possible");
}

/// The same route in a world where time runs the other way: service ends where it began.
fn mirrored(points: &[Point], ends: &Ends) -> (Vec<Point>, Ends) {
    let count = points.len();
    let turned = |at: Time, dwell: Span| Time::from_unix_millis(-(at + dwell).as_unix_millis());
    let mut back: Vec<Point> = points
        .iter()
        .rev()
        .map(|point| Point {
            earliest: turned(point.latest_within(ends), point.dwell),
            latest: turned(point.earliest, point.dwell),
            waits_until: turned(point.earliest, point.dwell),
            boards_at: None,
            ..*point
        })
        .collect();
    for (stop, point) in points.iter().enumerate() {
        let at = count - 1 - stop;
        back[at].leg = points.get(stop + 1).map_or(ends.to_end, |next| next.leg);
        back[at].is_occupied = points.get(stop + 1).is_some_and(|next| next.is_occupied);
        if let Some(boards_at) = point.boards_at {
            let alights_at = count - 1 - boards_at as usize;
            (back[alights_at].boards_at, back[alights_at].ride_max) = (Some(at as u32), point.ride_max);
        }
    }
    let ends = Ends {
        free_from: turned(ends.end_latest, Span::ZERO),
        to_end: points.first().map_or(ends.to_end, |point| point.leg),
        end_latest: turned(ends.free_from, Span::ZERO),
        ..*ends
    };
    (back, ends)
}
