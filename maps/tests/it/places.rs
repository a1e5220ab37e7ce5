//! Places and homes out of extracts: small ones made by hand, damaged ones, and the two islands.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use mukae_maps::osm::places::{HomesFrom, PlaceKind, PlacesOptions, TownPlaces, read_places};
use osmpbfreader::osmformat::relation::MemberType;

use super::support::pbf::{Extract, Layout, OsmNode, OsmRelation, OsmWay, TagList, write};
use super::support::{Random, Temporary, bundled};

const OPTIONS: PlacesOptions = PlacesOptions { strict: false, homes_from: None, residents: None };
/// 10⁻⁷ degrees of latitude in a metre; near the equator, of longitude too.
const METRE: i64 = 90;

/// An underscore in a value is a blank.
fn tags(words: &str) -> TagList {
    let tag = |word: &str| {
        let (key, value) = word.split_once('=').expect("key=value");
        (key.to_owned(), value.replace('_', " "))
    };
    words.split_whitespace().map(tag).collect()
}

fn exact(words: &str) -> TagList {
    words
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect()
}

#[derive(Default)]
struct Drawn(Extract);

impl Drawn {
    fn node(&mut self, (north, east): (i64, i64), tags: TagList) -> i64 {
        let id = self.0.nodes.len() as i64 + 1;
        self.0.nodes.push(OsmNode { id, lat_e7: north * METRE, lon_e7: east * METRE, tags });
        id
    }

    /// A rectangle of so many metres, from its south-west corner.
    fn ground(&mut self, (north, east): (i64, i64), (height, width): (i64, i64), tags: TagList) -> i64 {
        let corners = [(0, 0), (0, width), (height, width), (height, 0)];
        let mut refs: Vec<i64> = corners.map(|(n, e)| self.node((north + n, east + e), Vec::new())).to_vec();
        refs.push(refs[0]);
        self.way(refs, tags)
    }

    fn way(&mut self, refs: Vec<i64>, tags: TagList) -> i64 {
        let id = 101 + self.0.ways.len() as i64;
        self.0.ways.push(OsmWay { id, refs, tags });
        id
    }

    fn read(&self, options: &PlacesOptions) -> TownPlaces {
        read(&write(&self.0, Layout::default()), options).unwrap()
    }
}

fn read(bytes: &[u8], options: &PlacesOptions) -> Result<TownPlaces, String> {
    let temporary = Temporary::new();
    let mut last = 0.0;
    let progress = &mut |part: f32| {
        assert!((0.0..=1.0).contains(&part) && last <= part, "{part} after {last}");
        last = part;
    };
    read_places(&temporary.write("town.osm.pbf", bytes), options, progress).map_err(|error| error.to_string())
}

/// `kind name weight from osm`, and how many were merged.
fn told(town: &TownPlaces) -> Vec<String> {
    let told = |place: &mukae_maps::osm::places::Place| {
        let (weight, from) = (place.weight.visitors, place.weight.from.name());
        format!("{} {:?} {weight} {from} {}", place.kind.name(), place.name, place.osm)
    };
    town.places.iter().map(told).collect()
}

#[test]
fn one_place_drawn_twice_is_one_place() {
    let mut drawn = Drawn::default();
    // A node inside the building of its hospital, which has the name.
    drawn.ground((0, 0), (40, 50), exact("building=yes amenity=hospital building:levels=3"));
    drawn.node((20, 20), tags("amenity=hospital name=St_Mary"));
    // Two outlines of one campus; another school of the same name far away.
    drawn.ground((1000, 0), (50, 50), tags("amenity=school name=North"));
    drawn.ground((1100, 0), (20, 50), tags("amenity=school name=North capacity=210"));
    drawn.ground((9000, 0), (50, 50), tags("amenity=school name=North"));
    // Two clinics of different names in one house, and a pharmacy there.
    drawn.node((2000, 0), tags("amenity=doctors name=Sato"));
    drawn.node((2000, 1), tags("amenity=clinic name=Ito"));
    drawn.node((2000, 2), tags("amenity=pharmacy"));
    let town = drawn.read(&OPTIONS);
    assert_eq!(
        told(&town),
        [
            "hospital \"St Mary\" 60 floor area w101",
            "clinic \"Ito\" 40 kind n19",
            "clinic \"Sato\" 40 kind n18",
            "pharmacy \"\" 15 kind n20",
            "school \"North\" 210 capacity w103",
            "school \"North\" 150 kind w104",
        ]
    );
    assert_eq!(town.merged, 2);
}

