//! Machines by their certificates: the name that a certificate was issued for is looked up in the configuration.
//!
//! That it was issued by `client_ca` and is in its time, TLS has checked before anything comes here.

use std::fmt;
use std::str::FromStr;

use mukae_units::Time;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A subject's alternative name.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum San {
    Dns(String),
    Uri(String),
}

/// What a checked certificate says of its bearer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certified {
    pub sans: Vec<San>,
    pub expires: Time,
}

impl FromStr for San {
    type Err = ();

    fn from_str(text: &str) -> Result<San, ()> {
        let (kind, name) = text.split_once(':').ok_or(())?;
        let is_plain = !name.is_empty() && name.len() <= 253 && name.bytes().all(|byte| byte.is_ascii_graphic());
        match kind {
            "dns" if is_plain && !name.contains('*') => Ok(San::Dns(name.to_ascii_lowercase())),
            "uri" if is_plain && name.contains(':') => Ok(San::Uri(name.to_owned())),
            _ => Err(()),
        }
    }
}

impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            San::Dns(name) => write!(f, "dns:{name}"),
            San::Uri(name) => write!(f, "uri:{name}"),
        }
    }
}

impl Certified {
    /// `None` if it can not be read, which TLS has ruled out.
    pub fn of_der(der: &[u8]) -> Option<Certified> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let expires = Time::from_unix_secs(certificate.validity().not_after.timestamp());
        let names = certificate.subject_alternative_name().ok()?;
        let names = names.map(|names| names.value.general_names.as_slice()).unwrap_or_default();
        let sans = names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(San::Dns(name.to_ascii_lowercase())),
            GeneralName::URI(name) => Some(San::Uri((*name).to_owned())),
            _ => None,
        });
        Some(Certified { sans: sans.collect(), expires })
    }
}
