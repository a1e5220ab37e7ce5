//! What vehicles really did, read off records and nothing else: drives, boardings, alightings.
//!
//! A schedule says what is planned; a vehicle may be turned on its way, so a drive is only known when
//! it has ended: by arriving, by being sent elsewhere at a decision point, or by going home. Whoever
//! counts kilometres or checks promises reads [`Happening`]s, and needs no dispatcher for it.

use std::collections::BTreeMap;

use mukae_engine::model::Shift;
use mukae_engine::schedule::{Plan, Stop, Task, Whereabouts, report_time};
use mukae_engine::{Command, Endogenous, Exogenous};
use mukae_maps::Place;
use mukae_units::{BookingId, BreakId, Capacity, Seats, ShiftId, Time, TimeWindow};

/// A party on board.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Aboard {
    pub booking: BookingId,
    pub party: Seats,
}

/// What a drive was for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Errand {
    ToPickup,
    ToDropoff,
    /// To where the driver rests.
    ToBreak,
    /// To the end place of the shift.
    Home,
    /// Moved while it had nothing to do.
    Elsewhere,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happening<'a> {
    ShiftOpened {
        shift: ShiftId,
        at: Time,
    },
    /// After the way home.
    ShiftClosed {
        shift: ShiftId,
        at: Time,
    },
    /// A drive, or the part of one that was driven before the vehicle was turned.
    Drove {
        shift: ShiftId,
        from: Place,
        to: Place,
        errand: Errand,
        /// The booking of the stop it leads to.
        for_whom: Option<BookingId>,
        on_board: &'a [Aboard],
        /// When its driver set out, if that was reported; otherwise when the driver did something last.
        since: Time,
        is_since_departure: bool,
        until: Time,
    },
    /// Boarding begins when the vehicle is there and the promised window has begun.
    Boarded {
        shift: ShiftId,
        booking: BookingId,
        place: Place,
        capacity: &'a Capacity,
        began: Time,
        ended: Time,
        /// The party itself included.
        on_board: &'a [Aboard],
    },
    Alighted {
        booking: BookingId,
        place: Place,
        began: Time,
        ended: Time,
    },
    /// The party that the vehicle came for was not there.
    Missed {
        shift: ShiftId,
        booking: BookingId,
    },
    /// The driver took a break.
    Rested {
        shift: ShiftId,
        id: BreakId,
        window: TimeWindow,
        began: Time,
        on_board: &'a [Aboard],
    },
}

/// One shift's vehicle, as the records so far leave it.
#[derive(Clone, Debug)]
struct Tour {
    shift: ShiftId,
    /// `None` for one that ends where its last rider alights.
    home: Option<Place>,
    capacity: Capacity,
    /// Where it stands, or set out from.
    place: Place,
    /// What it did last; nothing it reports happened before.
    last: Time,
    /// What it did last is that it set out.
    is_under_way: bool,
    is_open: bool,
    /// Set while it stands at its first stop.
    arrived: Option<Time>,
    /// Set while it is on the way to where it is likely to be wanted.
    sent_to: Option<Place>,
    /// What is left to do, in order.
    stops: Vec<Stop>,
    on_board: Vec<Aboard>,
}

/// Follows every vehicle of an area through its records.
#[derive(Clone, Debug, Default)]
pub struct Tours {
    tours: BTreeMap<ShiftId, Tour>,
}

impl Tours {
    /// Follows one record and tells what happened, in order.
    pub fn follow<'a>(
        &mut self,
        told: &Exogenous,
        decided: impl Iterator<Item = &'a Endogenous>,
        tell: &mut dyn FnMut(Happening<'_>),
    ) {
        self.hear(told.at, &told.command, tell);
        for event in decided {
            self.adopt(told.at, event, tell);
        }
    }

