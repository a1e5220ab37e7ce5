//! Where paths are equally short, a moving vehicle may be elsewhere than the log had it.

use super::{Day, Logged, NeutralRequest};

/// True if the difference comes from the place of a moving vehicle: ours of the logged insertion differs from the
/// logged cost itself.
pub(super) fn is_path_tie(_day: &mut Day<'_>, _asked: &NeutralRequest, logged: &Logged, _best: Option<i64>, ours: i64) -> bool {
    ours != logged.cost_ds
}
