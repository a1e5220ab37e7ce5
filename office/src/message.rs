//! Messages to riders and drivers. The office writes them down; a notifier outside carries them.

use mukae_record::codec;
use mukae_units::{BookingId, VehicleId};

use crate::waiting::WaitingId;

numbered! {
    MessageId
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    pub id: MessageId,
    pub to: Recipient,
    pub text: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Recipient {
    /// Who booked.
    Rider(BookingId),
    /// Who drives.
    Driver(VehicleId),
    /// Who waits.
    Waiting(WaitingId),
}

codec! {
    struct Message { id, to, text }
}

codec! {
    enum Recipient {
        0 Rider(booking),
        1 Driver(vehicle),
        2 Waiting(waiting),
    }
}
