//! Every load of random vehicles, against seating everyone by hand.

use super::*;

/// Seats one after the other, each on every place that may be used, until all sit.
fn seats_all(load: &mut [u8; 5], places: &mut [u8; 5], may_use: &[[bool; 5]; 5]) -> bool {
    let Some(kind) = (0..5).find(|&kind| load[kind] > 0) else { return true };
    load[kind] -= 1;
    let is_seated = (0..5).any(|place| {
        if !may_use[kind][place] || places[place] == 0 {
            return false;
        }
        places[place] -= 1;
        let is_seated = seats_all(load, places, may_use);
        places[place] += 1;
        is_seated
    });
    load[kind] += 1;
    is_seated
}

fn counts(of: Seats) -> [u8; 5] {
    SeatKind::ALL.map(|kind| of.of(kind))
}

fn seats(counts: [u8; 5]) -> Seats {
    SeatKind::ALL.into_iter().zip(counts).fold(Seats::NONE, |seats, (kind, count)| seats.with(kind, count))
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

#[test]
fn a_load_fits_if_everyone_can_be_seated() {
    let (mut fitted, mut by_substitution, mut refused) = (0, 0, 0);
    for seed in 0..600 {
        let mut dice = Dice(seed);
        let mut may_use = [[false; 5]; 5];
        let mut substitutions = Substitutions::NONE;
        for (kind, row) in may_use.iter_mut().enumerate() {
            row[kind] = true;
            for (place, may) in row.iter_mut().enumerate() {
                if kind != place && dice.below(100) < seed % 50 {
                    *may = true;
                    substitutions = substitutions.and(SeatKind::ALL[kind], SeatKind::ALL[place]);
                }
            }
        }
        let configurations: Vec<Seats> =
            (0..1 + dice.below(3)).map(|_| seats([0; 5].map(|_| dice.below(4) as u8))).collect();
        let capacity = Capacity::new(configurations.clone(), substitutions).expect("there is one");
        for _ in 0..100 {
            let load = seats([0; 5].map(|_| dice.below(3) as u8));
            let one_by_one = |places: &Seats| seats_all(&mut counts(load), &mut counts(*places), &may_use);
            let slow = configurations.iter().any(one_by_one);
            assert_eq!(capacity.fits(load), slow, "seed {seed}: {load} in {capacity}");
            fitted += u32::from(slow);
            refused += u32::from(!slow);
            by_substitution += u32::from(slow && !configurations.iter().any(|places| load.fits(places)));
        }
        for kind in SeatKind::ALL {
            let most = (0..=255).filter(|&count| capacity.fits(Seats::NONE.with(kind, count))).max();
            assert_eq!(most.map(u32::from), Some(capacity.most(kind)), "seed {seed}: {kind:?} in {capacity}");
        }
    }
    assert!(fitted > 5_000 && by_substitution > 3_000 && refused > 5_000, "{fitted} {by_substitution} {refused}");
}

#[test]
fn a_folded_row_holds_the_wheelchair_or_the_riders() {
    let van = Capacity::new(vec![Seats::new(6, 0), Seats::new(4, 1)], Substitutions::NONE).expect("two of them");
    assert!(van.fits(Seats::new(6, 0)) && van.fits(Seats::new(4, 1)));
    assert!(!van.fits(Seats::new(5, 1)), "no configuration holds five and a wheelchair");
}

#[test]
fn a_walking_rider_may_sit_where_a_wheelchair_is_not() {
    let rule = Substitutions::NONE.and(SeatKind::Seat, SeatKind::Wheelchair);
    let van = Capacity::new(vec![Seats::new(3, 1)], rule).expect("one of them");
    assert!(van.fits(Seats::new(4, 0)) && van.fits(Seats::new(3, 1)));
    assert!(!van.fits(Seats::new(4, 1)) && !van.fits(Seats::new(2, 2)), "not the other way round");
    assert_eq!(van.most(SeatKind::Seat), 4);
}

#[test]
fn few_sets_of_kinds_can_bind() {
    let each = Capacity::from(Seats::new(4, 1));
    assert_eq!(each.bounds.len(), SeatKind::COUNT, "each kind by itself");
    let rule = Substitutions::NONE.and(SeatKind::Seat, SeatKind::Wheelchair);
    let upgraded = Capacity::new(vec![Seats::new(4, 1)], rule).expect("one of them");
    assert_eq!(upgraded.bounds.len(), SeatKind::COUNT, "seats alone can not fail where seats and wheelchairs pass");
}
