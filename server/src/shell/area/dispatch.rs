//! The desk: moves by hand, pins, frozen stops, interruptions, and why things are as they are.

use mukae_engine::model::{Booking, BookingState};
use mukae_engine::{Answer, Command, Consequence, Move, MoveTo, Rejection, Subject, Suggestions, Work};
use mukae_office::Fact;
use mukae_proto::transit::operations::v1 as pb;
use mukae_record::Origin;
use mukae_units::{BookingId, ShiftId, StopId, TimeWindow};

use super::Area;
use super::rejection::{fault, move_refused};
use crate::errors::Fault;
use crate::names::{AreaName, BookingName, OfferName, ShiftName, VehicleName};
use crate::shell::input::{
    Assignment, Breakdown, Destination, Freezing, HandMove, Interruption, List, Pinning, RideWish, Signed,
};
use crate::wire::{listed, refusal, to_proto};
use mukae_proto::transit::units::v1::ErrorReason;

impl Area {
    pub(super) fn suggest_assignments(&mut self, name: BookingName) -> Result<pb::SuggestAssignmentsResponse, Fault> {
        let booking = self.booking(&name)?.id;
        let explanation = self.explain(Subject::Booking(booking), &name.to_string())?;
        Ok(pb::SuggestAssignmentsResponse { explanation: Some(explanation) })
    }

    pub(super) fn explain_booking(&mut self, name: BookingName) -> Result<pb::Explanation, Fault> {
        let booking = self.booking(&name)?.id;
        self.explain(Subject::Booking(booking), &name.to_string())
    }

    pub(super) fn explain_offer(&mut self, name: OfferName) -> Result<pb::Explanation, Fault> {
        let (offer, _) = self.find_offer(&name).ok_or_else(|| Fault::not_found(&name))?;
        self.explain(Subject::Offer(&offer), &name.to_string())
    }

    pub(super) fn explain_quote(&mut self, wish: RideWish) -> Result<pb::Explanation, Fault> {
        let name = wish.service.to_string();
        match self.request_of(&wish).map_err(|fault| fault.within("quote"))? {
            Ok(request) => self.explain(Subject::Request(&request), &name),
            Err(kinds) => Ok(pb::Explanation {
                binding_constraints: refusal::refusal_of(&kinds).binding_constraints,
                explain_time: Some(to_proto::timestamp(self.now())),
                ..pb::Explanation::default()
            }),
        }
    }

    fn explain(&mut self, subject: Subject<'_>, name: &str) -> Result<pb::Explanation, Fault> {
        let current = match subject {
            Subject::Booking(booking) => self.scribe.state().bookings.get(&booking).and_then(|found| found.shift),
            Subject::Offer(offer) => Some(offer.shift),
            Subject::Request(_) => None,
        };
        let suggested = self.suggest(subject).map_err(|rejection| fault(&self.view(), &rejection, name))?;
        Ok(to_proto::explanation(&self.view(), &suggested, current))
    }

    /// With a memory of its own: what is suggested is no reason to forget what quotes have seen.
    fn suggest(&mut self, subject: Subject<'_>) -> Result<Suggestions, Rejection> {
        let now = self.now();
        self.scribe.dispatcher().suggest(now, subject, &mut Work::new(&mut self.roads))
    }

