//! Riders' records through the binary, and that what it logs at its most talkative tells of nobody.

mod support;

use std::path::Path;
use std::process::Stdio;

use support::server::{Server, town_with_journal};
use support::{expect_error, expect_ok, last_json, mukae, text};

/// What would tell of Hanako.
const TELLTALES: [&str; 6] = ["朝日花子", "あさひ", "0765-00-1234", "耳が遠い", "玄関まで", "妹の家"];

fn serve(town: &str, log: &str) -> Server {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    Server::start(mukae(&["serve", "--config", town]).env("RUST_LOG", "trace").stderr(Stdio::from(log)))
}

/// Which telltales stand in a file, or in any below a directory.
fn telling(path: &Path) -> Vec<&'static str> {
    if path.is_dir() {
        return std::fs::read_dir(path).unwrap().flat_map(|entry| telling(&entry.unwrap().path())).collect();
    }
    let bytes = std::fs::read(path).unwrap();
    let holds = |text: &&str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    TELLTALES.into_iter().filter(holds).collect()
}

#[test]
fn a_clerk_keeps_finds_and_erases_who_calls() {
    let dir = town_with_journal();
    let file = |name: &str| text(&dir.path().join(name)).to_owned();
    let server = serve(&file("town.toml"), &file("log"));
    let address = server.address.clone();
    let add = [
        "rider",
        "add",
        "--name",
        "朝日花子",
        "--kana",
        "あさひ はなこ",
        "--phone",
        "0765-00-1234",
        "--note",
        "耳が遠い",
        "--driver-note",
        "玄関まで",
        "--favourite",
        "妹の家=-19.0540,-169.9187,Town hall",
        "--json",
        "--server",
        &address,
    ];
    let made = last_json(&expect_ok(&add));
    assert_eq!((made["display_name"].as_str(), made["desk_note"].as_str()), (Some("朝日花子"), Some("耳が遠い")));
    let (name, pseudonym) = (made["name"].as_str().unwrap(), made["pseudonym"].as_str().unwrap());
    for query in ["アサヒ", "花子", "+81765"] {
        let found = expect_ok(&["rider", "find", query, "--json", "--server", &address]);
        assert_eq!(last_json(&found), made, "{query}");
    }
    let told = expect_ok(&["rider", "find", "はなこ", "--server", &address]);
    assert!(told.contains("朝日花子") && told.contains("0765-00-1234") && told.contains(name), "{told}");
    assert_eq!(expect_ok(&["rider", "find", "すずき", "--server", &address]), "");
    assert!(expect_error(&["rider", "find", " ", "--server", &address]).contains("rider export"));
    expect_ok(&["rider", "add", "--name", "佐藤", "--phone", "110", "--server", &address]);
    let wrong = expect_error(&["rider", "add", "--name", "佐藤", "--phone", "内線", "--server", &address]);
    assert!(wrong.contains("rider.phone_numbers[0]") && !wrong.contains("内線"), "{wrong}");

    let ride = ["--from=-19.0540,-169.9187", "--to=-19.1200,-169.8500", "--at", "+30", "--json", "--server", &address];
    let booked = expect_ok(&[&["book", "--rider", pseudonym], ride.as_slice()].concat());
    assert!(last_json(&booked)["name"].as_str().unwrap().contains("/bookings/"));
    let exported = expect_ok(&["riders", "export", "--server", &address]);
    assert_eq!(exported.lines().count(), 2, "{exported}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(exported.lines().next().unwrap()).unwrap(), made);
    drop(server); // killed: what was answered is there again

    let server = serve(&file("town.toml"), &file("log"));
    let address = server.address.clone();
    let shown = expect_ok(&["rider", "show", name, "--json", "--server", &address]);
    assert_eq!(last_json(&shown), made);
    assert!(telling(Path::new(&file("people.redb"))).contains(&"朝日花子"));
    let erased = last_json(&expect_ok(&["rider", "erase", name, "--json", "--server", &address]));
    assert_eq!(erased["erased"].as_str(), Some(name));
    assert!(expect_error(&["rider", "show", name, "--server", &address]).contains("RESOURCE_NOT_FOUND"));
    drop(server);
    for place in ["people.redb", "journal", "log"] {
        let told = telling(Path::new(&file(place)));
        assert!(told.is_empty(), "{place} tells {told:?}");
    }
    let log = std::fs::read_to_string(file("log")).unwrap();
    assert!(log.contains("record erased") && log.contains(name), "who did what to whom is there, by number");
    assert!(!log.contains(pseudonym));
}
