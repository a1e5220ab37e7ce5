//! commands and events as versioned records, their hashes, and the scribe who writes them down
