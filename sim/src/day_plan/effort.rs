//! How much is searched for a plan.

/// Steps of one search. Each block begins anew with the plan there is by then, so that a plan of more steps begins as one of
/// fewer does, wherever it is stopped after a block.
pub const BLOCK: u64 = 2_000;

/// In steps: a plan is the same on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effort {
    /// For better plans, all in all.
    pub steps: u64,
    /// For room, each time somebody is asked again whom no vehicle could take.
    pub room_steps: u32,
    pub seed: u64,
}
