//! Tokens: signed JWTs, checked against the keys of who says to have signed them.
//!
//! Signature, issuer and audience are checked by a library; the times are checked here, since how long a token may be
//! good for is a rule of ours. A token says who somebody is and what they are to which tenant; what follows from
//! that, `table.rs` says.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jsonwebtoken::{Validation, dangerous};
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::{Span, Time};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::grant::{Grant, Origin};
use super::keys::{BadKeys, KID_BYTES_MAX, KeyRing};
use super::principal;
use super::roles::Role;
use crate::config::{AuthConfig, IssuerConfig};
use crate::errors::Fault;
use crate::names::{AreaName, DriverName, VehicleName, is_id};

/// Bytes of a token; the list of headers that it comes in has twice of that.
const TOKEN_BYTES_MAX: usize = 8 << 10;
/// Bytes of a subject, as OpenID Connect has it.
const SUBJECT_BYTES_MAX: usize = 255;
/// Tokens that are remembered as good until they end.
const REMEMBERED_MAX: usize = 4096;

/// How a token may be signed: by a private key, always.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Algorithm {
    EdDsa,
    Es256,
    Rs256,
}

impl Algorithm {
    pub const ALL: [Algorithm; 3] = [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256];

    pub fn name(self) -> &'static str {
        match self {
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Es256 => "ES256",
            Algorithm::Rs256 => "RS256",
        }
    }

    pub fn into_jwa(self) -> jsonwebtoken::Algorithm {
        match self {
            Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        }
    }
}

impl FromStr for Algorithm {
    type Err = ();
    fn from_str(text: &str) -> Result<Algorithm, ()> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == text).ok_or(())
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Checks tokens.
#[derive(Debug)]
pub struct Verifier {
    issuers: Vec<Issuer>,
    claim: String,
    environment: Option<String>,
    token_age_max: Span,
    leeway: Span,
    /// By a hash of the token, so that this memory opens no door.
    good: Mutex<HashMap<[u8; 32], Arc<Grant>>>,
}

#[derive(Debug)]
struct Issuer {
    config: IssuerConfig,
    ring: RwLock<Arc<KeyRing>>,
}

impl Verifier {
    /// Reads the keys of all issuers.
    pub fn new(config: &AuthConfig, environment: Option<String>) -> Result<Verifier, BadKeys> {
        let issuer = |config: &IssuerConfig| {
            let ring = load(config)?;
            Ok(Issuer { config: config.clone(), ring: RwLock::new(Arc::new(ring)) })
        };
        Ok(Verifier {
            issuers: config.issuers.iter().map(issuer).collect::<Result<_, BadKeys>>()?,
            claim: config.claim.clone(),
            environment,
            token_age_max: config.token_age_max,
            leeway: config.leeway,
            good: Mutex::default(),
        })
    }

