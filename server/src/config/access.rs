//! Who may come in, and over what: `[auth]`, `[tls]`, `[cors]`, `[quota]`, and what `[server]` says of them.
//!
//! Keys and certificates are files: the engine opens no address to find out who may ask it something.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use mukae_units::Span;
use serde::Deserialize;
use toml::Spanned;

use super::check::Check;
use super::raw::{Number, Text};
use crate::auth::Role;
use crate::auth::certificate::San;
use crate::auth::principal::is_fit_for_issuer;
use crate::auth::token::Algorithm;
use crate::names::is_id;

/// The longest a token may be good for that a configuration can ask for.
const TOKEN_AGE_MAX: Span = Span::DAY;
const LEEWAY_MAX: Span = Span::MINUTE;

/// Who may come in, and over what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccessConfig {
    /// Tokens must be of this environment, so that those of a trial open no door of the real thing.
    pub environment: Option<String>,
    /// Without it the server is open, and stays on loopback.
    pub auth: Option<AuthConfig>,
    pub tls: Option<TlsConfig>,
    /// TLS ends at a proxy on this machine; the server itself stays on loopback.
    pub is_behind_proxy: bool,
    /// Web pages of these origins may call.
    pub origins: Vec<String>,
    pub quota: QuotaConfig,
    pub connections: ConnectionLimits,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthConfig {
    /// The claim that holds roles.
    pub claim: String,
    /// From now to the end of a token at most.
    pub token_age_max: Span,
    /// By so much may clocks differ.
    pub leeway: Span,
    pub issuers: Vec<IssuerConfig>,
    pub services: Vec<ServiceAccount>,
}

/// Who signs tokens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuerConfig {
    /// As it stands in `iss`.
    pub issuer: String,
    /// One of these stands in `aud`.
    pub audiences: Vec<String>,
    /// A JWKS or a PEM.
    pub keys: PathBuf,
    pub algorithms: BTreeSet<Algorithm>,
    /// Tenants at which it may give roles; `None`: all, and the platform's.
    pub tenants: Option<BTreeSet<String>>,
    /// Before the `+` of a rider's pseudonym; the issuer itself if it is not given.
    pub rider_issuer: Option<String>,
}

/// A machine that is known by its certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceAccount {
    pub name: String,
    pub san: San,
    pub tenants: BTreeMap<String, BTreeSet<Role>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsConfig {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub client_ca: Option<PathBuf>,
    pub is_client_required: bool,
}

