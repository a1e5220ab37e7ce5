//! Typed ids and the vector that is indexed by one kind of id and nothing else.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($repr:ty), $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $repr);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
    )*};
}

ids! {
    /// A set of booking rules and promises inside an area.
    ServiceId(u32), "svc";
    /// A rider, as a pseudonym: who it is stands in no room that decides.
    RiderId(u64), "r";
    /// A proposal made to a rider, until it expires.
    OfferId(u64), "o";
    /// A confirmed request over its whole life.
    BookingId(u64), "b";
    VehicleId(u32), "v";
    /// One vehicle's work from one place and time to another.
    ShiftId(u32), "sh";
    /// A visit in a vehicle's schedule; its position is a separate thing.
    StopId(u64), "st";
    /// Something a vehicle or its driver can do, and a rider may need.
    FeatureId(u32), "f";
    /// A part of an area with rules of its own.
    ZoneId(u32), "z";
    /// A break of a shift, counted within it.
    BreakId(u32), "br";
    /// Somebody who drives.
    DriverId(u32), "d";
}

/// An id that counts from zero and may index an [`IdVec`].
pub trait DenseId: Copy {
    fn from_index(index: usize) -> Self;
    fn index(self) -> usize;
}

/// A vector indexed by its own id and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct IdVec<I, T> {
    items: Vec<T>,
    ids: PhantomData<fn(I)>,
}

impl<I: DenseId, T> IdVec<I, T> {
    pub fn new() -> Self {
        IdVec::from(Vec::new())
    }

    pub fn push(&mut self, item: T) -> I {
        self.items.push(item);
        I::from_index(self.items.len() - 1)
    }

    pub fn get(&self, id: I) -> Option<&T> {
        self.items.get(id.index())
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (I, &T)> {
        self.items.iter().enumerate().map(|(index, item)| (I::from_index(index), item))
    }

    pub fn ids(&self) -> impl ExactSizeIterator<Item = I> + use<I, T> {
        (0..self.items.len()).map(I::from_index)
    }

    pub fn as_slice(&self) -> &[T] {
        &self.items
    }
}

impl<I: DenseId, T> From<Vec<T>> for IdVec<I, T> {
    fn from(items: Vec<T>) -> Self {
        IdVec { items, ids: PhantomData }
    }
}

impl<I: DenseId, T> Default for IdVec<I, T> {
    fn default() -> Self {
        IdVec::new()
    }
}

impl<I: DenseId, T> Index<I> for IdVec<I, T> {
    type Output = T;
    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: DenseId, T> IndexMut<I> for IdVec<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}

impl<I, T: fmt::Debug> fmt::Debug for IdVec<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.items).finish()
    }
}
