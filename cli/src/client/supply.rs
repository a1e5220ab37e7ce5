//! The desk's hand on supply that follows demand.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Desk;
use super::call::Hand;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mukae supply show\n  mukae supply stop --reason '祭り'\n  mukae supply resume")]
pub(crate) struct Supply {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    hand: Hand,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// What is expected, and why each vehicle waits where it is
    Show,
    /// No vehicle goes ahead of demand any more, from now on
    Stop {
        /// Why, for those who look later
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// They may again
    Resume,
}

pub(crate) async fn run(args: &Supply) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let name = format!("{}/supply", desk.area.name);
    let (method, request) = match &args.verb {
        Verb::Show => ("GetSupply", json!({ "name": name })),
        Verb::Stop { reason } => ("SuspendSupply", json!({ "name": name, "reason": reason })),
        Verb::Resume => ("ResumeSupply", json!({ "name": name })),
    };
    args.hand.say(&desk.channel, method, request).await
}
