//! The areas that one process serves, and which of them a call is about.
//!
//! Each area is a house of its own: its journal, its committer, its task. Only the way to them is shared. A call names an
//! area, or something of a tenant that is in one; the directory knows where. An area that can not be served is answered
//! for with `AREA_UNAVAILABLE`, and the others go on.

mod address;
mod directory;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mukae_maps::PreparedMap;
use mukae_units::Metres;
use tokio::sync::mpsc::WeakSender;

pub use address::{Address, Addressed};
pub use directory::Directory;

use crate::caller::Caller;
use crate::errors::Fault;
use crate::metrics::AreaMeters;
use crate::names::AreaName;
use crate::shell::accounts::Accounts;
use crate::shell::area_loop::AreaHandle;
use crate::shell::committer::Entry;
use crate::shell::demand::Demand;
use crate::shell::input::{Ask, Input};
use crate::shell::past::Past;
use crate::shell::probing::Probing;
use mukae_proto::transit::units::v1::ErrorReason;

/// The way in to all areas. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Areas(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// In the order of their names.
    areas: Vec<Served>,
    directory: Directory,
}

/// An area that this process serves, or would.
#[derive(Debug)]
pub struct Served {
    pub name: AreaName,
    /// `None` if its configuration or its map can not be read.
    pub ground: Option<Ground>,
    /// `None` if it was never taken up.
    pub desk: Option<AreaDesk>,
    is_down: AtomicBool,
}

/// Where an area's places lie.
#[derive(Clone, Debug)]
pub struct Ground {
    pub map: Arc<PreparedMap>,
    pub snap_limit: Metres,
}

/// Where an area is asked.
#[derive(Debug)]
pub struct AreaDesk {
    pub handle: AreaHandle,
    /// Where rides are probed, beside the area.
    pub probing: Arc<Probing>,
    /// Where demand is read from, likewise.
    pub demand: Arc<Demand>,
    /// Where the past is replayed, likewise.
    pub past: Arc<Past>,
    /// Where usage is counted, likewise.
    pub accounts: Arc<Accounts>,
    pub meters: AreaMeters,
    /// What is on its way to the journal; does not keep it open.
    pub entries: WeakSender<Entry>,
}

impl AreaDesk {
    /// Entries that wait for the journal's thread.
    pub fn journal_waiting(&self) -> usize {
        self.entries.upgrade().map_or(0, |entries| entries.max_capacity() - entries.capacity())
    }
}

impl Served {
    pub fn new(name: AreaName, ground: Option<Ground>, desk: Option<AreaDesk>) -> Served {
        Served { is_down: AtomicBool::new(desk.is_none()), name, ground, desk }
    }

    /// The way in, if there is one now.
    pub fn desk(&self) -> Result<&AreaDesk, Fault> {
        let is_up = !self.is_down.load(Ordering::Acquire);
        self.desk.as_ref().filter(|_| is_up).ok_or_else(|| Fault::area_unavailable(&self.name))
    }

    pub fn is_up(&self) -> bool {
        !self.is_down.load(Ordering::Acquire)
    }
}

impl Areas {
    /// `areas` in the order of their names, at least one; `directory` counts them in that order.
    pub fn new(areas: Vec<Served>, directory: Directory) -> Areas {
        assert!(!areas.is_empty(), "a server without an area does not start");
        Areas(Arc::new(Inner { areas, directory }))
    }

    /// All of them, by name.
    pub fn all(&self) -> &[Served] {
        &self.0.areas
    }

    /// From now on this one is answered for.
    pub fn take_down(&self, name: &AreaName) {
        if let Some(area) = self.all().iter().find(|area| area.name == *name) {
            area.is_down.store(true, Ordering::Release);
        }
    }

    /// Asks the area that the question is about, and waits for its answer.
    pub async fn ask<Q: Addressed, A>(&self, wrap: fn(Ask<Q, A>) -> Input, question: Q) -> Result<A, Fault> {
        let number = self.number_of(&question.address())?;
        let area = &self.0.areas[number];
        let desk = area.desk()?;
        if self.all().len() == 1 {
            return desk.handle.ask(wrap, question).await;
        }
        let (is_rehearsal, claim) = (question.is_rehearsal(), self.claim(&question.address(), number)?);
        let answer = desk.handle.ask(wrap, question).await;
        let is_refused = answer.as_ref().is_err_and(|fault| !fault.leaves_open());
        if let Some(claim) = claim
            && (is_rehearsal || is_refused)
        {
            self.0.directory.forget(&claim);
        }
        answer.map_err(|fault| match fault.reason() {
            ErrorReason::NotReady if !area.is_up() => Fault::area_unavailable(&area.name),
            _ => fault,
        })
    }

