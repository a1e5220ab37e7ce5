//! Filters against a slow twin: expressions drawn at random are written out and read back, and hold where a walk over what
//! was drawn says so.

use super::*;
use crate::caller::Caller;

#[derive(Clone, Debug)]
struct Ride {
    id: u64,
    label: String,
    party: i64,
    shared: bool,
    from: Option<i128>,
    wait: Option<i128>,
    state: &'static str,
    needs: Vec<String>,
}

const STATES: [&str; 3] = ["CONFIRMED", "BOARDED", "CANCELLED"];

const LISTED: &[Field<Ride>] = &[
    Field { name: "label", kind: Kind::Text, of: |ride| Value::Text(ride.label.clone()) },
    Field { name: "party", kind: Kind::Number, of: |ride| Value::Number(ride.party) },
    Field { name: "is_shared", kind: Kind::Flag, of: |ride| Value::Flag(ride.shared) },
    Field { name: "create_time", kind: Kind::Time, of: |ride| ride.from.map_or(Value::Nothing, Value::Time) },
    Field { name: "wait", kind: Kind::Length, of: |ride| ride.wait.map_or(Value::Nothing, Value::Length) },
    Field { name: "state", kind: Kind::Word(|| STATES.to_vec()), of: |ride| Value::Word(ride.state) },
    Field { name: "needs", kind: Kind::Texts, of: |ride| Value::Texts(ride.needs.clone()) },
];

/// The same draw for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len() as u64) as usize]
    }

    fn ride(&mut self, id: u64) -> Ride {
        let needs = ["ramp", "sign-language", "quiet"];
        Ride {
            id,
            label: self.of(&["", "役場", "役場前", "Town hall", "town", "a\"b", "*"]).to_owned(),
            party: self.below(4) as i64 - 1,
            shared: self.below(2) == 0,
            from: (0 < self.below(4)).then(|| i128::from(self.below(3)) * 86_400_000_000_000),
            wait: (0 < self.below(4)).then(|| i128::from(self.below(4)) * 500_000_000),
            state: self.of(&STATES),
            needs: needs.iter().filter(|_| self.below(2) == 0).map(|need| (*need).to_owned()).collect(),
        }
    }

    fn blank(&mut self) -> &'static str {
        self.of(&[" ", "  ", "\t", "\n "])
    }
}

/// A condition as it is written, and what it means.
struct Twin {
    text: String,
    means: Box<dyn Fn(&Ride) -> bool>,
}

fn compare(sign: &str, order: std::cmp::Ordering) -> bool {
    match sign {
        "=" | ":" => order.is_eq(),
        "!=" => !order.is_eq(),
        "<" => order.is_lt(),
        "<=" => !order.is_gt(),
        ">" => order.is_gt(),
        _ => !order.is_lt(),
    }
}

fn condition(dice: &mut Dice) -> Twin {
    let sign = dice.of(&["=", "!=", "<", "<=", ">", ">="]);
    let (a, b) = (dice.of(&["", " "]), dice.of(&["", " "]));
    match dice.below(11) {
        0 => {
            let with = dice.below(4) as i64 - 1;
            let sign = dice.of(&[sign, ":"]);
            Twin {
                text: format!("party{a}{sign}{b}{with}"),
                means: Box::new(move |r| compare(sign, r.party.cmp(&with))),
            }
        }
        1 => {
            let (sign, with) = (dice.of(&["=", "!="]), dice.below(2) == 0);
            let means = Box::new(move |r: &Ride| (r.shared == with) == (sign == "="));
            Twin { text: format!("is_shared{a}{sign}{b}{with}"), means }
        }
        2 => {
            let day = dice.below(3);
            let means = Box::new(move |r: &Ride| match r.from {
                Some(from) => compare(sign, from.cmp(&(i128::from(day) * 86_400_000_000_000))),
                None => sign == "!=",
            });
            Twin { text: format!("create_time{a}{sign}{b}1970-01-0{}T00:00:00Z", day + 1), means }
        }
        3 => {
            let (text, nanos) = [("0s", 0), ("0.5s", 500_000_000), ("1s", 1_000_000_000)][dice.below(3) as usize];
            let means = Box::new(move |r: &Ride| match r.wait {
                Some(wait) => compare(sign, wait.cmp(&nanos)),
                None => sign == "!=",
            });
            Twin { text: format!("wait{a}{sign}{b}{text}"), means }
        }
        4 => {
            let (sign, with) = (dice.of(&["=", "!="]), dice.of(&STATES));
            let means = Box::new(move |r: &Ride| (r.state == with) == (sign == "="));
            Twin { text: format!("state{a}{sign}{b}{with}"), means }
        }
        5 => {
            let with = dice.of(&["ramp", "quiet"]);
            let means = Box::new(move |r: &Ride| r.needs.iter().any(|need| need == with));
            Twin { text: format!("needs{a}:{b}{with}"), means }
        }
        6 => {
            let with = dice.of(&["役場", "town", "a\"b", ""]);
            let written = with.replace('"', "\\\"");
            Twin { text: format!("label{a}:{b}\"{written}\""), means: Box::new(move |r| r.label.contains(with)) }
        }
        7 => {
            let (with, means): (&str, fn(&str) -> bool) = [
                ("役場*", (|label| label.starts_with("役場")) as fn(&str) -> bool),
                ("*前", |label| label.ends_with('前')),
                ("*own*", |label| label.contains("own")),
                ("town", |label| label == "town"),
            ][dice.below(4) as usize];
            let sign = dice.of(&["=", "!="]);
            let means = Box::new(move |r: &Ride| means(&r.label) == (sign == "="));
            Twin { text: format!("label{a}{sign}{b}'{with}'"), means }
        }
        8 => {
            let (sign, with) = (dice.of(&["<", "<=", ">", ">="]), dice.of(&["役場", "town"]));
            Twin {
                text: format!("label{a}{sign}{b}{with}"),
                means: Box::new(move |r| compare(sign, r.label.as_str().cmp(with))),
            }
        }
        9 => Twin { text: "create_time:*".to_owned(), means: Box::new(|r| r.from.is_some()) },
        _ => {
            let (field, means): (&str, fn(&Ride) -> bool) = [
                ("label", (|r: &Ride| !r.label.is_empty()) as fn(&Ride) -> bool),
                ("needs", |r: &Ride| !r.needs.is_empty()),
                ("wait", |r: &Ride| r.wait.is_some()),
            ][dice.below(3) as usize];
            Twin { text: format!("{field}{a}:{b}*"), means: Box::new(means) }
        }
    }
}

