//! One frame, mistreated in each way we can think of.

use super::*;
use crate::Epoch;
use crate::format::frame::{FrameKind, FramePlan, encode_frame};

const SALT: u64 = 77;

/// A batch of one record without zeros, 652 bytes with its frame: it touches two sectors or three.
fn frame(first: u64) -> Vec<u8> {
    let mut frame = Vec::new();
    let plan =
        FramePlan { kind: FrameKind::Batch, epoch: Epoch::new(1), first: Sequence::new(first), previous_chain: 5 };
    encode_frame(&mut frame, plan, SALT, &[&[b'x'; 600]]);
    frame
}

fn verdict(bytes: &[u8], offset: u64) -> Verdict {
    let header = bytes.get(..FRAME_HEADER_BYTES).and_then(|bytes| FrameHeader::decode(bytes, SALT).ok());
    let bad = BadFrame { reason: "test".to_owned(), header, is_out_of_place: false };
    judge(Tail { bytes, offset, next: Sequence::new(10), salt: SALT }, &bad)
}

fn changed(at: usize) -> Vec<u8> {
    let mut frame = frame(10);
    frame[at] ^= 0x10;
    frame
}

#[test]
fn every_prefix_is_a_cut() {
    let frame = frame(10);
    for length in 1..frame.len() {
        assert_eq!(verdict(&frame[..length], 128), Verdict::CutShort, "{length} bytes");
    }
}

#[test]
fn lost_and_torn_sectors_are_cuts() {
    let whole = frame(10);
    // At offset 300 the sectors begin at bytes 212 of the frame; the rest is one short of a sector.
    for (lost, why) in [
        (0..212, "first sector lost"),
        (212..652, "last sector lost, the length kept"),
        (100..212, "first sector torn"),
        (0..652, "only the length made it"),
    ] {
        let mut bytes = whole.clone();
        bytes[lost].fill(0);
        assert_eq!(verdict(&bytes, 300), Verdict::CutShort, "{why}");
    }
}

#[test]
fn flip_in_a_complete_frame_is_damage() {
    for at in [50, 300, 643] {
        assert_eq!(verdict(&changed(at), 300), Verdict::Damaged, "body byte {at}");
    }
    assert_eq!(verdict(&changed(5), 300), Verdict::Damaged, "header");
    assert_eq!(verdict(&changed(650), 300), Verdict::Damaged, "trailer");
}

#[test]
fn more_than_one_frame_was_never_one_write() {
    let mut bytes = changed(300);
    bytes.extend([b'y'; 100]);
    assert_eq!(verdict(&bytes, 300), Verdict::Damaged);
}

/// What a single copy cannot tell: the sector might have been torn just before its zeros.
#[test]
fn flip_beside_a_sector_that_ends_in_zero_passes_for_a_cut() {
    // At offset 484 the first sector ends with byte 27 of the frame, in the high half of `first`.
    assert_eq!(verdict(&changed(300), 484), Verdict::CutShort);
}

#[test]
fn anything_before_a_sound_frame_was_acknowledged() {
    let mut bytes = vec![0; 700];
    bytes.extend(frame(11));
    assert_eq!(verdict(&bytes, 300), Verdict::DamagedBefore(Sequence::new(11)));
    // A cut-short follower proves it just as well: it was begun.
    bytes.truncate(700 + FRAME_HEADER_BYTES);
    assert_eq!(verdict(&bytes, 300), Verdict::DamagedBefore(Sequence::new(11)));
    // An older frame, or one of another segment, proves nothing.
    let mut bytes = vec![0; 10];
    bytes.extend(frame(9));
    assert_eq!(verdict(&bytes, 300), Verdict::Damaged, "complete, and not ending in zero");
}

#[test]
fn too_short_for_a_record_is_no_loss() {
    assert_eq!(verdict(&[b'?'; 51], 300), Verdict::CutShort);
}
