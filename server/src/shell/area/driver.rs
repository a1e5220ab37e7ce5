//! Drivers, and what they are asked.

use mukae_engine::model::Driver;
use mukae_engine::{Answer, Command};
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::DriverId;

use super::Area;
use super::rejection::fault;
use super::setup::managed_by_file;
use crate::config::Managed;
use crate::errors::Fault;
use crate::names::{DriverName, TenantName, label, unlabel};
use crate::shell::input::{Ask, AskAnswer, DriverRules, List, NewDriver, Signed, UpdatedDriver};
use crate::shell::outbox::{AskFeed, Hub};
use crate::wire::listed;
use crate::wire::to_proto;

impl Area {
    pub(super) fn create_driver(&mut self, signed: Signed<NewDriver>) -> Result<pb::Driver, Fault> {
        let Signed { origin, wish, .. } = signed;
        let name = wish.name.to_string();
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                if self.annals.driver(&wish.name).is_some() {
                    return Err(Fault::exists(&name));
                }
                let next = self.scribe.state().drivers.keys().last().map_or(1, |id| id.0 + 1);
                let driver = Driver {
                    id: DriverId(next),
                    name: label(&wish.name, &wish.display_name),
                    kind: wish.kind,
                    cooldown: wish.cooldown,
                    asks_per_week_max: wish.asks_per_week_max,
                    tier: wish.tier,
                };
                self.take(&origin, Command::RegisterDriver(driver))?.answer
            }
        };
        self.noted(&answer, &name)?;
        self.get_driver(wish.name)
    }

    pub(super) fn update_driver(&mut self, signed: Signed<UpdatedDriver>) -> Result<pb::Driver, Fault> {
        let Signed { origin, wish: UpdatedDriver { name, etag, rules }, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let found = &self.scribe.state().drivers[&self.driver(&name)?];
                let of_file = self.file.drivers.iter().find(|driver| driver.name == name.to_string());
                if of_file.is_some_and(|driver| driver.managed == Managed::ByFile) {
                    return Err(managed_by_file(&name));
                }
                let current = to_proto::driver(&self.view(), found).etag;
                if !etag.is_empty() && etag != current {
                    let message = format!("{name} has changed since etag {etag}; read it again");
                    return Err(Fault::new(ErrorReason::EtagMismatch, message).with("etag", current));
                }
                let DriverRules { display_name, kind, tier, cooldown, asks_per_week_max } = rules;
                let (_, called) = unlabel(&found.name);
                let driver = Driver {
                    id: found.id,
                    name: label(&name, display_name.as_deref().unwrap_or(called)),
                    kind: kind.unwrap_or(found.kind),
                    cooldown: cooldown.unwrap_or(found.cooldown),
                    asks_per_week_max: asks_per_week_max.unwrap_or(found.asks_per_week_max),
                    tier: tier.unwrap_or(found.tier),
                };
                self.take(&origin, Command::RegisterDriver(driver))?.answer
            }
        };
        self.noted(&answer, &name.to_string())?;
        self.get_driver(name)
    }

    pub(super) fn get_driver(&mut self, name: DriverName) -> Result<pb::Driver, Fault> {
        let driver = self.driver(&name)?;
        let view = self.view();
        Ok(to_proto::driver(&view, &view.state.drivers[&driver]))
    }

    pub(super) fn list_drivers(&mut self, list: List<TenantName>) -> Result<pb::ListDriversResponse, Fault> {
        let view = self.view();
        let prefix = format!("{}/", list.parent);
        let first = DriverId(u32::try_from(list.page.range_start()).unwrap_or(u32::MAX));
        let found = view.state.drivers.range(first..).map(|(_, driver)| driver);
        let of_tenant = found.filter(|driver| unlabel(&driver.name).0.starts_with(&prefix));
        let drawn = of_tenant.map(|driver| (driver.id.0.into(), to_proto::driver(&view, driver)));
        let (drivers, next_page_token) = list.sieve.cut(&list.page, listed::DRIVERS, drawn);
        Ok(pb::ListDriversResponse { drivers, next_page_token })
    }

    pub(super) fn list_asks(&mut self, list: List<DriverName>) -> Result<pb::ListAsksResponse, Fault> {
        let driver = self.driver(&list.parent)?;
        let view = self.view();
        let open = to_proto::asks_of(&view, driver).filter(|(id, _)| list.page.range_start() <= *id);
        let (asks, next_page_token) = list.page.cut(open);
        Ok(pb::ListAsksResponse { asks, next_page_token })
    }

    pub(super) fn answer_ask(&mut self, signed: Signed<AskAnswer>) -> Result<pb::AnswerAskResponse, Fault> {
        let Signed { origin, wish, .. } = signed;
        let driver = self.driver(&wish.driver)?;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let booking = self.booking(&wish.booking)?.id;
                self.take(&origin, Command::AnswerAsk { booking, driver, accepted: wish.accepted })?.answer
            }
        };
        match answer {
            Answer::Noted => Ok(pb::AnswerAskResponse { asks: self.open_asks(driver) }),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &wish.booking.to_string())),
            other => Err(Fault::bug(other)),
        }
    }

    /// All that is open, and a word whenever anybody's asks change.
    pub(super) fn watch_asks(&mut self, ask: Ask<DriverName, AskFeed>) {
        if ask.reply.is_closed() {
            return;
        }
        let first = self.driver(&ask.question).map(|driver| self.open_asks(driver));
        self.subscribe_when_durable(ask.reply, first, |hub: &Hub, first| hub.watch_asks(first));
    }

    fn open_asks(&self, driver: DriverId) -> Vec<pb::Ask> {
        to_proto::asks_of(&self.view(), driver).map(|(_, ask)| ask).collect()
    }

    pub(super) fn driver(&self, name: &DriverName) -> Result<DriverId, Fault> {
        self.annals.driver(name).ok_or_else(|| Fault::not_found(name))
    }
}
