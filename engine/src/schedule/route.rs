//! How far a declared trip drives, against what its driver agreed to.
//!
//! Driving time and length of the whole route: what was driven already, and what the plan still
//! drives. Lengths stand here, not in the stops, because no other shift needs them.

use mukae_units::{Metres, Span, TravelTime};

use super::{Plan, Whereabouts};

/// What a declared trip may drive, has driven, and how long its legs are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// Driving time of the direct way and the tolerance.
    pub time_max: Span,
    /// Length of the direct way and the tolerance.
    pub length_max: Metres,
    /// Up to the whereabouts: the place it stands at, or set out from.
    pub driven: Span,
    pub driven_length: Metres,
    /// Of the leg to each stop, then of the way to the end. Zero for a stop the vehicle stands at.
    pub lengths: Vec<Metres>,
    /// It is known that the route will drive more than was agreed to.
    pub is_exceeded: bool,
}

impl Route {
    /// Of the whole route.
    pub fn length(&self) -> Metres {
        self.driven_length + self.lengths.iter().copied().sum()
    }

    /// Adds what was driven away from the plan's legs: to where the vehicle was turned, or was seen.
    pub(crate) fn drive(&mut self, time: TravelTime, length: Metres) {
        self.driven += time.span();
        self.driven_length += length;
    }
}

impl Plan {
    /// Driving time of the whole route; `None` where nobody counts it.
    pub fn route_time(&self) -> Option<Span> {
        let route = self.route.as_ref()?;
        let driven_to = usize::from(matches!(self.whereabouts, Whereabouts::Serving { .. }));
        let ahead: Span = self.stops.iter().skip(driven_to).map(|stop| stop.leg.span()).sum();
        Some(route.driven + ahead + self.to_end.span())
    }

    /// By how much the route passes what was agreed to, in time and in length; `None` where nobody
    /// counts it or nothing is passed.
    pub fn detour_over(&self) -> Option<(Span, Metres)> {
        let (route, time) = (self.route.as_ref()?, self.route_time()?);
        let over_millimetres = route.length().as_millimetres().saturating_sub(route.length_max.as_millimetres());
        let over = ((time - route.time_max).positive_part(), Metres::from_millimetres(over_millimetres));
        (over != (Span::ZERO, Metres::ZERO)).then_some(over)
    }
}
