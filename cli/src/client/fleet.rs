//! Vehicles, their shifts, and what happens on the way.

use clap::{Args, Subcommand};
use mukae_proto::transit::units::v1::Place;
use serde_json::{Value, json};

use super::call::Hand;
use super::{Desk, places};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mukae vehicles list\n  mukae vehicles manifest tenants/ramsey/vehicles/bus-1 --watch"
)]
pub(crate) struct Vehicles {
    #[command(subcommand)]
    verb: VehicleVerb,
    #[command(flatten)]
    hand: Hand,
}

#[derive(Debug, Subcommand)]
enum VehicleVerb {
    /// List them
    List,
    /// Show one
    Show { vehicle: String },
    /// Take one up, under this id
    Add {
        id: String,
        /// What people call it
        #[arg(long, default_value = "")]
        name: String,
        #[arg(long, default_value_t = 0)]
        seats: u8,
        #[arg(long, default_value_t = 0)]
        wheelchairs: u8,
        #[arg(long, default_value_t = 0)]
        child_seats: u8,
        #[arg(long, default_value_t = 0)]
        luggage: u8,
        #[arg(long, default_value_t = 0)]
        stretchers: u8,
    },
    /// Say where it is
    At {
        vehicle: String,
        /// latitude,longitude
        #[arg(value_parser = places::parse, allow_hyphen_values = true)]
        place: Place,
        /// The number of this report; each has to be larger than the one before
        #[arg(long)]
        sequence: i64,
    },
    /// Show what it has to do, or follow that
    Manifest {
        vehicle: String,
        #[arg(long)]
        watch: bool,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mukae shifts list tenants/ramsey/vehicles/bus-1\n  \
                        mukae shifts add tenants/ramsey/vehicles/bus-1 --from 09:00 --until 12:00 --at 54.3215,-4.3845\n  \
                        mukae shifts open tenants/ramsey/vehicles/bus-1/shifts/s-20260401-0700")]
pub(crate) struct Shifts {
    #[command(subcommand)]
    verb: ShiftVerb,
    #[command(flatten)]
    hand: Hand,
}

#[derive(Debug, Subcommand)]
enum ShiftVerb {
    /// List those of a vehicle
    List { vehicle: String },
    /// Show one
    Show { shift: String },
    /// Plan one for a vehicle
    Add {
        vehicle: String,
        /// 09:00, 2026-11-23 09:00, +20 (minutes)
        #[arg(long, allow_hyphen_values = true)]
        from: String,
        #[arg(long, allow_hyphen_values = true)]
        until: String,
        /// Where it starts: latitude,longitude[,label]
        #[arg(long, value_parser = places::parse, allow_hyphen_values = true)]
        at: Place,
        /// Where it ends; without it, where it starts
        #[arg(long, value_parser = places::parse, allow_hyphen_values = true)]
        to: Option<Place>,
        /// tenants/…/drivers/…
        #[arg(long)]
        driver: Option<String>,
        /// Without it, one is made up
        #[arg(long)]
        id: Option<String>,
    },
    /// Its driver has begun
    Open { shift: String },
    /// Its driver has ended
    Close { shift: String },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mukae trip depart tenants/ramsey/vehicles/bus-1/stops/st4\n  \
                        mukae trip board tenants/ramsey/services/ride/bookings/b7 tenants/ramsey/vehicles/bus-1")]
pub(crate) struct Trip {
    #[command(subcommand)]
    verb: TripVerb,
    #[command(flatten)]
    hand: Hand,
}

#[derive(Debug, Subcommand)]
enum TripVerb {
    /// The vehicle has set out for this stop
    Depart { stop: String },
    /// The vehicle has arrived there
    Arrive { stop: String },
    /// The party is on board
    Board { booking: String, vehicle: String },
    /// The party has got off
    Alight { booking: String, vehicle: String },
    /// The party did not come
    NoShow { booking: String, vehicle: String },
}

pub(crate) async fn vehicles(args: &Vehicles) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let (method, request) = match &args.verb {
        VehicleVerb::List => ("ListVehicles", json!({ "parent": desk.tenant()? })),
        VehicleVerb::Show { vehicle } => ("GetVehicle", json!({ "name": vehicle })),
        VehicleVerb::Add { id, name, seats, wheelchairs, child_seats, luggage, stretchers } => {
            let capacity = json!({
                "seats": seats,
                "wheelchairs": wheelchairs,
                "child_seats": child_seats,
                "luggage": luggage,
                "stretchers": stretchers,
            });
            let vehicle = json!({ "area": desk.area.name, "display_name": name, "capacity": capacity });
            ("CreateVehicle", json!({ "parent": desk.tenant()?, "vehicle_id": id, "vehicle": vehicle }))
        }
        VehicleVerb::At { vehicle, place, sequence } => {
            let position = json!({
                "point": places::point_json(place),
                "device_time": desk.now().to_string(),
                "sequence": sequence,
            });
            ("ReportPositions", json!({ "vehicle": vehicle, "positions": [position] }))
        }
        VehicleVerb::Manifest { vehicle, watch } => {
            let method = if *watch { "WatchManifest" } else { "GetManifest" };
            (method, json!({ "name": format!("{vehicle}/manifest") }))
        }
    };
    args.hand.say(&desk.channel, method, request).await
}

pub(crate) async fn shifts(args: &Shifts) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let (method, request) = match &args.verb {
        ShiftVerb::List { vehicle } => ("ListShifts", json!({ "parent": vehicle })),
        ShiftVerb::Show { shift } => ("GetShift", json!({ "name": shift })),
        ShiftVerb::Add { vehicle, from, until, at, to, driver, id } => {
            let mut shift = json!({
                "start_place": places::place_json(at),
                "start_time": desk.time(from)?,
                "end_time": desk.time(until)?,
            });
            if let Some(to) = to {
                shift["end_place"] = places::place_json(to);
            }
            if let Some(driver) = driver {
                shift["driver"] = json!(driver);
            }
            ("CreateShift", json!({ "parent": vehicle, "shift_id": id, "shift": shift }))
        }
        ShiftVerb::Open { shift } => ("OpenShift", json!({ "name": shift })),
        ShiftVerb::Close { shift } => ("CloseShift", json!({ "name": shift })),
    };
    args.hand.say(&desk.channel, method, request).await
}

pub(crate) async fn trip(args: &Trip) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let party = |booking: &String, vehicle: &String| -> Value { json!({ "booking": booking, "vehicle": vehicle }) };
    let (method, request) = match &args.verb {
        TripVerb::Depart { stop } => ("DepartStop", json!({ "stop": stop })),
        TripVerb::Arrive { stop } => ("ArriveStop", json!({ "stop": stop })),
        TripVerb::Board { booking, vehicle } => ("BoardBooking", party(booking, vehicle)),
        TripVerb::Alight { booking, vehicle } => ("AlightBooking", party(booking, vehicle)),
        TripVerb::NoShow { booking, vehicle } => ("ReportNoShow", party(booking, vehicle)),
    };
    args.hand.say(&desk.channel, method, request).await
}
