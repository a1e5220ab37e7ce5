//! Drivers: who they are, what they are asked, and the check before they set out.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::Desk;
use super::call::Hand;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mukae drivers add sato --name 佐藤 --kind volunteer --tier T0 --asks-per-week 5\n  \
                        mukae drivers asks tenants/ramsey/drivers/sato\n  \
                        mukae drivers answer tenants/ramsey/drivers/sato tenants/ramsey/services/ride/bookings/b7 --yes"
)]
pub(crate) struct Drivers {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    hand: Hand,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List them
    List,
    /// Show one
    Show { driver: String },
    /// Take one up, under this id
    Add {
        id: String,
        #[command(flatten)]
        rules: Rules,
    },
    /// Change what is given, of tenants/…/drivers/…
    Change {
        driver: String,
        #[command(flatten)]
        rules: Rules,
    },
    /// List what one is asked at the moment, or follow it
    Asks {
        driver: String,
        #[arg(long)]
        watch: bool,
    },
    /// Say yes or no to an ask
    Answer {
        driver: String,
        booking: String,
        #[arg(long, required_unless_present = "no")]
        yes: bool,
        #[arg(long, conflicts_with = "yes")]
        no: bool,
    },
    /// Record the check before a shift
    Check {
        /// tenants/…/vehicles/…/shifts/…
        shift: String,
        /// The driver is sober
        #[arg(long)]
        sober: bool,
        /// The driver is well
        #[arg(long)]
        well: bool,
        /// The vehicle is fit to drive
        #[arg(long)]
        vehicle_fit: bool,
        /// What was measured, in micrograms a litre of breath
        #[arg(long)]
        alcohol: Option<i32>,
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Show the check of a shift
    ShowCheck { shift: String },
}

#[derive(Debug, Args)]
struct Rules {
    /// What people call them
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    kind: Option<Kind>,
    /// How far their consent goes: T0 to T3
    #[arg(long)]
    tier: Option<String>,
    /// At most so many asks in seven days
    #[arg(long)]
    asks_per_week: Option<i32>,
    /// Minutes from one ask to the next
    #[arg(long)]
    cooldown: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Employed,
    Volunteer,
}

impl Rules {
    /// The driver as far as it is given, and the names of what is.
    fn told(&self) -> (serde_json::Map<String, serde_json::Value>, Vec<&'static str>) {
        let kind = self.kind.map(|kind| match kind {
            Kind::Employed => "KIND_EMPLOYED",
            Kind::Volunteer => "KIND_VOLUNTEER",
        });
        let tier = self.tier.as_ref().map(|tier| format!("CONSENT_TIER_{}", tier.to_uppercase()));
        let cooldown = self.cooldown.map(|minutes| format!("{}s", u64::from(minutes) * 60));
        let all = [
            ("display_name", json!(self.name)),
            ("kind", json!(kind)),
            ("tier", json!(tier)),
            ("max_asks_per_week", json!(self.asks_per_week)),
            ("cooldown_duration", json!(cooldown)),
        ];
        let given: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_null()).collect();
        let names = given.iter().map(|(name, _)| *name).collect();
        (given.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), names)
    }
}

/// `max_asks_per_week` as `maxAsksPerWeek`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| format!("{name}{}{}", part[..1].to_uppercase(), &part[1..]))
}

pub(crate) async fn run(args: &Drivers) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let (method, request) = match &args.verb {
        Verb::List => ("ListDrivers", json!({ "parent": desk.tenant()? })),
        Verb::Show { driver } => ("GetDriver", json!({ "name": driver })),
        Verb::Add { id, rules } => {
            ("CreateDriver", json!({ "parent": desk.tenant()?, "driver_id": id, "driver": rules.told().0 }))
        }
        Verb::Change { driver, rules } => {
            let (mut told, names) = rules.told();
            anyhow::ensure!(!names.is_empty(), "say what changes, such as --tier T1");
            told.insert("name".to_owned(), json!(driver));
            let mask: Vec<String> = names.into_iter().map(camel).collect(); // as protobuf's JSON writes masks
            ("UpdateDriver", json!({ "driver": told, "update_mask": mask.join(",") }))
        }
        Verb::Asks { driver, watch: false } => ("ListAsks", json!({ "parent": driver })),
        Verb::Asks { driver, watch: true } => ("WatchAsks", json!({ "parent": driver })),
        Verb::Answer { driver, booking, yes, .. } => {
            ("AnswerAsk", json!({ "driver": driver, "booking": booking, "accepted": yes }))
        }
        Verb::Check { shift, sober, well, vehicle_fit, alcohol, note } => {
            let check = json!({
                "is_sober": sober,
                "is_well": well,
                "is_vehicle_fit": vehicle_fit,
                "alcohol_micrograms_per_litre": alcohol,
                "note": note,
            });
            ("RecordPretripCheck", json!({ "parent": shift, "pretrip_check": check }))
        }
        Verb::ShowCheck { shift } => ("GetPretripCheck", json!({ "name": format!("{shift}/pretripCheck") })),
    };
    args.hand.say(&desk.channel, method, request).await
}
