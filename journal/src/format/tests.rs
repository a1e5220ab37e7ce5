//! Golden bytes: a change here is a change of the format, and needs a new version.

use super::frame::{BadFrameHeader, FrameHeader, FrameKind, FramePlan, encode_frame, split_records};
use super::segment::SegmentHeader;
use super::snapshot::SnapshotHeader;
use super::*;
use crate::Epoch;

fn shard() -> ShardName {
    ShardName::new("test/kami").expect("short and plain")
}

/// Sixteen bytes a line.
fn hex(bytes: &[u8]) -> Vec<String> {
    bytes.chunks(16).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect()).collect()
}

fn batch_plan() -> FramePlan {
    FramePlan {
        kind: FrameKind::Batch,
        epoch: Epoch::new(3),
        first: Sequence::new(0x1122),
        previous_chain: 0xaabb_ccdd,
    }
}

#[test]
fn segment_header_has_these_bytes() {
    let header = SegmentHeader {
        salt: 0x0102_0304_0506_0708,
        epoch: Epoch::new(2),
        first: Sequence::new(51_200),
        previous_chain: 0xdead_beef,
        shard: shard(),
    };
    let bytes = header.encode();
    let golden = [
        "4d554b41454c4f470100000000000000",
        "08070605040302010200000000000000",
        "00c8000000000000efbeadde09000000",
        "746573742f6b616d6900000000000000",
        "00000000000000000000000000000000",
        "00000000000000000000000000000000",
        "00000000000000000000000000000000",
        "000000000000000000000000177c16e8",
    ];
    assert_eq!(hex(&bytes), golden);
    assert_eq!(SegmentHeader::decode(&bytes), Ok(header));
}

#[test]
fn snapshot_header_has_these_bytes() {
    let header = SnapshotHeader { at: Sequence::new(7), body_bytes: 4096, body_checksum: 0x1234_5678, shard: shard() };
    let bytes = header.encode();
    let golden = [
        "4d554b4145534e500100000000000000",
        "07000000000000000010000000000000",
        "78563412000000000000000009000000",
        "746573742f6b616d6900000000000000",
        "00000000000000000000000000000000",
        "00000000000000000000000000000000",
        "00000000000000000000000000000000",
        "000000000000000000000000d14ef54a",
    ];
    assert_eq!(hex(&bytes), golden);
    assert_eq!(SnapshotHeader::decode(&bytes), Ok(header));
}

#[test]
fn batch_frame_has_these_bytes() {
    let mut frame = Vec::new();
    let chain = encode_frame(&mut frame, batch_plan(), 99, &[b"hold", b"", b"confirm"]);
    let golden = [
        "6d6b4631170000000100000003000000",
        "00000000221100000000000003000000",
        "ddccbbaab0f96c318315aafa04000000",
        "686f6c640000000007000000636f6e66",
        "69726d3c6d6b3e",
    ];
    assert_eq!(hex(&frame), golden);

    let header = FrameHeader::decode(&frame, 99).expect("just written");
    assert_eq!((header.chain, header.count, header.next()), (chain, 3, Sequence::new(0x1125)));
    assert_eq!(header.frame_bytes(), frame.len() as u64);
    let body = &frame[44..frame.len() - 4];
    assert_eq!(split_records(body, 3), Some(vec![&b"hold"[..], b"", b"confirm"]));
    assert_eq!(split_records(body, 2), None);
}

#[test]
fn frame_of_another_segment_is_not_taken() {
    let mut frame = Vec::new();
    encode_frame(&mut frame, batch_plan(), 99, &[b"hold"]);
    assert_eq!(FrameHeader::decode(&frame, 98), Err(BadFrameHeader::Checksum));
}

#[test]
fn names_are_exactly_ours() {
    assert_eq!(segment_name(Sequence::new(51_200)), "log-00000000000000051200.mukae");
    let first = Some(Sequence::new(51_200));
    for (name, expected) in [
        ("log-00000000000000051200.mukae", first),
        ("log-51200.mukae", None),
        ("log-0000000000000005120x.mukae", None),
        ("log-+0000000000000051200.mukae", None),
        ("log-99999999999999999999.mukae", None),
        ("log-00000000000000051200.mukae.unfinished", None),
        ("snapshot-00000000000000051200.mukae", None),
    ] {
        assert_eq!(segment_of_name(name), expected, "{name}");
    }
    assert!(is_unfinished("log-00000000000000051200.mukae.unfinished"));
    assert!(!is_unfinished("my-notes.unfinished"));
}

#[test]
fn other_versions_and_strangers_are_told_apart() {
    let header = SnapshotHeader { at: Sequence::START, body_bytes: 0, body_checksum: 0, shard: shard() };
    let mut later = header.encode();
    later[8] = 2;
    assert_eq!(SnapshotHeader::decode(&later), Err(BadHeader::Version(2)));
    let mut flipped = header.encode();
    flipped[50] ^= 1;
    assert!(matches!(SnapshotHeader::decode(&flipped), Err(BadHeader::Broken(_))));
    assert!(matches!(SegmentHeader::decode(&header.encode()), Err(BadHeader::Broken(_))));
}
