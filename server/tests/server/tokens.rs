//! Tokens that must not be taken, each told apart from those that must, and what becomes of streams.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::area::v1::area_service_client::AreaServiceClient;
use mukae_proto::transit::booking::v1::booking_service_client::BookingServiceClient;
use mukae_server::{Config, ManualClock, serve};
use mukae_units::Span;
use prost::Message;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_stream::StreamExt;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::guarded::*;
use crate::support::*;

async fn get_area(channel: &Channel, token: &str) -> Result<(), Status> {
    let request = area_pb::GetAreaRequest { name: AREA.to_owned() };
    AreaServiceClient::new(bearing(channel.clone(), token)).get_area(request).await.map(|_| ())
}

/// The reason with which a token is turned down.
async fn turned_down(channel: &Channel, token: &str) -> String {
    let status = get_area(channel, token).await.expect_err(token);
    assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
    reason(&status)
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[tokio::test]
async fn forged_and_damaged_tokens_open_nothing() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let good = claims("desk", at_alofi("operator"));
    get_area(&channel, &house.signer.sign(&good)).await.unwrap();

    let now = MORNING.as_unix_millis() / 1000;
    let secs = |secs: i64| json!(now + secs);
    for (claims, why) in [
        (with(good.clone(), "aud", json!("somebody-else")), "TOKEN_INVALID"),
        (without(good.clone(), "aud"), "TOKEN_INVALID"),
        (with(good.clone(), "iss", json!("https://evil.example.jp")), "TOKEN_INVALID"),
        (with(good.clone(), "iss", json!(["https://id.example.jp"])), "TOKEN_INVALID"),
        (without(good.clone(), "iss"), "TOKEN_INVALID"),
        (without(good.clone(), "sub"), "TOKEN_INVALID"),
        (with(good.clone(), "sub", json!("")), "TOKEN_INVALID"),
        (with(good.clone(), "sub", json!("x".repeat(256))), "TOKEN_INVALID"),
        (with(good.clone(), "exp", secs(-31)), "TOKEN_EXPIRED"),
        (without(good.clone(), "exp"), "TOKEN_INVALID"),
        (with(good.clone(), "exp", json!("tomorrow")), "TOKEN_INVALID"),
        (with(good.clone(), "exp", json!(1e300)), "TOKEN_INVALID"),
        (with(good.clone(), "exp", secs(631)), "TOKEN_INVALID"), // good for too long
        (with(good.clone(), "nbf", secs(31)), "TOKEN_INVALID"),
        (with(good.clone(), "iat", secs(31)), "TOKEN_INVALID"),
        (with(good.clone(), "mukae", json!({ "tenants": { "alofi": ["operater"] } })), "TOKEN_INVALID"),
        (with(good.clone(), "mukae", json!({ "tenants": { "alofi": ["platform-admin"] } })), "TOKEN_INVALID"),
        (with(good.clone(), "mukae", json!({ "tenant": { "alofi": ["operator"] } })), "TOKEN_INVALID"),
        (with(good.clone(), "mukae", json!("operator")), "TOKEN_INVALID"),
    ] {
        let token = house.signer.sign(&claims);
        assert_eq!(turned_down(&channel, &token).await, why, "{claims}");
    }
    // within the leeway
    for claims in [with(good.clone(), "exp", secs(-29)), with(good.clone(), "nbf", secs(29))] {
        get_area(&channel, &house.signer.sign(&claims)).await.unwrap();
    }
    // no roles: known, and allowed nothing
    let status = get_area(&channel, &house.signer.sign(&without(good.clone(), "mukae"))).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "NOT_ALLOWED"));
    house.close().await;
}

