//! From the ways of a restriction to the chain of edges a vehicle would drive.

use std::collections::BTreeSet;

use super::agree::{Told, contradicted, drop_said_before, joined};
use super::bearing::is_turn;
use super::{Kind, NotKept, Relation, SkippedRestriction, Turn};
use crate::graph::{CHAIN_EDGES_MAX, LaidEdges, NewEdgeId, NodeId, TurnRestriction, TurnRule};
use crate::osm::extract::Extract;
use crate::osm::split::{Network, Piece};

/// No sensible restriction has more ways than this...
const WAYS_MAX: usize = 32;
/// ...nor more drives along its vias to look at.
const DRIVES_MAX: u32 = 1000;

/// What became of an extract's restrictions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Resolved {
    /// By relation in the order of the extract; `no_entry` and `no_exit` may give several chains each.
    pub(crate) kept: Vec<TurnRestriction>,
    /// How many relations `kept` comes from.
    pub(crate) kept_relations: u32,
    pub(crate) skipped: Vec<SkippedRestriction>,
    /// OSM ids of those kept that hold at certain times only; kept as if always.
    pub(crate) conditional: Vec<i64>,
    /// OSM ids of `only_*` restrictions that share their turn with others: any of them may be followed.
    pub(crate) joined: Vec<i64>,
    /// OSM ids of `only_*` restrictions that prescribe what another forbids; kept, as the other is.
    pub(crate) contradicted: Vec<i64>,
}

/// Turns every relation into chains, or into a reason. `laid` says what the graph made
/// of the network's edges.
pub(crate) fn resolve(extract: &Extract, network: &Network, laid: &LaidEdges) -> Resolved {
    let mut by_osm_id: Vec<(i64, usize)> = extract.ways.iter().enumerate().map(|(way, w)| (w.osm_id, way)).collect();
    by_osm_id.sort_unstable();
    let resolver = Resolver { extract, network, by_osm_id };
    let edge_of = |edge| laid.edge(edge).expect("chains are of edges that are open");
    let mut told: Vec<Told> = Vec::with_capacity(extract.relations.len());
    for relation in &extract.relations {
        let mut one = Told { reasons: BTreeSet::new(), chains: Vec::new() };
        match resolver.turns(relation) {
            Ok(turns) => {
                one.reasons.extend(turns.failed);
                one.chains.extend(turns.chains.into_iter().map(|chain| TurnRestriction {
                    osm_id: relation.osm_id,
                    rule: turns.rule,
                    chain: chain.into_iter().map(edge_of).collect(),
                }));
            }
            Err(reason) => {
                one.reasons.insert(reason);
            }
        }
        told.push(one);
    }
    drop_said_before(&mut told);

    let mut resolved = Resolved { joined: joined(&told), contradicted: contradicted(&told), ..Resolved::default() };
    for (relation, told) in extract.relations.iter().zip(told) {
        let is_kept = !told.chains.is_empty();
        resolved.kept_relations += u32::from(is_kept);
        if is_kept && relation.is_conditional {
            resolved.conditional.push(relation.osm_id);
        }
        let skip = |reason| SkippedRestriction { osm_id: relation.osm_id, reason, is_partly_kept: is_kept };
        let told_of = if is_kept { told.reasons.len() } else { 1 };
        resolved.skipped.extend(told.reasons.into_iter().take(told_of).map(skip));
        resolved.kept.extend(told.chains);
    }
    resolved
}

/// Edges of the network's roads.
type Chain = Vec<NewEdgeId>;

/// The turns of one relation.
struct Turns {
    rule: TurnRule,
    /// Never empty.
    chains: Vec<Chain>,
    /// Why others of its turns could not be told, if so.
    failed: Option<NotKept>,
}

/// The drives over via ways found so far.
#[derive(Default)]
struct Found {
    chains: Vec<Chain>,
    /// How many drives were looked at, whether they led anywhere or not.
    drives: u32,
}

struct Resolver<'a> {
    extract: &'a Extract,
    network: &'a Network,
    /// OSM id -> way; ascending.
    by_osm_id: Vec<(i64, usize)>,
}

