//! The keys of an issuer: read from a JWKS or a PEM file, and read again when it changes.
//!
//! Only public keys of algorithms we allow come out of it. A key shared with the issuer (`kty: oct`) is refused: who
//! checks with such a key could sign with it. A file that can not be read any more leaves the keys as they are.

use std::path::Path;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use serde_json::Value;

use super::token::Algorithm;

/// Bytes of a file of keys.
const FILE_BYTES_MAX: u64 = 1 << 20;
const KEYS_MAX: usize = 64;
/// Bytes of a key's id.
pub const KID_BYTES_MAX: usize = 255;
/// Bits of the modulus of an RSA key.
const RSA_BITS_MIN: usize = 2048;
const RSA_BITS_MAX: usize = 8192;

/// The keys of one issuer at one time.
#[derive(Clone, Debug)]
pub struct KeyRing {
    keys: Vec<Key>,
    /// What was passed over, and why.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Key {
    /// `None` in a PEM, which has no place for it.
    kid: Option<String>,
    pub algorithm: Algorithm,
    pub public: DecodingKey,
    pub print: KeyPrint,
}

/// Tells keys apart, whatever they are called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyPrint([u8; 32]);

/// Why a file of keys can not be used.
#[derive(Debug, thiserror::Error)]
pub enum BadKeys {
    #[error("{file}: cannot be read: {source}")]
    Read { file: String, source: std::io::Error },
    #[error("{file}: {what}")]
    Wrong { file: String, what: String },
}

impl KeyRing {
    pub fn load(file: &Path, allowed: impl Fn(Algorithm) -> bool) -> Result<KeyRing, BadKeys> {
        let bytes = read(file)?;
        KeyRing::parse(&bytes, allowed).map_err(|what| BadKeys::Wrong { file: file.display().to_string(), what })
    }

    /// From the bytes of a JWKS or of a PEM.
    pub fn parse(bytes: &[u8], allowed: impl Fn(Algorithm) -> bool) -> Result<KeyRing, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "is no text; write a JWKS or a PEM".to_owned())?;
        let ring = match text.trim_start().starts_with('{') {
            true => of_jwks(text)?,
            false => of_pem(text)?,
        };
        let KeyRing { mut keys, mut notes } = ring;
        keys.retain(|key| {
            let is_allowed = allowed(key.algorithm);
            if !is_allowed {
                notes.push(format!("a key for {} is passed over: not among `algorithms`", key.algorithm));
            }
            is_allowed
        });
        if keys.is_empty() {
            return Err(format!("holds no key that could be used; {}", notes.join("; ")));
        }
        let has_name = |key: &&Key| key.kid.is_some();
        let mut kids: Vec<&str> = keys.iter().filter(has_name).filter_map(|key| key.kid.as_deref()).collect();
        kids.sort_unstable();
        if kids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("two keys have one `kid`".to_owned());
        }
        Ok(KeyRing { keys, notes })
    }

    /// The key that a token names. One without a name is the only one there is, or none.
    pub fn find(&self, kid: Option<&str>) -> Option<&Key> {
        match (self.keys.as_slice(), kid) {
            ([only], None) => Some(only),
            ([only], Some(_)) if only.kid.is_none() => Some(only),
            (keys, Some(kid)) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
            (_, None) => None,
        }
    }

    pub fn holds(&self, print: KeyPrint) -> bool {
        self.keys.iter().any(|key| key.print == print)
    }
}

/// The bytes of a file of bounded size.
pub fn read(file: &Path) -> Result<Vec<u8>, BadKeys> {
    use std::io::Read;
    let name = || file.display().to_string();
    let opened = std::fs::File::open(file).map_err(|source| BadKeys::Read { file: name(), source })?;
    let mut bytes = Vec::new();
    let length = opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
    let length = length.map_err(|source| BadKeys::Read { file: name(), source })?;
    if FILE_BYTES_MAX < length as u64 {
        return Err(BadKeys::Wrong { file: name(), what: format!("has more than {FILE_BYTES_MAX} bytes") });
    }
    Ok(bytes)
}

fn of_jwks(text: &str) -> Result<KeyRing, String> {
    let set: Value = serde_json::from_str(text).map_err(|error| format!("is no JWKS: {error}"))?;
    let listed = set.get("keys").and_then(Value::as_array);
    let listed = listed.ok_or_else(|| "is no JWKS: it has no list `keys`".to_owned())?;
    if KEYS_MAX < listed.len() {
        return Err(format!("lists {} keys, at most {KEYS_MAX} are read", listed.len()));
    }
    let (mut keys, mut notes) = (Vec::new(), Vec::new());
    for (index, value) in listed.iter().enumerate() {
        if value.get("kty").and_then(Value::as_str) == Some("oct") {
            return Err(format!("keys[{index}] is a shared secret (`kty` \"oct\"); only public keys belong here"));
        }
        if value.get("d").is_some() {
            return Err(format!("keys[{index}] is a private key (`d`); only public keys belong here"));
        }
        match of_jwk(value) {
            Ok(key) => keys.push(key),
            Err(why) => notes.push(format!("keys[{index}] is passed over: {why}")),
        }
    }
    Ok(KeyRing { keys, notes })
}

