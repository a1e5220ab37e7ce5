//! Riders' records: made, found, shown, handed out and erased.
//!
//! What is typed here stays in the history of a shell; in service, a form does this.

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};
use mukae_proto::transit::booking::v1::rider_service_client::RiderServiceClient;
use mukae_proto::transit::booking::v1::{
    CreateRiderRequest, DeleteRiderRequest, FavoritePlace, GetRiderRequest, ListRidersRequest, Rider, RiderDefaults,
};
use mukae_proto::transit::units::v1::Seats;
use serde_json::{Value, json};

use super::{Connection, Desk, Line, new_request_id, places, said, show};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a record of a rider
    Add(Add),
    /// Find riders by a part of their name, its kana or a telephone number
    Find(Find),
    /// Show a record
    Show(Named),
    /// Erase a record; its bookings stay and belong to nobody any more
    Erase(Named),
    /// Print every record of the tenant as JSON, one a line
    Export(Export),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The rider's name
    #[arg(long)]
    name: String,
    /// How it is read
    #[arg(long, default_value = "")]
    kana: String,
    /// A telephone number; may be given several times
    #[arg(long = "phone")]
    phones: Vec<String>,
    /// The pseudonym a frontend uses, issuer+subject; without it one is made up
    #[arg(long, default_value = "")]
    pseudonym: String,
    /// What the desk should know
    #[arg(long, default_value = "")]
    note: String,
    /// What a driver should know
    #[arg(long, default_value = "")]
    driver_note: String,
    /// Seats the rider usually needs
    #[arg(long, default_value_t = 0)]
    seats: u8,
    /// Wheelchair places
    #[arg(long, default_value_t = 0)]
    wheelchairs: u8,
    /// What the vehicle or its driver has to offer, such as ramp; may be given several times
    #[arg(long = "require")]
    requirements: Vec<String>,
    /// A place the rider often goes to: label=latitude,longitude[,label for drivers]; may be given several times
    #[arg(long = "favourite", value_parser = favourite)]
    favourites: Vec<FavoritePlace>,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Debug, Args)]
pub(crate) struct Find {
    /// A part of a name, of its kana or of a number
    query: String,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The record: tenants/…/riders/r-…
    rider: String,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    whose: Whose,
}

#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// The tenant, tenants/…; without it, the only one of the area
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

fn favourite(text: &str) -> Result<FavoritePlace, String> {
    let wrong = || format!("`{text}` is no favourite; one is like \"clinic=54.1509,-4.4815\"");
    let (label, place) = text.split_once('=').ok_or_else(wrong)?;
    Ok(FavoritePlace { label: label.trim().to_owned(), place: Some(places::parse(place)?) })
}

pub(crate) async fn run(verb: &Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Add(args) => add(args).await,
        Verb::Find(args) => find(args).await,
        Verb::Show(args) => show_one(args).await,
        Verb::Erase(args) => erase(args).await,
        Verb::Export(args) => export(args).await,
    }
}

async fn add(args: &Add) -> anyhow::Result<()> {
    let desk = Desk::open(&args.whose.connection).await?;
    let party = (args.seats, args.wheelchairs) != (0, 0);
    let seats = Seats { seats: args.seats.into(), wheelchairs: args.wheelchairs.into(), ..Default::default() };
    let defaults = RiderDefaults {
        party: party.then_some(seats),
        requirements: args.requirements.clone(),
        driver_note: args.driver_note.clone(),
        ..Default::default()
    };
    let rider = Rider {
        pseudonym: args.pseudonym.clone(),
        display_name: args.name.clone(),
        kana: args.kana.clone(),
        phone_numbers: args.phones.clone(),
        desk_note: args.note.clone(),
        defaults: Some(defaults),
        favorite_places: args.favourites.clone(),
        ..Default::default()
    };
    let request = CreateRiderRequest {
        parent: args.whose.tenant(&desk)?,
        rider: Some(rider),
        request_id: new_request_id(),
        validate_only: false,
    };
    let made = riders(&desk).create_rider(request).await.map_err(said)?.into_inner();
    print(&desk, &made);
    Ok(())
}

async fn find(args: &Find) -> anyhow::Result<()> {
    if args.query.trim().is_empty() {
        bail!("say whom to find; `mukae rider export` prints all");
    }
    let desk = Desk::open(&args.whose.connection).await?;
    for_each(&desk, &args.whose, &args.query, |rider| desk.print(&rider_json(rider), || line(rider))).await
}

async fn export(args: &Export) -> anyhow::Result<()> {
    let desk = Desk::open(&args.whose.connection).await?;
    for_each(&desk, &args.whose, "", |rider| desk.print(&rider_json(rider), || format!("{}\n", rider_json(rider))))
        .await
}

