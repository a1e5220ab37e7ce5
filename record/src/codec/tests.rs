//! Primitives, byte by byte, and the rule for fields that came later.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::*;

/// `value` is written as the bytes drawn in `hex`, and read back from them.
fn check<T: Encode + Decode + PartialEq + Debug>(value: T, hex: &str) {
    let bytes = encode_as(1, &value);
    assert_eq!(drawn(&bytes), hex, "{value:?}");
    assert_eq!(decode_as(1, &bytes), Ok(value));
}

/// Bytes drawn in `hex` are not a `T`.
fn refuse<T: Decode + PartialEq + Debug>(hex: &str, at: usize, fault: Fault) {
    let bytes: Vec<u8> = hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("hex")).collect();
    assert_eq!(decode_as::<T>(1, &bytes), Err(DecodeError { at, fault }), "{hex}");
}

fn drawn(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn numbers_take_their_shortest_form() {
    check(0u64, "00");
    check(127u64, "7f");
    check(128u64, "80 01");
    check(u64::MAX, "ff ff ff ff ff ff ff ff ff 01");
    check(u32::MAX, "ff ff ff ff 0f");
    check(0i64, "00");
    check(-1i64, "01");
    check(1i64, "02");
    check(i64::MAX, "fe ff ff ff ff ff ff ff ff 01");
    check(i64::MIN, "ff ff ff ff ff ff ff ff ff 01");
    check(200u8, "c8");
    check(0x1234u16, "34 12");
    check(true, "01");
}

#[test]
fn a_number_has_one_spelling() {
    refuse::<u64>("80 00", 0, Fault::BadVarint);
    refuse::<u64>("ff ff ff ff ff ff ff ff ff 02", 0, Fault::BadVarint);
    refuse::<u64>("80 80 80 80 80 80 80 80 80 80 01", 0, Fault::BadVarint);
    refuse::<u32>("80 80 80 80 10", 0, Fault::OutOfRange { kind: "u32", found: 1 << 32 });
    refuse::<u64>("80", 1, Fault::Ends);
    refuse::<bool>("02", 0, Fault::UnknownTag { kind: "bool", tag: 2 });
}

#[test]
fn containers_say_how_much_they_hold() {
    check("車".to_owned(), "03 e8 bb 8a");
    check(vec![1u64, 300], "02 01 ac 02");
    check(None::<u64>, "00");
    check(Some(7u64), "01 07");
    check(Ok::<u64, bool>(7), "00 07");
    check(Err::<u64, bool>(true), "01 01");
    check(BTreeMap::from([(1u64, true), (2, false)]), "02 01 01 02 00");
    refuse::<String>("01 ff", 0, Fault::NotUtf8);
    refuse::<Option<u64>>("02 00", 0, Fault::UnknownTag { kind: "Option", tag: 2 });
    refuse::<BTreeMap<u64, bool>>("02 02 00 01 01", 3, Fault::UnsortedKeys);
    refuse::<BTreeMap<u64, bool>>("02 02 00 02 01", 3, Fault::UnsortedKeys);
    refuse::<u64>("01 00", 1, Fault::TrailingBytes { count: 1 });
}

/// A count is checked against the bytes that are there before anything is made room for.
#[test]
fn a_count_is_only_a_claim() {
    let huge = "ff ff ff ff ff ff ff ff ff 01";
    refuse::<Vec<u64>>(huge, 0, Fault::TooMany { count: u64::MAX, left: 0 });
    refuse::<String>(huge, 0, Fault::TooMany { count: u64::MAX, left: 0 });
    refuse::<BTreeMap<u64, u64>>("03 01 01", 0, Fault::TooMany { count: 3, left: 2 });
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Bus {
    seats: u64,
    colour: Colour,
    plate: Option<u64>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Colour {
    Grey,
    Mixed { red: u8, blue: u8 },
}

codec! {
    struct Bus { seats, colour [since 2 else Colour::Grey], plate [since 3 else None] } check bus_is_sound
}

codec! {
    enum Colour {
        0 Grey,
        1 Mixed { red, blue [since 3 else 9] },
    }
}

fn bus_is_sound(bus: &Bus) -> Result<(), String> {
    if bus.seats < 100 { Ok(()) } else { Err("nobody builds that".to_owned()) }
}

#[test]
fn a_field_that_came_later_has_no_bytes_in_an_older_version() {
    let bus = Bus { seats: 5, colour: Colour::Mixed { red: 1, blue: 2 }, plate: Some(3) };
    assert_eq!(drawn(&encode_as(1, &bus)), "05");
    assert_eq!(drawn(&encode_as(2, &bus)), "05 01 01");
    assert_eq!(drawn(&encode_as(3, &bus)), "05 01 01 02 01 03");
    assert_eq!(decode_as(1, &[5]), Ok(Bus { seats: 5, colour: Colour::Grey, plate: None }));
    assert_eq!(decode_as(2, &[5, 1, 1]), Ok(Bus { seats: 5, colour: Colour::Mixed { red: 1, blue: 9 }, plate: None }));
    assert_eq!(decode_as(3, &[5, 1, 1, 2, 1, 3]), Ok(bus));
}

#[test]
fn what_a_type_forbids_is_not_read() {
    let why = "nobody builds that".to_owned();
    refuse::<Bus>("64", 0, Fault::Invalid { kind: "Bus", why });
    assert_eq!(
        decode_as::<Bus>(2, &[5, 7]),
        Err(DecodeError { at: 1, fault: Fault::UnknownTag { kind: "Colour", tag: 7 } })
    );
}
