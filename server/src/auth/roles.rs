//! What people and machines are to a tenant. A role alone allows nothing: `table.rs` says what it may call.

use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Books for themselves, and sees their own bookings.
    Rider,
    /// Drives; bound to the vehicles that the token names.
    Driver,
    /// A booking frontend, on behalf of riders.
    Service,
    /// Sits at the dispatch desk.
    Operator,
    /// Looks at what could be, not at who rides.
    Planner,
    /// Reads everything, changes nothing.
    Auditor,
    /// Keeps vehicles and shifts, not bookings.
    TenantAdmin,
    /// Keeps the server, for all tenants; sees no rider.
    PlatformAdmin,
}

/// A word that is no role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no role")]
pub struct NoRole;

impl Role {
    /// As the columns of the table stand.
    pub const ALL: [Role; 8] = [
        Role::Rider,
        Role::Driver,
        Role::Service,
        Role::Operator,
        Role::Planner,
        Role::Auditor,
        Role::TenantAdmin,
        Role::PlatformAdmin,
    ];

    /// As tokens and configurations write it.
    pub fn name(self) -> &'static str {
        match self {
            Role::Rider => "rider",
            Role::Driver => "driver",
            Role::Service => "service",
            Role::Operator => "operator",
            Role::Planner => "planner",
            Role::Auditor => "auditor",
            Role::TenantAdmin => "tenant-admin",
            Role::PlatformAdmin => "platform-admin",
        }
    }

    /// True for roles that are held at no tenant.
    pub fn is_of_platform(self) -> bool {
        self == Role::PlatformAdmin
    }
}

impl FromStr for Role {
    type Err = NoRole;
    fn from_str(text: &str) -> Result<Role, NoRole> {
        Role::ALL.into_iter().find(|role| role.name() == text).ok_or(NoRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