    fn hear(&mut self, now: Time, command: &Command, tell: &mut dyn FnMut(Happening<'_>)) {
        match command {
            Command::OpenShift { shift, at } => {
                if let Some(tour) = self.tours.get_mut(shift) {
                    tour.open(*at, now, tell);
                }
            }
            Command::EndRepositioning { shift, at } => {
                if let Some(tour) = self.tours.get_mut(shift) {
                    tour.end_move(report_time(*at, tour.last, now), tell);
                    tour.report(*at, now);
                }
            }
            Command::Depart { shift, at, .. } => {
                if let Some(tour) = self.tours.get_mut(shift) {
                    tour.end_move(report_time(*at, tour.last, now), tell);
                    tour.report(*at, now);
                    tour.is_under_way = true;
                }
            }
            Command::ReportNoShow { booking, .. } => {
                if let Some(tour) = self.serving(*booking) {
                    tell(Happening::Missed { shift: tour.shift, booking: *booking });
                }
            }
            Command::Arrive { shift, stop, at } => {
                // who came to a later stop first gets a new plan, which says so
                if let Some(tour) = self.tours.get_mut(shift).filter(|tour| tour.here().any(|next| next.id == *stop)) {
                    tour.arrive(*at, now, tell);
                }
            }
            Command::EndBreak { shift, at, .. } => {
                if let Some(tour) = self.tours.get_mut(shift) {
                    tour.end_break(*at, now, tell);
                }
            }
            Command::Board { booking, at } => {
                if let Some(tour) = self.serving(*booking) {
                    tour.board(*booking, *at, now, tell);
                }
            }
            Command::Alight { booking, at } => {
                if let Some(tour) = self.serving(*booking) {
                    tour.alight(*booking, *at, now, tell);
                }
            }
            Command::BreakDown { shift, .. } => {
                if let Some(tour) = self.tours.get_mut(shift) {
                    tour.home = None; // it does not drive there
                }
            }
            _ => {}
        }
    }

    fn adopt(&mut self, at: Time, decided: &Endogenous, tell: &mut dyn FnMut(Happening<'_>)) {
        match decided {
            Endogenous::ShiftPlanned { shift, capacity, .. } => {
                self.tours.insert(shift.id, Tour::new(shift, capacity.clone()));
            }
            Endogenous::PlanChanged { shift, plan } => {
                if let Some(tour) = self.tours.get_mut(shift) {
                    tour.replan(plan, tell);
                }
            }
            Endogenous::BookingStranded { booking, .. } => {
                for tour in self.tours.values_mut() {
                    tour.on_board.retain(|aboard| aboard.booking != *booking);
                }
            }
            Endogenous::ShiftEnded { shift } => {
                if let Some(mut tour) = self.tours.remove(shift)
                    && tour.is_open
                {
                    tour.end_move(at, tell);
                    tour.go_home(at, tell);
                    tell(Happening::ShiftClosed { shift: *shift, at });
                }
            }
            _ => {}
        }
    }

    /// The vehicle that stands at a stop of this booking.
    fn serving(&mut self, booking: BookingId) -> Option<&mut Tour> {
        self.tours
            .values_mut()
            .find(|tour| tour.arrived.is_some() && tour.here().any(|stop| stop.booking == Some(booking)))
    }
}

impl Tour {
    fn new(shift: &Shift, capacity: Capacity) -> Tour {
        Tour {
            shift: shift.id,
            home: shift.end.as_ref().map(|end| end.place),
            capacity,
            place: shift.start.place,
            last: shift.window.earliest(),
            is_under_way: false,
            is_open: false,
            arrived: None,
            sent_to: None,
            stops: Vec::new(),
            on_board: Vec::new(),
        }
    }

    /// The stops that are made where the vehicle next stands.
    fn here(&self) -> impl Iterator<Item = &Stop> {
        let joined = self.stops.iter().skip(1).take_while(|stop| stop.joins);
        self.stops.iter().take(1).chain(joined)
    }

    /// The stop of a booking where the vehicle stands, whosever turn it was.
    fn take_turn(&mut self, booking: BookingId) -> Stop {
        let stop_idx = self.here().position(|stop| stop.booking == Some(booking)).expect("Tours::serving looked");
        let mut stop = self.stops.remove(stop_idx);
        if let Some(first) = self.stops.first_mut().filter(|_| stop_idx > 0) {
            (stop.joins, first.joins) = (first.joins, true);
        }
        stop
    }

    /// When a report counts as having happened.
    fn report(&mut self, at: Time, now: Time) -> Time {
        self.is_under_way = false;
        self.last = report_time(at, self.last, now);
        self.last
    }

    fn open(&mut self, at: Time, now: Time, tell: &mut dyn FnMut(Happening<'_>)) {
        self.is_open = true;
        let at = self.report(at, now);
        tell(Happening::ShiftOpened { shift: self.shift, at });
    }

    /// Also for a driver who forgot to report the departure.
    fn arrive(&mut self, at: Time, now: Time, tell: &mut dyn FnMut(Happening<'_>)) {
        let Some(stop) = self.stops.first() else { return };
        let to = stop.place;
        self.sent_to = None;
        self.drive(to, report_time(at, self.last, now), tell);
        self.arrived = Some(self.report(at, now));
    }

    fn board(&mut self, booking: BookingId, at: Time, now: Time, tell: &mut dyn FnMut(Happening<'_>)) {
        let ended = self.report(at, now);
        let stop = self.take_turn(booking);
        let arrived = self.arrived.take().expect("Tours::serving looked");
        let began = stop.begin(arrived);
        self.stay(&stop, began, ended);
        let booking = stop.booking.expect("a break is not boarded");
        self.on_board.push(Aboard { booking, party: stop.party });
        let (place, capacity, on_board) = (stop.place, &self.capacity, &self.on_board);
        tell(Happening::Boarded { shift: self.shift, booking, place, capacity, began, ended, on_board });
    }

    fn alight(&mut self, booking: BookingId, at: Time, now: Time, tell: &mut dyn FnMut(Happening<'_>)) {
        let ended = self.report(at, now);
        let stop = self.take_turn(booking);
        let began = self.arrived.take().expect("Tours::serving looked");
        self.stay(&stop, began, ended);
        let booking = stop.booking.expect("nobody alights at a break");
        self.on_board.retain(|aboard| aboard.booking != booking);
        tell(Happening::Alighted { booking, place: stop.place, began, ended });
    }

    fn end_break(&mut self, at: Time, now: Time, tell: &mut dyn FnMut(Happening<'_>)) {
        self.report(at, now);
        let stop = self.stops.remove(0);
        let arrived = self.arrived.take().expect("a break ends where the vehicle stands");
        let Task::Break { id, window, .. } = stop.task else { unreachable!("{} is no break", stop.id) };
        tell(Happening::Rested { shift: self.shift, id, window, began: stop.begin(arrived), on_board: &self.on_board });
    }

    /// Who joins a stop is served as soon as the party before has been.
    fn stay(&mut self, served: &Stop, began: Time, ended: Time) {
        if self.stops.first().is_some_and(|next| next.joins) {
            self.arrived = Some(ended.min(began + served.dwell));
        }
    }

    /// It is where it was sent, or goes on from there.
    fn end_move(&mut self, until: Time, tell: &mut dyn FnMut(Happening<'_>)) {
        if let Some(to) = self.sent_to.take() {
            self.drive_for(Errand::Elsewhere, None, to, until, tell);
        }
    }

    /// A new plan may say that the vehicle is somewhere else by now: at the decision point it is
    /// turned at, or where it was seen.
    fn replan(&mut self, plan: &Plan, tell: &mut dyn FnMut(Happening<'_>)) {
        let was_sent = self.sent_to.take().is_some();
        match plan.whereabouts {
            Whereabouts::Waiting { place, since } if was_sent => {
                self.drive_for(Errand::Elsewhere, None, place, since, tell);
                (self.last, self.is_under_way, self.arrived) = (since, false, None);
            }
            Whereabouts::Waiting { place, since } => {
                self.drive(place, since, tell);
                (self.last, self.is_under_way, self.arrived) = (since, false, None);
            }
            Whereabouts::Driving { from, departed } => {
                self.drive(from, departed, tell);
                (self.last, self.is_under_way, self.arrived) = (departed, true, None);
            }
            Whereabouts::Repositioning { from, departed, to, .. } => {
                self.drive_for(Errand::Elsewhere, None, from, departed, tell);
                (self.last, self.is_under_way, self.arrived) = (departed, true, None);
                self.sent_to = Some(to);
            }
            Whereabouts::Serving { arrived } => {
                if let Some(here) = plan.stops.first() {
                    self.drive(here.place, arrived, tell);
                }
                (self.last, self.is_under_way, self.arrived) = (arrived, false, Some(arrived));
            }
        }
        self.stops.clone_from(&plan.stops);
    }

    fn drive(&mut self, to: Place, until: Time, tell: &mut dyn FnMut(Happening<'_>)) {
        let next = self.stops.first();
        let for_whom = next.and_then(|stop| stop.booking);
        let errand = match next.map(|stop| stop.task) {
            Some(Task::Pickup { .. }) => Errand::ToPickup,
            Some(Task::Dropoff { .. }) => Errand::ToDropoff,
            Some(Task::Break { .. }) => Errand::ToBreak,
            None => Errand::Elsewhere,
        };
        self.drive_for(errand, for_whom, to, until, tell);
    }

    fn drive_for(
        &mut self,
        errand: Errand,
        for_whom: Option<BookingId>,
        to: Place,
        until: Time,
        tell: &mut dyn FnMut(Happening<'_>),
    ) {
        if self.place != to {
            let (shift, from, on_board) = (self.shift, self.place, &self.on_board);
            let (since, is_since_departure) = (self.last.min(until), self.is_under_way);
            tell(Happening::Drove { shift, from, to, errand, for_whom, on_board, since, is_since_departure, until });
            self.place = to;
        }
    }

    fn go_home(&self, until: Time, tell: &mut dyn FnMut(Happening<'_>)) {
        if let Some(to) = self.home.filter(|&home| home != self.place) {
            let (shift, from, on_board) = (self.shift, self.place, &self.on_board);
            let (since, is_since_departure) = (self.last.min(until), false);
            let (errand, for_whom) = (Errand::Home, None);
            tell(Happening::Drove { shift, from, to, errand, for_whom, on_board, since, is_since_departure, until });
        }
    }
}
