//! What a profile makes of drawn towns: who may pass, on what, and how long it takes.

use mukae_maps::{BuildOptions, CivilMinute, PreparedMap};
use mukae_units::{Metres, TravelTime};

use super::support::drawing::Drawing;
use super::support::options;

#[track_caller]
fn check_with(options: &BuildOptions, town: &str, roads: &str) {
    let drawing = Drawing::new(town);
    let (map, _) = drawing.build(options);
    assert_eq!(drawing.roads(map.graph()), roads, "{town}");
}

#[track_caller]
fn check(town: &str, roads: &str) {
    check_with(&BuildOptions::default(), town, roads);
}

#[test]
fn roads_for_destinations_only() {
    let road = |tags: &str| format!("ABC\nway AB highway=residential\nway BC highway=service {tags}");
    for value in ["destination", "customers", "delivery", "residents", "permit"] {
        for key in ["access", "vehicle", "motor_vehicle", "motorcar"] {
            check(&road(&format!("{key}={value}")), "A-B B-C!");
        }
    }
    check(&road("service=driveway"), "A-B B-C!");
    check(&road("service=alley"), "A-B B-C");
    check(&road("service=emergency_access"), "A-B");
    check(&road("access=private"), "A-B");
    check(&road("access=destination motor_vehicle=yes"), "A-B B-C");
    // With another way to and from C; without, both directions are for destinations only.
    let round = |tags: &str| format!("{}\nway CA highway=service", road(tags));
    check(&round("motor_vehicle:backward=destination"), "A-B A-C B-C<!");
    check(&round("motor_vehicle:forward=destination"), "A-B A-C B-C!>");
    check(&road("motor_vehicle:backward=destination"), "A-B B-C!");
    check(&road("oneway=yes access=destination"), "A-B B>C!");
    let private = options("access.no = ['no']\naccess.destination_only = ['private']");
    check_with(&private, &road("access=private"), "A-B B-C!");
}

#[test]
fn gates_for_destinations_only() {
    let gate = "node B barrier=lift_gate access=customers";
    check(
        &format!("ABCD\n..E\nway ABC highway=service\nway CD highway=service\nway CE highway=service\n{gate}"),
        "A-B! B-C! C-D C-E",
    );
    // At a junction the lesser road is behind the gate.
    check(&format!("ABC\n.D\nway ABC highway=tertiary\nway BD highway=service\n{gate}"), "A-B B-C B-D!");
}

#[test]
fn one_way_for_others_only() {
    let psv = options("vehicle.psv = true");
    for tags in ["oneway:psv=no", "oneway:bus=no", "busway=opposite_lane", "lanes:psv:backward=1"] {
        let town = format!("AB\nway AB highway=residential oneway=yes {tags}");
        check(&town, "A>B");
        check_with(&psv, &town, "A-B");
    }
    check("ABC\nway AB highway=residential\nway BC highway=primary oneway=reversible", "A-B");
    check("ABC\nway AB highway=residential\nway BC highway=primary oneway=alternating", "A-B B-C");
}

#[test]
fn what_holds_at_certain_times_only_is_listed() {
    let town = "ABC\nway AB highway=residential oneway:conditional=yes@(07:00-09:00) maxspeed:conditional=30@wet\n\
                way BC highway=residential motor_vehicle:conditional=no@(Su) maxspeed:hgv:conditional=30@(x)";
    let (_, report) = Drawing::new(town).build(&BuildOptions::default());
    let listed: Vec<String> = report.read_faults.conditions.iter().map(|(key, ids)| format!("{key} {ids:?}")).collect();
    assert_eq!(listed, ["maxspeed:conditional [101]", "motor_vehicle:conditional [102]", "oneway:conditional [101]"]);
    let notes = report.notes();
    let expected = "motor_vehicle:conditional is not applied, it holds at certain times only: 1 (w102)";
    assert!(notes.iter().any(|note| note == expected), "{notes:?}");
}

#[test]
fn roads_too_low_narrow_or_weak() {
    let road = |tags: &str| format!("ABC\nway AB highway=residential\nway BC highway=residential {tags}");
    check(&road("maxheight=2.5"), "A-B");
    check(&road("maxwidth=6'6\""), "A-B");
    check(&road("maxweight=2.8"), "A-B");
    check(&road("maxweight=2.8 maxweight:conditional=none@destination"), "A-B B-C!");
    check_with(&options("vehicle.height_cm = 240"), &road("maxheight=2.5"), "A-B B-C");
    let (_, report) = Drawing::new(&road("maxheight=2.5")).build(&BuildOptions::default());
    assert!(report.notes().iter().any(|note| note.contains("too low, narrow or weak")), "{:?}", report.notes());
    check("ABC\nway ABC highway=residential\nnode B barrier=height_restrictor maxheight=2", "A-B B'-C");
}

fn millis(drawing: &Drawing, map: &PreparedMap, tail: char, head: char) -> u32 {
    map.graph().weight(drawing.edge(map.graph(), tail, head)).as_millis()
}

