//! the dispatcher: pure, deterministic, no input or output, no clock