/// `level`: 0 for what AND joins, 1 for what OR joins, 2 for a term.
fn drawn(dice: &mut Dice, level: u64, depth: u64) -> Twin {
    let is_leaf = depth == 0 || dice.below(3) == 0;
    if level == 2 {
        return match dice.below(4) {
            _ if is_leaf => condition(dice),
            0 => {
                let inner = drawn(dice, 2, depth - 1);
                let not = if dice.below(2) == 0 { "-".to_owned() } else { format!("NOT{}", dice.blank()) };
                Twin { text: format!("{not}{}", inner.text), means: Box::new(move |r| !(inner.means)(r)) }
            }
            _ => {
                let inner = drawn(dice, 0, depth - 1);
                let blank = dice.of(&["", " "]);
                Twin { text: format!("({blank}{}{blank})", inner.text), means: inner.means }
            }
        };
    }
    let count = if is_leaf { 1 } else { 1 + dice.below(3) };
    let parts: Vec<Twin> = (0..count).map(|_| drawn(dice, level + 1, depth.saturating_sub(1))).collect();
    let word = ["AND", "OR"][level as usize];
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        if 0 < index {
            text += &format!("{}{word}{}", dice.blank(), dice.blank());
        }
        text += &part.text;
    }
    let means = move |r: &Ride| match word {
        "AND" => parts.iter().all(|part| (part.means)(r)),
        _ => parts.iter().any(|part| (part.means)(r)),
    };
    Twin { text, means: Box::new(means) }
}

fn known() -> Vec<Known> {
    LISTED.iter().map(|field| (field.name, field.kind)).collect()
}

#[test]
fn a_filter_holds_where_its_slow_twin_does() {
    let known = known();
    let (mut held, mut asked) = (0, 0);
    for seed in 0..4000 {
        let mut dice = Dice(seed);
        let twin = drawn(&mut dice, 0, 4);
        let read = parse::filter(&twin.text, &known)
            .unwrap_or_else(|mistake| panic!("seed {seed}: {mistake:?} in {:?}", twin.text));
        for id in 0..8 {
            let ride = dice.ride(id);
            let holds = read.holds(&|field| (LISTED[field].of)(&ride));
            assert_eq!(holds, (twin.means)(&ride), "seed {seed}: {:?} of {ride:?}", twin.text);
            held += u32::from(holds);
            asked += 1;
        }
    }
    assert!(asked / 5 < held && held < asked / 5 * 4, "{held} of {asked} held: the draw says nothing");
}

