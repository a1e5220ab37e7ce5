//! What staff has to say to riders and drivers.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Desk;
use super::call::Hand;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mukae messages send tenants/ramsey/vehicles/bus-1 '折り返し電話してください'\n  \
                        mukae messages watch --json")]
pub(crate) struct Messages {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    hand: Hand,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// To the rider of a booking, or to the driver of a vehicle
    Send { recipient: String, text: String },
    /// List what was sent
    List,
    /// Follow what is sent
    Watch {
        /// What was sent after this one; without it, all
        #[arg(long)]
        after: Option<String>,
    },
}

pub(crate) async fn run(args: &Messages) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let parent = &desk.area.name;
    let (method, request) = match &args.verb {
        Verb::Send { recipient, text } => {
            ("SendMessage", json!({ "parent": parent, "message": { "recipient": recipient, "text": text } }))
        }
        Verb::List => ("ListMessages", json!({ "parent": parent })),
        Verb::Watch { after } => ("WatchMessages", json!({ "parent": parent, "after_message": after })),
    };
    args.hand.say(&desk.channel, method, request).await
}
