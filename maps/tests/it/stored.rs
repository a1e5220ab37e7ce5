//! A saved map comes back the same, and no damaged one comes back at all.

use std::panic::catch_unwind;

use mukae_maps::{BuildOptions, OpenMapError, PreparedMap};

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
        assert_eq!(bytes, std::fs::metadata(&path).unwrap().len());
        assert_same(&map, &PreparedMap::open(&path).unwrap());
    }
    let names: Vec<_> =
        std::fs::read_dir(temporary.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
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
    std::fs::create_dir(&path).unwrap();
    assert!(map.save(&path).is_err());
    assert_eq!(std::fs::read_dir(temporary.path("")).unwrap().count(), 1);
}

#[track_caller]
fn refusal(bytes: Vec<u8>, what: &str) -> OpenMapError {
    match catch_unwind(|| PreparedMap::from_bytes(bytes, "town.map")) {
        Ok(Err(error)) => {
            let message = error.to_string();
            assert!(message.starts_with("town.map: "), "{what}: {message}");
            assert!(message.contains("mukae map build"), "{what}: {message}");
            error
        }
        Ok(Ok(_)) => panic!("{what}: opened"),
        Err(_) => panic!("{what}: panicked"),
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
    let missing = PreparedMap::open(std::path::Path::new("/no/such/town.map")).unwrap_err();
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
        let content = 32 + 48 * u32::from_le_bytes(forged[24..28].try_into().unwrap()) as usize..forged.len() - 32;
        for _ in 0..1 + random.below(3) {
            let at = content.start + random.below(content.len());
            forged[at] = if random.below(2) == 0 { random.next() as u8 } else { forged[at].wrapping_add(1) };
        }
        reseal(&mut forged).expect("as long as before");
        match catch_unwind(|| PreparedMap::from_bytes(forged, "town.map").map(|map| map.to_bytes().len())) {
            Ok(outcome) => refused += u32::from(outcome.is_err()),
            Err(_) => panic!("seed {seed:#x}, round {round}: panicked"),
        }
    }
    assert!(1000 < refused, "{refused} of 3000");
}
