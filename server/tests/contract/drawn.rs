//! Requests drawn by lot: right ones that were damaged, ones made up field by field, and bytes of any kind.

use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

/// splitmix64: the same seed, the same requests.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn of<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len())]
    }
}

/// What was seen in answers, to be sent back in other places: names, tokens, etags, texts.
#[derive(Debug, Default)]
pub struct Words {
    known: Vec<String>,
}

/// Words kept; later ones take the place of earlier ones.
const WORDS_MAX: usize = 400;

impl Words {
    pub fn learn(&mut self, word: &str, dice: &mut Dice) {
        if word.is_empty() || self.known.iter().any(|known| known == word) {
            return;
        }
        if self.known.len() < WORDS_MAX {
            self.known.push(word.to_owned());
        } else {
            let at = dice.below(WORDS_MAX);
            self.known[at] = word.to_owned();
        }
    }

    /// All texts of an answer.
    pub fn learn_from(&mut self, message: &DynamicMessage, dice: &mut Dice) {
        for (_, value) in message.fields() {
            self.learn_value(value, dice);
        }
    }

    fn learn_value(&mut self, value: &Value, dice: &mut Dice) {
        match value {
            Value::String(text) => self.learn(text, dice),
            Value::Message(message) => self.learn_from(message, dice),
            Value::List(list) => list.iter().take(20).for_each(|value| self.learn_value(value, dice)),
            _ => {}
        }
    }
}

/// A message of this kind, whatever comes.
pub fn message(kind: &MessageDescriptor, words: &Words, now: i64, dice: &mut Dice, depth: usize) -> DynamicMessage {
    let mut drawn = DynamicMessage::new(kind.clone());
    match kind.full_name() {
        "google.protobuf.Timestamp" => {
            set(&mut drawn, "seconds", Value::I64(seconds(now, dice)));
            set(&mut drawn, "nanos", Value::I32(nanos(dice)));
            return drawn;
        }
        "google.protobuf.Duration" => {
            let of = [0, 1, 60, 600, 3600, 86_400, -1, -315_576_000_000, 315_576_000_000, i64::MAX, i64::MIN];
            set(&mut drawn, "seconds", Value::I64(*dice.of(&of)));
            set(&mut drawn, "nanos", Value::I32(nanos(dice)));
            return drawn;
        }
        "google.type.LatLng" => {
            let villages = [(-19.0540, -169.9187), (-19.0790, -169.9256), (-19.1200, -169.8500), (-19.3, -170.2)];
            let (latitude, longitude) = *dice.of(&villages);
            let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 90.0, -180.0, 1e300, f64::MIN_POSITIVE, -0.0, 91.0];
            let near = |degrees: f64, dice: &mut Dice| match dice.below(8) {
                0 => *dice.of(&odd),
                _ => degrees + (dice.below(2000) as f64 - 1000.0) * 1e-5,
            };
            set(&mut drawn, "latitude", Value::F64(near(latitude, dice)));
            set(&mut drawn, "longitude", Value::F64(near(longitude, dice)));
            return drawn;
        }
        _ => {}
    }
    for field in kind.fields() {
        if dice.one_in(4) || (depth == 0 && matches!(field.kind(), Kind::Message(_))) {
            continue;
        }
        let value = value(&field, words, now, dice, depth);
        drawn.set_field(&field, value);
    }
    drawn
}

fn set(message: &mut DynamicMessage, field: &str, value: Value) {
    message.set_field_by_name(field, value);
}

fn seconds(now: i64, dice: &mut Dice) -> i64 {
    let odd = [0, -1, i64::MIN, i64::MAX, 946_684_799, 946_684_800, 7_258_118_399, 7_258_118_400];
    match dice.below(8) {
        0 => *dice.of(&odd),
        1 => now + dice.below(40 * 86_400) as i64 - 20 * 86_400,
        _ => now + dice.below(12 * 3600) as i64 - 3600,
    }
}

fn nanos(dice: &mut Dice) -> i32 {
    if dice.one_in(6) { *dice.of(&[1, 999_999_999, 1_000_000_000, -1, i32::MIN, i32::MAX]) } else { 0 }
}

/// A value for this field; of a list, the whole list.
pub fn value(field: &FieldDescriptor, words: &Words, now: i64, dice: &mut Dice, depth: usize) -> Value {
    if field.is_list() {
        let count = if dice.one_in(20) { 300 } else { dice.below(4) };
        return Value::List((0..count).map(|_| single(field, words, now, dice, depth)).collect());
    }
    single(field, words, now, dice, depth)
}

