//! What a decision of the desk does to riders and drivers: the list a dispatcher reads before saying yes.

use mukae_units::{BookingId, BreakId, Metres, OfferId, ShiftId, Span, Time};

use crate::event::Breach;
use crate::model::Limit;

/// One thing that becomes otherwise. Told by comparing predictions before and after: also what was late already and
/// gets later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consequence {
    /// Another vehicle comes, or one at last: `from` is `None` for a party that had none.
    Moved { booking: BookingId, from: Option<ShiftId>, to: ShiftId },
    /// It has no vehicle any more.
    Unassigned { booking: BookingId },
    /// It is given up.
    Failed { booking: BookingId },
    /// It waits at the roadside.
    Stranded { booking: BookingId },
    /// The driver of this shift is asked first.
    Asked { booking: BookingId, shift: ShiftId, deadline: Time },
    /// This limit of its promise is predicted to be missed, or by more than it was.
    Breaks { booking: BookingId, breach: Breach },
    /// This limit is kept again.
    Kept { booking: BookingId, limit: Limit },
    /// The place that was kept for it is gone.
    HoldLost { offer: OfferId },
    /// A break is predicted to begin after its window, or later still.
    BreakLate { shift: ShiftId, id: BreakId, predicted: Time, latest: Time },
    /// The vehicle is predicted to be back after the end of its shift, or later still.
    EndsLate { shift: ShiftId, predicted: Time, latest: Time },
    /// A declared trip drives for longer, or farther, than its driver agreed to.
    DetourExceeded { shift: ShiftId, time: Span, length: Metres },
}
