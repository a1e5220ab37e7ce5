//! Where jobs are made, ended and deleted: what each of these asks first, writes down and makes known, in this order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mukae_proto::transit::planning::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_record::Principal;
use tokio::sync::{Notify, Semaphore};

use super::folder::{Draft, Folder};
use super::record::Asked;
use super::table::Table;
use super::{Kind, Order, Record, Simulator, Standing, now_ms, wrong_state};
use crate::config::SimulationsConfig;
use crate::errors::Fault;
use crate::names::SimulationName;
use crate::shell::input::Signed;
use crate::shutdown::ShutdownSignal;

/// Simulations of one tenant that wait or are under way.
const UNFINISHED_OF_TENANT_MAX: usize = 10;
/// For a child that was killed to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// Where jobs are done.
#[derive(Debug)]
pub(super) struct Shop {
    pub simulator: Simulator,
    pub config: SimulationsConfig,
    pub folder: Folder,
    pub table: Mutex<Table>,
    /// One change after the other: it is written down first, and known then.
    pub changes: tokio::sync::Mutex<()>,
    /// Nothing is written down any more: the directory may be another server's by now.
    pub is_closed: AtomicBool,
    pub checks: Semaphore,
    /// There may be something to begin, or to clear away.
    pub wake: Notify,
    pub stop: ShutdownSignal,
}

impl Shop {
    /// What is behind the lock is whole between any two statements.
    pub fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub async fn create(self: Arc<Shop>, order: Signed<Order>) -> Result<pb::Simulation, Fault> {
        let Signed { origin, is_rehearsal, wish } = order;
        let asked = Asked::of(&origin);
        if let Some(done) = self.answered(asked.as_ref())? {
            return Ok(done);
        }
        self.expect_room(&wish.tenant)?;
        let record = self.table().new_record(Kind::SIMULATION, &wish, &origin.principal, now_ms());
        let draft = self.lay_out(record, wish).await?;
        let checked = self.check(&draft.record).await;
        let draft = match checked {
            Ok(scenario_name) => draft.called(scenario_name),
            Err(fault) => {
                self.off_thread(move |_| draft.discard()).await?;
                return Err(fault);
            }
        };
        if is_rehearsal {
            let drawn = self.table().drawn(&draft.record);
            self.off_thread(move |_| draft.discard()).await?;
            return Ok(drawn);
        }
        let _turn = self.turn().await?;
        // the same request may have been quicker, or others of the tenant
        let late = self.answered(asked.as_ref()).and_then(|done| self.expect_room(&draft.record.tenant).map(|()| done));
        if !matches!(late, Ok(None)) {
            self.off_thread(move |_| draft.discard()).await?;
            return late.map(|done| done.expect("looked at above"));
        }
        let record = self.off_thread(move |folder| draft.keep(folder, asked)).await?.map_err(unwritten)?;
        tracing::info!(target: "mukae_server::audit", principal = %origin.principal, simulation = %record.name(), "started");
        let drawn = self.table().put(record);
        self.wake.notify_one();
        Ok(drawn)
    }

    async fn lay_out(&self, record: Record, order: Order) -> Result<Draft, Fault> {
        let laid_out =
            self.off_thread(move |folder| folder.lay_out(record, &order.scenario, &order.attachments)).await?;
        laid_out.map_err(unwritten)
    }

    /// What a request that was sent before came to, as it is by now.
    fn answered(&self, asked: Option<&Asked>) -> Result<Option<pb::Simulation>, Fault> {
        let Some(asked) = asked else { return Ok(None) };
        let table = self.table();
        let Some(record) = table.asked(asked)? else { return Ok(None) };
        Ok(Some(table.drawn(record)))
    }

    fn expect_room(&self, tenant: &str) -> Result<(), Fault> {
        let unfinished = self.table().unfinished().filter(|record| record.tenant == tenant).count();
        if unfinished < UNFINISHED_OF_TENANT_MAX {
            return Ok(());
        }
        let message = format!("{unfinished} simulations wait or are under way, which is as many as a tenant may have");
        Err(Fault::new(ErrorReason::SimulationsFull, message).with("most", UNFINISHED_OF_TENANT_MAX))
    }