#[test]
fn ferries_take_their_duration_and_boarding() {
    // Over D and E to F; the piers are C and F, and at E a road meets the ferry as well.
    let town = "ABC..D.E....F-G\n.......H\nway ABC highway=residential\nway CDEF route=ferry motor_vehicle=yes duration=00:25\n\
                way EH highway=residential\nway FG highway=residential";
    let drawing = Drawing::new(town);
    let (map, report) = drawing.build(&BuildOptions::default());
    assert_eq!(drawing.roads(map.graph()), "A-C E-H F-G");
    assert!(report.notes().contains(&"car ferries left out, as the profile takes none: 1".to_owned()));

    let with_ferries = options("vehicle.ferries = true\nferry.boarding_s = 600");
    let (map, report) = drawing.build(&with_ferries);
    assert_eq!(drawing.roads(map.graph()), "A-C C-E E-F E-H F-G");
    assert!(report.read_faults.ferries_by_speed.is_empty());
    let boarding = 600_000;
    for [first, second] in [[('C', 'E'), ('E', 'F')], [('F', 'E'), ('E', 'C')]] {
        let sum = millis(&drawing, &map, first.0, first.1) + millis(&drawing, &map, second.0, second.1);
        assert_eq!(sum - 2 * boarding, 25 * 60_000, "both pieces leave a pier");
    }
    // Half of it each: C to E and E to F are five columns.
    let half = millis(&drawing, &map, 'C', 'E') - boarding;
    assert!((749_000..=751_000).contains(&half), "{half}");
    // Nobody is picked up at sea.
    let sea = map.graph().line(drawing.edge(map.graph(), 'C', 'E')).nth(1).unwrap();
    let snapped = map.snap(sea, Metres::from_metres(2000)).unwrap();
    assert!(Metres::from_metres(200) < snapped.distance, "{snapped:?}");

    // Without a duration the profile's speed: 15 km/h are 240 s a kilometre.
    let untimed = Drawing::new(&town.replace(" duration=00:25", ""));
    let (map, report) = untimed.build(&with_ferries);
    assert_eq!(report.read_faults.ferries_by_speed, [102]);
    let length = map.graph().length(untimed.edge(map.graph(), 'C', 'E')).as_millimetres();
    assert_eq!(u64::from(millis(&untimed, &map, 'C', 'E') - boarding), (length * 36).div_ceil(150));
}

#[test]
fn what_stands_on_the_road_takes_time() {
    let road = "ABC\nway ABC highway=residential\nway AB highway=footway";
    let plain = Drawing::new(road);
    let (plain_map, _) = plain.build(&BuildOptions::default());
    let free = millis(&plain, &plain_map, 'A', 'C');
    let gate = Drawing::new(&format!("{road}\nnode B barrier=gate"));
    let (map, _) = gate.build(&BuildOptions::default());
    assert_eq!(millis(&gate, &map, 'A', 'C'), free + 15_000);
    assert_eq!(millis(&gate, &map, 'C', 'A'), free + 15_000);
    // At the end of a stretch it is paid once, on arriving.
    let crossing = Drawing::new(&format!("{road}\nnode C highway=traffic_signals"));
    let (map, _) = crossing.build(&options("delay_s.traffic_signals = 20"));
    assert_eq!(millis(&crossing, &map, 'A', 'C'), free + 20_000);
    assert_eq!(millis(&crossing, &map, 'C', 'A'), free);
}

#[test]
fn metrics_stand_in_the_map() {
    let profile = "[[metric]]\nname = 'rush'\ndays = ['mon', 'tue', 'wed', 'thu', 'fri']\nfrom = '07:00'\nuntil = '09:00'\n\
                   time_permille = 1500\nclass_time_permille = { residential = 1000 }\n\
                   [[metric]]\nname = 'snow'\nsnow = 1\ncap_kmh = 30\nspread_permille = 400";
    let drawing = Drawing::new("ABC\nway AB highway=residential\nway BC highway=primary");
    let (map, _) = drawing.build(&options(profile));
    let map = PreparedMap::from_bytes(map.to_bytes(), "town.map").unwrap();
    let (graph, metrics) = (map.graph(), map.metrics());
    let names: Vec<&str> = metrics.metrics().iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(names, ["base", "rush", "snow"]);
    let spreads: Vec<u32> = metrics.metrics().iter().map(|metric| metric.spread_permille).collect();
    assert_eq!(spreads, [100, 100, 400]);
    let (home, high) = (drawing.edge(graph, 'A', 'B'), drawing.edge(graph, 'B', 'C'));
    let at = |weekday, minute, snow, edge: mukae_maps::EdgeId| {
        let index = metrics.at(CivilMinute { weekday, minute }, snow);
        metrics.weights(index, graph)[edge.0 as usize]
    };
    let base = |edge| graph.weight(edge);
    let half_more = |time: TravelTime| TravelTime::from_millis((time.as_millis() * 3).div_ceil(2));
    assert_eq!((at(0, 480, 0, home), at(0, 480, 0, high)), (base(home), half_more(base(high))));
    assert_eq!(at(6, 480, 0, high), base(high));
    // 60 km/h capped at 30, and 30 km/h as ever.
    assert_eq!(at(6, 480, 2, high).as_millis().abs_diff(2 * base(high).as_millis()), 1);
    assert_eq!(at(6, 480, 2, home), base(home));
}

#[test]
fn where_a_map_lies_chooses_the_profile_unless_one_is_asked_for() {
    let town = "AB\nway AB highway=residential";
    let ube = Drawing::at((339_600_000, 1_312_700_000), town);
    let (map, report) = ube.build(&BuildOptions::default());
    assert_eq!((map.meta().profile.as_str(), map.meta().is_profile_guessed), ("japan", true));
    assert_eq!((report.profile.as_str(), report.is_profile_guessed), ("japan", true));
    assert_eq!(map.graph().through_price(), TravelTime::from_secs(300));
    let (asked, _) = ube.build(&options("access.through_destination_only_s = 60"));
    assert_eq!((asked.meta().profile.as_str(), asked.meta().is_profile_guessed), ("town.toml", false));
    assert_eq!(asked.graph().through_price(), TravelTime::from_secs(60));
    assert_ne!(asked.meta().profile_digest, map.meta().profile_digest);
    assert_ne!(asked.checksum(), map.checksum());
}