    /// Reads them again; what can not be read stays as it was, and is told.
    pub fn reload(&self) -> Vec<BadKeys> {
        let mut faults = Vec::new();
        for issuer in &self.issuers {
            match load(&issuer.config) {
                Ok(ring) => *issuer.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring),
                Err(fault) => faults.push(fault),
            }
        }
        self.good.lock().unwrap_or_else(PoisonError::into_inner).clear();
        faults
    }

    /// Whether the key that once checked a token is still one of its issuer's.
    pub fn still_stands(&self, grant: &Grant) -> bool {
        let Origin::Token { issuer, key } = &grant.origin else { return true };
        let issuer = self.issuers.iter().find(|known| known.config.issuer == *issuer);
        issuer.is_some_and(|issuer| issuer.ring().holds(*key))
    }

    /// What a token entitles to.
    pub fn check(&self, token: &str, now: Time) -> Result<Arc<Grant>, Fault> {
        if TOKEN_BYTES_MAX < token.len() {
            return Err(invalid(format!("it has more than {TOKEN_BYTES_MAX} bytes")));
        }
        let hash = *blake3::hash(token.as_bytes()).as_bytes();
        let known = self.good.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
        // A key may have gone between the check and this memory of it.
        if let Some(grant) = known.filter(|grant| self.still_stands(grant)) {
            return match now < grant.expires + self.leeway {
                true => Ok(grant),
                false => Err(expired()),
            };
        }
        let grant = Arc::new(self.verify(token, now)?);
        let mut good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        if REMEMBERED_MAX <= good.len() {
            good.retain(|_, grant| now < grant.expires);
        }
        if REMEMBERED_MAX <= good.len() {
            good.clear(); // whoever calls again is checked again
        }
        good.insert(hash, Arc::clone(&grant));
        Ok(grant)
    }

    fn verify(&self, token: &str, now: Time) -> Result<Grant, Fault> {
        let header = jsonwebtoken::decode_header(token)
            .map_err(|_| invalid("it is no JWT signed with EdDSA, ES256 or RS256"))?;
        let kid = header.kid.as_deref();
        if kid.is_some_and(|kid| KID_BYTES_MAX < kid.len()) {
            return Err(invalid(format!("its `kid` has more than {KID_BYTES_MAX} bytes")));
        }
        if header.crit.is_some() {
            return Err(invalid("its header demands extensions (`crit`), and none is known here"));
        }
        // Not to be believed yet: it only says whose keys to try.
        let claimed: Value = dangerous::insecure_decode_claims(token).map_err(|_| invalid("its claims are no JSON"))?;
        let claimed = claimed.get("iss").and_then(Value::as_str).unwrap_or_default();
        let issuer = self.issuers.iter().find(|issuer| issuer.config.issuer == claimed);
        let issuer = issuer.ok_or_else(|| invalid("its issuer (`iss`) is not known here"))?;
        let ring = issuer.ring();
        let key = ring.find(kid).ok_or_else(|| invalid("its key (`kid`) is none of its issuer's"))?;
        if header.alg != key.algorithm.into_jwa() {
            return Err(invalid(format!("its key is for {}, and `alg` says otherwise", key.algorithm)));
        }
        let mut validation = Validation::new(key.algorithm.into_jwa());
        validation.set_issuer(&[&issuer.config.issuer]);
        validation.set_audience(&issuer.config.audiences);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false; // below, by the clock we were given
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.public, &validation).map_err(|error| told(&error))?;
        let claims = claims.claims;
        let expires = self.check_times(&claims, now)?;
        self.check_environment(&claims)?;
        let subject = claims.text("sub")?.unwrap_or_default();
        if subject.is_empty() || SUBJECT_BYTES_MAX < subject.len() {
            return Err(invalid(format!("`sub` has not 1 to {SUBJECT_BYTES_MAX} bytes")));
        }
        let roles = Roles::of(claims.0.get(&self.claim), &self.claim)?;
        roles.check_issuer(&issuer.config)?;
        let rider_issuer = issuer.config.rider_issuer.as_ref().unwrap_or(&issuer.config.issuer);
        Ok(Grant {
            principal: principal::of_token(&issuer.config.issuer, subject),
            rider: Some(format!("{rider_issuer}+{subject}")),
            tenants: roles.tenants,
            is_platform_admin: roles.is_platform_admin,
            vehicles: roles.vehicles,
            drivers: roles.drivers,
            areas: roles.areas,
            expires,
            origin: Origin::Token { issuer: issuer.config.issuer.clone(), key: key.print },
        })
    }

    /// When it ends.
    fn check_times(&self, claims: &Claims, now: Time) -> Result<Time, Fault> {
        let expires = claims.time("exp")?.ok_or_else(|| invalid("`exp` is missing"))?;
        if expires + self.leeway <= now {
            return Err(expired());
        }
        if claims.time("nbf")?.is_some_and(|from| now + self.leeway < from) {
            return Err(invalid("it is not valid yet (`nbf`)"));
        }
        let issued = claims.time("iat")?;
        if issued.is_some_and(|issued| now + self.leeway < issued) {
            return Err(invalid("it was issued in the future (`iat`); is a clock wrong?"));
        }
        let age_max = self.token_age_max;
        let from = issued.map_or(now, |issued| issued.min(now));
        if from + age_max + self.leeway < expires {
            let most = age_max.as_secs();
            return Err(invalid(format!("it is good for too long: at most {most} s are allowed (`token_age_max`)")));
        }
        Ok(expires)
    }

    fn check_environment(&self, claims: &Claims) -> Result<(), Fault> {
        let Some(environment) = &self.environment else { return Ok(()) };
        match claims.text("env")? {
            Some(env) if env == environment => Ok(()),
            _ => Err(Fault::new(
                ErrorReason::WrongEnvironment,
                format!("this is environment {environment:?}, and the token's `env` is another or missing"),
            )
            .with("environment", environment)),
        }
    }
}

