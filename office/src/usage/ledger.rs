//! Counting records into an account.

use std::collections::BTreeMap;
use std::mem;

use mukae_engine::model::Booking;
use mukae_engine::{Command, Endogenous, Exogenous, State};
use mukae_maps::Place;
use mukae_units::{BookingId, ShiftId, Span, Time};

use super::{Account, Usage, Way, shares};
use mukae_record::tour::{Aboard, Errand, Happening, Tours};

/// Follows an area's records from the first on; what happened in its period counts.
#[derive(Debug)]
pub struct UsageLedger {
    from: Time,
    until: Time,
    /// The tenant of a service or vehicle, from the name under which the dispatcher knows it.
    tenant_of: fn(&str) -> &str,
    tours: Tours,
    shifts: BTreeMap<ShiftId, OpenShift>,
    account: Account,
}

#[derive(Debug)]
struct OpenShift {
    owner: String,
    /// Up to here its time is accounted for.
    accounted: Time,
    /// Empty drives to a pickup that is still to come.
    open: Usage,
}

/// What a record is counted with.
struct Scene<'a> {
    state: &'a State,
    ways: &'a mut dyn FnMut(Place, Place) -> Option<Way>,
}

impl UsageLedger {
    /// Of what happens from `from` on and before `until`.
    pub fn new(from: Time, until: Time, tenant_of: fn(&str) -> &str) -> UsageLedger {
        let account = Account::default();
        UsageLedger { from, until, tenant_of, tours: Tours::default(), shifts: BTreeMap::new(), account }
    }

    /// Counts one record; `state` is the one after it. Ways are asked for only where they count.
    pub fn observe(
        &mut self,
        told: &Exogenous,
        decided: &[Endogenous],
        state: &State,
        ways: &mut dyn FnMut(Place, Place) -> Option<Way>,
    ) {
        let mut scene = Scene { state, ways };
        let mut tours = mem::take(&mut self.tours);
        tours.follow(told, decided.iter(), &mut |happening| self.count(happening, &mut scene));
        self.tours = tours;
        match &told.command {
            Command::Alight { booking, .. } => self.count_ride(*booking, &mut scene),
            Command::ReportNoShow { booking, .. } => self.count_charge(*booking, state),
            _ => {}
        }
        for event in decided {
            if let Endogenous::BookingCancelled { booking, .. } = event {
                self.count_charge(*booking, state);
            }
        }
    }

    /// The account so far.
    pub fn account(&self) -> Account {
        let open = self.shifts.values().fold(Usage::default(), |sum, shift| sum.and(shift.open));
        Account { open, ..self.account.clone() }
    }

    fn is_counted(&self, at: Time) -> bool {
        self.from <= at && at < self.until
    }

    fn count(&mut self, happening: Happening<'_>, scene: &mut Scene<'_>) {
        match happening {
            Happening::ShiftOpened { shift, at } => {
                let vehicle = scene.state.schedules.get(&shift).map(|schedule| schedule.shift.vehicle);
                let vehicle = vehicle.and_then(|vehicle| scene.state.vehicles.get(&vehicle));
                let owner = vehicle.map_or("", |vehicle| (self.tenant_of)(&vehicle.name)).to_owned();
                self.shifts.insert(shift, OpenShift { owner, accounted: at, open: Usage::default() });
            }
            Happening::ShiftClosed { shift, at } => {
                self.stand(shift, at);
                if let Some(closed) = self.shifts.remove(&shift) {
                    self.credit(&closed.owner, closed.open);
                }
            }
            Happening::Drove { shift, from, to, errand, on_board, since, is_since_departure, until, .. } => {
                let is_near = self.from <= until && since < self.until;
                let way = if is_near { (scene.ways)(from, to) } else { None };
                // nobody said when it set out: as late as it could
                let quickest = way.filter(|_| !is_since_departure).map_or(until - since, |way| way.time.span());
                self.stand(shift, since.max(until - quickest));
                self.drive(shift, until, way, errand, on_board, scene.state);
            }
            Happening::Boarded { shift, booking, .. } | Happening::Missed { shift, booking } => {
                let tenant = self.tenant_of_booking(booking, scene.state);
                if let Some(open) = self.shifts.get_mut(&shift).map(|shift| mem::take(&mut shift.open)) {
                    self.credit(&tenant, open);
                }
            }
            Happening::Alighted { .. } | Happening::Rested { .. } => {}
        }
    }

