use mukae_maps::EdgeId;

use super::*;

/// Two places 100 m apart, and one 10 km to the north.
fn point(number: i32) -> LatLon {
    LatLon::from_e7(369_000_000 + [0, 9_000, 900_000][number as usize], 1_375_000_000).unwrap()
}

fn on_road(number: u32) -> End {
    End { point: point(number as i32), place: Some(Place::head_of(EdgeId(number))) }
}

fn wanted(rider: u64, (from, to): (End, End), mins: i64) -> Wanted {
    Wanted {
        rider: (rider != 0).then_some(RiderId(rider)),
        origin: Some(from),
        destination: Some(to),
        wished: Some(Time::EPOCH + Span::from_mins(mins)),
    }
}

fn way() -> (End, End) {
    (on_road(0), on_road(2))
}

fn numbers(asks: &[Wanted]) -> Vec<usize> {
    let mut latents = Latents::default();
    asks.iter().map(|ask| latents.find(ask).latent).collect()
}

#[test]
fn one_rider_one_way_and_half_an_hour() {
    let back = (on_road(2), on_road(0));
    assert_eq!(numbers(&[wanted(1, way(), 0), wanted(1, way(), 30), wanted(1, way(), 31)]), [0, 0, 1]);
    assert_eq!(numbers(&[wanted(1, way(), 0), wanted(2, way(), 0), wanted(1, back, 0)]), [0, 1, 2]);
    assert_eq!(numbers(&[wanted(0, way(), 0), wanted(0, way(), 0)]), [0, 1], "who is unknown is not recognised");
    let apart = [wanted(1, way(), 0), wanted(1, way(), 300), wanted(1, way(), 10)];
    assert_eq!(numbers(&apart), [0, 1, 0], "whatever was wished in between");
    let between = [wanted(1, way(), 0), wanted(1, way(), 50), wanted(1, way(), 30)];
    assert_eq!(numbers(&between), [0, 1, 1], "the nearer of two");
    let drifting = [wanted(1, way(), 0), wanted(1, way(), 25), wanted(1, way(), 50)];
    assert_eq!(numbers(&drifting), [0, 0, 1], "the first ask says for when");
}

#[test]
fn places_are_those_on_roads_and_points_where_there_is_none() {
    let called = End::at(point(1));
    assert!(called.is_same(&on_road(0)) && on_road(0).is_same(&called), "100 m away");
    assert!(!called.is_same(&on_road(2)));
    assert!(!on_road(0).is_same(&on_road(1)), "two places on roads are two, however near");
    let unplaced = Wanted { origin: None, ..wanted(1, way(), 0) };
    let unmet = wanted(1, (called, on_road(2)), 10);
    assert_eq!(numbers(&[wanted(1, way(), 0), unmet, unplaced, unplaced]), [0, 0, 1, 2]);
}

#[test]
fn the_outcome_counts_in_which_the_rider_was_committed_the_most() {
    let mut latents = Latents::default();
    let demand = latents.open();
    assert_eq!(latents.end(demand, Commitment::Refused), Some(Commitment::Open));
    assert_eq!(latents.end(demand, Commitment::SearchOnly), None);
    assert_eq!(latents.end(demand, Commitment::Served), Some(Commitment::Refused));
    assert_eq!(latents.end(demand, Commitment::Cancelled), None);
    assert_eq!(latents.commitment(demand), Commitment::Served);
}

#[test]
fn what_was_asked_in_earnest_is_a_whole_demand() {
    let weights = LatentWeights::ASSUMED;
    let of = |commitments: &[Commitment]| commitments.iter().map(|&each| weights.of(each)).collect::<Vec<_>>();
    use Commitment::*;
    let whole = [UnmetCall, DeadlineMissed, Refused, Booked, LostToDelay, Failed, Cancelled, NoShow, Served];
    assert_eq!(of(&whole), [Some(1000); 9]);
    assert_eq!(of(&[Open, SearchOnly, Abandoned]), [None, Some(300), Some(800)]);
}

/// Against a walk over everything that was asked before.
#[test]
fn demands_are_found_as_by_looking_at_all_of_them() {
    for seed in 0..200_u64 {
        let mut dice = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut below = |limit: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            dice % limit
        };
        let mut end = |number: u64| match below(3) {
            0 => End::at(point(number as i32)),
            _ => on_road(number as u32),
        };
        let ends: Vec<End> = (0..3).chain(0..3).map(&mut end).collect();
        let asks: Vec<Wanted> = (0..60)
            .map(|_| {
                let way = (ends[below(6) as usize], ends[below(6) as usize]);
                wanted(below(4), way, below(300) as i64)
            })
            .collect();
        let mut demands: Vec<&Wanted> = Vec::new();
        let mut slow = Vec::new();
        for ask in &asks {
            let apart = |first: &Wanted| {
                let (one, other) = (first.wished?, ask.wished?);
                let is_same = first.rider? == ask.rider?
                    && first.origin?.is_same(&ask.origin?)
                    && first.destination?.is_same(&ask.destination?);
                is_same.then(|| if one < other { other - one } else { one - other })
            };
            let all = demands.iter().enumerate().filter_map(|(number, first)| Some((apart(first)?, number)));
            let found = all.filter(|(apart, _)| *apart <= SAME_WITHIN).min().map(|(_, number)| number);
            slow.push(found.unwrap_or_else(|| {
                demands.push(ask);
                demands.len() - 1
            }));
        }
        assert_eq!(numbers(&asks), slow, "seed {seed}");
    }
}
