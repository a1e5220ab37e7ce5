//! Drawn towns, a writer of small PBF files, and random numbers with a printed seed.

pub(crate) mod drawing;
pub(crate) mod pbf;

use std::path::{Path, PathBuf};

use mukae_maps::{BuildError, BuildOptions, BuildReport, PreparedMap, Profile, build_map};

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// A file in a directory that goes with it.
pub(crate) struct Temporary {
    directory: tempfile::TempDir,
}

impl Temporary {
    pub(crate) fn new() -> Temporary {
        Temporary { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a temporary file");
        path
    }
}

pub(crate) fn build(path: &Path, options: &BuildOptions) -> Result<(PreparedMap, BuildReport), BuildError> {
    build_map(path, options, &mut |_, part| assert!((0.0..=1.0).contains(&part), "part done: {part}"))
}

pub(crate) fn build_bytes(bytes: &[u8], options: &BuildOptions) -> Result<(PreparedMap, BuildReport), BuildError> {
    let temporary = Temporary::new();
    build(&temporary.write("town.osm.pbf", bytes), options)
}

/// The default profile, with what `profile` says otherwise.
pub(crate) fn options(profile: &str) -> BuildOptions {
    let profile = Profile::parse(profile, "town.toml").expect("a good profile");
    BuildOptions { profile: Some(profile), ..BuildOptions::default() }
}

/// One of the islands that the project carries.
pub(crate) fn bundled(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}
