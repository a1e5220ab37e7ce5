//! What supply that follows demand is decided on, beside the dispatcher: shared by the live server and the simulator.
//!
//! Here stands what is read out of an area's records: who wanted what and what became of it ([`log`]), how many wants
//! there were behind all that asking ([`latent`]), when a ride could be booked at all ([`exposure`]), and what drivers
//! said who were asked ([`asks`]). `docs/demand-records.md` says what each of them knows and what nobody can know.
//!
//! On it a model is fitted ([`lesson`]), and a [`follower`] says what to expect while a day goes on; what a town sets of all that
//! is a [`theta`]. A [`model`] and the [`settings`] that were tuned for it are files, which a live area refuses if they are not its own.
//!
//! Everything follows records from the first one on and is what they made of it: no clock, no files, no chance. The dispatcher
//! is told whole numbers. Zones as polygons are others'.
#![forbid(unsafe_code)]

pub mod asks;
pub mod bets;
pub mod clock;
pub mod exposure;
pub mod follower;
pub mod kept_waiting;
pub mod latent;
pub mod lesson;
pub mod log;
pub mod model;
pub mod posts;
pub mod settings;
pub mod theta;

pub use asks::{DriverAsk, DriverAsks};
pub use bets::{Bet, Bets, Settled, Tally, Trust};
pub use exposure::{Exposure, PickupPoint};
pub use follower::{Follower, Following};
pub use kept_waiting::KeptWaiting;
pub use latent::{Commitment, End, LatentWeights, Latents, Wanted};
pub use lesson::{Lesson, LessonRules, WantedRide, lesson};
pub use log::{Asked, DemandLog, Outcome, Scope, Why};
pub use model::{Model, ModelError};
pub use posts::{Origin, Posts};
pub use settings::{Band, Measure, Settings, SettingsError};
pub use theta::{Knob, Theta};
