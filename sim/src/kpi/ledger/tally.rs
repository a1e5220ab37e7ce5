//! What is counted of an hour of a day, or of a hamlet on a day: sums and values that add up to any longer stretch.

use std::collections::BTreeMap;

use mukae_engine::model::{Channel, Constraint};
use mukae_record::tour::{Aboard, Errand};
use mukae_units::{Metres, Span, Time, TravelTime};

use super::ride::{Ride, persons};
use crate::kpi::Kpis;
use crate::kpi::spread::Values;

/// What adds up is named once: its place in the tally, in a sum of tallies and among the key figures.
macro_rules! tally {
    ($($sum:ident: $kind:ty),*; $($values:ident),*) => {
        #[derive(Clone, Debug, Default)]
        pub(super) struct Tally {
            $(pub $sum: $kind,)*
            $(pub $values: Values,)*
            pub requests_by_channel: BTreeMap<Channel, u64>,
            pub refused_by: BTreeMap<Constraint, u64>,
            pub asks_week_max: u64,
        }

        impl Tally {
            pub fn add(&mut self, later: &Tally) {
                $(self.$sum += later.$sum;)*
                $(self.$values.append(&later.$values);)*
                add(&mut self.requests_by_channel, &later.requests_by_channel);
                add(&mut self.refused_by, &later.refused_by);
                self.asks_week_max = self.asks_week_max.max(later.asks_week_max);
            }

            pub fn kpis(self, open: Open) -> Kpis {
                let Open { offers_open, bookings_open, unassigned, shifts_open } = open;
                Kpis {
                    $($sum: self.$sum,)*
                    $($values: self.$values.spread(),)*
                    requests_by_channel: self.requests_by_channel,
                    refused_by: self.refused_by,
                    asks_week_max: self.asks_week_max,
                    offers_open,
                    bookings_open,
                    unassigned,
                    shifts_open,
                }
            }
        }
    };
}

tally! {
    requests: u64, offered: u64, refused: u64, not_taken: u64, confirmed: u64, cancelled: u64, lost_to_delay: u64,
    no_shows: u64, failed: u64, served: u64, riders_served: u64, promises_at_risk: u64, promises_broken: u64,
    latent: u64, latent_served: u64, latent_refused: u64, latent_abandoned: u64, latent_lost: u64,
    pickups: u64, pickups_on_time: u64, pickups_punctual: u64, pooled: u64, asks: u64, asks_ended: u64, asks_accepted: u64,
    driven: Metres, driven_empty: Metres, empty_to_pickup: Metres, empty_reposition: Metres, empty_to_break: Metres,
    empty_home: Metres, rider_millimetres: u64, unmeasured_drives: u64, shifts_closed: u64, shift_time: Span, shifts_called: u64;
    wait_from_request, wait_from_promise, ride_time, ride_ratio, time_to_confirm
}

/// What has not ended yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Open {
    pub offers_open: u64,
    pub bookings_open: u64,
    pub unassigned: u64,
    pub shifts_open: u64,
}

fn add<K: Copy + Ord>(counts: &mut BTreeMap<K, u64>, later: &BTreeMap<K, u64>) {
    for (&key, count) in later {
        *counts.entry(key).or_default() += count;
    }
}

/// What people who are fetched at a promised time are used to: so much before it, or after.
const PUNCTUAL_BEFORE: Span = Span::from_mins(5);
const PUNCTUAL_AFTER: Span = Span::from_mins(10);

impl Tally {
    pub fn drive(&mut self, length: Metres, errand: Errand, on_board: &[Aboard]) {
        let riders: u64 = on_board.iter().map(|aboard| persons(aboard.party)).sum();
        self.driven += length;
        self.rider_millimetres += length.as_millimetres() * riders;
        if on_board.is_empty() {
            self.driven_empty += length;
            match errand {
                Errand::ToPickup => self.empty_to_pickup += length,
                Errand::ToBreak => self.empty_to_break += length,
                Errand::Home => self.empty_home += length,
                // whose rider had to leave it is moved, too
                Errand::Elsewhere | Errand::ToDropoff => self.empty_reposition += length,
            }
        }
    }

    pub fn pickup(&mut self, ride: &Ride, began: Time) {
        let promised = ride.promise.pickup;
        self.pickups += 1;
        self.pickups_on_time += u64::from(promised.contains(began));
        let is_punctual =
            promised.earliest() - PUNCTUAL_BEFORE <= began && began <= promised.earliest() + PUNCTUAL_AFTER;
        self.pickups_punctual += u64::from(is_punctual);
        self.wait_from_promise.push((began - promised.earliest()).as_millis());
        if let Some(from) = ride.departs_from {
            self.wait_from_request.push((began - from).as_millis());
        }
    }

    /// A ride that ended: `time` on board, if it is known when it began.
    pub fn ride(&mut self, ride: &Ride, time: Option<Span>) {
        self.served += 1;
        self.riders_served += ride.persons;
        self.pooled += u64::from(ride.is_pooled);
        self.promises_broken += u64::from(ride.is_broken);
        let Some(time) = time else { return };
        self.ride_time.push(time.as_millis());
        if TravelTime::ZERO < ride.direct {
            self.ride_ratio.push(time.as_millis() * 1000 / ride.direct.span().as_millis());
        }
    }
}