    /// A batch in parts that are of one area each, in their order.
    pub fn parted<N: Addressed>(&self, names: Vec<N>) -> Vec<Vec<N>> {
        match self.all() {
            [_] => vec![names],
            _ => names.into_iter().map(|name| vec![name]).collect(),
        }
    }

    /// The area that something is of.
    pub fn of(&self, question: &impl Addressed) -> Result<&Served, Fault> {
        Ok(&self.0.areas[self.number_of(&question.address())?])
    }

    /// The ground on which the places of a message lie that names `name`. Where there is no such thing it is some
    /// area's: the area that is asked then says what is wrong.
    pub fn ground(&self, name: &str) -> &Ground {
        let found = match self.all() {
            [_] => None,
            areas => self.0.directory.of_name(name, areas).and_then(|number| areas[number].ground.as_ref()),
        };
        let any = || self.all().iter().find_map(|area| area.ground.as_ref());
        found.or_else(any).expect("one area at least was taken up, and has its map")
    }

    /// The areas in which a tenant has something, by name; those of all who are not known here, the one there is.
    pub fn of_tenant(&self, tenant: &str) -> Vec<&Served> {
        match self.all() {
            [only] => vec![only],
            areas => self.0.directory.of_tenant(tenant).into_iter().map(|number| &areas[number]).collect(),
        }
    }

    /// Whether a tenant has something here.
    pub fn knows(&self, tenant: &str) -> bool {
        !self.0.directory.of_tenant(tenant).is_empty()
    }

    /// The names of the areas in which a tenant has something.
    pub fn names_of(&self, tenant: &str) -> Vec<AreaName> {
        self.0.directory.of_tenant(tenant).into_iter().map(|number| self.all()[number].name.clone()).collect()
    }

    /// Those that the caller may name.
    pub fn seen_by<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = &'a Served> {
        self.all().iter().filter(|area| caller.may_use(&area.name.to_string()))
    }

    fn number_of(&self, address: &Address<'_>) -> Result<usize, Fault> {
        let [_, _, ..] = self.all() else { return Ok(0) }; // which answers for all names, as it always did
        let directory = &self.0.directory;
        match address {
            Address::Area(name) | Address::NewIn { area: name, .. } => {
                let found = self.all().iter().position(|area| area.name == **name);
                found.ok_or_else(|| Fault::not_found(name))
            }
            Address::Of(thing) => match directory.of_thing(thing) {
                Some(number) => Ok(number),
                // what was not registered is in no other area than the rest of the tenant's, if in any
                None => self.only_of(thing.tenant())?.ok_or_else(|| Fault::not_found(thing)),
            },
            Address::New(thing) => match self.0.directory.of_tenant(thing.tenant()).as_slice() {
                [_, _, ..] => Err(Fault::several_areas(thing)),
                _ => match directory.of_thing(thing) {
                    Some(number) => Ok(number),
                    None => self.only_of(thing.tenant())?.ok_or_else(|| Fault::not_found(thing)),
                },
            },
            Address::Tenant(tenant) => {
                self.only_of(tenant)?.ok_or_else(|| Fault::not_found(format!("tenants/{tenant}")))
            }
        }
    }

    /// The one area of a tenant; `None` if it has several, or none.
    fn only_of(&self, tenant: &str) -> Result<Option<usize>, Fault> {
        match self.0.directory.of_tenant(tenant).as_slice() {
            [only] => Ok(Some(*only)),
            // what is in an area that can not be read, nobody knows
            [] => match self.all().iter().find(|area| area.ground.is_none()) {
                Some(unread) => Err(Fault::area_unavailable(&unread.name)),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// Of two areas that are asked to make a thing of one name at once, one is first.
    fn claim(&self, address: &Address<'_>, number: usize) -> Result<Option<Claim>, Fault> {
        let (Address::NewIn { thing, .. } | Address::New(thing)) = address else { return Ok(None) };
        self.0.directory.claim(thing, number)
    }
}

/// A name that an area was given for a thing that it is to make.
#[derive(Debug)]
pub struct Claim(directory::Owned);
