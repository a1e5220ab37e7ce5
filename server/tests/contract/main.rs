//! The contract, method by method from the descriptors: whatever is sent, what is wrong is told and changes nothing.
//!
//! A program of its own, since it counts the panics of all that runs in it. A method without an example fails here,
//! and the message says where to add one; everything else follows from the examples and the descriptors.

/// The town that the server's other tests have, too.
#[allow(dead_code)]
#[path = "../server/support.rs"]
mod support;

/// Asks a town whatever it is given; the fuzz target does the same.
#[allow(dead_code)]
#[path = "../../../fuzz/src/requests.rs"]
mod requests;

mod drawn;
mod examples;
mod faults;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use drawn::{Dice, Words};
use examples::examples;
use faults::{EXCEPTIONS, OUTPUT_ONLY, Otherwise, Spoiled, otherwise, spoil};
use mukae_server::Clock;
use mukae_units::Span;
use prost::Message;
use prost_reflect::{DynamicMessage, Value};
use requests::{Answer, Town, Trial};
use support::reason;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// What comes of a request in one word, as the examples write it.
fn outcome(answer: &Answer) -> String {
    match answer {
        Ok(_) => "OK".to_owned(),
        Err(status) => reason(status),
    }
}

fn short(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn set_if_there(request: &mut DynamicMessage, field: &str, value: Value) {
    if request.get_field_by_name(field).is_some() {
        request.set_field_by_name(field, value);
    }
}

/// The example under an id of its own.
fn signed(request: &DynamicMessage, id: &str) -> DynamicMessage {
    let mut request = request.clone();
    set_if_there(&mut request, "request_id", Value::String(id.to_owned()));
    request
}

#[tokio::test]
async fn each_method_has_an_example_and_it_is_right() {
    let mut town = Town::open().await;
    let (examples, mut wrong) = examples(&town);
    for example in &examples {
        match town.ask(&example.path, &example.request.encode_to_vec()).await {
            Ok(answer) if outcome(&answer) == example.expected => {}
            Ok(Err(status)) => wrong.push(format!("{}: {}: {}", example.path, reason(&status), status.message())),
            Ok(Ok(_)) => wrong.push(format!("{}: OK, not {}", example.path, example.expected)),
            Err(told) => wrong.push(format!("{}: {told}", example.path)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    town.house.close().await;
}

/// The fields that an error names.
fn named(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}

/// What is wrong with this answer to that, if something is.
fn misjudged(
    method: &str,
    spoiled: &Spoiled,
    expected: &str,
    answer: &Answer,
    used: &mut BTreeSet<usize>,
) -> Option<String> {
    let exception = otherwise(method, spoiled);
    used.extend(exception.map(|(index, _)| index));
    let told = match answer {
        Ok(_) => "OK".to_owned(),
        Err(status) => format!("{}, naming {:?}: {}", reason(status), named(status), status.message()),
    };
    let complain =
        |wanted: &str| Some(format!("{method}: {} {}: {told}; wanted {wanted}", spoiled.field, spoiled.label));
    let field = match exception {
        Some((_, Otherwise::Fine)) if outcome(answer) == expected => return None,
        Some((_, Otherwise::Fine)) => return complain(expected),
        Some((_, Otherwise::Named(field))) => field,
        None => &spoiled.field,
    };
    let Err(status) = answer else { return complain("an error that names the field") };
    if spoiled.label == "elsewhere" && [Code::NotFound, Code::PermissionDenied].contains(&status.code()) {
        return None; // a right name of something that is not there
    }
    let is_stale = spoiled.label == "stale" && status.code() == Code::Aborted;
    let begins = |named: &String| named.strip_prefix(field).is_some_and(|rest| rest.starts_with(['.', '[']));
    let is_named = |named: &String| named == field || spoiled.choice.as_ref() == Some(named) || begins(named);
    let is_invalid = status.code() == Code::InvalidArgument && named(status).iter().any(is_named);
    if is_invalid || is_stale { None } else { complain("INVALID_ARGUMENT that names the field") }
}

/// What is true of one element is true of all.
fn unnumbered(field: &str) -> String {
    field.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[tokio::test]
async fn every_field_of_every_request_is_judged() {
    let mut town = Town::open().await;
    let (examples, mut wrong) = examples(&town);
    let (mut used, mut count) = (BTreeSet::new(), 0);
    let mut absent: BTreeSet<(String, String)> = BTreeSet::new();
    let mut present = BTreeSet::new();
    for example in &examples {
        let method = short(&example.path);
        let (spoiled, not_there) = spoil(method, &example.request);
        absent.extend(not_there.into_iter().map(|field| (method.to_owned(), unnumbered(&field))));
        for spoiled in spoiled {
            present.insert((method.to_owned(), unnumbered(&spoiled.field)));
            count += 1;
            let request = if spoiled.field.ends_with("request_id") {
                spoiled.request.clone()
            } else {
                signed(&spoiled.request, &format!("f{count}"))
            };
            match town.ask(&example.path, &request.encode_to_vec()).await {
                Ok(answer) => wrong.extend(misjudged(method, &spoiled, example.expected, &answer, &mut used)),
                Err(told) => wrong.push(format!("{method}: {} {}: {told}", spoiled.field, spoiled.label)),
            }
        }
    }
    let is_spoiled = |method: &str, field: &str| {
        present.iter().any(|(known, name)| {
            known == method && name.strip_prefix(field).is_some_and(|rest| rest.starts_with(['.', '[']))
        })
    };
    for (method, field) in absent.iter().filter(|(method, field)| !is_spoiled(method, field)) {
        wrong.push(format!(
            "{method}: {field} stands in no example, so nothing in it is tried: add it to one in examples.rs"
        ));
    }
    for (index, row) in EXCEPTIONS.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
        wrong.push(format!("exception {index} is needed by nothing: {row:?}"));
    }
    println!("{count} requests with one thing wrong");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    town.house.close().await;
}

/// True if a message is given, and all that it is part of.
fn stands_in(request: &DynamicMessage, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let found = request.get_field_by_name(name).filter(|_| request.has_field_by_name(name));
    let message = found.as_deref().and_then(Value::as_message);
    message.is_some_and(|message| rest.is_none_or(|rest| stands_in(message, rest)))
}

/// What only the server fills in may be anything, and changes nothing of the answer.
#[tokio::test]
async fn what_only_the_server_fills_in_is_not_read() {
    let mut town = Town::open().await;
    let (examples, _) = examples(&town);
    let mut unused: BTreeSet<(&str, &str)> = OUTPUT_ONLY.iter().copied().collect();
    let mut dice = Dice(7);
    for example in &examples {
        let method = short(&example.path);
        let right = town.ask(&example.path, &example.request.encode_to_vec()).await.unwrap();
        for (_, path) in OUTPUT_ONLY.iter().filter(|row| row.0 == method) {
            let (of, name) = path.rsplit_once('.').expect("a field of the resource");
            let mut request = example.request.clone();
            if !stands_in(&request, of) {
                continue;
            }
            let part = |message, name| DynamicMessage::get_field_by_name_mut(message, name)?.as_message_mut();
            let resource = of.split('.').try_fold(&mut request, part).expect(path);
            unused.remove(&(method, *path));
            let field = prost_reflect::ReflectMessage::descriptor(resource).get_field_by_name(name).expect(path);
            loop {
                resource.set_field(&field, drawn::value(&field, &Words::default(), 0, &mut dice, 3));
                if resource.encoded_len() < 100_000 {
                    break; // it fits into a call
                }
            }
            let answer = town.ask(&example.path, &request.encode_to_vec()).await.unwrap();
            assert_eq!(answer.unwrap(), *right.as_ref().unwrap(), "{method} reads {path}");
        }
    }
    assert!(unused.is_empty(), "no such fields: {unused:?}");
    town.house.close().await;
}

/// An id belongs to the request it came with first, whatever method that was. Riders' records and simulations are apart
/// from all else, and so are the ids of what was asked about them.
#[tokio::test]
async fn an_id_that_was_used_is_no_good_for_another_request() {
    let mut town = Town::open().await;
    let (examples, _) = examples(&town);
    let first = ["Quote", "CreateRider", "CreateSimulation"].map(|name| {
        let example = examples.iter().find(|example| short(&example.path) == name).unwrap();
        let mut request = signed(&example.request, "used");
        set_if_there(&mut request, "validate_only", Value::Bool(false));
        (&example.path, request)
    });
    for (path, request) in &first {
        town.ask(path, &request.encode_to_vec()).await.unwrap().unwrap();
    }
    let mut wrong = Vec::new();
    for example in examples.iter().filter(|other| other.request.get_field_by_name("request_id").is_some()) {
        let mut request = signed(&example.request, "used");
        set_if_there(&mut request, "validate_only", Value::Bool(false));
        if first.iter().any(|(_, known)| *known == request) {
            continue;
        }
        match town.ask(&example.path, &request.encode_to_vec()).await {
            Ok(Err(status)) if status.code() == Code::AlreadyExists && reason(&status) == "REQUEST_ID_REUSED" => {}
            other => wrong.push(format!("{}: {other:?}", example.path)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    town.house.close().await;
}

#[tokio::test]
async fn a_page_token_is_good_for_its_own_query() {
    let mut town = Town::open().await;
    let (examples, _) = examples(&town);
    let mut tokens = Vec::new();
    let lists: Vec<_> = examples.iter().filter(|one| one.request.get_field_by_name("page_token").is_some()).collect();
    for list in &lists {
        let output = town.methods[&list.path].output();
        let answer = town.ask(&list.path, &list.request.encode_to_vec()).await.unwrap().unwrap();
        let answer = DynamicMessage::decode(output, answer[0].as_slice()).unwrap();
        let token = answer.get_field_by_name("next_page_token").unwrap().as_str().unwrap().to_owned();
        tokens.push((list, token));
    }
    tokens.retain(|(_, token)| !token.is_empty());
    assert!(2 < tokens.len(), "pages of one, and more than that to list: {}", tokens.len());
    for list in &lists {
        for (from, token) in &tokens {
            let mut request = list.request.clone();
            request.set_field_by_name("page_token", Value::String(token.clone()));
            let answer = town.ask(&list.path, &request.encode_to_vec()).await.unwrap();
            if from.path == list.path {
                answer.unwrap_or_else(|status| panic!("{}: {status:?}", list.path));
                continue;
            }
            let status = answer.expect_err(&format!("{} with a token of {}", list.path, from.path));
            assert_eq!(
                (reason(&status).as_str(), named(&status)),
                ("PAGE_TOKEN_INVALID", vec!["page_token".to_owned()])
            );
        }
    }
    town.house.close().await;
}

/// The corpus of the fuzz target `request`, replayed; each method has a right request in it.
#[test]
fn the_corpus_holds_each_method() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/request");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut trial, mut wanted) = (Trial::default(), BTreeMap::new());
    let town = runtime.block_on(Town::open());
    for example in examples(&town).0 {
        let service = example.path.rsplit(['.']).next().unwrap().replace('/', ".");
        let count = wanted.keys().filter(|name: &&String| name.starts_with(&format!("{service}-"))).count();
        let input = [example.path.as_bytes(), b"\n", &example.request.encode_to_vec()].concat();
        wanted.insert(format!("{service}-{}", count + 1), input);
    }
    runtime.block_on(town.house.close());
    let is_written = std::env::var("MUKAE_GOLDEN").is_ok_and(|word| word == "write");
    for (name, input) in &wanted {
        let path = directory.join(name);
        if is_written && !path.exists() {
            std::fs::write(&path, input).unwrap();
        }
        let found = std::fs::read(&path).unwrap_or_default();
        let end = found.iter().position(|&byte| byte == b'\n').unwrap_or(0);
        let advice = "write it with MUKAE_GOLDEN=write cargo test --release -p mukae-server --test contract corpus";
        assert_eq!(
            found[..end],
            input[..input.len().min(end)],
            "{} is no input of its method: {advice}",
            path.display()
        );
        assert_ne!(end, 0, "{} is missing: {advice}", path.display());
    }
    let mut paths: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        println!("{}", path.display());
        trial.request(&std::fs::read(&path).unwrap());
    }
}

/// Panics of the server's threads, with where they happened.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Rounds over all methods, in one town; later its offers have expired and its shifts are over.
const ROUNDS: usize = 80;
const SEEDS: u64 = 8;

/// Thousands of requests, drawn by lot, over every method: the server stands, each error has its reason and has
/// changed nothing, and in the end a restart finds the same town.
#[test]
fn whatever_is_sent_the_server_stands() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some("drawn") {
            return before(panic); // a test that fails
        }
        PANICS.lock().unwrap().push(panic.to_string());
    }));
    let seeds = std::env::var("MUKAE_SEED").map_or((1..=SEEDS).collect(), |seed| vec![seed.parse().expect("a number")]);
    for seed in seeds {
        // the server's tasks run on threads of this name
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).thread_name("drawn").enable_all().build().unwrap();
        runtime.block_on(send_drawn(seed));
    }
}