#[test]
fn multipolygons_are_put_together_and_their_sides_not_counted_again() {
    let mut drawn = Drawn::default();
    let corners = [(0, 0), (0, 60), (30, 60), (30, 0)].map(|at| drawn.node(at, Vec::new()));
    let [a, b, c, d] = corners;
    let sides = [drawn.way(vec![a, b, c], Vec::new()), drawn.way(vec![a, d, c], exact("building=house"))];
    let members = sides.map(|side| ("outer", MemberType::WAY, side)).to_vec();
    let mut of_shop = exact("type=multipolygon building=retail shop=supermarket");
    drawn.0.relations.push(OsmRelation { id: 1001, tags: of_shop.clone(), members: members.clone() });
    of_shop[1].1 = "apartments".to_owned();
    of_shop[2] = ("building:levels".to_owned(), "2".to_owned());
    drawn.0.relations.push(OsmRelation { id: 1002, tags: of_shop, members });
    let town = drawn.read(&OPTIONS);
    assert_eq!(told(&town), ["supermarket \"\" 1803 floor area r1001"]);
    assert_eq!((town.places[0].at.lat_e7(), town.places[0].at.lon_e7()), (15 * METRE as i32, 30 * METRE as i32));
    // 1,803 m² on two floors, a flat for 90 m²; the side that says it is a house is a side.
    assert_eq!((town.counted, town.homes_from), (40, HomesFrom::Buildings));
    assert_eq!(town.homes.iter().map(|home| home.residents).sum::<u64>(), 88);
}

#[test]
fn homes_are_counted_by_cells() {
    let mut drawn = Drawn::default();
    (0..5).for_each(|n| _ = drawn.ground((0, 20 * n), (8, 10), exact("building=house")));
    (0..3).for_each(|n| _ = drawn.ground((5000, 20 * n), (10, 10), exact("building=yes")));
    drawn.ground((5000, 100), (10, 10), exact("building=yes shop=bakery"));
    // The surgery's house is no home, though only a node says so.
    drawn.ground((5000, 200), (10, 10), exact("building=yes"));
    drawn.node((5005, 205), tags("amenity=doctors name=Ito"));
    drawn.ground((9000, 0), (3, 3), exact("building=shed"));
    let residents =
        |options: &PlacesOptions| -> Vec<u64> { drawn.read(options).homes.iter().map(|home| home.residents).collect() };
    assert_eq!(residents(&PlacesOptions { residents: Some(80), ..OPTIONS }), [50, 30]);
    assert_eq!(residents(&OPTIONS), [11, 6], "2.21 in each of 8");
}

#[test]
fn streets_stand_in_for_buildings() {
    let mut drawn = Drawn::default();
    let [a, b, c] = [(0, 0), (0, 200), (0, 1000)].map(|at| drawn.node(at, Vec::new()));
    drawn.way(vec![a, b], exact("highway=residential"));
    drawn.way(vec![b, c], exact("highway=primary"));
    drawn.ground((50, 50), (10, 10), exact("building=garage"));
    let town = drawn.read(&OPTIONS);
    assert_eq!((town.homes_from, town.counted), (HomesFrom::Streets, 200));
    assert_eq!(town.homes.iter().map(|home| home.residents).sum::<u64>(), 10);
    drawn.ground((0, 0), (10, 10), exact("building=house"));
    assert_eq!(drawn.read(&OPTIONS).homes_from, HomesFrom::Buildings);
    let streets = PlacesOptions { homes_from: Some(HomesFrom::Streets), ..OPTIONS };
    assert_eq!(drawn.read(&streets).counted, 200);
}

