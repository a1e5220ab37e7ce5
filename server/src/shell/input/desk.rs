//! What staff do by hand, and roads, alerts and messages.

use mukae_engine::model::Spot;
use mukae_maps::overlay::Effect;
use mukae_office::{MessageId, ToldRoads};
use mukae_units::{Span, StopId, Time};

use super::List;
use crate::names::{AlertName, AreaName, BookingName, ShiftName, SupplyName, VehicleName};

#[derive(Debug)]
pub struct NewMeasure {
    pub area: AreaName,
    pub note: String,
    pub roads: ToldRoads,
    pub effect: Effect,
    pub from: Option<Time>,
    pub until: Option<Time>,
}

#[derive(Debug)]
pub struct AlertList {
    pub list: List<AreaName>,
    pub with_cleared: bool,
}

#[derive(Debug)]
pub struct AlertNoting {
    pub alert: AlertName,
    pub text: String,
}

/// Staff keep vehicles from going ahead of demand, or let them.
#[derive(Debug)]
pub struct Suspension {
    pub supply: SupplyName,
    /// `None`: they may again.
    pub reason: Option<String>,
}

#[derive(Debug)]
pub struct NewMessage {
    pub area: AreaName,
    pub recipient: RecipientName,
    pub text: String,
}

#[derive(Debug)]
pub enum RecipientName {
    Rider(BookingName),
    Driver(VehicleName),
}

/// From where messages are followed.
#[derive(Clone, Debug)]
pub struct MessageResume {
    pub area: AreaName,
    /// The last one that is known.
    pub after: Option<MessageId>,
}

/// Moves by hand, and why.
#[derive(Debug)]
pub struct Assignment {
    pub area: AreaName,
    pub moves: Vec<HandMove>,
    /// Empty if nobody said.
    pub reason: String,
}

#[derive(Debug)]
pub struct HandMove {
    pub booking: BookingName,
    pub to: Destination,
}

#[derive(Debug)]
pub enum Destination {
    /// Before these stops of the shift's vehicle; `None`: after all others.
    At {
        shift: ShiftName,
        before: (Option<StopId>, Option<StopId>),
        overrules: bool,
    },
    Into(ShiftName),
    Nowhere,
}

#[derive(Debug)]
pub struct Pinning {
    pub booking: BookingName,
    pub is_pinned: bool,
}

#[derive(Debug)]
pub enum Freezing {
    Through { vehicle: VehicleName, stop: StopId },
    Nothing(ShiftName),
}

#[derive(Debug)]
pub struct Breakdown {
    pub shift: ShiftName,
    /// Without it, now.
    pub at: Option<Time>,
    /// Without it, where the vehicle is predicted to be.
    pub place: Option<Spot>,
}

#[derive(Debug)]
pub enum Interruption {
    /// From when and until when the driver's rest begins; from now on, and at that instant, where it is not said.
    Rest {
        window: (Option<Time>, Option<Time>),
        length: Span,
        place: Option<Spot>,
    },
    StartAt(Time),
}