fn single(field: &FieldDescriptor, words: &Words, now: i64, dice: &mut Dice, depth: usize) -> Value {
    match field.kind() {
        Kind::Message(kind) => Value::Message(message(&kind, words, now, dice, depth.saturating_sub(1))),
        Kind::Bool => Value::Bool(dice.one_in(2)),
        Kind::Enum(kind) => {
            let known: Vec<i32> = kind.values().map(|value| value.number()).collect();
            Value::EnumNumber(if dice.one_in(6) { *dice.of(&[-1, 99, i32::MAX, i32::MIN]) } else { *dice.of(&known) })
        }
        Kind::Int32 => Value::I32(number(dice) as i32),
        Kind::Int64 => Value::I64(number(dice)),
        Kind::Double => Value::F64(*dice.of(&[f64::NAN, f64::INFINITY, 0.0, -19.05, -169.9, 1e300, -1e-300])),
        Kind::String => Value::String(text(field.name(), words, dice)),
        Kind::Bytes => Value::Bytes((0..dice.below(40)).map(|_| dice.next() as u8).collect()),
        kind => panic!("{}: draw a {kind:?}, in server/tests/contract/drawn.rs", field.full_name()),
    }
}

fn number(dice: &mut Dice) -> i64 {
    let odd = [-1, 255, 256, 1000, 1001, i64::from(i32::MAX), i64::from(i32::MIN), i64::MAX, i64::MIN];
    if dice.one_in(3) { *dice.of(&odd) } else { dice.below(8) as i64 }
}

fn text(field: &str, words: &Words, dice: &mut Dice) -> String {
    if field == "request_id" && !dice.one_in(4) {
        return format!("r{}", dice.next());
    }
    match dice.below(16) {
        0 => String::new(),
        1 => "あ".repeat(dice.below(3000)),
        2 => "x".repeat(1 << dice.below(17)),
        3 => ["\u{0}", "a\nb", "\u{202e}", "tenants//", "/", "areas/niue/", "tenants/../x", "\u{feff}", "%s", "'"]
            [dice.below(10)]
        .to_owned(),
        4 | 5 if !words.known.is_empty() => {
            // nearly a name
            let mut letters: Vec<char> = dice.of(&words.known).chars().collect();
            let at = dice.below(letters.len());
            match dice.below(3) {
                0 => letters[at] = *dice.of(&['0', 'Z', '/', 'é', '\u{0}', '9']),
                1 => letters.truncate(at),
                _ => letters.insert(at, *dice.of(&['0', '/', '-', 'a'])),
            }
            letters.into_iter().collect()
        }
        _ if words.known.is_empty() => "x".to_owned(),
        _ => dice.of(&words.known).clone(),
    }
}

/// A right request with a field or three changed, somewhere inside.
pub fn damage(message: &mut DynamicMessage, words: &Words, now: i64, dice: &mut Dice) {
    for _ in 0..=dice.below(3) {
        damage_once(message, words, now, dice);
    }
}

fn damage_once(message: &mut DynamicMessage, words: &Words, now: i64, dice: &mut Dice) {
    let fields: Vec<FieldDescriptor> = message.descriptor().fields().collect();
    if fields.is_empty() {
        return;
    }
    let field = dice.of(&fields).clone();
    if message.has_field(&field) && !dice.one_in(4) {
        match message.get_field_mut(&field) {
            Value::Message(inner) => return damage_once(inner, words, now, dice),
            Value::List(list) if !list.is_empty() && !dice.one_in(3) => {
                let at = dice.below(list.len());
                if let Value::Message(inner) = &mut list[at] {
                    return damage_once(inner, words, now, dice);
                }
            }
            _ => {}
        }
        if dice.one_in(4) {
            return message.clear_field(&field);
        }
    }
    let value = value(&field, words, now, dice, 4);
    message.set_field(&field, value);
}

/// Bytes that are nearly a message.
pub fn corrupt(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len().max(1));
        match dice.below(6) {
            _ if bytes.is_empty() => bytes.push(dice.next() as u8),
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = dice.next() as u8,
            2 => bytes.truncate(at),
            3 => bytes.insert(at, dice.next() as u8),
            4 => {
                let again = bytes[at..(at + dice.below(40)).min(bytes.len())].to_vec();
                bytes.extend(again);
            }
            _ => {
                bytes.remove(at);
            }
        }
    }
}

pub fn any_bytes(dice: &mut Dice) -> Vec<u8> {
    (0..dice.below(200)).map(|_| dice.next() as u8).collect()
}

/// A request for a method with this input, one way or another, from one of its right examples.
pub fn request(example: &DynamicMessage, words: &Words, now: i64, dice: &mut Dice) -> Vec<u8> {
    let mut request = example.clone();
    let fresh = format!("r{}", dice.next());
    if request.get_field_by_name("request_id").is_some() && !dice.one_in(10) {
        request.set_field_by_name("request_id", Value::String(fresh));
    }
    if request.get_field_by_name("validate_only").is_some() {
        request.set_field_by_name("validate_only", Value::Bool(dice.one_in(3)));
    }
    match dice.below(20) {
        0..=2 => {}
        3..=11 => damage(&mut request, words, now, dice),
        12..=15 => request = message(&example.descriptor(), words, now, dice, 4),
        16..=18 => {
            let mut bytes = request.encode_to_vec();
            corrupt(&mut bytes, dice);
            return bytes;
        }
        _ => return any_bytes(dice),
    }
    request.encode_to_vec()
}
