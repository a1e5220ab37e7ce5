//! Whatever bytes are given as an extract, the answer is an error in words or a map, never a panic.

use std::panic::catch_unwind;

use mukae_maps::{BuildError, BuildOptions};

use super::support::drawing::Drawing;
use super::support::pbf::{Layout, blob, write};
use super::support::{Random, Temporary, build, build_bytes, bundled, options};

fn small_town(zlib: bool) -> Vec<u8> {
    let drawing = Drawing::new(
        "ABC\n DE\nway ABC highway=residential\nway BDE highway=service\nnode D barrier=gate\n\
         way CE route=ferry duration=00:10 motor_vehicle=yes\nnode B barrier=lift_gate access=customers maxheight=3\n\
         turn restriction=no_left_turn from=BDE via=B to=ABC\nturn restriction=only_u_turn from=ABC via=B to=ABC",
    );
    write(&drawing.extract, Layout { zlib, ..Layout::default() })
}

/// The message for `bytes`, or nothing if they make a map.
#[track_caller]
fn outcome(bytes: &[u8], what: &str) -> Option<String> {
    let with_ferries = options("vehicle.ferries = true\nlaw.untagged.residential = '30'");
    let result = catch_unwind(|| build_bytes(bytes, &with_ferries).map(|(_, report)| report.notes()));
    match result {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => {
            let message = error.to_string();
            assert!(message.contains("town.osm.pbf"), "{what}: the message names no file: {message}");
            Some(message)
        }
        Err(_) => panic!("{what}: panicked"),
    }
}

#[track_caller]
fn check(bytes: &[u8], words: &str) {
    let message = outcome(bytes, words).unwrap_or_else(|| panic!("a map was built, not: {words}"));
    assert!(message.contains(words), "{message}\nshould say: {words}");
}

#[test]
fn foreign_files_are_called_what_they_are() {
    check(b"", "it is empty");
    check(b"<?xml version='1.0'?><osm version='0.6'></osm>", "it is XML");
    check(b"  \n<osm version=\"0.6\">", "it is XML");
    check(b"<!DOCTYPE html><html>404</html>", "it is a web page");
    check(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "packed with gzip");
    check(b"BZh91AY&SY", "packed with bzip2");
    check(b"PK\x03\x04\x14\x00", "a zip archive");
    check(b"{\"type\": \"FeatureCollection\"}", "it is JSON");
    check(b"MUKAEMAP and the rest", "a map that was built already");
    check(b"hello, this is a text about roads", "not an OSM PBF file");
    check(&[0; 64], "not an OSM PBF file");
    check(&blob("OSMData", b"", true), "its first block is no header");
    check(&[0, 0, 1], "ends at byte 3");
}

#[test]
fn missing_files_and_directories() {
    let temporary = Temporary::new();
    let message = |path: &std::path::Path| build(path, &BuildOptions::default()).unwrap_err().to_string();
    let missing = message(&temporary.path("nowhere.osm.pbf"));
    assert!(missing.contains("nowhere.osm.pbf: cannot be opened"), "{missing}");
    assert!(message(&temporary.path("")).contains("cannot be opened"));
}

#[test]
fn extracts_without_roads_or_without_nodes() {
    let footways = Drawing::new("AB\nway AB highway=footway");
    check(&write(&footways.extract, Layout::default()), "holds no road a minibus may drive, among 1 ways");
    let mut no_nodes = Drawing::new("AB\nway AB highway=residential");
    no_nodes.extract.nodes.clear();
    let bytes = write(&no_nodes.extract, Layout::default());
    check(&bytes, "not the nodes they pass");
    assert!(matches!(build_bytes(&bytes, &BuildOptions::default()), Err(BuildError::NoNodes { .. })));
}

#[test]
fn what_cannot_be_read_is_named() {
    let header = |feature: &str| {
        let mut header = osmpbfreader::osmformat::HeaderBlock::new();
        header.required_features.push(feature.to_owned());
        blob("OSMHeader", &protobuf::Message::write_to_bytes(&header).unwrap(), true)
    };
    check(&header("HistoricalInformation"), "HistoricalInformation");
    let mut lzma = osmpbfreader::fileformat::Blob::new();
    lzma.set_lzma_data(vec![1, 2, 3]);
    let lzma = protobuf::Message::write_to_bytes(&lzma).unwrap();
    let mut head = osmpbfreader::fileformat::BlobHeader::new();
    head.set_type("OSMData".to_owned());
    head.set_datasize(lzma.len() as i32);
    let head = protobuf::Message::write_to_bytes(&head).unwrap();
    let block = [&(head.len() as u32).to_be_bytes()[..], &head, &lzma].concat();
    check(&[header("DenseNodes"), block].concat(), "a compression other than zlib");
    // A block that unpacks to far more than a block may hold.
    let bomb = blob("OSMData", &vec![0; 40 << 20], true);
    check(&[header("DenseNodes"), bomb].concat(), "unpacks to more than");
}

#[test]
fn a_truncated_extract_is_told_at_every_length() {
    for zlib in [true, false] {
        let bytes = small_town(zlib);
        assert_eq!(outcome(&bytes, "whole"), None);
        for length in 0..bytes.len() {
            // A cut between two blocks looks like a shorter file: then the roads lack nodes, or are gone.
            let message = outcome(&bytes[..length], &format!("cut at {length}"));
            if let Some(message) = message {
                let known = ["is empty", "ends at byte", "no road a minibus", "first block"];
                assert!(known.iter().any(|words| message.contains(words)), "cut at {length}: {message}");
            }
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    for zlib in [true, false] {
        let bytes = small_town(zlib);
        for position in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[position] ^= flip;
                outcome(&damaged, &format!("byte {position} ^ {flip:#x}, zlib {zlib}"));
            }
        }
    }
}

#[test]
fn random_bytes_never_panic() {
    let seed = 0x5eed_0001;
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    let good = small_town(false);
    for round in 0..600 {
        let mut bytes = good.clone();
        match round % 3 {
            0 => bytes = (0..random.below(300)).map(|_| random.next() as u8).collect(),
            1 => {
                for _ in 0..1 + random.below(20) {
                    let at = random.below(bytes.len());
                    bytes[at] = random.next() as u8;
                }
            }
            _ => {
                let (from, to) = (random.below(bytes.len()), random.below(bytes.len()));
                let piece = bytes[from.min(to)..from.max(to)].to_vec();
                let at = random.below(bytes.len());
                bytes.splice(at..at, piece);
            }
        }
        outcome(&bytes, &format!("seed {seed:#x}, round {round}"));
    }
}

#[test]
fn an_island_cut_or_flipped_anywhere_never_panics() {
    let seed = 0x5eed_0002;
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    let bytes = std::fs::read(bundled("niue.osm.pbf")).unwrap();
    for round in 0..30 {
        let at = random.below(bytes.len());
        outcome(&bytes[..at], &format!("seed {seed:#x}, round {round}: cut at {at}"));
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << random.below(8);
        outcome(&damaged, &format!("seed {seed:#x}, round {round}: flipped at {at}"));
    }
}
