//! Turn restrictions become chains of edges, or a reason.

use mukae_maps::BuildOptions;
use mukae_maps::osm::NotKept;
use osmpbfreader::osmformat::relation::MemberType;

use super::support::drawing::Drawing;
use super::support::pbf::{Extract, Layout, OsmNode, OsmRelation, OsmWay, write};
use super::support::{build_bytes, options};

#[track_caller]
fn check_with(options: &BuildOptions, town: &str, turns: &str, expected: &str) {
    let drawing = Drawing::new(&format!("{town}\n{turns}"));
    let (map, report) = drawing.build(options);
    assert_eq!(drawing.turns(map.graph(), &report), expected, "{town}\n{turns}");
}

#[track_caller]
fn check(town: &str, turns: &str, expected: &str) {
    check_with(&BuildOptions::default(), town, turns, expected);
}

const CROSSING: &str = "\
.N.
WXE
.S.
way WX highway=residential
way XE highway=residential
way NX highway=residential
way XS highway=residential oneway=yes
way NWE highway=footway";

#[test]
fn over_a_node() {
    check(CROSSING, "turn restriction=no_left_turn from=WX via=X to=NX", "no W>X>N");
    check(CROSSING, "turn restriction=only_straight_on from=WX via=X to=XE", "only W>X>E");
    check(CROSSING, "turn restriction=no_u_turn from=WX via=X to=WX", "no W>X>W");
    check(CROSSING, "turn restriction=only_right_turn from=WX via=X to=XS", "only W>X>S");
    check(CROSSING, "turn restriction=no_entry from=WX from=NX via=X to=XE", "no W>X>E, no N>X>E");
    check(CROSSING, "turn restriction=no_exit from=WX via=X to=XE to=NX", "no W>X>E, no W>X>N");
    // Of several turns those that can be told are kept.
    check(CROSSING, "turn restriction=no_entry from=WX from=XS via=X to=XE", "no W>X>E");
    check(CROSSING, "turn restriction=no_entry from=WX from=ZZ via=X to=XE", "no W>X>E, MissingWay");
    check(
        &format!("{CROSSING}\nway WS highway=service"),
        "turn restriction=no_entry from=WX from=WS via=X to=XE",
        "no W>X>E, NotConnected",
    );
}

#[test]
fn the_via_node_splits_a_way_that_nothing_else_would_split() {
    check("ABC\nway ABC highway=residential", "turn restriction=no_u_turn from=ABC via=B to=ABC", "no A>B>A, no C>B>C");
}

#[test]
fn over_ways() {
    let dual = "\
A>B>C
..|.
F<E<D
way AB highway=primary oneway=yes
way BC highway=primary oneway=yes
way BE highway=residential
way DE highway=primary oneway=yes
way EF highway=primary oneway=yes";
    check(dual, "turn restriction=no_u_turn from=AB via=BE to=EF", "no A>B>E>F");
    check(dual, "turn restriction=no_u_turn from=DE via=BE to=BC", "no D>E>B>C");
    check(dual, "turn restriction=no_u_turn from=BC via=BE to=EF", "AlreadyImpossible");
    let long = "\
AB.C
..DE
way AB highway=residential
way BDC highway=residential
way CE highway=residential
way DE highway=residential";
    // The via way is split at D by another road.
    check(long, "turn restriction=only_straight_on from=AB via=BDC to=CE", "only A>B>D>C>E");
    let two = "ABCDE\nway AB highway=residential\nway BC highway=residential\nway CD highway=residential\nway DE highway=residential";
    check(two, "turn restriction=no_straight_on from=AB via=BC via=CD to=DE", "no A>B>C>D>E");
    check(two, "turn restriction=no_straight_on from=AB via=CD to=DE", "NotConnected");
}

#[test]
fn for_whom() {
    let left = |tags: &str| format!("turn {tags} from=WX via=X to=NX");
    check(CROSSING, &left("restriction=no_left_turn except=psv"), "no W>X>N");
    check(CROSSING, &left("restriction=no_left_turn except=bicycle"), "no W>X>N");
    check(CROSSING, &left("restriction=no_left_turn except=psv;motorcar"), "Excepted");
    check(CROSSING, &left("restriction:motorcar=no_left_turn"), "no W>X>N");
    check(CROSSING, &left("restriction:hgv=no_left_turn"), "OtherVehicles");
    check(CROSSING, &left("restriction:bus=no_left_turn"), "OtherVehicles");
    let psv = options("vehicle.psv = true");
    check_with(&psv, CROSSING, &left("restriction=no_left_turn except=psv"), "Excepted");
    check_with(&psv, CROSSING, &left("restriction:bus=no_left_turn"), "no W>X>N");
}