#[tokio::test]
async fn who_did_not_sign_is_found_out() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let good = claims("desk", at_alofi("operator"));
    let signer = &house.signer;
    let token = signer.sign(&good);
    let parts: Vec<&str> = token.split('.').collect();
    let json = |value: Value| base64url(value.to_string().as_bytes());

    // no signature at all, in all spellings
    for name in ["none", "None", "NONE", "nOnE", ""] {
        let header = json(json!({ "alg": name, "typ": "JWT", "kid": "k1" }));
        for signature in ["", parts[2]] {
            assert_eq!(turned_down(&channel, &format!("{header}.{}.{signature}", parts[1])).await, "TOKEN_INVALID");
        }
    }
    // the public key taken for a shared secret
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k1".to_owned());
    for secret in [signer.pair.public_key_pem().into_bytes(), signer.pair.public_key_raw().to_vec(), vec![]] {
        let forged = jsonwebtoken::encode(&header, &good, &EncodingKey::from_secret(&secret)).unwrap();
        assert_eq!(turned_down(&channel, &forged).await, "TOKEN_INVALID");
    }
    // a key of somebody else's, under our key's name and under none, and of another kind
    let stranger = Signer::new("k1", Algorithm::ES256);
    assert_eq!(turned_down(&channel, &stranger.sign(&good)).await, "TOKEN_INVALID");
    assert_eq!(
        turned_down(&channel, &stranger.sign_with(&Header::new(Algorithm::ES256), &good)).await,
        "TOKEN_INVALID"
    );
    assert_eq!(turned_down(&channel, &Signer::new("k1", Algorithm::EdDSA).sign(&good)).await, "TOKEN_INVALID");
    // a key that the token brings along, or says where to find
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("k1".to_owned());
    header.jwk = serde_json::from_value(stranger.jwk()).ok();
    header.jku = Some("https://evil.example.jp/jwks.json".to_owned());
    assert_eq!(turned_down(&channel, &stranger.sign_with(&header, &good)).await, "TOKEN_INVALID");
    // names of keys
    for kid in ["k2", "", "../../etc/passwd", &"k".repeat(5000)] {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(kid.to_owned());
        assert_eq!(turned_down(&channel, &signer.sign_with(&header, &good)).await, "TOKEN_INVALID", "{kid}");
    }
    // extensions that must be understood
    let mut header = Header::new(Algorithm::ES256);
    (header.kid, header.crit) = (Some("k1".to_owned()), Some(vec!["b64".to_owned()]));
    assert_eq!(turned_down(&channel, &signer.sign_with(&header, &good)).await, "TOKEN_INVALID");
    // changed after it was signed, cut, or not a token at all
    let claims_of_admin = json(claims("desk", at_alofi("tenant-admin")));
    let changed = format!("{}.{claims_of_admin}.{}", parts[0], parts[2]);
    for token in [&changed, parts[0], "a.b.c", "....", "\u{7f}", &format!("{token}."), &token[..token.len() - 4]] {
        if token.is_ascii() && !token.contains('\u{7f}') {
            assert_eq!(turned_down(&channel, token).await, "TOKEN_INVALID", "{token}");
        }
    }
    house.close().await;
}

/// Whichever letter of a token is changed, it is one no more.
#[tokio::test]
async fn no_letter_of_a_token_can_be_changed() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let token = house.token("desk", at_alofi("operator"));
    get_area(&channel, &token).await.unwrap();
    for at in 0..token.len() {
        let changed = |letter: u8| if letter == b'A' { 'B' } else { 'A' };
        let mut other = token.clone();
        other.replace_range(at..at + 1, &changed(token.as_bytes()[at]).to_string());
        assert_eq!(turned_down(&channel, &other).await, "TOKEN_INVALID", "{at}: {other}");
    }
    house.close().await;
}

/// A claim that stands twice is read one way by one program and another way by the next.
#[tokio::test]
async fn claims_stand_once() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let text = claims("desk", at_alofi("operator")).to_string();
    let twice = text.replacen('{', "{\"mukae\":{\"tenants\":{\"avatele\":[\"operator\"]}},", 1);
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("k1".to_owned());
    let head = base64url(serde_json::to_string(&header).unwrap().as_bytes());
    let message = format!("{head}.{}", base64url(twice.as_bytes()));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &house.signer.key, Algorithm::ES256).unwrap();
    let status = get_area(&channel, &format!("{message}.{signature}")).await.unwrap_err();
    assert!(status.message().contains("`mukae` stands twice"), "{status:?}");
    house.close().await;
}

/// An issuer of one tenant makes nobody anything at another, nor the keeper of the server.
#[tokio::test]
async fn an_issuer_gives_roles_at_its_own_tenants() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let of_alofi = Signer::new("a2", Algorithm::EdDSA);
    write_keys(&house.dir, "alofi.json", &[&of_alofi]);
    let claims = |roles: Value| with(claims("desk", roles), "iss", json!("https://id.alofi.example.jp"));
    let taken_up = async {
        while get_area(&channel, &of_alofi.sign(&claims(at_alofi("operator")))).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), taken_up).await.expect("new keys are taken up");
    for roles in [
        json!({ "tenants": { "avatele": ["operator"] } }),
        json!({ "tenants": { "alofi": ["operator"], "avatele": ["auditor"] } }),
        json!({ "platform": ["platform-admin"] }),
    ] {
        assert_eq!(turned_down(&channel, &of_alofi.sign(&claims(roles))).await, "TOKEN_INVALID");
    }
    // and its key signs for nobody else
    let foreign = with(claims(at_alofi("operator")), "iss", json!(ISSUER));
    assert_eq!(turned_down(&channel, &of_alofi.sign(&foreign)).await, "TOKEN_INVALID");
    house.close().await;
}