impl Resolver<'_> {
    fn turns(&self, relation: &Relation) -> Result<Turns, NotKept> {
        // Whose roads it is about comes first: what is wrong with others' restrictions is not our worry.
        let is_other = |id: &i64| self.extract.other_highways.binary_search(id).is_ok();
        let are_others = |ids: &[i64]| !ids.is_empty() && ids.iter().all(is_other);
        let has_ours = relation.ways().any(|id| self.way(id).is_ok());
        if !has_ours || are_others(&relation.from) || are_others(&relation.to) || relation.via_ways.iter().any(is_other)
        {
            return Err(NotKept::OtherRoads);
        }
        let kind = relation.kind?;
        if relation.from.is_empty() || relation.to.is_empty() {
            return Err(NotKept::Incomplete);
        }
        if WAYS_MAX < relation.ways().count() {
            return Err(NotKept::TooLarge);
        }
        let mut turns = Turns { rule: kind.rule, chains: Vec::new(), failed: None };
        let via = relation.via_ways.iter().map(|&id| self.way(id)).collect::<Result<Vec<usize>, NotKept>>()?;
        // Of several ways one that is not ours, or not there, leaves the others.
        let mut ours = |ids: &[i64]| {
            let (ways, missing): (Vec<_>, Vec<_>) =
                ids.iter().filter(|id| !is_other(id)).map(|&id| self.way(id)).partition(Result::is_ok);
            turns.failed = turns.failed.or_else(|| missing.into_iter().find_map(Result::err));
            ways.into_iter().flatten().collect::<Vec<usize>>()
        };
        let (from, to) = (ours(&relation.from), ours(&relation.to));
        let node = if via.is_empty() { Some(self.via_node(relation, &from, &to)?) } else { None };
        let mut is_impossible = false;
        for &from in &from {
            for &to in &to {
                let chains = match node {
                    Some(node) => self.over_node(kind, from, node, to),
                    None => self.over_ways(from, &via, to).map(|chain| vec![chain]),
                };
                // At a barrier the ways share a point, but no node of the graph.
                let chains = chains.and_then(|chains| {
                    if chains.iter().any(|chain| CHAIN_EDGES_MAX < chain.len()) {
                        return Err(NotKept::TooLarge);
                    }
                    let hang = chains.iter().all(|chain| self.hangs_together(chain));
                    if hang { Ok(chains) } else { Err(NotKept::NotConnected) }
                });
                match chains {
                    Ok(chains) => turns.chains.extend(chains),
                    // Of several turns one that nobody can make is no loss.
                    Err(NotKept::AlreadyImpossible) => is_impossible = true,
                    Err(reason) => turns.failed = Some(reason),
                }
            }
        }
        match turns.failed {
            _ if !turns.chains.is_empty() => Ok(turns),
            Some(reason) => Err(reason),
            None => {
                assert!(is_impossible, "every pair of ways gives chains or a reason");
                Err(NotKept::AlreadyImpossible)
            }
        }
    }

    /// The node of the turn: the one that is named or, of none or several, the only one at which the ways
    /// meet.
    fn via_node(&self, relation: &Relation, from: &[usize], to: &[usize]) -> Result<u32, NotKept> {
        let number = |id: &i64| self.extract.node_ids.binary_search(id).map(|node| node as u32).ok();
        if let [named] = &relation.via_nodes[..] {
            return number(named).ok_or(NotKept::NotConnected);
        }
        let nodes = |ways: &[usize]| -> BTreeSet<u32> { ways.iter().flat_map(|&way| self.junctions(way)).collect() };
        if from == to || from.is_empty() || to.is_empty() {
            return Err(if from == to { NotKept::Incomplete } else { NotKept::MissingWay });
        }
        let shared: Vec<u32> = nodes(from).intersection(&nodes(to)).copied().collect();
        let named: Vec<u32> = relation.via_nodes.iter().filter_map(number).collect();
        match shared[..] {
            [only] if named.is_empty() || named.contains(&only) => Ok(only),
            _ => Err(NotKept::Incomplete),
        }
    }

    fn way(&self, osm_id: i64) -> Result<usize, NotKept> {
        let first = self.by_osm_id.partition_point(|&(id, _)| id < osm_id);
        match self.by_osm_id.get(first) {
            Some(&(id, way)) if id == osm_id => Ok(way),
            _ => Err(NotKept::MissingWay),
        }
    }

    fn over_node(&self, kind: Kind, from: usize, node: u32, to: usize) -> Result<Vec<Chain>, NotKept> {
        let touches = |way: usize| self.network.pieces_of(way).any(|piece| touches(&piece, node));
        if !touches(from) || !touches(to) {
            return Err(NotKept::NotConnected);
        }
        let (arrivals, departures) = (self.arrivals(from, node), self.departures(to, node));
        let mut turns: Vec<Chain> = Vec::new();
        for &arrival in &arrivals {
            turns.extend(departures.iter().map(|&departure| vec![arrival, departure]));
        }
        if from == to {
            let is_back = kind.turn == Turn::Back;
            turns.retain(|turn| self.is_u_turn(turn[0], turn[1]) == is_back);
            // Turning round is forbidden, or prescribed, wherever the way reaches the node.
            if is_back && !turns.is_empty() {
                return Ok(turns);
            }
        }
        if turns.len() < 2 {
            return if turns.is_empty() { Err(NotKept::AlreadyImpossible) } else { Ok(turns) };
        }
        self.tell_apart(kind, turns, arrivals.len(), departures.len())
    }

    /// Of several turns those that the restriction's kind means.
    fn tell_apart(
        &self,
        kind: Kind,
        turns: Vec<Chain>,
        arrivals: usize,
        departures: usize,
    ) -> Result<Vec<Chain>, NotKept> {
        let means_all = match kind.turn {
            Turn::Entry => departures == 1,
            Turn::Exit => arrivals == 1,
            _ => false,
        };
        if means_all {
            return Ok(turns);
        }
        let fits = |turn: &&Chain| {
            let (roads, arrival, departure) = (&self.network.roads, turn[0], turn[1]);
            let position = |node: NodeId| roads.positions[node.0 as usize];
            let before = roads.shape(arrival).next_back().unwrap_or_else(|| position(roads.tail(arrival)));
            let after = roads.shape(departure).next().unwrap_or_else(|| position(roads.head(departure)));
            is_turn(kind.turn, before, position(roads.head(arrival)), after)
        };
        let fitting: Vec<Chain> = turns.iter().filter(fits).cloned().collect();
        match fitting.len() {
            1 => Ok(fitting),
            // One edge to leave and several to take: all that may be meant are allowed.
            2.. if kind.rule == TurnRule::Only && arrivals == 1 => Ok(fitting),
            _ => Err(NotKept::Ambiguous),
        }
    }

    /// The one way to drive from `from` along all of `via`, in its order, into `to`.
    fn over_ways(&self, from: usize, via: &[usize], to: usize) -> Result<Chain, NotKept> {
        let mut found = Found::default();
        let mut meets = false;
        for start in self.junctions(via[0]) {
            if !self.network.pieces_of(from).any(|piece| touches(&piece, start)) {
                continue;
            }
            for arrival in self.arrivals(from, start) {
                self.follow(vec![arrival], start, via, to, &mut found);
            }
            meets = true;
        }
        if DRIVES_MAX <= found.drives {
            return Err(NotKept::TooLarge);
        }
        match found.chains.len() {
            0 if meets => Err(NotKept::AlreadyImpossible),
            0 => Err(NotKept::NotConnected),
            1 => Ok(found.chains.swap_remove(0)),
            _ => Err(NotKept::Ambiguous),
        }
    }

    /// Extends `chain`, which has arrived at `node`, over the rest of the vias.
    fn follow(&self, chain: Chain, node: u32, via: &[usize], to: usize, found: &mut Found) {
        let Some((&way, rest)) = via.split_first() else {
            found.chains.extend(self.departures(to, node).into_iter().map(|departure| {
                let mut chain = chain.clone();
                chain.push(departure);
                chain
            }));
            return;
        };
        let next = rest.first().copied().unwrap_or(to);
        for (end, edges) in self.drives(way, node) {
            if found.drives < DRIVES_MAX && self.network.pieces_of(next).any(|piece| touches(&piece, end)) {
                found.drives += 1;
                let mut chain = chain.clone();
                chain.extend(edges);
                self.follow(chain, end, rest, to, found);
            }
        }
    }

    /// Every drive along `way` that starts at `node`: where it ends, and its edges.
    fn drives(&self, way: usize, node: u32) -> Vec<(u32, Chain)> {
        let pieces: Vec<Piece> = self.network.pieces_of(way).collect();
        let mut drives = Vec::new();
        for start in 0..pieces.len() {
            if pieces[start].first == node {
                drives
                    .extend(drive(pieces[start..].iter().map(|piece| (piece.first, piece.last, piece.forward)), node));
            }
            if pieces[start].last == node {
                let back = pieces[..=start].iter().rev().map(|piece| (piece.last, piece.first, piece.backward));
                drives.extend(drive(back, node));
            }
        }
        drives
    }

    fn junctions(&self, way: usize) -> Vec<u32> {
        let mut nodes: Vec<u32> = self.network.pieces_of(way).flat_map(|piece| [piece.first, piece.last]).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    fn arrivals(&self, way: usize, node: u32) -> Vec<NewEdgeId> {
        let arrive = |piece: Piece| {
            [piece.forward.filter(|_| piece.last == node), piece.backward.filter(|_| piece.first == node)]
        };
        self.network.pieces_of(way).flat_map(arrive).flatten().collect()
    }

    fn departures(&self, way: usize, node: u32) -> Vec<NewEdgeId> {
        let depart = |piece: Piece| {
            [piece.forward.filter(|_| piece.first == node), piece.backward.filter(|_| piece.last == node)]
        };
        self.network.pieces_of(way).flat_map(depart).flatten().collect()
    }

    fn is_u_turn(&self, arrival: NewEdgeId, departure: NewEdgeId) -> bool {
        departure == arrival.reversed()
    }

    fn hangs_together(&self, chain: &[NewEdgeId]) -> bool {
        let roads = &self.network.roads;
        chain.windows(2).all(|pair| roads.head(pair[0]) == roads.tail(pair[1]))
    }
}

fn touches(piece: &Piece, node: u32) -> bool {
    piece.first == node || piece.last == node
}

/// Each prefix of `steps` (start, end, edge) that hangs together, can be driven and does not come back
/// to `origin`.
fn drive(steps: impl Iterator<Item = (u32, u32, Option<NewEdgeId>)>, origin: u32) -> Vec<(u32, Chain)> {
    let mut prefixes: Vec<(u32, Chain)> = Vec::new();
    let mut chain = Chain::new();
    let mut at = origin;
    for (start, end, edge) in steps {
        let Some(edge) = edge.filter(|_| start == at && end != origin) else { break };
        chain.push(edge);
        prefixes.push((end, chain.clone()));
        at = end;
    }
    prefixes
}
