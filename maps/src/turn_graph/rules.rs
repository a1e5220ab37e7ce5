//! Which turns are allowed, given the roads just driven: all restrictions in one automaton.
//!
//! Aho, Corasick, *Efficient String Matching* (CACM 1975), with roads for letters and the chains of
//! restrictions for keywords. A state is the longest end of the drive that some chain begins with;
//! its suffix states are the shorter ones. A `No` chain forbids its last road in the state that
//! all its others lead to. An `Only` chain leaves one road open in each of its states; where several
//! such chains are under way, the roads of all of them are open.

use std::collections::BTreeMap;

use crate::graph::{EdgeId, TurnRestriction, TurnRule};

/// What is remembered of the roads driven.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct RuleState(u32);

impl RuleState {
    /// No restriction has begun.
    pub(super) const NONE: RuleState = RuleState(0);
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Rules {
    /// Edge -> some state is left by it; most are left by none.
    is_letter: Vec<bool>,
    /// (state, road) -> the state one road longer.
    longer: BTreeMap<(RuleState, EdgeId), RuleState>,
    /// State -> its longest proper suffix that is a state.
    suffix: Vec<RuleState>,
    /// State -> the roads that must not follow; its own, not those of its suffixes. So for `only`.
    forbidden: Vec<Vec<EdgeId>>,
    /// State -> the roads of which one must follow; empty if any may.
    only: Vec<Vec<EdgeId>>,
}

impl Rules {
    pub(super) fn new(restrictions: &[TurnRestriction], edge_count: usize) -> Rules {
        let mut rules = Rules { is_letter: vec![false; edge_count], ..Rules::default() };
        rules.add_state();
        for restriction in restrictions {
            rules.add(restriction);
        }
        rules.link_suffixes();
        rules
    }

    fn add_state(&mut self) -> RuleState {
        self.suffix.push(RuleState::NONE);
        self.forbidden.push(Vec::new());
        self.only.push(Vec::new());
        RuleState(self.suffix.len() as u32 - 1)
    }

    fn add(&mut self, restriction: &TurnRestriction) {
        let mut state = RuleState::NONE;
        for pair in restriction.chain.windows(2) {
            state = match self.longer.get(&(state, pair[0])) {
                Some(&longer) => longer,
                None => {
                    let longer = self.add_state();
                    self.longer.insert((state, pair[0]), longer);
                    self.is_letter[pair[0].0 as usize] = true;
                    longer
                }
            };
            if restriction.rule == TurnRule::Only {
                self.only[state.0 as usize].push(pair[1]);
            }
        }
        if restriction.rule == TurnRule::No {
            let last = *restriction.chain.last().expect("a chain has two edges: RoadGraph::with_restrictions");
            self.forbidden[state.0 as usize].push(last);
        }
    }

    /// States by length, so that the suffix of the shorter one is known when the longer one asks.
    fn link_suffixes(&mut self) {
        let mut layer = vec![RuleState::NONE];
        while !layer.is_empty() {
            let mut next = Vec::new();
            for &state in &layer {
                let all = (state, EdgeId(0))..=(state, EdgeId(u32::MAX));
                let children: Vec<(EdgeId, RuleState)> =
                    self.longer.range(all).map(|(&(_, edge), &longer)| (edge, longer)).collect();
                for (edge, longer) in children {
                    if state != RuleState::NONE {
                        self.suffix[longer.0 as usize] = self.next(self.suffix[state.0 as usize], edge);
                    }
                    next.push(longer);
                }
            }
            layer = next;
        }
    }

    /// The state after one more road, allowed or not.
    pub(super) fn next(&self, state: RuleState, edge: EdgeId) -> RuleState {
        if !self.is_letter[edge.0 as usize] {
            return RuleState::NONE;
        }
        self.suffixes(state).find_map(|state| self.longer.get(&(state, edge)).copied()).unwrap_or(RuleState::NONE)
    }

    pub(super) fn allows(&self, state: RuleState, edge: EdgeId) -> bool {
        if state == RuleState::NONE {
            return true;
        }
        let is_forbidden = self.suffixes(state).any(|state| self.forbidden[state.0 as usize].contains(&edge));
        let mut bound = self.suffixes(state).flat_map(|state| &self.only[state.0 as usize]).peekable();
        !is_forbidden && (bound.peek().is_none() || bound.any(|&only| only == edge))
    }

    /// The state and all its suffixes, the longest first, the empty one last.
    fn suffixes(&self, state: RuleState) -> impl Iterator<Item = RuleState> {
        std::iter::successors(Some(state), |&state| (state != RuleState::NONE).then(|| self.suffix[state.0 as usize]))
    }
}
