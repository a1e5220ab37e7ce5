//! Turn restrictions hold: paths are walked road by road and held against the relations of the extract,
//! read here once more and by OSM ids, by nothing that the map was built with.
//!
//! With `MUKAE_EXTRACTS=DIR` every `*.osm.pbf` in it is walked too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path as FilePath;

use mukae_maps::{BuildOptions, EdgeId, Fraction, HierarchyQuery, Path, Place, RoadGraph, Sides, build_map};
use mukae_units::LatLon;
use osmpbfreader::{NodeId, OsmObj, OsmPbfReader, Relation, WayId};

/// One relation with a single from, a single to and vias that are one node or one way.
#[derive(Debug)]
struct Rule {
    id: i64,
    is_only: bool,
    is_u_turn: bool,
    from: WayId,
    via: Via,
    to: WayId,
}

#[derive(Debug)]
enum Via {
    Node(NodeId),
    Way(WayId),
}

struct Rules {
    rules: Vec<Rule>,
    via_at: BTreeMap<NodeId, LatLon>,
}

fn read_rules(pbf: &FilePath) -> Rules {
    let mut reader = OsmPbfReader::new(File::open(pbf).unwrap());
    let mut rules = Vec::new();
    for object in reader.par_iter().map(Result::unwrap) {
        if let OsmObj::Relation(relation) = object {
            rules.extend(read_rule(&relation));
        }
    }
    reader.rewind().unwrap();
    let wanted: BTreeSet<NodeId> = rules
        .iter()
        .filter_map(|rule| match rule.via {
            Via::Node(node) => Some(node),
            Via::Way(_) => None,
        })
        .collect();
    let mut via_at = BTreeMap::new();
    for object in reader.par_iter().map(Result::unwrap) {
        if let OsmObj::Node(node) = object
            && wanted.contains(&node.id)
        {
            via_at.insert(node.id, LatLon::from_e7(node.decimicro_lat, node.decimicro_lon).unwrap());
        }
    }
    Rules { rules, via_at }
}

fn read_rule(relation: &Relation) -> Option<Rule> {
    if relation.tags.get("type").map(|kind| kind.as_str()) != Some("restriction") {
        return None;
    }
    let except = relation.tags.get("except").map_or("", |kinds| kinds.as_str());
    if except.split(';').any(|kind| ["motorcar", "motor_vehicle", "vehicle"].contains(&kind.trim())) {
        return None;
    }
    if ["day_on", "hour_on"].iter().any(|&key| relation.tags.contains_key(key)) {
        return None;
    }
    let value = ["restriction", "restriction:motorcar"].iter().find_map(|&key| relation.tags.get(key))?;
    let of = |role: &str| {
        relation.refs.iter().filter(|member| member.role == role).map(|member| member.member).collect::<Vec<_>>()
    };
    let (from, via, to) = (of("from"), of("via"), of("to"));
    let (&[from], &[via], &[to]) = (&from[..], &via[..], &to[..]) else { return None };
    Some(Rule {
        id: relation.id.0,
        is_only: value.starts_with("only_"),
        is_u_turn: value.contains("u_turn"),
        from: from.way()?,
        via: via.node().map(Via::Node).or(via.way().map(Via::Way))?,
        to: to.way()?,
    })
}

/// The relations that a path breaks.
fn broken(graph: &RoadGraph, rules: &Rules, path: &Path) -> Vec<i64> {
    let way = |edge: EdgeId| WayId(graph.way(edge).osm_id);
    let mut broken = Vec::new();
    for rule in &rules.rules {
        // The ways driven one after another, each with where it was left.
        let edges = path.edges();
        for (index, pair) in edges.windows(2).enumerate() {
            if way(pair[0]) != rule.from {
                continue;
            }
            match rule.via {
                Via::Node(node) => {
                    if rules.via_at.get(&node) != Some(&graph.position(graph.head(pair[0]))) {
                        continue;
                    }
                    let turns_round = graph.twin(pair[0]) == Some(pair[1]);
                    let takes_it = way(pair[1]) == rule.to && (rule.from != rule.to || turns_round == rule.is_u_turn);
                    if takes_it != rule.is_only {
                        broken.push(rule.id);
                    }
                }
                Via::Way(via) => {
                    if rule.is_only || way(pair[1]) != via {
                        continue;
                    }
                    // Who turns round on the via has not driven along it.
                    let along = edges[index + 1..].windows(2).take_while(|pair| way(pair[0]) == via);
                    let mut onward = along.take_while(|pair| graph.twin(pair[0]) != Some(pair[1]));
                    if onward.any(|pair| way(pair[1]) == rule.to) {
                        broken.push(rule.id);
                    }
                }
            }
        }
    }
    broken
}

