//! The riders of one tenant in memory, and how one of them is found by what a caller says.
//!
//! Every pair of letters that follow each other in a name, its reading or a number leads to the riders who have it;
//! who has the rarest pair of what is looked for is then looked at. `people/tests` has a twin that looks at everybody.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::fold::{dialled, folded};
use crate::person::Entry;

/// How well somebody fits, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank {
    /// A name, a reading or a number is just this.
    Whole,
    /// Begins so.
    Begins,
    /// Has it somewhere.
    Inside,
}

/// What is looked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Query {
    /// In names and readings; empty: nothing there.
    letters: String,
    /// In numbers, if it could be a part of one.
    digits: Option<String>,
    /// Nothing was said: everybody.
    is_open: bool,
}

/// One page of those who fit, the best first, then by reading, name and number.
#[derive(Clone, Debug)]
pub struct Found {
    pub riders: Vec<(u64, Arc<Entry>)>,
    pub has_more: bool,
}

/// The rider after whom the page was to begin does not fit any more, or is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gone;

#[derive(Default)]
pub struct Shelf {
    riders: BTreeMap<u64, Filed>,
    /// Two letters, or one and nothing, to who has them.
    pairs: BTreeMap<(char, char), BTreeSet<u64>>,
}

struct Filed {
    entry: Arc<Entry>,
    name: String,
    kana: String,
    phones: Vec<String>,
}

impl Query {
    pub fn new(text: &str) -> Query {
        Query { letters: folded(text), digits: dialled(text), is_open: text.trim().is_empty() }
    }

    /// How an entry fits, if it does.
    pub fn rank(&self, entry: &Entry) -> Option<Rank> {
        self.rank_filed(&Filed::new(Arc::new(entry.clone())))
    }

    fn rank_filed(&self, filed: &Filed) -> Option<Rank> {
        if self.is_open {
            return Some(Rank::Whole);
        }
        let names = [&filed.name, &filed.kana].into_iter().filter(|_| !self.letters.is_empty());
        let by_name = names.filter_map(|name| rank(name, &self.letters)).min();
        let digits = self.digits.as_deref();
        let by_phone = digits.and_then(|digits| filed.phones.iter().filter_map(|phone| rank(phone, digits)).min());
        by_name.into_iter().chain(by_phone).min()
    }
}

/// What somebody told on the telephone is not printed.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").finish_non_exhaustive()
    }
}

fn rank(text: &str, part: &str) -> Option<Rank> {
    match text.find(part)? {
        0 if text.len() == part.len() => Some(Rank::Whole),
        0 => Some(Rank::Begins),
        _ => Some(Rank::Inside),
    }
}

impl Filed {
    fn new(entry: Arc<Entry>) -> Filed {
        let person = &entry.person;
        let phones = person.phones.iter().filter_map(|phone| dialled(phone)).collect();
        Filed { name: folded(&person.name), kana: folded(&person.kana), phones, entry }
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        [&self.name, &self.kana].into_iter().chain(&self.phones)
    }

    /// By the reading, as a list on paper would be; who has none, by the name.
    fn place(&self) -> (&str, &str) {
        (if self.kana.is_empty() { &self.name } else { &self.kana }, &self.name)
    }
}

/// Every letter alone, and every two that follow each other.
fn pairs(text: &str) -> impl Iterator<Item = (char, char)> {
    let next = text.chars().skip(1).map(Some).chain([None]);
    text.chars().zip(next).flat_map(|(one, next)| [Some((one, '\0')), next.map(|next| (one, next))]).flatten()
}

impl Shelf {
    pub fn get(&self, rider: u64) -> Option<&Arc<Entry>> {
        self.riders.get(&rider).map(|filed| &filed.entry)
    }

    pub fn len(&self) -> usize {
        self.riders.len()
    }

    pub fn put(&mut self, rider: u64, entry: Arc<Entry>) {
        self.remove(rider);
        let filed = Filed::new(entry);
        for pair in filed.texts().flat_map(|text| pairs(text)) {
            self.pairs.entry(pair).or_default().insert(rider);
        }
        self.riders.insert(rider, filed);
    }

    pub fn remove(&mut self, rider: u64) {
        let Some(filed) = self.riders.remove(&rider) else { return };
        for pair in filed.texts().flat_map(|text| pairs(text)) {
            if let Some(having) = self.pairs.get_mut(&pair) {
                having.remove(&rider);
                if having.is_empty() {
                    self.pairs.remove(&pair);
                }
            }
        }
    }

    /// At most `size` of those who fit, after the one with the number `after`.
    pub fn find(&self, query: &Query, after: Option<u64>, size: usize) -> Result<Found, Gone> {
        let mut fitting: Vec<(Rank, &Filed, u64)> = self
            .candidates(query)
            .into_iter()
            .filter_map(|rider| {
                let filed = self.riders.get(&rider)?;
                Some((query.rank_filed(filed)?, filed, rider))
            })
            .collect();
        fitting.sort_by_key(|(rank, filed, rider)| (*rank, filed.place(), *rider));
        let start = match after {
            None => 0,
            Some(after) => fitting.iter().position(|(_, _, rider)| *rider == after).ok_or(Gone)? + 1,
        };
        let rest = &fitting[start..];
        let riders = rest.iter().take(size).map(|(_, filed, rider)| (*rider, Arc::clone(&filed.entry))).collect();
        Ok(Found { riders, has_more: size < rest.len() })
    }

    /// All who could fit, and few others.
    fn candidates(&self, query: &Query) -> BTreeSet<u64> {
        if query.is_open {
            return self.riders.keys().copied().collect();
        }
        let parts = [Some(query.letters.as_str()), query.digits.as_deref()];
        let having = parts.into_iter().flatten().filter_map(|part| self.having_rarest_pair(part));
        having.flatten().copied().collect()
    }

    /// Who has the pair of `part` that fewest have; `None` if nobody has all of them.
    fn having_rarest_pair(&self, part: &str) -> Option<&BTreeSet<u64>> {
        let mut rarest: Option<&BTreeSet<u64>> = None;
        for pair in pairs(part) {
            let having = self.pairs.get(&pair)?;
            rarest = [rarest, Some(having)].into_iter().flatten().max_by_key(|having| Reverse(having.len()));
        }
        rarest
    }
}
