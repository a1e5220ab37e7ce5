//! Real roads: what the cells say of a drive is never more than it takes, and never nothing where a road leads.

use mukae_maps::{BuildOptions, EdgeId, Fraction, Place, PreparedMap, Sides, TravelTimes};

use super::support::{build, bundled};

const PLACES: u64 = 400;

/// Every third place is at an end of its road, every other on one side only.
fn places(map: &PreparedMap) -> Vec<Place> {
    let edges = map.graph().edge_count() as u64;
    let scattered = |number: u64, below: u64| (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) % below;
    let place = |number: u64| Place {
        edge: EdgeId(scattered(number, edges) as u32),
        fraction: match number % 6 {
            0 => Fraction::TAIL,
            3 => Fraction::HEAD,
            _ => Fraction::from_steps(scattered(number + PLACES, 65_536) as u16),
        },
        sides: if number.is_multiple_of(2) { Sides::This } else { Sides::Both },
    };
    (1..=PLACES).map(place).collect()
}

#[test]
fn cells_bound_the_travel_times_of_islands() {
    for (extract, tight_percent) in [("niue.osm.pbf", 80), ("isle-of-man.osm.pbf", 80)] {
        let (map, _) = build(&bundled(extract), &BuildOptions::default()).expect("a good extract");
        let (mut query, cells, places) = (map.query(), map.cells(), places(&map));
        let (mut bounds, mut all) = (0, 0);
        for &from in &places {
            for &to in &places {
                let bound = cells.bound(cells.leaving(from), cells.reaching(to));
                let Some(time) = query.travel_time(from, to) else { continue };
                let bound =
                    bound.unwrap_or_else(|| panic!("{extract}: {from:?} -> {to:?} takes {time:?}, not for cells"));
                assert!(bound <= time, "{extract}: {from:?} -> {to:?} takes {time:?}, for cells {bound:?} at least");
                bounds += u64::from(bound.as_millis());
                all += u64::from(time.as_millis());
            }
        }
        let percent = bounds * 100 / all;
        println!("{extract}: {} cells, bounds are {percent}% of the travel times", cells.count());
        assert!(tight_percent < percent, "{extract}: bounds are {percent}% of the travel times");
    }
}
