//! Barriers on nodes: what a minibus cannot pass.

use super::access::{Profile, access};
use super::tags::Tags;

/// True if the node's tags close the road here. An access tag on the barrier decides; without one, its
/// kind does. Kinds that are not known are passed: closing a road for a typing error costs more.
pub(super) fn is_blocked(tags: &Tags<'_>, profile: &Profile) -> bool {
    let Some(barrier) = tags.get("barrier") else { return false };
    if let Some(may_pass) = access(tags, None, profile) {
        return !may_pass;
    }
    match barrier {
        "bollard"
        | "block"
        | "planter"
        | "log"
        | "debris"
        | "chain"
        | "rope"
        | "jersey_barrier"
        | "guard_rail"
        | "fence"
        | "wall"
        | "hedge"
        | "ditch"
        | "spikes"
        | "step"
        | "stile"
        | "horse_stile"
        | "kissing_gate"
        | "turnstile"
        | "full-height_turnstile"
        | "cycle_barrier"
        | "motorcycle_barrier"
        | "wicket_gate"
        | "hampshire_gate" => true,
        "bus_trap" | "sump_buster" => !profile.psv,
        "gate" | "lift_gate" | "swing_gate" | "sliding_gate" => tags.is("locked", "yes"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_minibus_cannot_pass() {
        let rows = [
            ("highway=crossing", false),
            ("highway=crossing access=no", false),
            ("barrier=bollard", true),
            ("barrier=bollard motor_vehicle=yes", false),
            ("barrier=bollard access=no motor_vehicle=yes", false),
            ("barrier=bollard bicycle=yes foot=yes", true),
            ("barrier=block", true),
            ("barrier=gate", false),
            ("barrier=gate locked=yes", true),
            ("barrier=gate access=private", true),
            ("barrier=gate access=no", true),
            ("barrier=gate access=destination", false),
            ("barrier=lift_gate motor_vehicle=private", true),
            ("barrier=lift_gate", false),
            ("barrier=bus_trap", true),
            ("barrier=cattle_grid", false),
            ("barrier=toll_booth", false),
            ("barrier=height_restrictor", false),
            ("barrier=entrance", false),
            ("barrier=kerb", false),
            ("barrier=dragon", false),
        ];
        for (tags, expected) in rows {
            assert_eq!(is_blocked(&Tags::parse(tags), &Profile::default()), expected, "{tags}");
        }
        let psv = Profile { psv: true, ..Profile::default() };
        assert!(!is_blocked(&Tags::parse("barrier=bus_trap"), &psv));
        assert!(!is_blocked(&Tags::parse("barrier=bollard psv=yes"), &psv));
    }
}
