//! Why the dispatcher did not accept a command, as an error for who asked.

use jiff::Timestamp;
use mukae_engine::Rejection;
use mukae_engine::model::Binding;
use mukae_proto::transit::operations::v1::MoveRefused;
use mukae_proto::transit::units::v1::ErrorReason;

use crate::errors::Fault;
use crate::wire::refusal::binding;
use crate::wire::to_proto::{self, View};

/// `asked` is the name of the thing that the call was about.
pub(super) fn fault(view: &View<'_>, rejection: &Rejection, asked: &str) -> Fault {
    match rejection {
        Rejection::UnknownService(_)
        | Rejection::UnknownVehicle(_)
        | Rejection::UnknownShift(_)
        | Rejection::UnknownOffer(_)
        | Rejection::UnknownBooking(_)
        | Rejection::UnknownDriver(_)
        | Rejection::UnknownStop { .. } => Fault::not_found(asked),
        Rejection::VehicleExists(_) => Fault::exists(asked),
        Rejection::CapacityTooLarge => Fault::invalid_field("vehicle.capacity", "at most 100 places for each kind"),
        Rejection::BadConcessions => Fault::invalid_field("passengers", "no more people than the party has"),
        Rejection::EmptyParty => Fault::invalid_field("party", "at least one place of some kind"),
        Rejection::ShiftOverlaps(other) => {
            let other = view.annals.shift_of_id(*other).map_or("another shift", |note| note.shift.name.as_str());
            let message = format!("{asked} overlaps {other}; a vehicle has one shift at a time");
            Fault::new(ErrorReason::ShiftOverlaps, message).with("shift", other)
        }
        Rejection::ShiftTooShort => {
            let message = format!("no vehicle drives from the start of {asked} to its end in the time between");
            Fault::new(ErrorReason::ShiftTooShort, message)
        }
        Rejection::ShiftNotOpen(_) => Fault::new(ErrorReason::NoOpenShift, "the vehicle has no open shift"),
        Rejection::ShiftAlreadyOpen(open) => {
            let open = view.annals.shift_of_id(*open).map_or(asked, |note| note.shift.name.as_str());
            let message = format!("{open} is open; close it first");
            Fault::new(ErrorReason::WrongShiftState, message).with("state", "OPEN").with("shift", open)
        }
        Rejection::ShiftOver(_) => {
            Fault::new(ErrorReason::WrongShiftState, format!("{asked} is over: its end time has passed"))
                .with("state", "CLOSED")
        }
        Rejection::RidersOnBoard(_) => {
            Fault::new(ErrorReason::RidersOnBoard, "there are riders on board; let them alight first")
        }
        Rejection::OfferExpired(_) => {
            Fault::new(ErrorReason::OfferExpired, format!("{asked} has expired; quote again")).with("name", asked)
        }
        Rejection::OfferUsed { booking, .. } => offer_used(view, *booking, asked),
        Rejection::WrongState { booking, .. } => wrong_state(view, *booking, asked),
        Rejection::NotNext { .. } => {
            Fault::new(ErrorReason::PlanChanged, format!("{asked} is not the next stop; the details hold what is"))
        }
        Rejection::NotArrived { .. } => {
            Fault::new(ErrorReason::NotAtStop, "the vehicle has not reported its arrival at the stop")
        }
        Rejection::AlreadyUnderWay { .. } => {
            Fault::new(ErrorReason::AlreadyUnderWay, "the vehicle is driving already, or at the stop already")
        }
        Rejection::TooEarlyForNoShow { from } => {
            let from = Timestamp::from_millisecond(from.as_unix_millis()).unwrap_or(Timestamp::UNIX_EPOCH);
            let message = format!("riders may be given up from {from} on");
            Fault::new(ErrorReason::NoShowTooEarly, message).with("earliest_time", from)
        }
        Rejection::OffRoad => Fault::new(ErrorReason::PlaceOffRoad, "no road leads there from where the vehicle is"),
        Rejection::HoldOutside { to, .. } => {
            let to = Timestamp::from_millisecond(to.as_unix_millis()).unwrap_or(Timestamp::UNIX_EPOCH);
            let message = format!("{asked} can be held until {to} at most");
            Fault::new(ErrorReason::HoldTooLong, message).with("latest_time", to)
        }
        Rejection::NotHeld(_) => Fault::new(ErrorReason::NotHeld, format!("nobody holds {asked}")),
        Rejection::MoveRefused { binding, .. } => move_refused(asked.to_owned(), binding),
        Rejection::NotRepositioning(_) => Fault::new(
            ErrorReason::PlanChanged,
            format!("{asked} is not on its way to where it waits, or not any more"),
        ),
        Rejection::NoSuchPosition(_) => {
            Fault::new(ErrorReason::PlanChanged, format!("{asked}: there is no such place in the plan"))
        }
        Rejection::StartOutside { from, to } => {
            let [from, to] = [from, to].map(|time| Timestamp::from_millisecond(time.as_unix_millis()));
            let [from, to] = [from, to].map(|time| time.unwrap_or(Timestamp::UNIX_EPOCH));
            Fault::invalid_field("start_time", format!("{from} to {to}"))
        }
        Rejection::DriverToBeAsked(_) => Fault::new(
            ErrorReason::DriverToBeAsked,
            format!("{asked} can be confirmed, not held: its driver is asked first"),
        ),
        // nobody can ask a driver to stand by yet
        Rejection::MayNotStandBy(_) | Rejection::NotAskedToStandBy(_) => Fault::bug(rejection),
        // an amendment has the service of its booking's name, and two rides are never too many
        Rejection::OtherService(_) | Rejection::BadCount => Fault::bug(rejection),
        // no call can lead to these yet: drivers, breaks and declared trips come with the interface for them
        Rejection::NotAsked { .. } => {
            Fault::new(ErrorReason::NotAsked, format!("nobody asks this driver about {asked}, or not any more"))
        }
        Rejection::AskExpired { .. } => {
            Fault::new(ErrorReason::AskExpired, format!("the time to answer about {asked} is over"))
        }
        Rejection::BreaksDoNotFit(_) => {
            let message = "a break begins outside its window, the shift ends late with it, or the direct way is longer \
                           than the detour allows";
            Fault::new(ErrorReason::BreaksDoNotFit, message)
        }
        // the fields were checked
        Rejection::BadOnCall(_) => Fault::bug(rejection),
        Rejection::TripWithoutEnd(_) => Fault::invalid_field("shift.end_place", "required for a declared trip"),
        Rejection::DriverExists(_) => Fault::exists(asked),
        Rejection::NotABreak { .. }
        | Rejection::OtherMap { .. }
        | Rejection::BadAccess
        | Rejection::BadChoice
        | Rejection::BadWeights
        | Rejection::NoPolicy
        | Rejection::ServiceExists(_)
        | Rejection::ShiftExists(_)
        | Rejection::BadMoves
        | Rejection::StaleOrders
        | Rejection::BadOrders
        | Rejection::OrdersBreakPromises
        | Rejection::NotBetter
        | Rejection::BadSupplyRules
        | Rejection::BadOutlook { .. }
        | Rejection::FeatureExists(_)
        | Rejection::UnknownFeature(_)
        | Rejection::BadTariff
        | Rejection::ZoneExists(_)
        | Rejection::TooManyFeatures => Fault::bug(rejection),
    }
}

