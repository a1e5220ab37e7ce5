//! A saved map comes back the same, and no damaged one comes back at all.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use mukae_maps::{BuildOptions, EdgeId, Fraction, OpenMapError, Place, PreparedMap, Sides, TravelTimes};
use mukae_units::Metres;

use super::corpus::roads::reseal;
use super::support::drawing::Drawing;
use super::support::{Random, Temporary, build, bundled};

fn small_map() -> PreparedMap {
    let town = "\
ABC.
.DE.
way ABC highway=residential
way BDE highway=service
way CE highway=residential oneway=yes
turn restriction=no_left_turn from=BDE via=B to=CE
turn restriction=no_left_turn from=BDE via=E to=CE
turn restriction=no_u_turn from=BDE via=E to=BDE";
    Drawing::new(town).build(&BuildOptions::default()).0
}

#[track_caller]
fn assert_same(map: &PreparedMap, other: &PreparedMap) {
    assert_eq!(map.graph(), other.graph());
    assert_eq!(map.hierarchy(), other.hierarchy());
    assert_eq!(map.meta(), other.meta());
    assert_eq!(map.checksum(), other.checksum());
    assert_eq!(map.to_bytes(), other.to_bytes());
    assert_eq!(answers(map), answers(other));
    assert_eq!((map.verify(), other.verify()), (Ok(()), Ok(())));
}

/// All that can be asked of some of its roads, in words.
fn answers(map: &PreparedMap) -> Vec<String> {
    let graph = map.graph();
    let mut query = map.query();
    let stride = (graph.edge_count() / 12).max(1);
    let edges: Vec<EdgeId> = graph.edges().step_by(stride).collect();
    let place = |&edge| Place { edge, fraction: Fraction::from_steps(20_000), sides: Sides::This };
    let mut answers = Vec::new();
    for from in &edges {
        answers.push(format!("{from:?}: {:?} {} {:?}", graph.way(*from), graph.name(*from), graph.length(*from)));
        answers.push(format!("{:?}", graph.line(*from).collect::<Vec<_>>()));
        answers.push(format!("{:?}", map.snap(map.position(place(from)), Metres::from_metres(5))));
        for to in &edges {
            answers.push(format!("{:?}", query.travel_time(place(from), place(to))));
            answers.push(format!("{:?}", query.path(place(from), place(to))));
        }
    }
    answers
}

#[test]
fn maps_come_back_the_same() {
    let temporary = Temporary::new();
    let niue = build(&bundled("niue.osm.pbf"), &BuildOptions::default()).unwrap().0;
    let town = small_map();
    assert!(!town.graph().restrictions().is_empty());
    for map in [niue, town] {
        let path = temporary.path("a.map");
        let bytes = map.save(&path).unwrap();
        assert_eq!(bytes, fs::metadata(&path).unwrap().len());
        assert_same(&map, &PreparedMap::open(&path).unwrap());
    }
    let names: Vec<_> = fs::read_dir(temporary.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["a.map"], "nothing is left behind");
}

#[test]
fn the_same_extract_gives_the_same_bytes() {
    let map = || build(&bundled("niue.osm.pbf"), &BuildOptions::default()).unwrap().0;
    let (one, other) = (map(), map());
    assert_same(&one, &other);
    assert_ne!(one.checksum(), small_map().checksum());
}

#[test]
fn where_it_cannot_be_written_the_message_names_the_file() {
    let temporary = Temporary::new();
    let map = small_map();
    let message = map.save(&temporary.path("no/such/place.map")).unwrap_err().to_string();
    assert!(message.contains("place.map: cannot be written"), "{message}");
    // A directory is in the way: it stays, and so does nothing else.
    let path = temporary.path("directory.map");
    fs::create_dir(&path).unwrap();
    assert!(map.save(&path).is_err());
    assert_eq!(fs::read_dir(temporary.path("")).unwrap().count(), 1);
}

/// A map in use is replaced by its successor, once by us and once by an operator's `mv`.
#[test]
fn an_open_map_outlives_the_file_it_was_opened_from() {
    let temporary = Temporary::new();
    let path = temporary.path("a.map");
    let (old, new) = (build(&bundled("niue.osm.pbf"), &BuildOptions::default()).unwrap().0, small_map());
    old.save(&path).unwrap();
    let open = [PreparedMap::open(&path).unwrap(), PreparedMap::open(&path).unwrap()];
    new.save(&path).unwrap();
    assert_same(&old, &open[0]);
    assert_same(&new, &PreparedMap::open(&path).unwrap());
    old.save(&temporary.path("b.map")).unwrap();
    fs::rename(temporary.path("b.map"), &path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_same(&old, &open[1]);
    // A part of a map keeps the file just as well as the whole.
    let [map, _] = open;
    let graph = map.graph().clone();
    drop(map);
    assert_eq!(&graph, old.graph());
}

#[test]
fn a_map_opened_from_a_file_can_be_saved_over_itself() {
    let temporary = Temporary::new();
    let path = temporary.path("a.map");
    small_map().save(&path).unwrap();
    let map = PreparedMap::open(&path).unwrap();
    map.save(&path).unwrap();
    assert_same(&map, &PreparedMap::open(&path).unwrap());
}

#[test]
fn a_map_under_a_foreign_digest_is_told_by_verifying() {
    let mut bytes = small_map().to_bytes();
    let digest: [u8; 32] = *blake3::hash(b"another map").as_bytes();
    bytes[32..64].copy_from_slice(&digest);
    let covered = [&bytes[..28], &bytes[32..table_end(&bytes)]].concat();
    bytes[28..32].copy_from_slice(&crc32fast::hash(&covered).to_le_bytes());
    let map = PreparedMap::from_bytes(bytes, "town.map").unwrap();
    let wrong = map.verify().unwrap_err();
    assert_eq!((wrong.stated, wrong.found), (map.checksum(), small_map().checksum()));
    assert!(wrong.to_string().contains("mukae map build"), "{wrong}");
}

#[track_caller]
fn refusal(bytes: Vec<u8>, what: &str) -> OpenMapError {
    refused(|| PreparedMap::from_bytes(bytes, "town.map"), what)
}

/// The same for a file that is mapped.
#[track_caller]
fn file_refusal(path: &Path, what: &str) -> OpenMapError {
    refused(|| PreparedMap::open(path), what)
}

#[track_caller]
fn refused(open: impl FnOnce() -> Result<PreparedMap, OpenMapError>, what: &str) -> OpenMapError {
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(Err(error)) => {
            let message = error.to_string();
            assert!(message.contains("town.map: "), "{what}: {message}");
            assert!(message.contains("mukae map build"), "{what}: {message}");
            error
        }
        Ok(Ok(_)) => panic!("{what}: opened"),
        Err(_) => panic!("{what}: panicked"),
    }
}

