//! The tags of one OSM object, borrowed from the block they were read in.

/// Keys and values of one object. Objects have a handful of tags, so looking one up walks the list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tags<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    pub fn new(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Tags<'a> {
        Tags(pairs.into_iter().collect())
    }

    /// From `key=value` words parted by blanks; a word without `=` has the value `yes`. For tests and
    /// examples: real values may hold blanks.
    pub fn parse(text: &'a str) -> Tags<'a> {
        Tags::new(text.split_whitespace().map(|word| word.split_once('=').unwrap_or((word, "yes"))))
    }

    /// The value of `key`, without surrounding blanks.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, value)| value.trim())
    }

    /// The value of the key that is put together from `key` and `suffix`.
    pub fn get_joined(&self, key: &str, suffix: &str) -> Option<&'a str> {
        self.0.iter().find(|(k, _)| k.strip_prefix(key) == Some(suffix)).map(|(_, value)| value.trim())
    }

    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|(key, _)| *key)
    }

    pub fn is(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }
}
