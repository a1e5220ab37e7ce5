//! What a configuration may say of access, and what a server does with it at the start.

use std::path::Path;
use std::sync::Arc;

use mukae_server::{Config, ManualClock, serve};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::guarded::{self, Guarded, TLS};
use crate::support::*;

fn problems(text: &str) -> String {
    let text = format!("{CONFIG}{text}");
    let problems = Config::parse(&text, Path::new("")).expect_err(&text);
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn each_mistake_is_told_with_what_would_be_right() {
    for (text, wanted) in [
        ("[auth]", &["lets nobody in"][..]),
        ("[[auth.issuer]]\nissuer = \"a|b\"\nkeys = \"k\"\naudience = [\"mukae\"]", &["`issuer`", "without `|`"]),
        ("[[auth.issuer]]\nissuer = \"a\"\nkeys = \"k\"", &["`audience` is missing"]),
        (
            "[[auth.issuer]]\nissuer = \"a\"\nkeys = \"k\"\naudience = [\"m\"]\nalgorithms = [\"HS256\"]",
            &["HS256", "\"EdDSA\", \"ES256\" and \"RS256\""],
        ),
        ("[auth]\ntoken_age_max = \"2 days\"\n[[auth.issuer]]", &["`token_age_max`", "`issuer` is missing", "`keys`"]),
        ("[[auth.service]]\nname = \"f\"\nsan = \"dns:f\"\ntenants = { alofi = [\"service\"] }", &["client_ca"]),
        (
            "[tls]\ncertificate = \"c\"\nkey = \"k\"\nclient_ca = \"ca\"\n[[auth.service]]\nname = \"f\"\nsan = \"f\"\n\
             tenants = { alofi = [\"platform-admin\", \"boss\"] }",
            &["`san`", "\"dns:", "\"boss\" is no role", "\"platform-admin\" is no role"],
        ),
        (
            "[tls]\nkey = \"k\"\nclient_certificates = \"maybe\"",
            &["`certificate` is missing", "\"required\"", "client_ca"],
        ),
        ("[cors]\norigins = [\"*\", \"https://a.example/path\"]", &["\"*\"", "without a path"]),
        ("[[quota.tenant]]\nburst = 0", &["`tenant` is missing"]),
        ("[quota]\nburst = 0", &["`burst` is 0"]),
    ] {
        let told = problems(text);
        for wanted in wanted {
            assert!(told.contains(wanted), "{text}\nshould be told {wanted:?}, was told\n{told}");
        }
    }
}

#[tokio::test]
async fn others_reach_a_server_that_asks_who_they_are_and_speaks_tls() {
    let house = Guarded::open().await; // for its files
    let start = |server: &'static str, auth: &'static str, tls: &'static str| {
        let text = guarded::text(server, auth, tls).replace("listen = \"127.0.0.1:0\"", "listen = \"0.0.0.0:0\"");
        let config = Config::parse(&text, house.dir.path()).unwrap_or_else(|problems| panic!("{problems:?}"));
        async move {
            let running = serve(config, map(), guarded::options(&Arc::new(ManualClock::new(MORNING)))).await;
            match running {
                Err(error) => Err(error.to_string()),
                Ok(running) => {
                    let warnings = running.warnings().join("\n");
                    running.shutdown();
                    running.join().await.unwrap();
                    Ok(warnings)
                }
            }
        }
    };
    assert!(!start("", "[auth]\n", TLS).await.unwrap().contains("PLAIN"));
    let told = start("", "[auth]\n", "").await.unwrap_err();
    assert!(told.contains("[tls]") && told.contains("behind_proxy"), "{told}");
    assert!(start("behind_proxy = true", "[auth]\n", "").await.unwrap().contains("PLAIN"));
    house.close().await;

    let mut open = config();
    open.access.is_behind_proxy = true;
    let clock = Arc::new(ManualClock::new(MORNING));
    let told = serve(open, map(), guarded::options(&clock)).await.expect_err("open to all").to_string();
    assert!(told.contains("no authentication"), "{told}");
}

#[tokio::test]
async fn broken_certificates_are_named() {
    let house = Guarded::open().await;
    let other = house.ca.issue("localhost", rcgen::ExtendedKeyUsagePurpose::ServerAuth);
    for (file, text, wanted) in [
        ("server.pem", "", "holds no certificate"),
        ("server.key", "", "holds no private key"),
        ("ca.pem", "hello", "holds no certificate"),
        ("server.key", other.1.as_str(), "do not go together"),
    ] {
        let whole = std::fs::read(house.file(file)).unwrap();
        std::fs::write(house.file(file), text).unwrap();
        let config = Config::parse(&guarded::text("", "[auth]\n", TLS), house.dir.path()).unwrap();
        let clock = Arc::new(ManualClock::new(MORNING));
        let told = serve(config, map(), guarded::options(&clock)).await.expect_err(wanted).to_string();
        assert!(told.contains(file) && told.contains(wanted), "{told}");
        std::fs::write(house.file(file), whole).unwrap();
    }
    house.close().await;
}

#[tokio::test]
async fn connections_have_a_cap() {
    let mut config = config();
    config.access.connections.per_address = 2;
    let house = House::open_with(config, mukae_server::Store::Configured, MORNING).await;
    let address = house.running.local_addr();
    let _second = TcpStream::connect(address).await.unwrap();
    let mut third = TcpStream::connect(address).await.unwrap();
    let mut byte = [0];
    assert!(matches!(third.read(&mut byte).await, Ok(0) | Err(_)), "closed at once");
    // who was there first is served
    house.offer(ride("q1", mukae_units::Span::HOUR)).await;
    house.close().await;
}

#[tokio::test]
async fn a_deadline_that_is_none_is_named() {
    let house = House::open().await;
    let mut request = tonic::Request::new(ride("q1", mukae_units::Span::HOUR));
    request.metadata_mut().insert("grpc-timeout", "soon".parse().unwrap());
    let status = house.bookings().quote(request).await.unwrap_err();
    assert_eq!(fields(&status), ["grpc-timeout"]);
    house.close().await;
}