#[test]
fn files_damaged_anywhere_are_refused() {
    let temporary = Temporary::new();
    let path = temporary.path("town.map");
    let bytes = small_map().to_bytes();
    fs::write(&path, &bytes).unwrap();
    let mut file = fs::File::options().write(true).open(&path).unwrap();
    // Never done to a map that is open: see `column.rs`.
    let mut put = |at: usize, byte: u8| {
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    for (position, &byte) in bytes.iter().enumerate() {
        put(position, byte ^ 1 << (position % 8));
        file_refusal(&path, &format!("byte {position}, one bit"));
        put(position, byte);
    }
    assert!(PreparedMap::open(&path).is_ok());
    file.set_len(bytes.len() as u64 + 8).unwrap();
    file_refusal(&path, "eight bytes more");
    for length in (0..bytes.len()).rev() {
        file.set_len(length as u64).unwrap();
        file_refusal(&path, &format!("cut at {length}"));
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let temporary = Temporary::new();
    let path = temporary.path("town.map");
    assert!(matches!(file_refusal(&path, "missing"), OpenMapError::Open { .. }));
    fs::create_dir(&path).unwrap();
    assert!(matches!(file_refusal(&path, "a directory"), OpenMapError::Open { .. }));
    fs::remove_dir(&path).unwrap();
    fs::write(&path, b"").unwrap();
    assert!(matches!(file_refusal(&path, "empty"), OpenMapError::NotAMap { .. }));
    let mut swapped = small_map().to_bytes();
    swapped[8..12].reverse();
    fs::write(&path, swapped).unwrap();
    assert!(matches!(file_refusal(&path, "another byte order"), OpenMapError::ByteOrder { .. }));
    if cfg!(unix) {
        let message = PreparedMap::open(Path::new("/dev/null")).unwrap_err().to_string();
        assert!(message.contains("not a prepared map"), "{message}");
    }
}

#[test]
fn every_flipped_byte_is_refused() {
    let bytes = small_map().to_bytes();
    for position in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[position] ^= flip;
            refusal(damaged, &format!("byte {position} ^ {flip:#x}"));
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    let bytes = small_map().to_bytes();
    for length in 0..bytes.len() {
        refusal(bytes[..length].to_vec(), &format!("cut at {length}"));
    }
    let mut longer = bytes;
    longer.push(0);
    refusal(longer, "one byte more");
}

#[test]
fn other_versions_and_other_files_are_called_what_they_are() {
    let good = small_map().to_bytes();
    let with = |at: usize, bytes: &[u8]| {
        let mut damaged = good.clone();
        damaged[at..at + bytes.len()].copy_from_slice(bytes);
        damaged
    };
    assert!(matches!(refusal(with(12, &9u32.to_le_bytes()), "version 9"), OpenMapError::Version { found: 9, .. }));
    assert!(matches!(refusal(with(8, &[1, 2, 3, 4]), "big-endian"), OpenMapError::ByteOrder { .. }));
    assert!(matches!(refusal(b"hello".to_vec(), "text"), OpenMapError::NotAMap { .. }));
    assert!(matches!(refusal(Vec::new(), "empty"), OpenMapError::NotAMap { .. }));
    let missing = PreparedMap::open(Path::new("/no/such/town.map")).unwrap_err();
    assert!(matches!(missing, OpenMapError::Open { .. }), "{missing}");
}

/// Bytes whose checksums are right but whose content is not: what a stranger, or a bug, might write.
#[test]
fn content_is_checked_beneath_its_checksums() {
    let seed = 0x5eed_0003;
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    let good = small_map().to_bytes();
    let mut refused = 0;
    for round in 0..3000 {
        let mut forged = good.clone();
        let content = table_end(&forged)..forged.len();
        for _ in 0..1 + random.below(3) {
            let at = content.start + random.below(content.len());
            forged[at] = if random.below(2) == 0 { random.next() as u8 } else { forged[at].wrapping_add(1) };
        }
        reseal(&mut forged).expect("as long as before");
        // What opens can be asked anything.
        let open = || PreparedMap::from_bytes(forged, "town.map").map(|map| (answers(&map), map.to_bytes()));
        match catch_unwind(open) {
            Ok(outcome) => refused += u32::from(outcome.is_err()),
            Err(_) => panic!("seed {seed:#x}, round {round}: panicked"),
        }
    }
    assert!(1000 < refused, "{refused} of 3000");
}

/// Where the sections begin, but for a gap: behind the header and the table.
fn table_end(file: &[u8]) -> usize {
    64 + 48 * u32::from_le_bytes(file[24..28].try_into().unwrap()) as usize
}