    pub(super) fn assign_bookings(&mut self, signed: Signed<Assignment>) -> Result<pb::AssignBookingsResponse, Fault> {
        let Signed { origin, wish: Assignment { area, moves: wanted, reason }, .. } = signed;
        let bookings: Vec<BookingId> = wanted.iter().map(|one| one.booking.booking).collect();
        let (answer, is_new) = match self.recall(&origin)? {
            Some(answer) => (answer, false),
            None => {
                if area != self.config.area.name {
                    return Err(Fault::not_found(&area));
                }
                let moves = wanted.iter().map(|one| self.hand_move(one)).collect::<Result<Vec<Move>, Fault>>()?;
                (self.take(&origin, Command::Assign { moves })?.answer, true)
            }
        };
        let name_of = |booking: BookingId| wanted.iter().find(|one| one.booking.booking == booking);
        let told = match &answer {
            Answer::Changed(told) => to_proto::consequences(&self.view(), told),
            Answer::Rejected(Rejection::MoveRefused { booking, binding }) => {
                let name = name_of(*booking).map(|one| one.booking.to_string()).unwrap_or_default();
                return Err(move_refused(name, binding));
            }
            Answer::Rejected(Rejection::WrongState { booking, .. }) => {
                let name = name_of(*booking).map(|one| one.booking.to_string()).unwrap_or_default();
                let Answer::Rejected(rejection) = &answer else { unreachable!("it was just matched") };
                return Err(fault(&self.view(), rejection, &name));
            }
            Answer::Rejected(Rejection::UnknownStop { shift, stop }) => {
                let name = format!("{}: stop {stop}", self.view().shift_name(*shift));
                let message = format!("{name} is not in the plan any more, or of a party that is moved too");
                return Err(Fault::new(ErrorReason::PlanChanged, message));
            }
            Answer::Rejected(rejection) => return Err(fault(&self.view(), rejection, &area.to_string())),
            other => return Err(Fault::bug(other)),
        };
        if is_new && !reason.trim().is_empty() {
            let fact = Fact::Overruled { bookings: bookings.clone(), reason };
            self.take_fact(&Origin::of(origin.principal), fact, ("the moves", "reason"))?;
        }
        let view = self.view();
        let found = bookings.iter().filter_map(|booking| view.state.bookings.get(booking));
        let bookings = found.map(|booking| to_proto::booking(&view, booking)).collect();
        Ok(pb::AssignBookingsResponse { bookings, consequences: Some(told) })
    }

    fn hand_move(&self, wanted: &HandMove) -> Result<Move, Fault> {
        let booking = self.booking(&wanted.booking)?.id;
        let to = match &wanted.to {
            Destination::At { shift, before, overrules } => MoveTo::At {
                shift: self.live_shift(shift)?,
                before_pickup: before.0,
                before_dropoff: before.1,
                overrules: *overrules,
            },
            Destination::Into(shift) => MoveTo::Into(self.live_shift(shift)?),
            Destination::Nowhere => MoveTo::Nowhere,
        };
        Ok(Move { booking, to })
    }

