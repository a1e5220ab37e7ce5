//! Finding somebody by what they say on the telephone.

use mukae_people::{Gone, People, Query, Rank, dialled, folded};

use crate::support::*;

fn town() -> People {
    let people = People::in_memory();
    let riders = [
        ("佐藤 花子", "さとう はなこ", "0765-12-3456"),
        ("佐藤 太郎", "サトウ タロウ", "090-1234-5678"),
        ("佐々木 ローラ", "ささき ろーら", "+81 90 8765 4321"),
        ("Abe Shinzo", "", "0765-12-0000"),
        ("砂藤 花", "さとう はな", ""),
    ];
    for (number, (name, kana, phone)) in (1..).zip(riders) {
        let phones: Vec<&str> = Some(phone).filter(|phone| !phone.is_empty()).into_iter().collect();
        put(&people, number, number, person(name, kana, &phones));
    }
    people
}

/// The names of those who fit, in their order.
fn check(query: &str, expected: &[&str]) {
    let found = town().find(TENANT, &Query::new(query), None, 100).unwrap();
    let names: Vec<&str> = found.riders.iter().map(|(_, entry)| entry.person.name.as_str()).collect();
    assert_eq!(names, expected, "for {query}");
}

#[test]
fn somebody_is_found_by_name_reading_and_number() {
    check("さとう", &["佐藤 太郎", "砂藤 花", "佐藤 花子"]);
    check("ｻﾄｳ ﾊﾅ", &["砂藤 花", "佐藤 花子"]);
    check("さとうはなこ", &["佐藤 花子"]);
    check("佐藤", &["佐藤 太郎", "佐藤 花子"]);
    check("花", &["砂藤 花", "佐藤 花子"]);
    check("ロラ", &["佐々木 ローラ"]);
    check("ABE", &["Abe Shinzo"]);
    check("shinzo", &["Abe Shinzo"]);
    check("090", &["佐々木 ローラ", "佐藤 太郎"]);
    check("+8190", &["佐々木 ローラ", "佐藤 太郎"]);
    check("０９０ー１２３４", &["佐藤 太郎"]);
    check("65-12-3", &["佐藤 花子"]);
    check("3456", &["佐藤 太郎", "佐藤 花子"]);
    check("076512", &["Abe Shinzo", "佐藤 花子"]);
    check("すずき", &[]);
    check("ー", &[]);
    check("", &["Abe Shinzo", "佐々木 ローラ", "佐藤 太郎", "砂藤 花", "佐藤 花子"]);
}

#[test]
fn who_fits_whole_comes_first() {
    let people = town();
    put(&people, 9, 9, person("花", "はな", &[]));
    let found = people.find(TENANT, &Query::new("はな"), None, 100).unwrap();
    let names: Vec<&str> = found.riders.iter().map(|(_, entry)| entry.person.name.as_str()).collect();
    assert_eq!(names, ["花", "砂藤 花", "佐藤 花子"]);
}

#[test]
fn pages_follow_each_other_whatever_comes_and_goes() {
    let people = town();
    let query = Query::new("さとう");
    let page = |after| people.find(TENANT, &query, after, 1);
    let first = page(None).unwrap();
    assert!(first.has_more && first.riders.len() == 1);
    let after = first.riders[0].0;
    put(&people, 77, 77, person("佐藤 あ", "さとう あ", &[]));
    let second = page(Some(after)).unwrap();
    assert_eq!(second.riders[0].1.person.name, "砂藤 花", "one who comes before the page is on none of the later");
    erase(&people, second.riders[0].0, 78).unwrap();
    assert_eq!(page(Some(second.riders[0].0)).unwrap_err(), Gone);
    assert!(!people.find(TENANT, &query, None, 3).unwrap().has_more);
    assert_eq!(people.find("nyuzen", &query, Some(1), 1).unwrap_err(), Gone);
    assert!(people.find("nyuzen", &query, None, 1).unwrap().riders.is_empty(), "another tenant has other riders");
}

/// The slow twin looks at everybody, and has its own idea of what fits.
fn by_looking_at_everybody(people: &People, query: &str) -> Vec<(Rank, u64)> {
    let (letters, digits) = (folded(query), dialled(query));
    let mut fitting = Vec::new();
    for (rider, entry) in everybody(people) {
        let person = &entry.person;
        let names = [folded(&person.name), folded(&person.kana)];
        let numbers: Vec<String> = person.phones.iter().filter_map(|phone| dialled(phone)).collect();
        let fits = |test: &dyn Fn(&str, &str) -> bool| {
            let by_name = !letters.is_empty() && names.iter().any(|name| test(name, &letters));
            by_name || digits.as_ref().is_some_and(|digits| numbers.iter().any(|number| test(number, digits)))
        };
        let rank = if query.trim().is_empty() || fits(&|text, part| text == part) {
            Rank::Whole
        } else if fits(&|text, part| text.starts_with(part)) {
            Rank::Begins
        } else if fits(&|text, part| text.contains(part)) {
            Rank::Inside
        } else {
            continue;
        };
        let reading = if names[1].is_empty() { names[0].clone() } else { names[1].clone() };
        fitting.push((rank, (reading, names[0].clone()), rider));
    }
    fitting.sort();
    fitting.into_iter().map(|(rank, _, rider)| (rank, rider)).collect()
}

#[test]
fn the_index_finds_what_a_look_at_everybody_finds() {
    const LETTERS: [&str; 22] = [
        "あ", "ア", "ｱ", "か", "ガ", "ｶﾞ", "さ", "さ", "ー", "ろ", "ロ", " ", "　", "佐", "藤", "花", "A", "a", "Ｂ",
        "b", "・", "っ",
    ];
    const DIGITS: [&str; 9] = ["0", "9", "1", "5", "-", "+81", "０", " ", "9"];
    let seeds = 0..60;
    for seed in seeds {
        let mut dice = Dice(seed);
        let people = People::in_memory();
        let text = |dice: &mut Dice, letters: &[&'static str], most: usize| -> String {
            (0..dice.roll(most + 1)).map(|_| dice.pick(letters)).collect()
        };
        let mut number = 0;
        for _ in 0..dice.roll(40) {
            number += 1;
            let rider = dice.roll(25) as u64;
            if dice.roll(6) == 0 {
                erase(&people, rider, number).unwrap();
                continue;
            }
            let phones: Vec<String> = (0..dice.roll(3)).map(|_| text(&mut dice, &DIGITS, 8)).collect();
            let phones: Vec<&str> = phones.iter().map(String::as_str).collect();
            let (name, kana) = (text(&mut dice, &LETTERS, 6), text(&mut dice, &LETTERS, 6));
            put(&people, rider, number, person(&name, &kana, &phones));
        }
        for _ in 0..40 {
            let letters: &[&str] = if dice.roll(3) == 0 { &DIGITS } else { &LETTERS };
            let query = text(&mut dice, letters, 4);
            let expected = by_looking_at_everybody(&people, &query);
            let size = 1 + dice.roll(5);
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = people.find(TENANT, &Query::new(&query), after, size).unwrap();
                assert!(page.riders.len() <= size);
                let ranked = page.riders.iter().map(|(rider, entry)| (Query::new(&query).rank(entry).unwrap(), *rider));
                found.extend(ranked);
                after = found.last().map(|(_, rider)| *rider);
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(found, expected, "seed {seed}, looking for {query:?}");
        }
    }
}
