//! A server that asks who calls, over TLS: keys, certificates and tokens of a trial, made anew for each test.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mukae_server::{Clock, Config, ManualClock, Options, Running, Store, TokenTime, serve};

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_ED25519, PKCS_RSA_SHA256,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status};

use crate::support::{CONFIG, MORNING, map};

pub const ISSUER: &str = "https://id.example.jp";
pub const FRONTEND: &str = "frontend.example.jp";

/// A key that signs tokens.
pub struct Signer {
    pub kid: String,
    pub algorithm: Algorithm,
    pub key: EncodingKey,
    pub pair: KeyPair,
}

impl Signer {
    pub fn new(kid: &str, algorithm: Algorithm) -> Signer {
        let kind = match algorithm {
            Algorithm::EdDSA => &PKCS_ED25519,
            Algorithm::ES256 => &PKCS_ECDSA_P256_SHA256,
            _ => &PKCS_RSA_SHA256,
        };
        let pair = KeyPair::generate_for(kind).unwrap();
        let pem = pair.serialize_pem();
        let key = match algorithm {
            Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()).unwrap(),
            Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(),
            _ => EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
        };
        Signer { kid: kid.to_owned(), algorithm, key, pair }
    }

    pub fn jwk(&self) -> Value {
        let mut jwk = match self.algorithm {
            // a key of Ed25519 may come with its public half, which the library does not read
            Algorithm::EdDSA => serde_json::from_value(json!({
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": base64url(self.pair.public_key_raw()),
            }))
            .unwrap(),
            algorithm => Jwk::from_encoding_key(&self.key, algorithm).unwrap(),
        };
        jwk.common.key_id = Some(self.kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        serde_json::to_value(jwk).unwrap()
    }

    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.kid.clone());
        self.sign_with(&header, claims)
    }

    pub fn sign_with(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key).unwrap()
    }
}

/// Claims of somebody with these roles, good for ten minutes.
pub fn claims(subject: &str, roles: Value) -> Value {
    let now = MORNING.as_unix_millis() / 1000;
    json!({ "iss": ISSUER, "aud": "mukae", "sub": subject, "iat": now, "exp": now + 600, "mukae": roles })
}

pub fn at_alofi(role: &str) -> Value {
    match role {
        "platform-admin" => json!({ "platform": ["platform-admin"] }),
        "driver" => {
            json!({ "tenants": { "alofi": ["driver"] }, "vehicles": ["tenants/alofi/vehicles/bus"], "drivers": ["tenants/alofi/drivers/hana"] })
        }
        _ => json!({ "tenants": { "alofi": [role] } }),
    }
}

/// A server with its keys, whose clock the tokens go by, too.
pub struct Guarded {
    pub running: Running,
    pub clock: Arc<ManualClock>,
    pub dir: TempDir,
    pub signer: Signer,
    pub ca: Authority,
}

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

impl Authority {
    pub fn new() -> Authority {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate and its key.
    pub fn issue(&self, name: &str, usage: ExtendedKeyUsagePurpose) -> (String, String) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// Two tenants in one area.
pub const SECOND_TENANT: &str = r#"
[[service]]
tenant = "avatele"
id = "ride"

[[vehicle]]
tenant = "avatele"
id = "bus"
seats = 4

[[auth.issuer]]
issuer = "https://id.example.jp"
audience = ["mukae"]
keys = "jwks.json"
rider_issuer = "line"

[[auth.issuer]]
issuer = "https://id.alofi.example.jp"
audience = ["mukae"]
keys = "alofi.json"
tenants = ["alofi"]
"#;

/// And a machine that is known by its certificate.
pub const TLS: &str = r#"
[[auth.service]]
name = "frontend"
san = "dns:frontend.example.jp"
tenants = { alofi = ["service"] }

[tls]
certificate = "server.pem"
key = "server.key"
client_ca = "ca.pem"
"#;

impl Guarded {
    pub async fn open() -> Guarded {
        Guarded::open_with("", "[auth]\n", TLS).await
    }

    /// With more keys in `[server]`, another `[auth]` and `[tls]`.
    pub async fn open_with(server: &str, auth: &str, tls: &str) -> Guarded {
        let (dir, ca, signer) = (tempfile::tempdir().unwrap(), Authority::new(), Signer::new("k1", Algorithm::ES256));
        write_keys(&dir, "jwks.json", &[&signer]);
        write_keys(&dir, "alofi.json", &[&Signer::new("a1", Algorithm::EdDSA)]);
        let (certificate, key) = ca.issue("localhost", ExtendedKeyUsagePurpose::ServerAuth);
        for (name, text) in [("server.pem", &certificate), ("server.key", &key), ("ca.pem", &ca.pem)] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let text = text(server, auth, tls);
        let config = Config::parse(&text, dir.path()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let clock = Arc::new(ManualClock::new(MORNING));
        let running = serve(config, map(), options(&clock)).await.unwrap_or_else(|error| panic!("{error}"));
        Guarded { running, clock, dir, signer, ca }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Trusting our authority, with a certificate of one's own if there is one.
    pub fn endpoint(&self, identity: Option<(String, String)>) -> Endpoint {
        let mut tls =
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&self.ca.pem)).domain_name("localhost");
        if let Some((certificate, key)) = identity {
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        let address = format!("https://localhost:{}", self.running.local_addr().port());
        Endpoint::from_shared(address).unwrap().tls_config(tls).unwrap()
    }

    pub async fn channel(&self) -> Channel {
        self.endpoint(None).connect().await.unwrap()
    }

    pub fn token(&self, subject: &str, roles: Value) -> String {
        self.signer.sign(&claims(subject, roles))
    }

    pub async fn close(self) {
        self.running.shutdown();
        self.running.join().await.unwrap();
    }
}

pub fn text(server: &str, auth: &str, tls: &str) -> String {
    let with_server = CONFIG.replace("[server]\n", &format!("[server]\n{server}\n"));
    let with_server = with_server.replace("vehicle = \"bus\"", "vehicle = \"alofi/bus\"");
    format!("{with_server}{auth}{SECOND_TENANT}{tls}")
}

/// Streams look at their tokens every twentieth of a second, and files are looked at as often.
pub fn options(clock: &Arc<ManualClock>) -> Options {
    let often = std::time::Duration::from_millis(50);
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    Options {
        simulator: None,
        token_time: TokenTime::Of(Arc::clone(&clock)),
        heartbeat: often,
        reload_every: often,
        drain: std::time::Duration::from_secs(5),
        store: Store::Configured,
        clock,
    }
}

pub fn write_keys(dir: &TempDir, name: &str, signers: &[&Signer]) {
    let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
    write(dir.path(), name, &json!({ "keys": keys }).to_string());
}

fn write(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).unwrap();
}

pub type Bearer = InterceptedService<Channel, Token>;

/// Goes along with every call.
#[derive(Clone)]
pub struct Token(MetadataValue<Ascii>);

impl tonic::service::Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

pub fn bearing(channel: Channel, token: &str) -> Bearer {
    InterceptedService::new(channel, Token(format!("Bearer {token}").parse().unwrap()))
}

/// As JOSE writes bytes.
pub fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let letters = (0..=chunk.len()).map(|index| LETTERS[(bits >> (18 - 6 * index) & 63) as usize] as char);
        text.extend(letters);
    }
    text
}