    /// The vehicle stood from when its time was last accounted for until then.
    fn stand(&mut self, shift: ShiftId, until: Time) {
        let (from, to) = (self.from, self.until);
        let Some(open) = self.shifts.get_mut(&shift).filter(|open| open.accounted < until) else { return };
        let since = mem::replace(&mut open.accounted, until);
        let standing = (until.min(to) - since.max(from)).max(Span::ZERO);
        let stood = Usage { standing, ..Usage::default() };
        let owner = open.owner.clone();
        self.account.total = self.account.total.and(stood);
        self.credit(&owner, stood);
    }

    /// It drove from when its time was last accounted for until then; counted when it ended.
    fn drive(
        &mut self,
        shift: ShiftId,
        until: Time,
        way: Option<Way>,
        errand: Errand,
        on_board: &[Aboard],
        state: &State,
    ) {
        let is_counted = self.is_counted(until);
        let Some(open) = self.shifts.get_mut(&shift) else { return };
        let driving = (until - open.accounted).max(Span::ZERO);
        open.accounted = open.accounted.max(until);
        if !is_counted {
            return;
        }
        let metres = way.map_or(0, |way| way.length.as_metres());
        self.account.unmeasured_drives += u64::from(way.is_none());
        let is_empty = on_board.is_empty();
        let empty_metres = if is_empty { metres } else { 0 };
        let driven = Usage { vehicle_metres: metres, empty_metres, driving, ..Usage::default() };
        self.account.total = self.account.total.and(driven);
        let owner = open.owner.clone();
        match errand {
            Errand::ToPickup if is_empty => open.open = open.open.and(driven),
            _ if is_empty => self.credit(&owner, driven),
            _ => self.share(driven, on_board, state),
        }
    }

    /// Person by person; a party of luggage alone counts as one.
    fn share(&mut self, driven: Usage, on_board: &[Aboard], state: &State) {
        let mut persons: BTreeMap<String, u64> = BTreeMap::new();
        for aboard in on_board {
            let tenant = self.tenant_of_booking(aboard.booking, state);
            *persons.entry(tenant).or_default() += u64::from(aboard.party.persons().max(1));
        }
        let weights: Vec<u64> = persons.values().copied().collect();
        let metres = shares(driven.vehicle_metres, &weights);
        let millis = shares(driven.driving.as_millis().unsigned_abs(), &weights);
        for (tenant, (metres, millis)) in persons.keys().zip(metres.into_iter().zip(millis)) {
            let driving = Span::from_millis(i64::try_from(millis).unwrap_or(i64::MAX));
            self.credit(tenant, Usage { vehicle_metres: metres, driving, ..Usage::default() });
        }
    }

    fn count_ride(&mut self, booking: BookingId, scene: &mut Scene<'_>) {
        let Some(ride) = self.ended(booking, scene.state) else { return };
        let passengers = u64::from(ride.request.party.persons());
        let (from, to) = (ride.pickup_spot().place, ride.dropoff_spot().place);
        let direct = (scene.ways)(from, to).map_or(0, |way| way.length.as_metres());
        let ridden = Usage { trips: 1, passengers, rider_metres: direct * passengers, ..Usage::default() };
        self.account.total = self.account.total.and(ridden);
        let tenant = self.tenant_of_booking(booking, scene.state);
        self.credit(&tenant, ridden);
        self.count_charge(booking, scene.state);
    }

    /// What came to be due when the booking ended.
    fn count_charge(&mut self, booking: BookingId, state: &State) {
        let Some(charge) = self.ended(booking, state).and_then(|ended| ended.charge) else { return };
        let due = Usage { fares_yen: u64::from(charge.yen.0), ..Usage::default() };
        self.account.total = self.account.total.and(due);
        let tenant = self.tenant_of_booking(booking, state);
        self.credit(&tenant, due);
    }

    /// A booking that came to its end within the period.
    fn ended<'s>(&self, booking: BookingId, state: &'s State) -> Option<&'s Booking> {
        let booking = state.bookings.get(&booking)?;
        booking.finished_at.is_some_and(|at| self.is_counted(at)).then_some(booking)
    }

    fn tenant_of_booking(&self, booking: BookingId, state: &State) -> String {
        let service = state.bookings.get(&booking).and_then(|booking| state.services.get(&booking.request.service));
        service.map_or("", |service| (self.tenant_of)(&service.name)).to_owned()
    }

    fn credit(&mut self, tenant: &str, usage: Usage) {
        if usage != Usage::default() {
            let row = self.account.rows.entry(tenant.to_owned()).or_default();
            *row = row.and(usage);
        }
    }
}