/// Page by page, to the end.
async fn for_each(desk: &Desk, whose: &Whose, query: &str, each: impl Fn(&Rider)) -> anyhow::Result<()> {
    let (mut client, parent) = (riders(desk), whose.tenant(desk)?);
    let mut page_token = String::new();
    loop {
        let request = ListRidersRequest { parent: parent.clone(), query: query.to_owned(), page_size: 0, page_token };
        let page = client.list_riders(request).await.map_err(said)?.into_inner();
        page.riders.iter().for_each(&each);
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        page_token = page.next_page_token;
    }
}

async fn show_one(args: &Named) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let found = riders(&desk).get_rider(GetRiderRequest { name: args.rider.clone() }).await;
    print(&desk, &found.map_err(said)?.into_inner());
    Ok(())
}

async fn erase(args: &Named) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let request = DeleteRiderRequest { name: args.rider.clone(), request_id: new_request_id(), ..Default::default() };
    riders(&desk).delete_rider(request).await.map_err(said)?;
    desk.print(&json!({ "erased": args.rider }), || format!("erased {}\n", args.rider));
    Ok(())
}

impl Whose {
    fn tenant(&self, desk: &Desk) -> anyhow::Result<String> {
        if let Some(tenant) = &self.tenant {
            return Ok(tenant.clone());
        }
        let named = self.connection.service.iter().chain(&desk.area.services);
        let mut tenants: Vec<&str> =
            named.filter_map(|service| service.split_once("/services/")).map(|it| it.0).collect();
        tenants.sort_unstable();
        tenants.dedup();
        match tenants.as_slice() {
            [tenant] => Ok((*tenant).to_owned()),
            tenants => Err(anyhow!("name one of the area's tenants with --tenant: {}", tenants.join(", "))),
        }
    }
}

fn riders(desk: &Desk) -> RiderServiceClient<Line> {
    RiderServiceClient::new(desk.channel.clone())
}

fn print(desk: &Desk, rider: &Rider) {
    desk.print(&rider_json(rider), || text(rider));
}

fn line(rider: &Rider) -> String {
    let phones = rider.phone_numbers.join(", ");
    format!("{}  {} ({})  {phones}\n", rider.name, rider.display_name, rider.kana)
}

fn text(rider: &Rider) -> String {
    let defaults = rider.defaults.clone().unwrap_or_default();
    let mut text = format!(
        "rider {}\n  name     {} ({})\n  quote as {}\n  phone    {}\n",
        rider.name,
        rider.display_name,
        rider.kana,
        rider.pseudonym,
        rider.phone_numbers.join(", ")
    );
    for (what, said) in [
        ("needs   ", defaults.requirements.join(", ")),
        ("drivers ", defaults.driver_note),
        ("desk    ", rider.desk_note.clone()),
    ] {
        if !said.is_empty() {
            text.push_str(&format!("  {what} {said}\n"));
        }
    }
    for favourite in &rider.favorite_places {
        let at = favourite.place.as_ref().and_then(|place| place.position);
        let at = at.map(|at| format!("{:.5},{:.5}", at.latitude, at.longitude)).unwrap_or_default();
        text.push_str(&format!("  goes to  {}  {at}\n", favourite.label));
    }
    text
}

fn rider_json(rider: &Rider) -> Value {
    let defaults = rider.defaults.clone().unwrap_or_default();
    let party = defaults.party.unwrap_or_default();
    let favourites = rider.favorite_places.iter().map(|favourite| {
        let place = favourite.place.clone().unwrap_or_default();
        json!({
            "label": favourite.label,
            "latitude": place.position.map(|at| at.latitude),
            "longitude": place.position.map(|at| at.longitude),
            "place_label": place.label,
        })
    });
    json!({
        "name": rider.name,
        "pseudonym": rider.pseudonym,
        "display_name": rider.display_name,
        "kana": rider.kana,
        "phone_numbers": rider.phone_numbers,
        "desk_note": rider.desk_note,
        "defaults": {
            "seats": party.seats,
            "wheelchairs": party.wheelchairs,
            "child_seats": party.child_seats,
            "luggage": party.luggage,
            "stretchers": party.stretchers,
            "requirements": defaults.requirements,
            "extra_walk_s": defaults.extra_walk_duration.map(|walk| walk.seconds),
            "channel": defaults.channel().as_str_name(),
            "driver_note": defaults.driver_note,
        },
        "favorite_places": favourites.collect::<Vec<_>>(),
        "create_time": show::time_json(&rider.create_time),
        "update_time": show::time_json(&rider.update_time),
        "etag": rider.etag,
    })
}