fn of_jwk(value: &Value) -> Result<Key, String> {
    let jwk: Jwk = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    if jwk.common.public_key_use.as_ref().is_some_and(|used| *used != PublicKeyUse::Signature) {
        return Err("it is not for signatures".to_owned());
    }
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(parameters) => {
            check_modulus(&unpadded(&parameters.n)?)?;
            Algorithm::Rs256
        }
        AlgorithmParameters::EllipticCurve(parameters) if parameters.curve == EllipticCurve::P256 => {
            if unpadded(&parameters.x)?.len() != 32 || unpadded(&parameters.y)?.len() != 32 {
                return Err("its point is not of P-256".to_owned());
            }
            Algorithm::Es256
        }
        AlgorithmParameters::OctetKeyPair(parameters) if parameters.curve == EllipticCurve::Ed25519 => {
            if unpadded(&parameters.x)?.len() != 32 {
                return Err("its point is not of Ed25519".to_owned());
            }
            Algorithm::EdDsa
        }
        _ => return Err("its kind is none of RSA, P-256 and Ed25519".to_owned()),
    };
    if jwk.common.key_algorithm.is_some_and(|named| named != algorithm.into_jwa().into()) {
        return Err(format!("its `alg` is not {algorithm}"));
    }
    let kid = jwk.common.key_id.clone();
    if kid.as_ref().is_some_and(|kid| kid.is_empty() || KID_BYTES_MAX < kid.len()) {
        return Err(format!("its `kid` has not 1 to {KID_BYTES_MAX} bytes"));
    }
    let public = DecodingKey::from_jwk(&jwk).map_err(|error| error.to_string())?;
    let print = print(algorithm, &public);
    Ok(Key { kid, algorithm, public, print })
}

/// One public key.
fn of_pem(text: &str) -> Result<KeyRing, String> {
    if text.contains("PRIVATE KEY") {
        return Err("holds a private key; only the public one belongs here".to_owned());
    }
    if text.matches("-----BEGIN ").count() != 1 {
        return Err("is neither a JWKS nor a PEM of one public key".to_owned());
    }
    let bytes = text.as_bytes();
    let ed = DecodingKey::from_ed_pem(bytes).map(|public| (Algorithm::EdDsa, public));
    let ec = || DecodingKey::from_ec_pem(bytes).map(|public| (Algorithm::Es256, public));
    let rsa = || DecodingKey::from_rsa_pem(bytes).map(|public| (Algorithm::Rs256, public));
    let found = ed.or_else(|_| ec()).or_else(|_| rsa());
    let (algorithm, public) = found.map_err(|error| format!("holds no public key of a known kind: {error}"))?;
    // A point of P-256 has 65 bytes, one of P-384 more; a key of RSA its modulus and little else.
    let length = public.try_get_as_bytes().map_or(0, <[u8]>::len);
    match algorithm {
        Algorithm::Es256 if length != 65 => return Err("holds a key that is not of P-256".to_owned()),
        Algorithm::Rs256 if length < RSA_BITS_MIN / 8 => {
            return Err(format!("holds an RSA key of less than {RSA_BITS_MIN} bits"));
        }
        _ => {}
    }
    let print = print(algorithm, &public);
    Ok(KeyRing { keys: vec![Key { kid: None, algorithm, public, print }], notes: Vec::new() })
}

fn check_modulus(modulus: &[u8]) -> Result<(), String> {
    let significant = modulus.iter().position(|byte| *byte != 0).map_or(0, |first| modulus.len() - first);
    if significant * 8 < RSA_BITS_MIN || RSA_BITS_MAX < significant * 8 {
        return Err(format!("an RSA key has {RSA_BITS_MIN} to {RSA_BITS_MAX} bits, this one {}", significant * 8));
    }
    Ok(())
}

/// Base64 as JOSE writes it.
fn unpadded(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return Err("it is not written in base64url".to_owned()),
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if 8 <= count {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Ok(bytes)
}

fn print(algorithm: Algorithm, public: &DecodingKey) -> KeyPrint {
    use jsonwebtoken::DecodingKeyKind;
    let mut hasher = blake3::Hasher::new();
    hasher.update(algorithm.name().as_bytes()).update(b"|");
    match public.kind() {
        DecodingKeyKind::SecretOrDer(bytes) => hasher.update(bytes),
        DecodingKeyKind::RsaModulusExponent { n, e } => hasher.update(n).update(b"|").update(e),
    };
    KeyPrint(*hasher.finalize().as_bytes())
}