#[test]
fn what_cannot_be_kept_says_why() {
    check(CROSSING, "turn restriction=no_dancing from=WX via=X to=NX", "UnknownKind");
    check(CROSSING, "turn restriction=give_way from=WX via=X to=NX", "UnknownKind");
    check(CROSSING, "turn restriction=no_left_turn from=WX via=W via=N to=NX", "Incomplete");
    check(CROSSING, "turn restriction=no_u_turn from=WX to=WX", "Incomplete");
    check(CROSSING, "turn restriction=no_left_turn from=WX via=X", "Incomplete");
    check(CROSSING, "turn restriction=no_left_turn from=WX via=X to=ZZ", "MissingWay");
    check(CROSSING, "turn restriction=no_left_turn from=WX via=E to=NX", "NotConnected");
    check(CROSSING, "turn restriction=no_left_turn from=WX via=X to=NWE", "OtherRoads");
    check(CROSSING, "turn restriction=no_left_turn from=ZY via=X to=ZZ", "OtherRoads");
    check(CROSSING, "turn restriction=no_left_turn from=XS via=X to=XE", "AlreadyImpossible");
    let barred = "ABC\nway AB highway=residential\nway BC highway=residential\nnode B barrier=bollard";
    check(barred, "turn restriction=no_straight_on from=AB via=B to=BC", "NotConnected");
}

#[test]
fn what_can_be_told_in_another_way_is_kept() {
    // The only node that both ways pass.
    check(CROSSING, "turn restriction=no_left_turn from=WX to=NX", "no W>X>N");
    check(CROSSING, "turn restriction=no_left_turn from=WX via=X via=N to=NX", "no W>X>N");
    // Of several roads those that are ours.
    check(CROSSING, "turn restriction=no_exit from=WX via=X to=NX to=NWE", "no W>X>N");
    // The via lies inside a way: the kind tells from where, or whereto.
    let through = "\
.N.
ABC
.D.
way ABC highway=residential
way BD highway=residential
way NB highway=residential";
    check(through, "turn restriction=no_left_turn from=ABC via=B to=BD", "no C>B>D");
    check(through, "turn restriction=no_right_turn from=ABC via=B to=BD", "no A>B>D");
    check(through, "turn restriction=no_left_turn from=NB via=B to=ABC", "no N>B>C");
    check(through, "turn restriction=only_right_turn from=NB via=B to=ABC", "only N>B>A");
    check(through, "turn restriction=no_entry from=ABC via=B to=BD", "no A>B>D, no C>B>D");
    check(through, "turn restriction=no_exit from=BD via=B to=ABC", "no D>B>A, no D>B>C");
    check(through, "turn restriction=no_straight_on from=ABC via=B to=BD", "Ambiguous");
}

#[test]
fn those_of_certain_hours_hold_always_unless_the_profile_says_never() {
    let never = options("turn.conditional = 'never'");
    for tags in [
        "restriction:conditional=no_left_turn@(07:00-09:00)",
        "restriction:motorcar:conditional=no_left_turn@(07:00-09:00)",
        "restriction=no_left_turn hour_on=07:00 hour_off=09:00",
        "restriction=no_left_turn day_on=Monday",
    ] {
        let turn = format!("turn {tags} from=WX via=X to=NX");
        check(CROSSING, &turn, "no W>X>N");
        check_with(&never, CROSSING, &turn, "Conditional");
        let (_, report) = Drawing::new(&format!("{CROSSING}\n{turn}")).build(&BuildOptions::default());
        assert_eq!(report.restrictions_conditional, [1001]);
        assert!(report.notes().iter().any(|note| note.contains("kept as if they held always: 1 (r1001)")));
    }
    check(CROSSING, "turn restriction:hgv:conditional=no_left_turn@(07:00-09:00) from=WX via=X to=NX", "OtherVehicles");
}

