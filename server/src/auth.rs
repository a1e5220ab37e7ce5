//! Who calls, and what they may do: found out before anything of a call is read.
//!
//! ```text
//! a call -> gate: the method's row in the table -> token or certificate -> grant -> caller -> quota -> handler
//!                 none: no such method            none, bad: UNAUTHENTICATED  no cell: NOT_ALLOWED
//! ```
//! Keys come from files and are read again when these change; no address is opened to find out who calls. Without
//! `[auth]` the gate stands open, and the server keeps to itself (`serve.rs`).

pub mod certificate;
pub mod principal;
pub mod table;
pub mod token;

mod gate;
mod grant;
mod keys;
mod quota;
mod roles;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::Time;

use crate::caller::Caller;
use crate::clock::Clock;
use crate::config::{AccessConfig, AuthConfig, QuotaConfig};
use crate::errors::Fault;
use certificate::{Certified, San};
use grant::Origin;
use quota::Accounts;
use token::Verifier;

pub use gate::{Gate, Guarded, Peer};
pub use grant::{Estate, Grant};
pub use keys::{BadKeys, read as read_file};
pub use quota::Account;
pub use roles::Role;

/// By which clock tokens expire. The wall's, as it is: a token from a clock that was just put right is good at once.
#[derive(Clone, Debug, Default)]
pub enum TokenTime {
    #[default]
    Wall,
    /// For tests.
    Of(Arc<dyn Clock>),
}

impl TokenTime {
    pub fn now(&self) -> Time {
        match self {
            TokenTime::Wall => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Time::from_unix_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            TokenTime::Of(clock) => clock.now(),
        }
    }
}

/// Knows who may come in.
#[derive(Debug)]
pub struct Auth {
    /// `None`: everybody.
    guard: Option<Guard>,
    estate: Estate,
    accounts: Accounts,
    time: TokenTime,
}

#[derive(Debug)]
struct Guard {
    verifier: Verifier,
    services: HashMap<San, Arc<Grant>>,
}

impl Auth {
    pub fn new(access: &AccessConfig, estate: Estate, time: TokenTime) -> Result<Auth, BadKeys> {
        let guard = |auth: &AuthConfig| {
            let verifier = Verifier::new(auth, access.environment.clone())?;
            Ok(Guard { verifier, services: services(auth) })
        };
        Ok(Auth {
            guard: access.auth.as_ref().map(guard).transpose()?,
            estate,
            accounts: Accounts::new(QuotaConfig::clone(&access.quota)),
            time,
        })
    }

    /// True if nobody is asked who they are.
    pub fn is_open(&self) -> bool {
        self.guard.is_none()
    }

    /// Reads the files of keys again. What can not be read stays as it was, and is told.
    pub fn reload(&self) {
        for fault in self.guard.iter().flat_map(|guard| guard.verifier.reload()) {
            tracing::error!("the keys stay as they were: {fault}");
        }
    }

    /// Whether a call that was let in once would still be: a stream outlives no token.
    pub fn check_still(&self, caller: &Caller) -> Result<(), Fault> {
        let (Some(guard), Some(grant)) = (&self.guard, &caller.grant) else { return Ok(()) };
        if grant.expires <= self.time.now() {
            return Err(token::expired());
        }
        if !guard.verifier.still_stands(grant) {
            return Err(Fault::new(ErrorReason::TokenInvalid, "the key of this token is no longer its issuer's"));
        }
        Ok(())
    }

    /// On which a caller's calls and streams are counted.
    pub fn account(&self, caller: &Caller) -> Arc<Account> {
        self.accounts.of(&caller.grant.as_ref().map_or_else(String::new, |grant| grant.account()))
    }

    /// A token, if there is one, says who calls; else the certificate does.
    fn grant(&self, guard: &Guard, token: Option<&str>, peer: Option<&Certified>) -> Result<Arc<Grant>, Fault> {
        if let Some(token) = token {
            return guard.verifier.check(token, self.time.now());
        }
        let known = peer.and_then(|peer| Some((peer, peer.sans.iter().find_map(|san| guard.services.get(san))?)));
        let Some((peer, known)) = known else {
            let message = "say who calls: a token in `authorization: Bearer …`, or a certificate that is known here";
            return Err(Fault::new(ErrorReason::TokenMissing, message));
        };
        if peer.expires <= self.time.now() {
            return Err(Fault::new(ErrorReason::TokenExpired, "the client's certificate has expired"));
        }
        Ok(Arc::new(Grant { expires: peer.expires, ..Grant::clone(known) }))
    }
}

fn services(auth: &AuthConfig) -> HashMap<San, Arc<Grant>> {
    let grant = |service: &crate::config::ServiceAccount| Grant {
        principal: principal::of_certificate(&service.name),
        rider: None,
        tenants: service.tenants.clone(),
        is_platform_admin: false,
        vehicles: Default::default(),
        drivers: Default::default(),
        areas: None,
        expires: Time::from_unix_secs(0), // each certificate has its own
        origin: Origin::Certificate,
    };
    auth.services.iter().map(|service| (service.san.clone(), Arc::new(grant(service)))).collect()
}
