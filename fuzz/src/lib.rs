//! What is done with damaged bytes. Each file is also compiled into an ordinary test of the room whose reader it
//! tries, which replays the corpus, so that fuzzing and testing ask for the same.

pub mod demand;
pub mod roads;
pub mod settings;
pub mod tables;