#[test]
fn those_that_disagree() {
    let turns = |turns: &[&str]| turns.iter().map(|turn| format!("turn restriction={turn}\n")).collect::<String>();
    // Two prescriptions: any may be followed.
    let both = turns(&["only_straight_on from=WX via=X to=XE", "only_right_turn from=WX via=X to=XS"]);
    check(CROSSING, &both, "only W>X>E, only W>X>S");
    let (_, report) = Drawing::new(&format!("{CROSSING}\n{both}")).build(&BuildOptions::default());
    assert_eq!(report.restrictions_joined, [1001, 1002]);
    // Forbidden and prescribed: both hold.
    let against = turns(&["only_straight_on from=WX via=X to=XE", "no_straight_on from=WX via=X to=XE"]);
    check(CROSSING, &against, "only W>X>E, no W>X>E");
    let (_, report) = Drawing::new(&format!("{CROSSING}\n{against}")).build(&BuildOptions::default());
    assert_eq!(report.restrictions_contradicted, [1001]);
    assert!(report.notes().iter().any(|note| note.contains("nobody can drive on there: 1 (r1001)")));
    let aside = turns(&["only_straight_on from=WX via=X to=XE", "no_left_turn from=WX via=X to=NX"]);
    check(CROSSING, &aside, "only W>X>E, no W>X>N");
    let part = turns(&["only_straight_on from=WX via=XE to=EF", "no_straight_on from=XE via=E to=EF"]);
    check(&format!("{}\nway EF highway=residential", CROSSING.replace("WXE", "WXEF")), &part, "only W>X>E>F, no X>E>F");
    // Said twice.
    let twice = turns(&["no_left_turn from=WX via=X to=NX", "no_entry from=WX via=X to=NX"]);
    check(CROSSING, &twice, "no W>X>N, Duplicate");
    let (_, report) = Drawing::new(&format!("{CROSSING}\n{twice}")).build(&BuildOptions::default());
    assert!(report.notes()[0].contains("2 turn restrictions: 1 hold, 0 not, 1 need not"), "{:?}", report.notes());
}

#[test]
fn all_of_an_extract_are_counted() {
    let turns = "\
turn restriction=no_left_turn from=WX via=X to=NX
turn restriction=no_dancing from=WX via=X to=NX
turn restriction=no_left_turn from=WX via=X to=NWE
turn restriction:hgv=no_left_turn from=WX via=X to=NX
turn restriction=no_u_turn from=WX via=X to=WX";
    let drawing = Drawing::new(&format!("{CROSSING}\n{turns}"));
    let (map, report) = drawing.build(&BuildOptions::default());
    assert_eq!((report.turn_restrictions, report.turn_restrictions_kept), (5, 2));
    assert_eq!((map.meta().turn_restrictions, map.meta().turn_restrictions_kept), (5, 2));
    assert!(report.notes()[0].contains("5 turn restrictions: 2 hold"), "{:?}", report.notes());
    assert!(report.notes()[1].contains("r1002"), "{:?}", report.notes());
}

/// A via way of more pieces than a map file may hold in one chain was laid all the same, and the build of the
/// whole map stopped on it. It is left out with its reason.
#[test]
fn a_restriction_along_hundreds_of_junctions_is_too_large() {
    // A street of 300 crossings; the drawing has 62 signs, so it is written out.
    let mut extract = Extract::default();
    let node = |id: i64, lat_e7: i64, lon_e7: i64| OsmNode { id, lat_e7, lon_e7, tags: Vec::new() };
    let road = |id: i64, refs: Vec<i64>| OsmWay { id, refs, tags: vec![("highway".into(), "residential".into())] };
    for crossing in 0..300 {
        extract.nodes.push(node(crossing + 1, 100_000_000, 200_000_000 + crossing * 1000));
        extract.nodes.push(node(crossing + 1001, 100_010_000, 200_000_000 + crossing * 1000));
        extract.ways.push(road(crossing + 1, vec![crossing + 1, crossing + 1001]));
    }
    extract.ways.push(road(1000, (1..=300).collect()));
    extract.relations.push(OsmRelation {
        id: 7,
        members: vec![("from", MemberType::WAY, 1), ("via", MemberType::WAY, 1000), ("to", MemberType::WAY, 300)],
        tags: vec![("type".into(), "restriction".into()), ("restriction".into(), "no_left_turn".into())],
    });
    let (_, report) = build_bytes(&write(&extract, Layout::default()), &BuildOptions::default()).unwrap();
    let skipped: Vec<_> = report.restrictions_skipped.iter().map(|skipped| skipped.reason).collect();
    assert_eq!(skipped, [NotKept::TooLarge]);
}
