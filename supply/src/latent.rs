//! Latent demand: people who want to go somewhere, however often they ask.
//!
//! Who asks again for the same way at about the same time is the same demand, of which the outcome counts in which they
//! committed themselves the most. It counts where, and for when, the first ask does. This is the one place that says when
//! two asks are the same demand: key figures, records of demand and what is learned from them use it.

use std::collections::BTreeMap;

use mukae_engine::model::{Access, Request};
use mukae_maps::Place;
use mukae_maps::geometry::distance;
use mukae_units::{LatLon, Metres, RiderId, Span, Time};

/// Wished windows that begin no farther apart than this are one demand.
pub const SAME_WITHIN: Span = Span::from_mins(30);
/// Points no farther apart than this are one place, where either has no place on a road. An assumption: about what lies
/// between two ways of saying the same hospital.
pub const SAME_PLACE: Metres = Metres::from_metres(150);

/// How a demand stands, or ended; the later in this list, the more its rider had committed themselves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Commitment {
    /// Nobody knows yet.
    Open,
    /// A machine asked, or nobody who said who they are; the offers lapsed.
    SearchOnly,
    UnmetCall,
    DeadlineMissed,
    Refused,
    /// Had offers and let them lapse.
    Abandoned,
    /// Has a booking.
    Booked,
    /// Cancelled while waiting for a driver's answer, a vehicle, or one that was predicted to be late.
    LostToDelay,
    Failed,
    Cancelled,
    NoShow,
    Served,
}

/// One end of a wanted ride, as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct End {
    pub point: LatLon,
    /// Where a vehicle would come to; `None` for a point that was never brought to a road.
    pub place: Option<Place>,
}

/// What tells whether two asks are the same demand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    pub rider: Option<RiderId>,
    pub origin: Option<End>,
    pub destination: Option<End>,
    /// Start of the wished window.
    pub wished: Option<Time>,
}

/// The demand that an ask is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    pub latent: usize,
    /// Nobody asked for it before.
    pub is_new: bool,
}

/// All demands, numbered in the order in which they were asked for first.
#[derive(Clone, Debug, Default)]
pub struct Latents {
    best: Vec<Commitment>,
    /// Of who is known: the way of each demand, by rider and by when it was wished for first.
    ways: BTreeMap<(RiderId, Time, usize), (End, End)>,
}

impl End {
    /// The first way is the door, or the nearest meeting point of a service that comes to none.
    pub fn of(ways: &[Access]) -> Option<End> {
        ways.first().map(|way| End { point: way.spot.asked, place: Some(way.spot.place) })
    }

    pub fn at(point: LatLon) -> End {
        End { point, place: None }
    }

    /// By road places where both are known, else by the distance through the air.
    pub fn is_same(&self, other: &End) -> bool {
        match (self.place, other.place) {
            (Some(one), Some(other)) => one == other,
            _ => distance(self.point, other.point) <= SAME_PLACE,
        }
    }
}

impl Wanted {
    pub fn of(request: &Request) -> Wanted {
        Wanted {
            rider: request.rider,
            origin: End::of(&request.origin),
            destination: End::of(&request.destination),
            wished: Some(request.wish.window().earliest()),
        }
    }

    /// `None` if not enough is known to recognise it.
    fn known(&self) -> Option<(RiderId, Time, (End, End))> {
        Some((self.rider?, self.wished?, (self.origin?, self.destination?)))
    }
}

impl Latents {
    /// The demand that this ask is of: an earlier one, the nearest in time if there are several, or its own.
    pub fn find(&mut self, wanted: &Wanted) -> Found {
        let known = wanted.known();
        if let Some((rider, wished, way)) = known {
            let around = (rider, wished - SAME_WITHIN, 0)..=(rider, wished + SAME_WITHIN, usize::MAX);
            let is_same = |one: &(End, End)| one.0.is_same(&way.0) && one.1.is_same(&way.1);
            let apart = |first: Time| (first - wished).max(wished - first);
            let same = self.ways.range(around).filter(|(_, one)| is_same(one));
            let nearest = same.map(|(&(_, first, latent), _)| (apart(first), latent)).min();
            if let Some((_, latent)) = nearest {
                return Found { latent, is_new: false };
            }
        }
        let latent = self.open();
        if let Some((rider, wished, way)) = known {
            self.ways.insert((rider, wished, latent), way);
        }
        Found { latent, is_new: true }
    }

    /// One that no later ask is recognised by.
    pub fn open(&mut self) -> usize {
        self.best.push(Commitment::Open);
        self.best.len() - 1
    }

    /// An ask of this demand stands so, or ended so. If that counts from now on, returns what counted before.
    pub fn end(&mut self, latent: usize, commitment: Commitment) -> Option<Commitment> {
        let best = &mut self.best[latent];
        (*best < commitment).then(|| std::mem::replace(best, commitment))
    }

    pub fn commitment(&self, latent: usize) -> Commitment {
        self.best[latent]
    }

    pub fn len(&self) -> usize {
        self.best.len()
    }

    pub fn is_empty(&self) -> bool {
        self.best.is_empty()
    }

    /// What is asked for once more is known from before, as far as the demand has a new number here.
    pub fn keep(&mut self, before: Latents, number: &BTreeMap<usize, usize>) {
        let renumbered = before.ways.into_iter().filter_map(|((rider, wished, latent), way)| {
            let latent = *number.get(&latent)?;
            Some(((rider, wished, latent), way))
        });
        self.ways.extend(renumbered);
    }
}

/// How much of a request a demand counts for, in thousandths, by how it ended.
///
/// What was asked for in earnest is a whole one, however it ended. The rest are assumptions until a town's own records
/// say better: which share would have become a ride, had supply been good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LatentWeights {
    pub unmet_call: u32,
    pub abandoned: u32,
    pub search_only: u32,
}

impl LatentWeights {
    /// A whole request.
    pub const WHOLE: u32 = 1000;
    /// A call that nobody took was made in earnest; of who lets an offer lapse, most wanted to go; of searches, some.
    pub const ASSUMED: LatentWeights =
        LatentWeights { unmet_call: LatentWeights::WHOLE, abandoned: 800, search_only: 300 };

    /// `None` while nobody knows.
    pub fn of(&self, commitment: Commitment) -> Option<u32> {
        match commitment {
            Commitment::Open => None,
            Commitment::SearchOnly => Some(self.search_only),
            Commitment::UnmetCall => Some(self.unmet_call),
            Commitment::Abandoned => Some(self.abandoned),
            Commitment::DeadlineMissed
            | Commitment::Refused
            | Commitment::Booked
            | Commitment::LostToDelay
            | Commitment::Failed
            | Commitment::Cancelled
            | Commitment::NoShow
            | Commitment::Served => Some(LatentWeights::WHOLE),
        }
    }
}

#[cfg(test)]
mod tests;
