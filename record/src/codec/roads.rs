//! Measures on roads, as an office orders them.

use mukae_maps::overlay::{Effect, Measure};

use super::codec;

codec! {
    struct Measure { note, effect, edges, from, until }
}

codec! {
    enum Effect {
        0 Close,
        1 Percent(percent),
        2 KmhMax(kmh),
        3 Reopen,
    }
}