#[test]
fn an_extract_that_was_cut_or_is_empty() {
    let mut drawn = Drawn::default();
    assert_eq!(drawn.read(&OPTIONS).places, []);
    drawn.way(vec![901, 902, 903, 901], exact("amenity=school building=yes"));
    let town = drawn.read(&OPTIONS);
    assert_eq!((town.places.len(), town.without_position), (0, 1));
    let [a, b] = [(0, 0), (0, 30)].map(|at| drawn.node(at, Vec::new()));
    drawn.way(vec![a, b, 904, 905, a], exact("amenity=bank"));
    assert_eq!(told(&drawn.read(&OPTIONS)), ["bank \"\" 60 kind w102"]);
}

fn small_town(layout: Layout) -> Vec<u8> {
    let mut drawn = Drawn::default();
    drawn.ground((0, 0), (40, 50), exact("building=yes amenity=hospital building:levels=3"));
    (0..5).for_each(|n| _ = drawn.ground((100, 20 * n), (8, 10), exact("building=house")));
    drawn.node((20, 20), tags("amenity=townhall name=Hall"));
    let [a, b] = [(0, 0), (0, 300)].map(|at| drawn.node(at, Vec::new()));
    let side = drawn.way(vec![a, b], exact("highway=residential"));
    let members = vec![("outer", MemberType::WAY, side)];
    drawn.0.relations.push(OsmRelation { id: 1001, tags: exact("type=multipolygon shop=supermarket"), members });
    write(&drawn.0, layout)
}

#[test]
fn any_order_of_blocks_tells_the_same() {
    let forward = read(&small_town(Layout::default()), &OPTIONS).unwrap();
    assert_eq!(forward.places.len(), 3);
    let backwards = Layout { backwards: true, ..Layout::default() };
    assert_eq!(read(&small_town(backwards), &OPTIONS).unwrap(), forward);
}

#[test]
fn places_are_read_from_whatever_is_left() {
    let strict = PlacesOptions { strict: true, ..OPTIONS };
    let (mut told, mut refused) = (0, 0);
    for zlib in [true, false] {
        let good = small_town(Layout { zlib, ..Layout::default() });
        for seed in 0..1500 {
            let mut random = Random(seed);
            let mut bytes = good.clone();
            if random.below(4) == 0 {
                bytes.truncate(random.below(bytes.len()));
            } else {
                (0..=random.below(3)).for_each(|_| {
                    let at = random.below(bytes.len());
                    bytes[at] = random.next() as u8;
                });
            }
            let lenient = catch_unwind(|| read(&bytes, &OPTIONS)).unwrap_or_else(|_| panic!("seed {seed}: panicked"));
            let strict = catch_unwind(|| read(&bytes, &strict)).unwrap_or_else(|_| panic!("seed {seed}: panicked"));
            match &lenient {
                Ok(town) if !town.damage.is_empty() => {
                    told += 1;
                    assert!(strict.is_err(), "seed {seed}: a damaged file is refused where that is asked for");
                }
                Ok(_) => assert_eq!(lenient, strict, "seed {seed}"),
                Err(error) => {
                    refused += 1;
                    assert!(error.contains("town.osm.pbf"), "seed {seed}: {error}");
                }
            }
        }
    }
    assert!(100 < told && 100 < refused, "{told} told, {refused} refused");
    let error = read(b"<?xml version='1.0'?>", &OPTIONS).unwrap_err();
    assert!(error.contains("it is XML"), "{error}");
}

#[test]
fn what_the_two_islands_hold() {
    let counts = |name: &str| -> (BTreeMap<&str, usize>, TownPlaces) {
        let options = PlacesOptions { strict: true, ..OPTIONS };
        let town = read_places(&bundled(name), &options, &mut |_| {}).unwrap();
        let mut counts = BTreeMap::new();
        town.places.iter().for_each(|place| *counts.entry(place.kind.name()).or_insert(0) += 1);
        (counts, town)
    };
    let (niue, town) = counts("niue.osm.pbf");
    assert!(niue["hospital"] == 1 && 1 <= niue["supermarket"], "{niue:?}");
    assert_eq!(town.homes_from, HomesFrom::Buildings);
    let (man, town) = counts("isle-of-man.osm.pbf");
    assert!((1..=5).contains(&man["hospital"]) && 5 <= man["supermarket"] && 20 <= man["school"], "{man:?}");
    assert!(town.places.iter().any(|place| place.kind == PlaceKind::Hospital && place.name.contains("Noble")));
    assert!(10_000 < town.counted, "{} homes", town.counted);
}
