//! What is done with damaged bytes. Each file is also compiled into an ordinary test of the room whose reader it
//! tries, which replays the corpus, so that fuzzing and testing ask for the same.

pub mod demand;
pub mod requests;
pub mod roads;
pub mod settings;
pub mod tables;

/// The town of the server's own tests.
#[allow(dead_code)]
#[path = "../../server/tests/server/support.rs"]
mod support;
