//! Page tokens: opaque, and good only for the query they came from.

use mukae_proto::transit::units::v1::ErrorReason;

use crate::errors::Fault;
use crate::wire::fields::Fields;

/// Entries of a page where the caller did not say.
const SIZE_SHIPPED: usize = 100;
/// More is lowered to this.
const SIZE_MAX: usize = 1000;

/// Which part of a list is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// At most so many.
    pub size: usize,
    /// The last id of the page before.
    pub after: Option<u64>,
    /// Where that entry stood in a list whose order is not that of ids; else empty.
    key: Vec<u8>,
    /// What the list is of; part of its tokens.
    query: String,
}

impl Page {
    /// `query` names the method and its parent. A token of another query is an error of its own.
    pub fn of_request(fields: &mut Fields<'_>, size: i32, token: &str, query: String) -> Result<Page, Fault> {
        if size < 0 {
            fields.wrong("page_size", format!("0 to {SIZE_MAX}, was {size}"));
        }
        let size = match usize::try_from(size).unwrap_or(0) {
            0 => SIZE_SHIPPED,
            size => size.min(SIZE_MAX),
        };
        // who may not ask is told so, and nothing of their token
        let after = if token.is_empty() || fields.is_denied() { None } else { Some(read(token, &query)?) };
        let (after, key) = after.map_or((None, Vec::new()), |(after, key)| (Some(after), key));
        Ok(Page { size, after, key, query })
    }

    /// The ids from which this page takes its entries.
    pub fn range_start(&self) -> u64 {
        if !self.key.is_empty() {
            return 0;
        }
        self.after.map_or(0, |after| after.saturating_add(1))
    }

    /// Takes a page of the things found, which come in order of their ids: the page, and the token
    /// of the next one or nothing.
    pub fn cut<T>(&self, found: impl Iterator<Item = (u64, T)>) -> (Vec<T>, String) {
        let mut found = found.peekable();
        let mut page = Vec::new();
        let mut last = 0;
        while page.len() < self.size {
            let Some((id, item)) = found.next() else { break };
            page.push(item);
            last = id;
        }
        let token = if found.peek().is_some() { write(last, &[], &self.query) } else { String::new() };
        (page, token)
    }

    /// The same of all that was found, sorted by keys that are not empty, and by ids where these are alike. What has come or
    /// gone meanwhile changes nothing for what comes behind it.
    pub fn cut_keyed<T>(&self, found: Vec<(Vec<u8>, u64, T)>) -> (Vec<T>, String) {
        let is_behind = |key: &[u8], id: u64| self.after.is_none_or(|after| (self.key.as_slice(), after) < (key, id));
        let mut rest = found.into_iter().filter(|(key, id, _)| is_behind(key, *id)).peekable();
        let (mut page, mut last) = (Vec::new(), (Vec::new(), 0));
        while page.len() < self.size {
            let Some((key, id, item)) = rest.next() else { break };
            page.push(item);
            last = (key, id);
        }
        let token = if rest.peek().is_some() { write(last.1, &last.0, &self.query) } else { String::new() };
        (page, token)
    }
}

/// Sixteen digits of the id, sixteen of a hash over it, the key and the query; then two for each byte of the key.
fn write(after: u64, key: &[u8], query: &str) -> String {
    let key_digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{after:016x}{:016x}{key_digits}", mark(after, key, query))
}

fn read(token: &str, query: &str) -> Result<(u64, Vec<u8>), Fault> {
    let parsed = || {
        let (after, key) = (token.get(..16)?, token.get(32..)?);
        let after = u64::from_str_radix(after, 16).ok()?;
        let digits = key.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
        let key: Option<Vec<u8>> = digits.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
        let key = key?;
        (write(after, &key, query) == token).then_some((after, key))
    };
    let invalid = "the page token belongs to another query or is damaged; begin with an empty one";
    parsed().ok_or_else(|| Fault::new(ErrorReason::PageTokenInvalid, invalid).at_field("page_token"))
}

fn mark(after: u64, key: &[u8], query: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"mukae page").update(&after.to_le_bytes()).update(key).update(&[0xfe]).update(query.as_bytes());
    u64::from_le_bytes(*hasher.finalize().as_bytes().first_chunk().expect("a hash has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Caller;

    fn page(size: i32, token: &str, query: &str) -> Result<Page, Fault> {
        let caller = Caller::anyone();
        let mut fields = Fields::of(&caller);
        let page = Page::of_request(&mut fields, size, token, query.to_owned())?;
        fields.finish(Some(page))
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let things: Vec<(u64, u64)> = (0..7).map(|id| (id * 10, id)).collect();
        let mut token = String::new();
        let mut seen = Vec::new();
        loop {
            let page = page(3, &token, "bookings of a").unwrap();
            let found = things.iter().copied().filter(|(id, _)| page.range_start() <= *id);
            let (items, next) = page.cut(found);
            seen.extend(items);
            token = next;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_token_is_good_for_its_query_only() {
        let (_, token) = page(1, "", "bookings of a").unwrap().cut([(1, ()), (2, ())].into_iter());
        assert!(page(1, &token, "bookings of a").is_ok());
        for (token, query) in [
            (token.as_str(), "bookings of b"),
            ("x", "bookings of a"),
            (&token[1..], "bookings of a"),
            ("日本語日本語日本語日本語", "bookings of a"),
        ] {
            let fault = page(1, token, query).unwrap_err();
            assert_eq!(fault.reason(), ErrorReason::PageTokenInvalid, "{token} {query}");
        }
        assert_eq!(page(-1, "", "x").unwrap_err().reason(), ErrorReason::InvalidField);
    }
}