    pub(super) fn pin_booking(&mut self, signed: Signed<Pinning>) -> Result<pb::PinBookingResponse, Fault> {
        let Signed { origin, wish: Pinning { booking: name, is_pinned }, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let booking = self.booking(&name)?.id;
                self.take(&origin, Command::PinBooking { booking, pinned: is_pinned })?.answer
            }
        };
        self.noted(&answer, &name.to_string())?;
        let booking = to_proto::booking(&self.view(), self.booking(&name)?);
        Ok(pb::PinBookingResponse { booking: Some(booking), consequences: Some(pb::Consequences::default()) })
    }

    pub(super) fn freeze_stops(&mut self, signed: Signed<Freezing>) -> Result<pb::FreezeStopsResponse, Fault> {
        let Signed { origin, wish, .. } = signed;
        let name = match &wish {
            Freezing::Through { vehicle, stop } => format!("{vehicle}/stops/{stop}"),
            Freezing::Nothing(shift) => shift.to_string(),
        };
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let (shift, through) = match wish {
                    Freezing::Through { vehicle, stop } => (self.shift_with(&vehicle, stop, &name)?, Some(stop)),
                    Freezing::Nothing(shift) => (self.live_shift(&shift)?, None),
                };
                self.take(&origin, Command::FreezeStops { shift, through })?.answer
            }
        };
        self.noted(&answer, &name)?;
        Ok(pb::FreezeStopsResponse { through_stop: name, consequences: Some(pb::Consequences::default()) })
    }

    /// The shift of a vehicle in whose plan this stop is.
    fn shift_with(&self, vehicle: &VehicleName, stop: StopId, name: &str) -> Result<ShiftId, Fault> {
        let vehicle = self.vehicle(vehicle)?;
        let of_vehicle = self.scribe.state().schedules.values().filter(|schedule| schedule.shift.vehicle == vehicle);
        let mut with_stop = of_vehicle.filter(|schedule| schedule.stops().iter().any(|other| other.id == stop));
        with_stop.next().map(|schedule| schedule.shift.id).ok_or_else(|| Fault::not_found(name))
    }

    pub(super) fn report_breakdown(&mut self, signed: Signed<Breakdown>) -> Result<pb::ReportBreakdownResponse, Fault> {
        let Signed { origin, wish: Breakdown { shift: name, at, place }, .. } = signed;
        let command = |area: &Area| {
            let (shift, at) = (area.live_shift(&name)?, at.unwrap_or_else(|| area.now()));
            Ok(Command::BreakDown { shift, place: place.map(|spot| spot.place), at })
        };
        let told = self.change(&origin, &name.to_string(), command)?;
        Ok(pb::ReportBreakdownResponse { consequences: Some(to_proto::consequences(&self.view(), &told)) })
    }

    pub(super) fn interrupt_shift(
        &mut self,
        signed: Signed<(ShiftName, Interruption)>,
    ) -> Result<pb::InterruptShiftResponse, Fault> {
        let Signed { origin, wish: (name, interruption), .. } = signed;
        let command = |area: &Area| {
            let shift = area.live_shift(&name)?;
            Ok(match interruption {
                Interruption::StartAt(start) => Command::DelayShift { shift, start },
                Interruption::Rest { window: (earliest, latest), length, place } => {
                    let now = area.now();
                    let earliest = earliest.unwrap_or_else(|| latest.map_or(now, |latest| now.min(latest)));
                    let window = TimeWindow::new(earliest, latest.unwrap_or(earliest));
                    let window = window.expect("a window that ends before it starts was turned down before");
                    let start = || area.scribe.state().schedules[&shift].shift.start.clone();
                    Command::InterruptShift { shift, place: place.unwrap_or_else(start), window, length }
                }
            })
        };
        let told = self.change(&origin, &name.to_string(), command)?;
        Ok(pb::InterruptShiftResponse { consequences: Some(to_proto::consequences(&self.view(), &told)) })
    }

    /// Says a command whose answer is what it does; a repeated call gets the first answer.
    fn change(
        &mut self,
        origin: &Origin,
        name: &str,
        command: impl FnOnce(&Area) -> Result<Command, Fault>,
    ) -> Result<Vec<Consequence>, Fault> {
        let answer = match self.recall(origin)? {
            Some(answer) => answer,
            None => {
                let command = command(self)?;
                self.take(origin, command)?.answer
            }
        };
        match answer {
            Answer::Changed(told) => Ok(told),
            Answer::Rejected(Rejection::BreaksDoNotFit(_)) => {
                let message =
                    format!("{name}: no road leads to the place of the break and on, or the shift is over by then");
                Err(Fault::new(ErrorReason::BreaksDoNotFit, message))
            }
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, name)),
            other => Err(Fault::bug(other)),
        }
    }

    pub(super) fn list_unassigned(
        &mut self,
        list: List<AreaName>,
    ) -> Result<pb::ListUnassignedBookingsResponse, Fault> {
        if list.parent != self.config.area.name {
            return Err(Fault::not_found(&list.parent));
        }
        let view = self.view();
        let found = view.state.bookings.range(BookingId(list.page.range_start())..).map(|(_, booking)| booking);
        let has_none = |booking: &&Booking| matches!(booking.state, BookingState::Unassigned | BookingState::Stranded);
        let drawn = found.filter(has_none).map(|booking| (booking.id.0, to_proto::booking(&view, booking)));
        let seen = drawn.filter(|(_, booking)| list.sieve.sees(&booking.name));
        let (bookings, next_page_token) = list.sieve.cut(&list.page, listed::BOOKINGS, seen);
        Ok(pb::ListUnassignedBookingsResponse { bookings, next_page_token })
    }
}