async fn send_drawn(seed: u64) {
    let mut town = Town::open().await;
    let (examples, missing) = examples(&town);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let (mut dice, mut words) = (Dice(seed), Words::default());
    town.names.values().for_each(|name| words.learn(name, &mut dice));
    let mut tally = BTreeMap::<(String, String), usize>::new();
    for round in 0..ROUNDS {
        for example in &examples {
            let now = town.house.clock.now().as_unix_millis() / 1000;
            let bytes = drawn::request(&example.request, &words, now, &mut dice);
            let told = || format!("seed {seed}, round {round}, {} with {}", example.path, hex(&bytes));
            let answer = town.ask(&example.path, &bytes).await.unwrap_or_else(|wrong| panic!("{wrong}: {}", told()));
            let panics = std::mem::take(&mut *PANICS.lock().unwrap());
            assert!(panics.is_empty(), "{panics:?}: {}", told());
            *tally.entry((short(&example.path).to_owned(), outcome(&answer))).or_default() += 1;
            for message in answer.iter().flatten().take(3) {
                let output = town.methods[&example.path].output();
                let message = DynamicMessage::decode(output, message.as_slice()).expect("our answers can be read");
                words.learn_from(&message, &mut dice);
            }
        }
        if dice.one_in(4) {
            town.pass(Span::from_secs(dice.below(900) as i64)).await;
        }
    }
    let of = |wanted: &str| tally.iter().filter(|((_, told), _)| told == wanted).map(|(_, count)| count).sum::<usize>();
    let reasons: BTreeSet<&str> = tally.keys().map(|(_, told)| told.as_str()).collect();
    println!("seed {seed}: {} calls, {} answered; {reasons:?}", ROUNDS * examples.len(), of("OK"));
    assert!(examples.len() < of("OK") && examples.len() < of("INVALID_FIELD"), "drawn too badly: {tally:?}");
    // a start tries who is waiting once more: after a round of theirs it finds nothing new
    town.pass(Span::from_mins(6)).await;
    let seen = everything(&mut town).await;
    let mut town = town.restart().await;
    for (found, seen) in everything(&mut town).await.into_iter().zip(seen) {
        assert_eq!(found, seen, "seed {seed}: a restart finds another town");
    }
    town.house.close().await;
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All that lists tell, without what is told since the start or from outside the journal, or goes on by itself.
async fn everything(town: &mut Town) -> Vec<(String, String)> {
    let lists: Vec<String> = town
        .methods
        .keys()
        .filter(|path| short(path).starts_with("List") && !path.contains("Simulation"))
        .cloned()
        .collect();
    let mut seen = Vec::new();
    for path in lists {
        let method = town.methods[&path].clone();
        let parents: Vec<&str> = vec![
            "tenants/alofi",
            support::AREA,
            support::SERVICE,
            support::BUS,
            support::VAN,
            "tenants/alofi/drivers/sato",
        ];
        for parent in parents {
            let mut request = DynamicMessage::new(method.input());
            if request.get_field_by_name("parent").is_some() {
                request.set_field_by_name("parent", Value::String(parent.to_owned()));
            }
            let Ok(answer) = town.ask(&path, &request.encode_to_vec()).await.unwrap() else { continue };
            let mut answer = DynamicMessage::decode(method.output(), answer[0].as_slice()).unwrap();
            settle(&mut answer);
            seen.push((format!("{path} of {parent}"), format!("{answer}")));
        }
    }
    assert!(5 < seen.len(), "lists of most kinds");
    seen
}

/// Takes away what is not of the journal.
fn settle(message: &mut DynamicMessage) {
    for name in ["revision", "etag", "position", "clock", "prediction"] {
        message.clear_field_by_name(name);
    }
    let fields: Vec<_> = message.fields().map(|(field, _)| field).collect();
    for field in fields {
        match message.get_field_mut(&field) {
            Value::Message(inner) => settle(inner),
            Value::List(list) => list.iter_mut().filter_map(Value::as_message_mut).for_each(settle),
            _ => {}
        }
    }
}
