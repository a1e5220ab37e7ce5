//! Lists of a tenant's things where the tenant has several areas: area by area, in the order of their names.
//!
//! A page holds things of one area only, so it may have fewer than were asked for; its token says in which area the next
//! page is. Of a tenant with one area, which is nearly everybody, tokens are the area's own.

use mukae_proto::transit::units::v1::ErrorReason;

use super::Desk;
use crate::areas::{Addressed, AreaDesk, Served};
use crate::caller::Caller;
use crate::errors::Fault;
use crate::shell::input::{Ask, Input};

/// Between an area's number and its own token.
const MARK: char = '.';

/// The area that a page is of.
pub struct Part<'d> {
    area: Option<&'d Served>,
    /// Where it stands among the tenant's, and how many there are.
    number: usize,
    count: usize,
}

impl Desk {
    /// Takes the area's number off a page token, so that the rest of it is the area's own.
    pub(super) fn part_of_tenant<'d>(
        &'d self,
        caller: &Caller,
        parent: &str,
        token: &mut String,
    ) -> Result<Part<'d>, Fault> {
        let areas = self.area.of_tenant(parent.strip_prefix("tenants/").unwrap_or_default());
        let count = areas.len();
        if count < 2 || !caller.may_use(parent) {
            return Ok(Part { area: areas.first().copied(), number: 0, count: 1 });
        }
        let mut number = 0;
        if !token.is_empty() {
            let parted = token.split_once(MARK).and_then(|(area, own)| Some((area.parse().ok()?, own.to_owned())));
            let parted = parted.filter(|(area, _)| *area < count);
            let invalid = "the page token belongs to another query or is damaged; begin with an empty one";
            (number, *token) = parted.ok_or_else(|| Fault::new(ErrorReason::PageTokenInvalid, invalid))?;
        }
        Ok(Part { area: areas.get(number).copied(), number, count })
    }
}

impl Part<'_> {
    pub async fn ask<Q: Addressed, A>(
        &self,
        desk: &Desk,
        wrap: fn(Ask<Q, A>) -> Input,
        question: Q,
    ) -> Result<A, Fault> {
        match self.area {
            Some(area) if 1 < self.count => {
                let AreaDesk { handle, .. } = area.desk()?;
                handle.ask(wrap, question).await
            }
            _ => desk.area.ask(wrap, question).await,
        }
    }

    /// Says in the token of the next page where that is.
    pub fn mark(&self, token: &mut String) {
        if self.count == 1 {
            return;
        }
        if !token.is_empty() {
            *token = format!("{}{MARK}{token}", self.number);
        } else if self.number + 1 < self.count {
            *token = format!("{}{MARK}", self.number + 1);
        }
    }
}
