use mukae_units::Time;

use super::*;
use crate::model::{Anticipation, CoverageRule, Reposition};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ (x >> 31)) % n
    }
}

fn rules(reach_mins: i64, lost: i64) -> SupplyRules {
    SupplyRules {
        posts: Vec::new(),
        coverage: CoverageRule { reach_max: Span::from_mins(reach_mins), lost, gap_min: Span::ZERO },
        reposition: Reposition::Stay,
        anticipation: Anticipation::NONE,
        standby_max: Span::ZERO,
    }
}

fn weights(rider_wait: i64) -> CostWeights {
    CostWeights { driving: 25, driver_time: 0, rider_wait, excess_ride: 20, wait_on_board: 0, walking: 12 }
}

fn outlook(expected: Vec<u32>) -> Outlook {
    Outlook { expected, within: Span::HOUR, until: Time::from_unix_secs(0) }
}

/// The definition, post by post and vehicle by vehicle.
fn by_definition(expected: &[u32], stands: &[(i64, Vec<u32>)], reach_max: i64) -> i64 {
    let mut value = 0;
    for (post, &expected) in expected.iter().enumerate() {
        let mut soonest = reach_max;
        for (free_in, to_posts) in stands {
            soonest = soonest.min(free_in + i64::from(to_posts[post]));
        }
        value += i64::from(expected) * soonest;
    }
    value
}

#[test]
fn what_a_move_gains_is_the_difference_of_the_two_states() {
    let mut moved = 0;
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let posts = 1 + dice.below(7) as usize;
        let mut row = |posts: usize| (0..posts).map(|_| dice.below(1_800_000) as u32).collect::<Vec<u32>>();
        let between: Vec<Vec<u32>> = (0..posts)
            .map(|post| {
                let mut row = row(posts);
                row[post] = 0;
                row
            })
            .collect();
        let rows: Vec<Vec<u32>> = (0..4).map(|_| row(posts)).collect();
        let expected: Vec<u32> = (0..posts).map(|_| dice.below(1500) as u32).collect();
        let (outlook, rules, weights) = (outlook(expected.clone()), rules(dice.below(40) as i64, 1000), weights(40));
        let reach_max = rules.coverage.reach_max.as_millis() + 1000 * 60_000 / 40;
        let mut picture = Picture::new(&rules, &outlook, &weights, between.concat().into());
        let mut stands: Vec<(i64, Vec<u32>)> = Vec::new();
        for (number, row) in (1..).zip(rows).take(dice.below(5) as usize) {
            let (free_in, is_idle) = (dice.below(3) as i64 * 300_000, dice.below(3) > 0);
            stands.push((free_in, row.clone()));
            picture.stands.push(Stand { shift: ShiftId(number), free_in, is_idle, to_posts: row.into() });
        }
        let before = by_definition(&expected, &stands, reach_max);
        assert_eq!(picture.value(), before, "seed {seed}");
        let proposals = picture.proposals();
        for (stand_idx, post) in (0..stands.len()).flat_map(|stand| (0..posts).map(move |post| (stand, post))) {
            let mut then = stands.clone();
            let drive = i64::from(then[stand_idx].1[post]);
            then[stand_idx] = (then[stand_idx].0 + drive * 3 / 10, between[post].clone());
            let gain = before - by_definition(&expected, &then, reach_max);
            let found = proposals.iter().find(|proposal| (proposal.stand_idx, proposal.post) == (stand_idx, post));
            let may = picture.stands[stand_idx].is_idle && 0 < drive && 0 < gain;
            assert_eq!(found.map(|found| (found.gain, found.drive)), may.then_some((gain, drive)), "seed {seed}");
        }
        if let Some(proposal) = proposals.first() {
            picture.carry_out(proposal);
            assert_eq!(picture.value(), before - proposal.gain, "seed {seed}");
            moved += 1;
        }
    }
    assert!(100 < moved, "{moved} moves");
}

/// Three posts in a row, ten minutes apart, one vehicle at the first: most is expected at the last, yet the middle is best.
#[test]
fn one_vehicle_goes_to_the_weighted_median() {
    let minutes = |minutes: [u32; 3]| minutes.map(|minutes| minutes * 60_000).to_vec();
    let between = [minutes([0, 10, 20]), minutes([10, 0, 10]), minutes([20, 10, 0])];
    let (rules, weights) = (rules(600, 0), weights(40));
    let best_of = |expected: [u32; 3]| {
        let outlook = outlook(expected.to_vec());
        let mut picture = Picture::new(&rules, &outlook, &weights, between.concat().into());
        picture.stands.push(Stand {
            shift: ShiftId(1),
            free_in: 0,
            is_idle: true,
            to_posts: between[0].clone().into(),
        });
        picture.proposals().into_iter().max_by_key(|found| found.gain).map(|found| (found.post, found.expected))
    };
    assert_eq!(best_of([300, 300, 390]), Some((1, 990)));
    assert_eq!(best_of([100, 100, 900]), Some((2, 1100)));
    assert_eq!(best_of([900, 100, 100]), None, "it stands well");
}

#[test]
fn later_than_never_is_as_bad_as_never() {
    let (rules, outlook) = (rules(10, 400), outlook(vec![1000]));
    let value = |weight: i64| Picture::new(&rules, &outlook, &weights(weight), vec![0].into()).value();
    assert_eq!(value(40), 1000 * (10 + 10) * 60_000, "so long a wait costs what a lost rider does");
    assert_eq!(value(0), 1000 * 10 * 60_000);
}
