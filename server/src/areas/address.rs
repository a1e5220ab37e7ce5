//! What a question is about, as far as the way to its area goes.

use std::fmt;

use mukae_units::RiderId;

use crate::names::{
    AlertName, AreaName, BookingName, CheckName, DriverName, ManifestName, MeetingPointName, OfferName, RiderName,
    RoadMeasureName, ServiceName, ShiftName, StandingName, StopName, SupplyName, TenantName, TripName, UsageName,
    VehicleName, WaitingName,
};
use crate::shell::input::{
    AlertList, AlertNoting, Amendment, AreaResume, AskAnswer, Assignment, Breakdown, Cancellation, CancelledTrip,
    ChangedService, ChangedTrip, ChangedVehicle, Deed, Freezing, Holding, Interruption, List, ManifestHad,
    MessageResume, MissedWish, NewCheck, NewDriver, NewMeasure, NewMessage, NewService, NewShift, NewStanding, NewTrip,
    NewVehicle, NewWaiting, OfRider, PairWish, Pinning, PointList, PositionBatch, ProbeTerms, RideWish, ShiftOpening,
    Signed, StandingDate, StandingEnd, StandingUpdate, Suspension, TripReport, UpdatedDriver,
};
use crate::shell::past::Decided;

/// Where a question goes.
#[derive(Clone, Copy, Debug)]
pub enum Address<'a> {
    Area(&'a AreaName),
    /// Where this is.
    Of(Thing<'a>),
    /// Where the tenant's things are.
    Tenant(&'a str),
    /// Which is to be made there.
    NewIn {
        thing: Thing<'a>,
        area: &'a AreaName,
    },
    /// Which is to be made where the tenant's things are.
    New(Thing<'a>),
}

/// What a tenant has in one area.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thing<'a> {
    Service(&'a ServiceName),
    Vehicle(&'a VehicleName),
    Driver(&'a DriverName),
}

/// A question that says where it goes.
pub trait Addressed {
    fn address(&self) -> Address<'_>;

    /// Nothing is made of it.
    fn is_rehearsal(&self) -> bool {
        false
    }
}

impl<'a> Thing<'a> {
    pub fn tenant(&self) -> &'a str {
        match self {
            Thing::Service(name) => &name.tenant,
            Thing::Vehicle(name) => &name.tenant,
            Thing::Driver(name) => &name.tenant,
        }
    }
}

impl fmt::Display for Thing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thing::Service(name) => name.fmt(f),
            Thing::Vehicle(name) => name.fmt(f),
            Thing::Driver(name) => name.fmt(f),
        }
    }
}

macro_rules! addressed {
    ($($name:ty, $self:ident => $address:expr;)*) => {$(
        impl Addressed for $name {
            fn address(&self) -> Address<'_> {
                let $self = self;
                $address
            }
        }
    )*};
}

use Address::{Area, New, NewIn, Of, Tenant};
use Thing::{Driver, Service, Vehicle};

addressed! {
    AreaName, it => Area(it);
    TenantName, it => Tenant(&it.0);
    ServiceName, it => Of(Service(it));
    OfferName, it => Of(Service(&it.service));
    BookingName, it => Of(Service(&it.service));
    VehicleName, it => Of(Vehicle(it));
    ManifestName, it => Of(Vehicle(&it.0));
    ShiftName, it => Of(Vehicle(&it.vehicle));
    StopName, it => Of(Vehicle(&it.vehicle));
    CheckName, it => Of(Vehicle(&it.0.vehicle));
    DriverName, it => Of(Driver(it));
    RoadMeasureName, it => Area(&it.area);
    AlertName, it => Area(&it.area);
    UsageName, it => Area(&it.0);
    SupplyName, it => Area(&it.0);
    Suspension, it => Area(&it.supply.0);
    WaitingName, it => Of(Service(&it.service));
    StandingName, it => Of(Service(&it.service));

    RideWish, it => Of(Service(&it.service));
    Holding, it => it.offer.address();
    Cancellation, it => it.booking.address();
    Amendment, it => it.booking.address();
    NewWaiting, it => it.ride.address();
    MissedWish, it => Of(Service(&it.service));
    PairWish, it => it.rides[0].address();
    NewStanding, it => Of(Service(&it.service));
    StandingUpdate, it => it.standing.address();
    StandingDate, it => it.standing.address();
    StandingEnd, it => it.standing.address();
    OfRider, it => match it {
        OfRider::Offer(offer) => offer.address(),
        OfRider::Booking(booking) => booking.address(),
        OfRider::Waiting(waiting) => waiting.address(),
    };
    (List<ServiceName>, RiderId), it => it.0.address();
    ProbeTerms, it => Of(Service(&it.service));
    NewVehicle, it => NewIn { thing: Vehicle(&it.name), area: &it.area };
    NewShift, it => it.name.address();
    ChangedVehicle, it => Of(Vehicle(&it.name));
    NewService, it => NewIn { thing: Service(&it.name), area: &it.area };
    ChangedService, it => Of(Service(&it.name));
    MeetingPointName, it => Of(Service(&it.service));
    PointList, it => Of(Service(&it.service));
    TripName, it => Tenant(&it.tenant);
    NewTrip, it => it.name.address();
    ChangedTrip, it => it.name.address();
    CancelledTrip, it => it.name.address();
    ShiftOpening, it => it.shift.address();
    NewCheck, it => it.shift.address();
    PositionBatch, it => Of(Vehicle(&it.vehicle));
    TripReport, it => match &it.deed {
        Deed::Depart(stop) | Deed::Arrive(stop) | Deed::EndBreak(stop) => stop.address(),
        Deed::Board { vehicle, .. } | Deed::Alight { vehicle, .. } | Deed::NoShow { vehicle, .. } => vehicle.address(),
        Deed::EndRepositioning(vehicle) => vehicle.address(),
    };
    NewDriver, it => New(Driver(&it.name));
    UpdatedDriver, it => Of(Driver(&it.name));
    AskAnswer, it => Of(Driver(&it.driver));
    NewMeasure, it => Area(&it.area);
    AlertList, it => it.list.address();
    AlertNoting, it => it.alert.address();
    NewMessage, it => Area(&it.area);
    MessageResume, it => Area(&it.area);
    AreaResume, it => Area(&it.area);
    Assignment, it => Area(&it.area);
    Pinning, it => it.booking.address();
    Freezing, it => match it {
        Freezing::Through { vehicle, .. } => vehicle.address(),
        Freezing::Nothing(shift) => shift.address(),
    };
    Breakdown, it => it.shift.address();
    (RiderName, VehicleName), it => Of(Vehicle(&it.1));
    ManifestHad, it => it.manifest.address();
    (ManifestName, Option<ShiftName>), it => it.0.address();
    Decided, it => match it {
        Decided::Booking(name) => name.address(),
        Decided::Offer(name) => name.address(),
        Decided::Quote { service, .. } => service.address(),
    };
    (ShiftName, Interruption), it => it.0.address();
}

/// Of a batch, where its first is; what is elsewhere is asked for by itself.
impl<N: Addressed> Addressed for Vec<N> {
    fn address(&self) -> Address<'_> {
        self.first().expect("a batch names something").address()
    }
}

impl<P: Addressed> Addressed for List<P> {
    fn address(&self) -> Address<'_> {
        self.parent.address()
    }
}

impl<Q: Addressed> Addressed for Signed<Q> {
    fn address(&self) -> Address<'_> {
        self.wish.address()
    }

    fn is_rehearsal(&self) -> bool {
        self.is_rehearsal
    }
}
