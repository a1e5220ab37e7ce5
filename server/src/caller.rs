//! Who calls, and whose things they may name.
//!
//! Found out once, where a call comes in, and handed to everything that judges a message: a name that the caller may
//! not use is turned down before any other field is looked at, and in words that do not tell whether there is such a
//! thing.

use std::collections::BTreeSet;

use mukae_record::Principal;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Stands in the journal beside what the caller does; no name and no number of a person.
    pub principal: Principal,
    pub scope: Scope,
}

/// Whose things a caller may name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Everybody's: who keeps the server, and everyone while there is no authentication.
    All,
    #[cfg_attr(not(test), expect(dead_code, reason = "tokens, which name tenants, come next"))]
    Tenants(BTreeSet<String>),
}

impl Caller {
    /// Who asks, while there is no authentication: see `serve.rs`.
    pub fn anyone() -> Caller {
        let principal = Principal::new("anonymous").expect("a short, non-empty text");
        Caller { principal, scope: Scope::All }
    }

    /// Whether the caller may name something of this tenant.
    pub fn may_name(&self, tenant: &str) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Tenants(tenants) => tenants.contains(tenant),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_of_one_tenant_names_no_other() {
        let of_asahi = Caller { scope: Scope::Tenants(BTreeSet::from(["asahi".to_owned()])), ..Caller::anyone() };
        assert!(of_asahi.may_name("asahi") && !of_asahi.may_name("nyuzen") && !of_asahi.may_name("asah"));
        assert!(Caller::anyone().may_name("nyuzen"));
    }
}