#[tokio::test]
async fn a_token_of_a_trial_opens_no_door_of_the_real_thing() {
    let house = Guarded::open_with("environment = \"production\"", "[auth]\n", TLS).await;
    let channel = house.channel().await;
    let good = claims("desk", at_alofi("operator"));
    assert_eq!(turned_down(&channel, &house.signer.sign(&good)).await, "WRONG_ENVIRONMENT");
    let of_trial = with(good.clone(), "env", json!("trial"));
    assert_eq!(turned_down(&channel, &house.signer.sign(&of_trial)).await, "WRONG_ENVIRONMENT");
    get_area(&channel, &house.signer.sign(&with(good, "env", json!("production")))).await.unwrap();
    house.close().await;
}

#[tokio::test]
async fn a_call_says_once_who_calls() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let token = house.token("desk", at_alofi("operator"));
    let ask = |values: Vec<String>| {
        let mut areas = AreaServiceClient::new(channel.clone());
        async move {
            let mut request = Request::new(area_pb::GetAreaRequest { name: AREA.to_owned() });
            for value in values {
                request.metadata_mut().append("authorization", value.parse().unwrap());
            }
            areas.get_area(request).await.map(|_| ()).map_err(|status| reason(&status))
        }
    };
    let bearer = format!("Bearer {token}");
    assert_eq!(ask(vec![bearer.clone()]).await, Ok(()));
    assert_eq!(ask(vec![format!("bearer {token}")]).await, Ok(()));
    assert_eq!(ask(vec![]).await, Err("TOKEN_MISSING".to_owned()));
    let other = format!("Bearer {}", house.token("other", at_alofi("auditor")));
    for values in [
        vec![bearer.clone(), bearer.clone()],
        vec![bearer.clone(), other.clone()],
        vec![format!("{bearer}, {other}")],
        vec![token.clone()],
        vec![format!("Basic {token}")],
        vec!["Bearer".to_owned()],
        vec![format!("Bearer {}", "x".repeat(9000))],
    ] {
        assert_eq!(ask(values.clone()).await, Err("TOKEN_INVALID".to_owned()), "{values:?}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_token_and_with_its_key() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let watch = |token: String| {
        let mut areas = AreaServiceClient::new(bearing(channel.clone(), &token));
        async move {
            let request = area_pb::WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: 0 };
            let mut stream = areas.watch_area(request).await.unwrap().into_inner();
            stream.next().await.unwrap().unwrap();
            stream
        }
    };
    let end = |mut stream: tonic::Streaming<area_pb::WatchAreaResponse>| async move {
        let end = async {
            loop {
                if let Err(status) = stream.next().await.expect("an end says why") {
                    return reason(&status);
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), end).await.expect("the stream ends")
    };
    let mut long = claims("desk", at_alofi("operator"));
    long["exp"] = json!(MORNING.as_unix_millis() / 1000 + 601);
    let (short, long) = (watch(house.token("desk", at_alofi("operator"))).await, watch(house.signer.sign(&long)).await);
    house.clock.advance(Span::from_secs(600));
    assert_eq!(end(short).await, "TOKEN_EXPIRED");
    let mut long = long;
    assert!(long.next().await.unwrap().is_ok(), "the other goes on");

    write_keys(&house.dir, "jwks.json", &[&Signer::new("k2", Algorithm::ES256)]);
    assert_eq!(end(long).await, "TOKEN_INVALID");
    house.close().await;
}

/// A file of keys that is broken locks nobody out, and one that is broken at the start is named.
#[tokio::test]
async fn broken_keys_are_told() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    std::fs::write(house.file("jwks.json"), "{").unwrap();
    house.running.reloader()();
    tokio::time::sleep(Duration::from_millis(200)).await;
    get_area(&channel, &house.token("desk", at_alofi("operator"))).await.unwrap();

    let shared = json!({ "keys": [{ "kty": "oct", "k": "AAAA", "kid": "k1" }] }).to_string();
    let private = house.signer.pair.serialize_pem();
    for (text, what) in [
        (shared.as_str(), "shared secret"),
        ("{\"keys\": []}", "no key"),
        (private.as_str(), "private key"),
        ("hello", "neither"),
    ] {
        std::fs::write(house.file("jwks.json"), text).unwrap();
        let config = Config::parse(&crate::guarded::text("", "[auth]\n", TLS), house.dir.path()).unwrap();
        let clock = Arc::new(ManualClock::new(MORNING));
        let error = serve(config, map(), crate::guarded::options(&clock)).await.expect_err(what).to_string();
        assert!(error.contains("jwks.json") && error.contains(what), "{error}");
    }
    house.close().await;
}