/// What can not be put by hand where it is wanted, and why.
pub(super) fn move_refused(booking: String, binds: &[Binding]) -> Fault {
    let binding_constraints: Vec<_> = binds.iter().map(binding).collect();
    let why: Vec<&str> = binding_constraints.iter().map(|one| one.text.as_str()).collect();
    let message = format!("{booking} can not be put there: {}", why.join("; "));
    Fault::new(ErrorReason::MoveRefused, message).with_detail(&MoveRefused { booking, binding_constraints })
}

fn offer_used(view: &View<'_>, booking: mukae_units::BookingId, asked: &str) -> Fault {
    let name =
        view.state.bookings.get(&booking).map(|booking| to_proto::booking(view, booking).name).unwrap_or_default();
    Fault::new(ErrorReason::OfferUsed, format!("{asked} became {name} before")).with("booking", name)
}

fn wrong_state(view: &View<'_>, booking: mukae_units::BookingId, asked: &str) -> Fault {
    let state = view.state.bookings.get(&booking).map(|booking| to_proto::booking(view, booking).state());
    let state = state.unwrap_or_default().as_str_name();
    let state = state.strip_prefix("STATE_").unwrap_or(state);
    let message = format!("{asked} is {state}, which does not allow this");
    Fault::new(ErrorReason::WrongBookingState, message).with("state", state)
}
