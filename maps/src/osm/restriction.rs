//! Turn restrictions: what a relation says, to whom, and why one may not be kept.
//!
//! A relation says "from this way, over this node or these ways, to that way". It is kept as the chain
//! of edges a vehicle would drive (`resolve`): after all but the last edge of a `no_*` chain its last may
//! not follow; after the first edge of an `only_*` chain the rest must, or the rest of another `only_*`
//! chain that begins so. What cannot be told as such a chain is listed with its
//! reason and never lost. <https://wiki.openstreetmap.org/wiki/Relation:restriction>

mod agree;
mod bearing;
mod resolve;

use std::fmt;

use osmpbfreader::osmformat::relation::MemberType;

use super::block::Member;
use super::tags::Tags;
use crate::graph::TurnRule;
use crate::profile::Profile;

pub(crate) use resolve::resolve;

/// A relation of type `restriction`, before its ways are looked up. Members are OSM ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Relation {
    osm_id: i64,
    kind: Result<Kind, NotKept>,
    /// It holds at certain times only.
    is_conditional: bool,
    from: Vec<i64>,
    via_nodes: Vec<i64>,
    via_ways: Vec<i64>,
    to: Vec<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Kind {
    rule: TurnRule,
    turn: Turn,
}

/// What the restriction's own word says of its turn; needed where its ways leave several open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Turn {
    Left,
    Right,
    Straight,
    Back,
    /// From any of its ways into one...
    Entry,
    /// ...and from one into any of its ways.
    Exit,
}

/// Why a restriction is not among those of the graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NotKept {
    /// One of its ways is no road a minibus may drive, or the extract has none of them: it cannot
    /// concern us.
    OtherRoads,
    /// It names kinds of vehicle, and ours is not among them.
    OtherVehicles,
    /// Its `except` tag names our kind of vehicle.
    Excepted,
    /// It holds at certain times only, and the profile leaves those out.
    Conditional,
    /// Its `restriction` tag is not one we know.
    UnknownKind,
    /// It lacks a `from`, a `via` or a `to`, or has several via nodes, and its ways do not tell.
    Incomplete,
    /// The extract lacks one of its ways.
    MissingWay,
    /// Its ways do not meet at its via, or a barrier stands there.
    NotConnected,
    /// Its ways pass through its via, so that it names several turns, and its kind does not tell them apart.
    Ambiguous,
    /// Another restriction says the same.
    Duplicate,
    /// One-way streets forbid the turn already.
    AlreadyImpossible,
    /// It has more members than any sensible restriction, or more ways to read them.
    TooLarge,
}

impl NotKept {
    /// False for those that other roads or other vehicles must heed, not ours.
    pub fn concerns_us(self) -> bool {
        !matches!(self, NotKept::OtherRoads | NotKept::OtherVehicles | NotKept::Excepted)
    }
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotKept::OtherRoads => "it is about roads that are not in the map",
            NotKept::OtherVehicles => "it is for other vehicles",
            NotKept::Excepted => "it excepts our vehicles",
            NotKept::Conditional => "it holds at certain times only",
            NotKept::UnknownKind => "its kind is not known",
            NotKept::Incomplete => "it lacks a from, via or to, or has several via nodes",
            NotKept::MissingWay => "the extract lacks one of its ways",
            NotKept::NotConnected => "its ways do not meet at its via, or a barrier stands there",
            NotKept::Ambiguous => "its ways pass through its via, so it could mean several turns",
            NotKept::Duplicate => "another says the same",
            NotKept::AlreadyImpossible => "one-way streets forbid the turn already",
            NotKept::TooLarge => "it has more members than any sensible restriction",
        })
    }
}

/// A restriction that was left out, or one of the turns it names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SkippedRestriction {
    pub osm_id: i64,
    pub reason: NotKept,
    /// It names several turns, of which others are kept.
    pub is_partly_kept: bool,
}

impl SkippedRestriction {
    /// True if nothing of it is kept although it is about our roads and vehicles and says something.
    pub fn is_missed(&self) -> bool {
        let says_nothing = matches!(self.reason, NotKept::AlreadyImpossible | NotKept::Duplicate);
        !self.is_partly_kept && self.reason.concerns_us() && !says_nothing
    }
}

impl Relation {
    /// Nodes at which the turn happens; one, if it is a sensible restriction.
    pub(super) fn via_nodes(&self) -> &[i64] {
        &self.via_nodes
    }

    fn ways(&self) -> impl Iterator<Item = i64> {
        self.from.iter().chain(&self.via_ways).chain(&self.to).copied()
    }
}

pub(super) fn read_relation(osm_id: i64, tags: &Tags<'_>, members: &[Member<'_>], profile: &Profile) -> Relation {
    let of = |role: &str, kind: MemberType| {
        members.iter().filter(|member| member.role == role && member.kind == kind).map(|member| member.id).collect()
    };
    let (kind, is_conditional) = match kind(tags, profile) {
        Ok((kind, is_conditional)) => (Ok(kind), is_conditional),
        Err(reason) => (Err(reason), false),
    };
    Relation {
        osm_id,
        kind,
        is_conditional,
        from: of("from", MemberType::WAY),
        via_nodes: of("via", MemberType::NODE),
        via_ways: of("via", MemberType::WAY),
        to: of("to", MemberType::WAY),
    }
}

/// What is restricted, and whether at certain times only. `restriction` holds for all,
/// `restriction:bus` for one kind of vehicle. A restriction that excepts buses is kept unless the profile
/// says that ours are buses.
fn kind(tags: &Tags<'_>, profile: &Profile) -> Result<(Kind, bool), NotKept> {
    let ours = profile.vehicle_keys().iter().find_map(|key| tags.get_joined("restriction:", key));
    let conditional = || {
        let own = profile.vehicle_keys().iter().find_map(|key| tags.get(&format!("restriction:{key}:conditional")));
        // `no_left_turn @ (Mo-Fr 07:00-09:00)`; of several the first.
        own.or(tags.get("restriction:conditional")).and_then(|value| value.split('@').next())
    };
    let (value, mut is_conditional) = match ours.or(tags.get("restriction")) {
        Some(value) => (value, false),
        None => (conditional().ok_or(NotKept::OtherVehicles)?.trim(), true),
    };
    if tags.get("except").is_some_and(|except| profile.is_named_in(except)) {
        return Err(NotKept::Excepted);
    }
    is_conditional |=
        ["day_on", "day_off", "hour_on", "hour_off", "opening_hours"].iter().any(|key| tags.get(key).is_some());
    if is_conditional && !profile.turn.keeps_conditional() {
        return Err(NotKept::Conditional);
    }
    let (rule, turn) = match value.split_once('_') {
        Some(("no", turn)) => (TurnRule::No, turn),
        Some(("only", turn)) => (TurnRule::Only, turn),
        _ => return Err(NotKept::UnknownKind),
    };
    let turn = match turn {
        "u_turn" => Turn::Back,
        "left_turn" => Turn::Left,
        "right_turn" => Turn::Right,
        "straight_on" => Turn::Straight,
        "entry" if rule == TurnRule::No => Turn::Entry,
        "exit" if rule == TurnRule::No => Turn::Exit,
        _ => return Err(NotKept::UnknownKind),
    };
    Ok((Kind { rule, turn }, is_conditional))
}