    pub async fn cancel(self: Arc<Shop>, name: Signed<SimulationName>) -> Result<pb::Simulation, Fault> {
        let Signed { origin, is_rehearsal, wish: name } = name;
        let asked = Asked::of(&origin);
        if let Some(done) = self.answered(asked.as_ref())? {
            return Ok(done);
        }
        let mut record = self.table().find(&name)?.clone();
        if record.standing.is_over() {
            return Err(wrong_state(&record, "can not be cancelled"));
        }
        if is_rehearsal {
            record.end(Standing::Cancelled, now_ms());
            return Ok(self.table().drawn(&record));
        }
        self.end(&name, Standing::Cancelled, asked).await?;
        note(&origin.principal, &name, "cancelled");
        self.get(&name)
    }

    pub async fn delete(self: Arc<Shop>, name: Signed<SimulationName>) -> Result<(), Fault> {
        let Signed { origin, is_rehearsal, wish: name } = name;
        let asked = Asked::of(&origin);
        if self.answered(asked.as_ref())?.is_some() {
            return Ok(());
        }
        self.table().find(&name)?;
        if is_rehearsal {
            return Ok(());
        }
        self.end(&name, Standing::Cancelled, None).await?;
        self.erase(&name, asked).await?;
        note(&origin.principal, &name, "deleted");
        Ok(())
    }

    fn get(&self, name: &SimulationName) -> Result<pb::Simulation, Fault> {
        let table = self.table();
        Ok(table.drawn(table.find(name)?))
    }

    /// One that is not over is, and its child is gone.
    async fn end(&self, name: &SimulationName, how: Standing, asked: Option<Asked>) -> Result<(), Fault> {
        let changed = self.change(name.id, |record| {
            let is_over = record.standing.is_over();
            if !is_over {
                record.end(how, now_ms());
                record.requests.extend(asked);
            }
            !is_over
        });
        changed.await?;
        let child = self.table().child_of(name.id);
        if let Some(mut gone) = child {
            let wait = tokio::time::timeout(GONE_WITHIN, async move { gone.wait_for(|gone| *gone).await.is_ok() });
            wait.await.map_err(|_| Fault::bug("a child that does not end when it is killed"))?;
        }
        Ok(())
    }

    /// Only its record stays, so that the request that deleted it is known when it comes again.
    pub async fn erase(&self, name: &SimulationName, asked: Option<Asked>) -> Result<(), Fault> {
        self.change(name.id, |record| {
            record.erase(now_ms());
            record.requests.extend(asked);
            true
        })
        .await?;
        let id = name.id;
        self.off_thread(move |folder| folder.clear(id)).await?.map_err(unwritten)
    }

    /// Writes a record anew and makes it known. `change` says whether there is something to write.
    pub async fn change(&self, id: u64, change: impl FnOnce(&mut Record) -> bool) -> Result<(), Fault> {
        let _turn = self.turn().await?;
        let Some(mut record) = self.table().by_id(id).cloned() else { return Ok(()) };
        if !change(&mut record) {
            return Ok(());
        }
        let written = record.clone();
        self.off_thread(move |folder| folder.write(&written)).await?.map_err(unwritten)?;
        self.table().put(record);
        self.wake.notify_one();
        Ok(())
    }

    /// To change something.
    async fn turn(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, Fault> {
        let turn = self.changes.lock().await;
        if self.is_closed.load(Ordering::Acquire) { Err(Fault::not_ready()) } else { Ok(turn) }
    }

    /// From here on another server may have the directory.
    pub async fn close(&self) {
        let _turn = self.changes.lock().await;
        self.is_closed.store(true, Ordering::Release);
        self.folder.unlock();
    }

    /// Disks are waited for elsewhere.
    pub async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || work(&folder)).await.map_err(Fault::bug)
    }
}

fn note(principal: &Principal, name: &SimulationName, what: &str) {
    tracing::info!(target: "mukae_server::audit", %principal, simulation = %name, "{what}");
}

fn unwritten(error: std::io::Error) -> Fault {
    tracing::error!("a simulation can not be written down: {error}");
    let message =
        "simulations can not be written down here now; tell the operator, and send it again with the same request_id";
    Fault::new(ErrorReason::SimulationsOff, message)
}