/// Whatever an identity provider calls people, the journal names nobody.
#[tokio::test]
async fn the_journal_says_who_and_names_nobody() {
    let house = Guarded::open_with("", "[journal]\ndir = \"journal\"\n[auth]\n", TLS).await;
    let channel = house.channel().await;
    for subject in ["desk-7", "hanako@example.jp", "+81765000000"] {
        let token = house.token(subject, at_alofi("operator"));
        let mut bookings = BookingServiceClient::new(bearing(channel.clone(), &token));
        let offer = offer_of(bookings.quote(ride("q1", Span::HOUR)).await.unwrap().into_inner());
        bookings.confirm_offer(confirm(&offer, "c1")).await.unwrap();
    }
    let Guarded { running, dir, .. } = house;
    running.shutdown();
    running.join().await.unwrap();
    let mut written = Vec::new();
    let mut folders = vec![dir.path().join("journal")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { written.extend(std::fs::read(path).unwrap()) }
        }
    }
    let holds = |text: &str| written.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(holds("https://id.example.jp|desk-7") && holds("hash|"));
    assert!(!holds("hanako") && !holds("81765000000"));
}

#[tokio::test]
async fn the_same_number_of_two_callers_is_two_requests() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let quote = |subject: &str| {
        let token = house.token(subject, at_alofi("operator"));
        let mut bookings = BookingServiceClient::new(bearing(channel.clone(), &token));
        async move { offer_of(bookings.quote(ride("q1", Span::HOUR)).await.unwrap().into_inner()).name }
    };
    let (first, again, other) = (quote("desk-1").await, quote("desk-1").await, quote("desk-2").await);
    assert_eq!(first, again);
    assert_ne!(first, other, "request ids are each caller's own");
    house.close().await;
}

#[tokio::test]
async fn a_tenant_has_a_quota_and_is_told_when_to_come_back() {
    use tonic_types::StatusExt;
    let quota = "[quota]\ncalls_per_second = 1000\n[[quota.tenant]]\ntenant = \"alofi\"\nburst = 3\ncalls_per_second = 1\nstreams = 1\n";
    let house = Guarded::open_with("", "[auth]\n", &format!("{TLS}{quota}")).await;
    let channel = house.channel().await;
    let token = house.token("desk", at_alofi("operator"));
    let mut refused = None;
    for _ in 0..10 {
        if let Err(status) = get_area(&channel, &token).await {
            refused = Some(status);
            break;
        }
    }
    let status = refused.expect("ten calls in less than seven seconds are too many");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "QUOTA_EXCEEDED"));
    assert!(status.get_error_details().retry_info().unwrap().retry_delay.unwrap() <= Duration::from_secs(1));
    let other = house.token("desk", json!({ "tenants": { "avatele": ["operator"] } }));
    for _ in 0..20 {
        get_area(&channel, &other).await.unwrap();
    }
    house.close().await;
}

/// A browser's page of a known origin may call, one of another may not; over HTTP/1.1 and without TLS, behind a proxy.
#[tokio::test]
async fn pages_of_known_origins_may_call() {
    let auth = "[cors]\norigins = [\"https://console.example.jp\"]\n[auth]\n";
    let house = Guarded::open_with("", auth, "").await;
    let address = house.running.local_addr();
    let preflight = |origin: &'static str| async move {
        let text = format!(
            "OPTIONS /transit.area.v1.AreaService/GetArea HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             origin: {origin}\r\naccess-control-request-method: POST\r\n\
             access-control-request-headers: authorization,content-type,x-grpc-web\r\n\r\n"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.to_ascii_lowercase()
    };
    let answer = preflight("https://console.example.jp").await;
    assert!(answer.contains("access-control-allow-origin: https://console.example.jp"), "{answer}");
    assert!(answer.contains("authorization"), "{answer}");
    let answer = preflight("https://evil.example.jp").await;
    assert!(!answer.contains("access-control-allow-origin"), "{answer}");

    let message = area_pb::GetAreaRequest { name: AREA.to_owned() }.encode_to_vec();
    let mut body = vec![0];
    body.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend_from_slice(&message);
    for (authorization, wanted) in [
        (format!("authorization: Bearer {}\r\n", house.token("desk", at_alofi("operator"))), "grpc-status:0"),
        (String::new(), "grpc-status: 16"),
    ] {
        let head = format!(
            "POST /transit.area.v1.AreaService/GetArea HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             origin: https://console.example.jp\r\n{authorization}content-type: application/grpc-web+proto\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let text = String::from_utf8_lossy(&answer);
        assert!(text.contains(wanted) || text.contains(&wanted.replace(": ", ":")), "{text}");
        assert!(text.to_ascii_lowercase().contains("access-control-allow-origin"), "{text}");
    }
    house.close().await;
}