impl Issuer {
    fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn load(config: &IssuerConfig) -> Result<KeyRing, BadKeys> {
    let ring = KeyRing::load(&config.keys, |algorithm| config.algorithms.contains(&algorithm))?;
    for note in &ring.notes {
        tracing::info!(file = %config.keys.display(), "{note}");
    }
    Ok(ring)
}

fn invalid(what: impl fmt::Display) -> Fault {
    Fault::new(ErrorReason::TokenInvalid, format!("the token can not be used: {what}"))
}

pub fn expired() -> Fault {
    Fault::new(ErrorReason::TokenExpired, "the token has expired; get a new one and call again")
}

fn told(error: &jsonwebtoken::errors::Error) -> Fault {
    use jsonwebtoken::errors::ErrorKind as K;
    match error.kind() {
        K::InvalidSignature => invalid("its signature is wrong"),
        K::InvalidAudience => invalid("it is for somebody else (`aud`)"),
        K::InvalidIssuer => invalid("its issuer (`iss`) is not known here"),
        K::MissingRequiredClaim(claim) => invalid(format!("`{claim}` is missing")),
        K::Json(error) => invalid(format!("its claims can not be read: {error}")),
        _ => invalid("it is no JWT signed with EdDSA, ES256 or RS256"),
    }
}

/// The claims of a token; none stands twice.
#[derive(Debug)]
struct Claims(BTreeMap<String, Value>);

impl Claims {
    fn text(&self, name: &str) -> Result<Option<&str>, Fault> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!("`{name}` is no text"))),
        }
    }

    /// Seconds since 1970, with or without a fraction.
    fn time(&self, name: &str) -> Result<Option<Time>, Fault> {
        const LATEST_SECS: f64 = 7_258_118_399.0;
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let secs = value.as_f64().filter(|secs| (0.0..=LATEST_SECS).contains(secs));
        let secs = secs.ok_or_else(|| invalid(format!("`{name}` is no time in seconds since 1970")))?;
        Ok(Some(Time::from_unix_secs(secs as i64)))
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Claims, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Claims, M::Error> {
                let mut claims = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if claims.contains_key(&name) {
                        return Err(serde::de::Error::custom(format!("`{name}` stands twice")));
                    }
                    claims.insert(name, value);
                }
                Ok(Claims(claims))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

/// What the claim of ours says.
#[derive(Debug, Default)]
struct Roles {
    tenants: BTreeMap<String, BTreeSet<Role>>,
    is_platform_admin: bool,
    vehicles: BTreeSet<VehicleName>,
    drivers: BTreeSet<DriverName>,
    areas: Option<BTreeSet<AreaName>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRoles {
    #[serde(default)]
    tenants: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    platform: Vec<String>,
    #[serde(default)]
    vehicles: Vec<String>,
    #[serde(default)]
    drivers: Vec<String>,
    areas: Option<Vec<String>>,
}

impl Roles {
    /// A token without the claim is of somebody who may do nothing.
    fn of(value: Option<&Value>, claim: &str) -> Result<Roles, Fault> {
        let Some(value) = value else { return Ok(Roles::default()) };
        let raw = RawRoles::deserialize(value).map_err(|error| invalid(format!("`{claim}`: {error}")))?;
        let mut tenants = BTreeMap::new();
        for (tenant, roles) in raw.tenants {
            if !is_id(&tenant) {
                return Err(invalid(format!("`{claim}.tenants` has {tenant:?}, which is no tenant's id")));
            }
            let role = |name: &String| {
                let known = Role::from_str(name).ok().filter(|role| !role.is_of_platform());
                known.ok_or_else(|| invalid(format!("`{claim}.tenants` has {name:?}, which is no role at a tenant")))
            };
            tenants.insert(tenant, roles.iter().map(role).collect::<Result<_, Fault>>()?);
        }
        let platform = raw.platform.iter().map(|name| Role::from_str(name).ok().filter(|role| role.is_of_platform()));
        let platform = platform.collect::<Option<BTreeSet<Role>>>();
        let platform = platform.ok_or_else(|| invalid(format!("`{claim}.platform` may hold \"platform-admin\"")))?;
        let vehicle =
            |name: &String| name.parse().map_err(|error| invalid(format!("`{claim}.vehicles` has {name:?}: {error}")));
        let driver =
            |name: &String| name.parse().map_err(|error| invalid(format!("`{claim}.drivers` has {name:?}: {error}")));
        let area =
            |name: &String| name.parse().map_err(|error| invalid(format!("`{claim}.areas` has {name:?}: {error}")));
        Ok(Roles {
            tenants,
            is_platform_admin: !platform.is_empty(),
            vehicles: raw.vehicles.iter().map(vehicle).collect::<Result<_, Fault>>()?,
            drivers: raw.drivers.iter().map(driver).collect::<Result<_, Fault>>()?,
            areas: raw.areas.map(|areas| areas.iter().map(area).collect::<Result<_, Fault>>()).transpose()?,
        })
    }

    /// An issuer of one tenant makes nobody anything at another.
    fn check_issuer(&self, issuer: &IssuerConfig) -> Result<(), Fault> {
        let Some(allowed) = &issuer.tenants else { return Ok(()) };
        let is_within = self.tenants.keys().all(|tenant| allowed.contains(tenant)) && !self.is_platform_admin;
        let what = "its issuer may not give roles at all the tenants that it names";
        if is_within { Ok(()) } else { Err(invalid(what)) }
    }
}
