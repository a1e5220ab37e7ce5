//! What became of every ask, read off the records of a run.

use std::collections::BTreeMap;

use mukae_engine::{Command, Endogenous};
use mukae_record::Record;
use mukae_record::tour::{Happening, Tours};
use mukae_units::{BookingId, OfferId, ShiftId, Time};

/// How an ask ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Refused,
    Served(Ride),
}

/// A ride that was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ride {
    pub shift: ShiftId,
    /// Boarding begins.
    pub pickup: Time,
    /// Alighting begins.
    pub dropoff: Time,
}

impl Fate {
    pub fn ride(&self) -> Option<Ride> {
        match self {
            Fate::Refused => None,
            Fate::Served(ride) => Some(*ride),
        }
    }
}

/// Follows the records of one run, in which everybody takes the first offer at once.
#[derive(Debug)]
pub(super) struct Watch {
    tours: Tours,
    asked: usize,
    ask_of_offer: BTreeMap<OfferId, usize>,
    ask_of_booking: BTreeMap<BookingId, usize>,
    boarded: BTreeMap<BookingId, (ShiftId, Time)>,
    fates: Vec<Option<Fate>>,
}

impl Watch {
    pub fn new(asks: usize) -> Watch {
        Watch {
            tours: Tours::default(),
            asked: 0,
            ask_of_offer: BTreeMap::new(),
            ask_of_booking: BTreeMap::new(),
            boarded: BTreeMap::new(),
            fates: vec![None; asks],
        }
    }

    pub fn follow(&mut self, record: &[u8]) {
        let record = Record::from_bytes(record).expect("the run wrote it");
        self.asked += usize::from(matches!(record.command(), Command::Quote(_)));
        let ask = self.asked.wrapping_sub(1);
        for event in &record.endogenous {
            match event {
                Endogenous::OfferMade(offer) => _ = self.ask_of_offer.insert(offer.id, ask),
                Endogenous::RequestRefused(_) => self.fates[ask] = Some(Fate::Refused),
                Endogenous::OfferExpired { offer } => _ = self.ask_of_offer.remove(offer),
                Endogenous::BookingConfirmed { booking, offer, .. } => {
                    let ask = self.ask_of_offer.remove(offer).expect("it was made");
                    self.ask_of_booking.insert(*booking, ask);
                }
                _ => {}
            }
        }
        let Watch { tours, boarded, ask_of_booking, fates, .. } = self;
        tours.follow(&record.exogenous, record.endogenous.iter(), &mut |happening| match happening {
            Happening::Boarded { shift, booking, began, .. } => _ = boarded.insert(booking, (shift, began)),
            Happening::Alighted { booking, began, .. } => {
                let (shift, pickup) = boarded.remove(&booking).expect("who alights has boarded");
                let ask = ask_of_booking.remove(&booking).expect("who alights was confirmed");
                fates[ask] = Some(Fate::Served(Ride { shift, pickup, dropoff: began }));
            }
            _ => {}
        });
    }

    pub fn fates(self) -> Vec<Fate> {
        let ended = |(ask, fate): (usize, Option<Fate>)| fate.unwrap_or_else(|| panic!("ask {ask} has no end"));
        self.fates.into_iter().enumerate().map(ended).collect()
    }
}