/// How much one tenant may ask at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuotaConfig {
    pub shipped: Quota,
    pub tenants: BTreeMap<String, Quota>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quota {
    /// Calls that are not answered yet.
    pub calls_in_flight: u32,
    pub calls_per_second: u32,
    /// Calls at once after a quiet time.
    pub burst: u32,
    /// Open streams.
    pub streams: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConnectionLimits {
    pub all: usize,
    /// From one address.
    pub per_address: usize,
}

impl Quota {
    /// Of a tenant that the configuration says nothing about.
    pub const SHIPPED: Quota = Quota { calls_in_flight: 256, calls_per_second: 1000, burst: 2000, streams: 512 };
}

impl Default for QuotaConfig {
    fn default() -> QuotaConfig {
        QuotaConfig { shipped: Quota::SHIPPED, tenants: BTreeMap::new() }
    }
}

impl Default for ConnectionLimits {
    fn default() -> ConnectionLimits {
        ConnectionLimits { all: 4096, per_address: 1024 }
    }
}

impl QuotaConfig {
    pub fn of(&self, tenant: &str) -> Quota {
        self.tenants.get(tenant).copied().unwrap_or(self.shipped)
    }
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawAuth {
    claim: Text,
    token_age_max: Text,
    leeway: Text,
    #[serde(default)]
    issuer: Vec<Spanned<RawIssuer>>,
    #[serde(default)]
    service: Vec<Spanned<RawServiceAccount>>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct RawIssuer {
    issuer: Text,
    #[serde(default)]
    audience: Vec<Spanned<String>>,
    keys: Text,
    algorithms: Option<Vec<Spanned<String>>>,
    tenants: Option<Vec<Spanned<String>>>,
    rider_issuer: Text,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct RawServiceAccount {
    name: Text,
    san: Text,
    #[serde(default)]
    tenants: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct RawTls {
    certificate: Text,
    key: Text,
    client_ca: Text,
    client_certificates: Text,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawCors {
    #[serde(default)]
    origins: Vec<Spanned<String>>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct RawQuota {
    calls_in_flight: Number,
    calls_per_second: Number,
    burst: Number,
    streams: Number,
    #[serde(default)]
    tenant: Vec<Spanned<RawTenantQuota>>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct RawTenantQuota {
    tenant: Text,
    calls_in_flight: Number,
    calls_per_second: Number,
    burst: Number,
    streams: Number,
}

/// What `[server]` says of access.
#[derive(Debug)]
pub struct RawDoor {
    pub environment: Text,
    pub behind_proxy: Option<bool>,
    pub connections: Number,
    pub connections_per_address: Number,
}

/// All tables about access.
#[derive(Debug)]
pub struct RawAccess {
    pub door: RawDoor,
    pub auth: Option<RawAuth>,
    pub tls: Option<RawTls>,
    pub cors: RawCors,
    pub quota: RawQuota,
}

impl Check<'_> {
    pub(super) fn access(&mut self, raw: RawAccess, directory: &Path) -> AccessConfig {
        let RawAccess { door, auth, tls, cors, quota } = raw;
        let shipped = ConnectionLimits::default();
        let all = self.number("connections", door.connections, 1, 1_000_000, shipped.all as i64);
        let per_address = door.connections_per_address;
        let per_address = self.number("connections_per_address", per_address, 1, 1_000_000, shipped.per_address as i64);
        match (&auth, &tls) {
            (Some(auth), _) if auth.issuer.is_empty() && auth.service.is_empty() => {
                let what = "`[auth]` lets nobody in: add an [[auth.issuer]], or an [[auth.service]]";
                self.note(1, what.to_owned());
            }
            (Some(auth), tls) if !auth.service.is_empty() && tls.as_ref().is_none_or(|tls| tls.client_ca.is_none()) => {
                let what = "[[auth.service]] is known by its certificate: `[tls]` needs `client_ca`, who issues them";
                self.note(1, what.to_owned());
            }
            _ => {}
        }
        AccessConfig {
            environment: door.environment.map(|name| self.word("environment", name)),
            is_behind_proxy: door.behind_proxy.unwrap_or(false),
            connections: ConnectionLimits { all: all as usize, per_address: per_address as usize },
            auth: auth.map(|auth| self.auth(auth, directory)),
            tls: tls.map(|tls| self.tls(tls, directory)),
            origins: cors.origins.into_iter().filter_map(|origin| self.origin(origin)).collect(),
            quota: self.quotas(quota),
        }
    }

    fn auth(&mut self, raw: RawAuth, directory: &Path) -> AuthConfig {
        let issuers: Vec<IssuerConfig> =
            raw.issuer.into_iter().filter_map(|issuer| self.issuer(issuer, directory)).collect();
        let services: Vec<ServiceAccount> =
            raw.service.into_iter().filter_map(|service| self.account(service)).collect();
        let mut names = BTreeSet::new();
        if let Some(twice) = issuers.iter().map(|issuer| &issuer.issuer).find(|name| !names.insert((*name).clone())) {
            self.note(1, format!("there are two [[auth.issuer]] {twice:?}; put all its keys into one file"));
        }
        let mut names = BTreeSet::new();
        let mut sans = BTreeSet::new();
        for service in &services {
            if !names.insert(&service.name) || !sans.insert(service.san.to_string()) {
                let what = "each [[auth.service]] has a `name` and a `san` of its own";
                self.note(1, format!("{what}; there are two of {:?} or {}", service.name, service.san));
            }
        }
        AuthConfig {
            claim: raw.claim.map_or_else(|| "mukae".to_owned(), |claim| self.word("claim", claim)),
            token_age_max: self.span(
                "token_age_max",
                raw.token_age_max,
                Span::MINUTE,
                TOKEN_AGE_MAX,
                Span::from_mins(10),
            ),
            leeway: self.span("leeway", raw.leeway, Span::ZERO, LEEWAY_MAX, Span::from_secs(30)),
            issuers,
            services,
        }
    }

    fn issuer(&mut self, raw: Spanned<RawIssuer>, directory: &Path) -> Option<IssuerConfig> {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let issuer = self.required("auth.issuer", "issuer", line, raw.issuer);
        if let Some(issuer) = issuer.as_ref().filter(|issuer| !is_fit_for_issuer(issuer.as_ref())) {
            let what = "1 to 200 printable ASCII characters without `|` and `+`, and neither \"cert\" nor \"hash\"";
            self.wrong(issuer, format!("`issuer` is {:?}; {what}", issuer.as_ref()));
        }
        let keys = self.required("auth.issuer", "keys", line, raw.keys);
        let audiences: Vec<String> =
            raw.audience.into_iter().map(Spanned::into_inner).filter(|audience| !audience.is_empty()).collect();
        if audiences.is_empty() {
            let what = "`audience` is missing in `auth.issuer`; it lists what may stand in `aud`, such as [\"mukae\"]";
            self.note(line, what.to_owned());
        }
        let algorithms = match raw.algorithms {
            Some(named) => named.iter().filter_map(|name| self.algorithm(name)).collect(),
            None => Algorithm::ALL.into_iter().collect(),
        };
        let tenants = raw.tenants.map(|tenants| tenants.iter().filter_map(|tenant| self.tenant(tenant)).collect());
        let rider_issuer = raw.rider_issuer.map(|prefix| self.word("rider_issuer", prefix));
        let (issuer, keys) = (issuer?.into_inner(), directory.join(keys?.into_inner()));
        Some(IssuerConfig { issuer, audiences, keys, algorithms, tenants, rider_issuer })
    }

    fn account(&mut self, raw: Spanned<RawServiceAccount>) -> Option<ServiceAccount> {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let name = self.id("auth.service", "name", line, raw.name);
        let san = self.required("auth.service", "san", line, raw.san)?;
        let parsed = San::from_str(san.as_ref()).ok();
        if parsed.is_none() {
            let what = "write \"dns:frontend.example.jp\" or \"uri:spiffe://example.jp/frontend\"";
            self.wrong(&san, format!("`san` is {:?}; {what}", san.as_ref()));
        }
        if raw.tenants.is_empty() {
            self.note(line, "`tenants` is missing in `auth.service`; write { asahi = [\"service\"] }".to_owned());
        }
        let mut tenants = BTreeMap::new();
        for (tenant, roles) in raw.tenants {
            let roles: BTreeSet<Role> = roles.iter().filter_map(|role| self.role(role)).collect();
            if let Some(tenant) = self.tenant(&tenant) {
                tenants.insert(tenant, roles);
            }
        }
        Some(ServiceAccount { name, san: parsed?, tenants })
    }

    fn tls(&mut self, raw: RawTls, directory: &Path) -> TlsConfig {
        let mut file = |key: &str, raw: Text| {
            let named = self.required("tls", key, 1, raw);
            directory.join(named.map(Spanned::into_inner).unwrap_or_default())
        };
        let (certificate, key) = (file("certificate", raw.certificate), file("key", raw.key));
        let client_ca = raw.client_ca.map(|file| directory.join(file.into_inner()));
        let is_client_required = match raw.client_certificates.as_ref().map(|raw| (raw, raw.as_ref().as_str())) {
            None | Some((_, "optional")) => false,
            Some((_, "required")) => true,
            Some((raw, other)) => {
                let what = "write \"optional\" or \"required\"";
                self.wrong(raw, format!("`client_certificates` is {other:?}; {what}"));
                false
            }
        };
        if let (Some(raw), None) = (&raw.client_certificates, &client_ca) {
            self.wrong(raw, "`client_certificates` needs `client_ca`, the file of who issues them".to_owned());
        }
        TlsConfig { certificate, key, client_ca, is_client_required }
    }

    fn quotas(&mut self, raw: RawQuota) -> QuotaConfig {
        let RawQuota { calls_in_flight, calls_per_second, burst, streams, tenant } = raw;
        let shipped = self.quota([calls_in_flight, calls_per_second, burst, streams], Quota::SHIPPED);
        let mut tenants = BTreeMap::new();
        for raw in tenant {
            let line = self.line(raw.span().start);
            let RawTenantQuota { tenant, calls_in_flight, calls_per_second, burst, streams } = raw.into_inner();
            let Some(tenant) = self.required("quota.tenant", "tenant", line, tenant) else { continue };
            let Some(name) = self.tenant(&tenant) else { continue };
            let quota = self.quota([calls_in_flight, calls_per_second, burst, streams], shipped);
            if tenants.insert(name, quota).is_some() {
                self.note(line, format!("there are two [[quota.tenant]] of {:?}", tenant.as_ref()));
            }
        }
        QuotaConfig { shipped, tenants }
    }

    fn quota(&mut self, [in_flight, per_second, burst, streams]: [Number; 4], shipped: Quota) -> Quota {
        const MOST: i64 = 1_000_000;
        let mut number = |key, raw, shipped: u32| self.number(key, raw, 1, MOST, i64::from(shipped)) as u32;
        Quota {
            calls_in_flight: number("calls_in_flight", in_flight, shipped.calls_in_flight),
            calls_per_second: number("calls_per_second", per_second, shipped.calls_per_second),
            burst: number("burst", burst, shipped.burst),
            streams: number("streams", streams, shipped.streams),
        }
    }

    fn origin(&mut self, raw: Spanned<String>) -> Option<String> {
        let text = raw.as_ref();
        let host = text.strip_prefix("https://").or(text.strip_prefix("http://"));
        let is_origin = host.is_some_and(|host| {
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic() && !b"/?#@*,\"".contains(&byte))
        });
        if !is_origin {
            let what = "write each as a browser does, \"https://console.example.jp\", without a path";
            self.wrong(&raw, format!("`origins` lists {text:?}; {what}"));
        }
        is_origin.then(|| text.clone())
    }

    fn algorithm(&mut self, raw: &Spanned<String>) -> Option<Algorithm> {
        let known = Algorithm::from_str(raw.as_ref()).ok();
        if known.is_none() {
            let what = "\"EdDSA\", \"ES256\" and \"RS256\" can be used";
            self.wrong(raw, format!("`algorithms` lists {:?}; {what}", raw.as_ref()));
        }
        known
    }

    fn role(&mut self, raw: &Spanned<String>) -> Option<Role> {
        let known = Role::from_str(raw.as_ref()).ok().filter(|role| !role.is_of_platform());
        if known.is_none() {
            let names: Vec<&str> =
                Role::ALL.iter().filter(|role| !role.is_of_platform()).map(|role| role.name()).collect();
            self.wrong(raw, format!("{:?} is no role at a tenant; there are: {}", raw.as_ref(), names.join(", ")));
        }
        known
    }

    fn tenant(&mut self, raw: &Spanned<String>) -> Option<String> {
        let is_fine = is_id(raw.as_ref());
        if !is_fine {
            let what = "use 1 to 63 of a-z, 0-9 and -, starting with a letter";
            self.wrong(raw, format!("{:?} is no tenant's id; {what}", raw.as_ref()));
        }
        is_fine.then(|| raw.as_ref().clone())
    }

    /// A short name without spaces.
    fn word(&mut self, key: &str, raw: Spanned<String>) -> String {
        let text = raw.as_ref();
        let is_fine =
            (1..=63).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+');
        if !is_fine {
            self.wrong(&raw, format!("`{key}` is {text:?}; use 1 to 63 printable ASCII characters without `+`"));
        }
        raw.into_inner()
    }
}
