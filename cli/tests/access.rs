//! A trial with tokens and TLS, with nothing but the one binary, as docs/security.md tells it.

mod support;

use std::os::unix::fs::PermissionsExt;

use support::server::{Server, TOWN, on_niue};
use support::{expect_error, expect_ok, last_json, text};

/// Added to the town.
const ACCESS: &str = r#"
[auth]

[[auth.issuer]]
issuer = "trial"
audience = ["mukae"]
keys = "keys/jwks.json"

[[auth.service]]
name = "frontend"
san = "dns:frontend.alofi.example"
tenants = { alofi = ["service"] }

[tls]
certificate = "certs/server.pem"
key = "certs/server.key"
client_ca = "certs/ca.pem"
"#;

#[test]
fn a_town_tries_tokens_and_tls_without_anybody_else() {
    let dir = on_niue();
    let file = |name: &str| text(&dir.path().join(name)).to_owned();
    let told = expect_ok(&["keys", "new", &file("keys")]);
    assert!(told.contains("[[auth.issuer]]") && told.contains("jwks.json"), "{told}");
    let mode = std::fs::metadata(file("keys/signing.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "a secret is for its owner");
    assert!(!std::fs::read_to_string(file("keys/jwks.json")).unwrap().contains("\"d\""), "and stays secret");
    let told = expect_error(&["keys", "new", &file("keys")]);
    assert!(told.contains("not written over"), "{told}");
    expect_ok(&["keys", "tls", &file("certs"), "--client", "frontend.alofi.example"]);
    std::fs::write(file("town.toml"), format!("{TOWN}{ACCESS}")).unwrap();

    let server = Server::of(&dir.path().join("town.toml"));
    let address = server.address.clone();
    assert!(address.starts_with("https://"), "{address}");

    let sign = |roles: &[&str]| {
        let key = file("keys/signing.pem");
        let mut args = vec!["token", "--key", &key, "--sub", "desk-1", "--valid", "5m"];
        args.extend(roles.iter().flat_map(|role| ["--role", role]));
        expect_ok(&args).trim().to_owned()
    };
    let (ca, token) = (file("certs/ca.pem"), sign(&["operator@alofi"]));
    let area = last_json(&expect_ok(&["area", "--json", "--server", &address, "--ca", &ca, "--token", &token]));
    assert_eq!(area["services"][0], "tenants/alofi/services/ride");
    expect_ok(&["list", "--server", &address, "--ca", &ca, "--token", &token]);
    // the machine needs no token
    let (certificate, key) = (file("certs/client.pem"), file("certs/client.key"));
    expect_ok(&["list", "--server", &address, "--ca", &ca, "--cert", &certificate, "--cert-key", &key]);

    let told = expect_error(&["area", "--server", &address, "--ca", &ca]);
    assert!(told.contains("TOKEN_MISSING"), "{told}");
    let told = expect_error(&["list", "--server", &address, "--ca", &ca, "--token", &sign(&["planner@alofi"])]);
    assert!(told.contains("NOT_ALLOWED"), "{told}");
    let told = expect_error(&["area", "--server", &address, "--token", &token]);
    assert!(told.contains("nobody answers"), "an authority that nobody trusts: {told}");
    for (role, wanted) in
        [("boss@alofi", "none of"), ("operator", "at which tenant"), ("platform-admin@alofi", "no tenant")]
    {
        let told = expect_error(&["token", "--key", &file("keys/signing.pem"), "--sub", "x", "--role", role]);
        assert!(told.contains(wanted), "{role}: {told}");
    }
}
