//! What the desk is alerted of.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Desk;
use super::call::Hand;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mukae alerts list\n  mukae alerts ack areas/ramsey/alerts/a3\n  \
                        mukae alerts note areas/ramsey/alerts/a3 'called; on the way'")]
pub(crate) struct Alerts {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    hand: Hand,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List what is the matter
    List {
        /// Also what is over
        #[arg(long)]
        cleared: bool,
    },
    /// Somebody has seen it
    Ack { alert: String },
    /// Write something to it
    Note { alert: String, text: String },
}

pub(crate) async fn run(args: &Alerts) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let (method, request) = match &args.verb {
        Verb::List { cleared } => ("ListAlerts", json!({ "parent": desk.area.name, "show_cleared": cleared })),
        Verb::Ack { alert } => ("AcknowledgeAlert", json!({ "name": alert })),
        Verb::Note { alert, text } => ("AddAlertNote", json!({ "name": alert, "text": text })),
    };
    args.hand.say(&desk.channel, method, request).await
}