#[test]
fn nothing_that_is_written_breaks_it() {
    let known = known();
    let pieces = [
        "label",
        "party",
        "state",
        "create_time",
        "needs",
        "AND",
        "OR",
        "NOT",
        "-",
        "(",
        ")",
        "=",
        "!=",
        "<=",
        ">",
        ":",
        "*",
        "\"",
        "'",
        "\\",
        "\"a b\"",
        "CONFIRMED",
        "90s",
        "9999999999999999999999s",
        "1e9",
        "-1",
        ".",
        ",",
        "\u{0}",
        "日",
        " ",
        "  ",
        "\t",
        "2026-04-01T00:00:00Z",
        "true",
        "desc",
        "party=1",
        "label:*",
        "(state=BOARDED)",
        " AND ",
        " OR ",
        "needs:\"ramp\"",
    ];
    let mut understood = 0;
    for seed in 0..30_000 {
        let mut dice = Dice(seed);
        let count = dice.below(12);
        let text: String = (0..count).map(|_| dice.of(&pieces)).collect();
        match parse::filter(&text, &known) {
            Ok(read) => {
                understood += 1;
                let ride = dice.ride(1);
                read.holds(&|field| (LISTED[field].of)(&ride));
            }
            Err(Mistake { at, what }) => {
                let end = text.chars().count() + 1;
                assert!((1..=end).contains(&at) && !what.is_empty(), "seed {seed}: {at} of {end}: {text:?}: {what}");
            }
        }
        let _ = parse::order(&text, &known);
    }
    assert!(100 < understood, "{understood} texts meant something");
    // and it is not let down into a pit
    for deep in ["(".repeat(2000), "-".repeat(2000), "NOT ".repeat(500)] {
        assert!(parse::filter(&deep, &known).unwrap_err().what.contains("inside each other"));
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let caller = Caller::anyone();
    for (filter, order, expected) in [
        ("stat = CONFIRMED", "", "filter: at character 1: `stat` is no field of this list; there are: label, party,"),
        (
            "state = GONE",
            "",
            "at character 9: `GONE` can not be compared with `state`; write one of CONFIRMED, BOARDED",
        ),
        ("state < CONFIRMED", "", "at character 7: `state` has no more and less"),
        ("party = two", "", "at character 9: `two` can not be compared with `party`; write a whole number"),
        ("is_shared = yes", "", "write `true` or `false`"),
        ("create_time > yesterday", "", "write a time in RFC 3339"),
        ("wait > 5 min", "", "at character 8: `5` can not be compared with `wait`; write seconds"),
        ("needs = ramp", "", "at character 7: `needs` holds several texts"),
        ("party = 1 state = BOARDED", "", "at character 11: found `state`; `AND` or `OR` comes between"),
        ("party = 1 AND", "", "at character 14: found the end; a condition like `label = \"text\"` is missing"),
        ("(party = 1", "", "at character 11: found the end; a `)` is missing"),
        ("party = 1)", "", "at character 10: a `)` that closes nothing"),
        ("party", "", "at character 6: found the end behind `party`; one of = != < <= > >= : is missing"),
        ("party =", "", "what `party=` compares with is missing"),
        ("label = \"a", "", "at character 9: the text that begins here has no closing \""),
        ("label = *", "", "write `label:*` for what has any `label`"),
        ("", "party down", "order_by: at character 1: found `down` behind `party`"),
        ("", "party, needs", "at character 8: `needs` holds several texts"),
        ("", "party,, label", "at character 7: a field is missing; there are: label"),
        ("", "party, party desc", "`party` is there twice"),
    ] {
        let mut fields = Fields::of(&caller);
        Sieve::of_request(&mut fields, LISTED, filter, order);
        let fault = fields.finish::<()>(None).unwrap_err();
        let status = tonic::Status::from(fault);
        assert!(status.message().contains(expected), "{filter:?} {order:?}: {}", status.message());
    }
    let mut fields = Fields::of(&caller);
    Sieve::of_request(&mut fields, LISTED, &"a".repeat(2001), "");
    assert!(tonic::Status::from(fields.finish::<()>(None).unwrap_err()).message().contains("at most 2000 characters"));
}

#[test]
fn or_binds_more_tightly_than_and() {
    let known = known();
    let read = |text: &str| parse::filter(text, &known).unwrap();
    assert_eq!(read("party=1 AND party=2 OR party=3"), read("party=1 AND (party=2 OR party=3)"));
    assert_ne!(read("party=1 AND party=2 OR party=3"), read("(party=1 AND party=2) OR party=3"));
    assert_eq!(read("-party=1"), read("NOT party = 1"));
}

#[test]
fn pages_of_an_order_have_everything_once() {
    let caller = Caller::anyone();
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let rides: Vec<Ride> = (0..20).map(|id| dice.ride(id)).collect();
        let order = ["label, create_time desc", "party desc", "wait, state desc, label", "create_time desc, is_shared"]
            [dice.below(4) as usize];
        let mut wanted = rides.clone();
        wanted.sort_by(|a, b| {
            let order_of = match order {
                "label, create_time desc" => a.label.cmp(&b.label).then(b.from.cmp(&a.from)),
                "party desc" => b.party.cmp(&a.party),
                "wait, state desc, label" => a.wait.cmp(&b.wait).then(b.state.cmp(a.state)).then(a.label.cmp(&b.label)),
                _ => b.from.cmp(&a.from).then(a.shared.cmp(&b.shared)),
            };
            order_of.then(a.id.cmp(&b.id))
        });
        let (mut token, mut seen) = (String::new(), Vec::new());
        loop {
            let mut fields = Fields::of(&caller);
            let sieve = Sieve::of_request(&mut fields, LISTED, "", order);
            let page = Page::of_request(&mut fields, 3, &token, sieve.query().to_owned()).unwrap();
            let found = rides.iter().cloned().map(|ride| (ride.id, ride));
            let found = found.filter(|(id, _)| page.range_start() <= *id);
            let (entries, next) = sieve.cut(&page, LISTED, found);
            seen.extend(entries.into_iter().map(|ride| ride.id));
            token = next;
            if token.is_empty() {
                break;
            }
        }
        let wanted: Vec<u64> = wanted.into_iter().map(|ride| ride.id).collect();
        assert_eq!(seen, wanted, "seed {seed}, by {order}");
    }
}
