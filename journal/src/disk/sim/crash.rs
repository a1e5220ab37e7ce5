//! What the medium holds after the power went: each un-synced sector, length and name is decided by itself.

use std::collections::BTreeMap;

use super::{Faults, Inode, NameChange, SECTOR_BYTES, State};

/// Which of the things nobody synced are found afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survivors {
    None,
    All,
    /// Sectors and changes of names with an odd number; lengths survive.
    Odd,
    Even,
    /// By this seed, sectors torn in the middle included.
    Random(u64),
}

enum Fate {
    Kept,
    Dropped,
    /// So many bytes of it are new.
    Torn(usize),
}

pub(super) fn settle(before: &State, survivors: Survivors) -> State {
    let mut random = match survivors {
        Survivors::Random(seed) => seed,
        _ => 0,
    };
    let inodes = before.inodes.iter().map(|inode| settle_inode(inode, survivors, &mut random)).collect();
    let names = settle_names(before, survivors, &mut random);
    State {
        inodes,
        durable_names: names.clone(),
        names,
        name_changes: Vec::new(),
        faults: Faults::default(),
        operations: 0,
        syncs: 0,
        name_syncs: 0,
        random: before.random,
        is_off: false,
        is_locked: false,
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): small, and good enough to choose sectors with.
pub(crate) fn draw(random: &mut u64) -> u64 {
    *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*random ^ (*random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn settle_inode(inode: &Inode, survivors: Survivors, random: &mut u64) -> Inode {
    let length = settle_length(inode, survivors, random);
    let mut bytes = inode.durable.clone();
    bytes.resize(length, 0);
    for &sector in &inode.dirty {
        let from = sector * SECTOR_BYTES;
        let to = (from + SECTOR_BYTES).min(length).min(inode.bytes.len());
        let to = match fate(sector, survivors, random) {
            Fate::Kept => to,
            Fate::Dropped => continue,
            Fate::Torn(new_bytes) => to.min(from + new_bytes),
        };
        if from < to {
            bytes[from..to].copy_from_slice(&inode.bytes[from..to]);
        }
    }
    Inode { durable: bytes.clone(), bytes, dirty: Default::default() }
}

fn settle_length(inode: &Inode, survivors: Survivors, random: &mut u64) -> usize {
    let (old, new) = (inode.durable.len(), inode.bytes.len());
    // A failed sync left nothing to write: the length is lost with the rest.
    if inode.dirty.is_empty() {
        return old;
    }
    match survivors {
        Survivors::None => old,
        Survivors::All | Survivors::Odd | Survivors::Even => new,
        Survivors::Random(_) => match draw(random) % 3 {
            0 => old,
            1 => new,
            _ => old.min(new) + draw(random) as usize % (old.abs_diff(new) + 1),
        },
    }
}

fn fate(number: usize, survivors: Survivors, random: &mut u64) -> Fate {
    let is_kept = match survivors {
        Survivors::None => false,
        Survivors::All => true,
        Survivors::Odd => number % 2 == 1,
        Survivors::Even => number.is_multiple_of(2),
        Survivors::Random(_) => match draw(random) % 5 {
            0 | 1 => true,
            2 | 3 => false,
            _ => return Fate::Torn(draw(random) as usize % SECTOR_BYTES),
        },
    };
    if is_kept { Fate::Kept } else { Fate::Dropped }
}

/// Any subset of the changes may survive, but no half of one: renames are atomic.
fn settle_names(before: &State, survivors: Survivors, random: &mut u64) -> BTreeMap<String, usize> {
    let mut names = before.durable_names.clone();
    for (number, change) in before.name_changes.iter().enumerate() {
        if matches!(fate(number, survivors, random), Fate::Dropped) {
            continue;
        }
        match change {
            NameChange::Link { name, inode } => {
                names.insert(name.clone(), *inode);
            }
            NameChange::Rename { from, to, inode } => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
            NameChange::Unlink { name } => {
                names.remove(name);
            }
        }
    }
    names
}