/// From the start of each restricted chain to its end, and from every neighbour of the one to every neighbour of the other.
fn tempting_pairs(graph: &RoadGraph) -> Vec<(Place, Place)> {
    let at = |edge, fraction| Place { edge, fraction, sides: Sides::This };
    let mut pairs = Vec::new();
    for restriction in graph.restrictions() {
        let (first, last) = (restriction.chain[0], restriction.chain[restriction.chain.len() - 1]);
        pairs.push((at(first, Fraction::TAIL), at(last, Fraction::HEAD)));
        for next in graph.out_edges(graph.head(last)) {
            pairs.push((at(first, Fraction::TAIL), at(next, Fraction::HEAD)));
        }
        for next in graph.out_edges(graph.head(first)) {
            pairs.push((at(first, Fraction::TAIL), at(next, Fraction::HEAD)));
        }
    }
    pairs
}

/// Random places from edge numbers by multiplication; the paths cross the map.
fn far_pairs(graph: &RoadGraph, count: u64) -> Vec<(Place, Place)> {
    let routable: Vec<EdgeId> = graph.edges().filter(|&edge| graph.is_routable(edge)).collect();
    let pick = |n: u64| {
        let index = (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) as usize % routable.len();
        Place { edge: routable[index], fraction: Fraction::from_steps(30_000), sides: Sides::Both }
    };
    (0..count).map(|n| (pick(2 * n + 1), pick(2 * n + 2))).collect()
}

/// How many rules there are, how many paths were walked, and how many of the rules a router that does
/// not know them would break.
fn walk(pbf: &FilePath) -> (usize, usize, usize) {
    let (map, _) = build_map(pbf, &BuildOptions::default(), &mut |_, _| {}).unwrap();
    let graph = map.graph();
    let mut rules = read_rules(pbf);
    // Of a cut extract, or about roads we do not drive: the build lists them.
    let ways: BTreeSet<WayId> = graph.edges().map(|edge| WayId(graph.way(edge).osm_id)).collect();
    rules.rules.retain(|rule| ways.contains(&rule.from) && ways.contains(&rule.to));
    let mut query = map.query();
    let mut ignorant = ignorant_query(graph);
    let (mut walked, mut tempted) = (0, BTreeSet::new());
    for (from, to) in tempting_pairs(graph).into_iter().chain(far_pairs(graph, 2_000)) {
        if let Some(path) = query.path(from, to) {
            walked += 1;
            let broken = broken(graph, &rules, &path);
            let of_broken: Vec<&Rule> = rules.rules.iter().filter(|rule| broken.contains(&rule.id)).collect();
            assert!(broken.is_empty(), "{}: {from:?} to {to:?} breaks {of_broken:?}", pbf.display());
        }
        if let Some(path) = ignorant.path(from, to) {
            tempted.extend(self::broken(graph, &rules, &path));
        }
    }
    (rules.rules.len(), walked, tempted.len())
}

fn ignorant_query(graph: &RoadGraph) -> HierarchyQuery {
    let graph = std::sync::Arc::new(graph.clone().with_restrictions(Vec::new()));
    let hierarchy = std::sync::Arc::new(mukae_maps::Hierarchy::build(&graph));
    let customized = hierarchy.customize(graph.weights(), mukae_maps::MetricId(0));
    HierarchyQuery::new(graph, std::sync::Arc::new(customized))
}

#[test]
fn paths_on_the_isle_of_man_break_no_restriction() {
    let pbf = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("data/isle-of-man.osm.pbf");
    let (rules, walked, tempted) = walk(&pbf);
    assert!(15 <= rules && 2_000 <= walked, "{rules} rules, {walked} paths");
    // The check can fail: it does for a router without restrictions.
    assert!(10 <= tempted, "only {tempted} of {rules} rules were ever in the way");
}

#[test]
fn paths_on_further_extracts_break_no_restriction() {
    let Ok(directory) = std::env::var("MUKAE_EXTRACTS") else { return };
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".osm.pbf") {
            let (rules, walked, tempted) = walk(&path);
            println!("{}: {rules} rules, {walked} paths, {tempted} rules in the way", path.display());
        }
    }
}
