//! What is looked up when somebody asks: how each area stands, its queues, the watchers, the process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mukae_office::AlertKind;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use tokio::sync::Semaphore;

use super::{Metrics, OfArea};
use crate::areas::{Areas, Served};
use crate::shell::input::Input;

/// An area that does not answer by then is told without what it would have said.
const PATIENCE: Duration = Duration::from_secs(2);

/// What alerts are about, in the names of the contract.
pub const ALERT_KINDS: [&str; 7] =
    ["late_pull_out", "silent_vehicle", "long_stop", "promise_at_risk", "unassigned", "stranded", "standing_refused"];

/// One of [`ALERT_KINDS`].
pub fn alert_kind(kind: &AlertKind) -> &'static str {
    match kind {
        AlertKind::LatePullOut { .. } => "late_pull_out",
        AlertKind::SilentVehicle { .. } => "silent_vehicle",
        AlertKind::LongStop { .. } => "long_stop",
        AlertKind::PromiseAtRisk { .. } => "promise_at_risk",
        AlertKind::Unassigned { .. } => "unassigned",
        AlertKind::Stranded { .. } => "stranded",
        AlertKind::StandingRefused { .. } => "standing_refused",
    }
}

/// How an area stands, counted by its task.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stock {
    /// Of [`ALERT_KINDS`], those that are open.
    pub alerts: BTreeMap<&'static str, u64>,
    pub promises_at_risk: u64,
    pub bookings_open: u64,
    pub shifts_open: u64,
    pub revision: u64,
    /// Records so far, durable or not.
    pub records: u64,
}

/// Answers who asks for the metrics.
#[derive(Clone, Debug)]
pub struct Scraper {
    pub metrics: Arc<Metrics>,
    pub areas: Areas,
    pub watchers: Arc<Semaphore>,
    pub watchers_max: usize,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfKind {
    area: String,
    kind: &'static str,
}

/// Gauges of one answer.
#[derive(Default)]
struct Gauges {
    up: Family<OfArea, Gauge>,
    alerts: Family<OfKind, Gauge>,
    at_risk: Family<OfArea, Gauge>,
    silent: Family<OfArea, Gauge>,
    bookings: Family<OfArea, Gauge>,
    shifts: Family<OfArea, Gauge>,
    revision: Family<OfArea, Gauge>,
    queue: Family<OfArea, Gauge>,
    journal_queue: Family<OfArea, Gauge>,
    journal_lag: Family<OfArea, Gauge>,
    watchers: Gauge,
}

impl Gauges {
    fn register(&self, registry: &mut Registry) {
        registry.register("mukae_area_up", "1 if the area is served, 0 if it is down", self.up.clone());
        registry.register("mukae_alerts_open", "Open alerts, by what they are about", self.alerts.clone());
        registry.register("mukae_promises_at_risk", "Bookings whose promise may break", self.at_risk.clone());
        let help = "Vehicles at work that have reported positions and fell silent";
        registry.register("mukae_vehicles_silent", help, self.silent.clone());
        registry.register("mukae_bookings_open", "Bookings that have not ended", self.bookings.clone());
        registry.register("mukae_shifts_open", "Shifts that are open", self.shifts.clone());
        registry.register("mukae_plan_revision", "The revision that watchers of the area see", self.revision.clone());
        registry.register("mukae_area_queue_depth", "Calls that wait for the area's task", self.queue.clone());
        let help = "Records and answers that wait for the journal's thread";
        registry.register("mukae_journal_queue_depth", help, self.journal_queue.clone());
        let help = "Records that were decided and are not durable yet";
        registry.register("mukae_journal_lag_records", help, self.journal_lag.clone());
        registry.register("mukae_watchers", "Open streams", self.watchers.clone());
        if let Some(bytes) = resident_bytes() {
            let memory: Gauge = Gauge::default();
            memory.set(bytes);
            registry.register_with_unit("process_resident_memory", "Memory in use", Unit::Bytes, memory);
        }
    }

    fn set_area(&self, area: &Served, stock: Option<Stock>) {
        let label = OfArea { area: area.name.to_string() };
        let set = |family: &Family<OfArea, Gauge>, value: u64| {
            family.get_or_create(&label).set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&self.up, u64::from(area.is_up()));
        let Ok(desk) = area.desk() else { return };
        set(&self.queue, desk.handle.waiting() as u64);
        set(&self.journal_queue, desk.journal_waiting() as u64);
        let Some(stock) = stock else { return };
        for kind in ALERT_KINDS {
            let open = stock.alerts.get(kind).copied().unwrap_or(0);
            self.alerts.get_or_create(&OfKind { area: label.area.clone(), kind }).set(open as i64);
        }
        set(&self.silent, stock.alerts.get("silent_vehicle").copied().unwrap_or(0));
        set(&self.at_risk, stock.promises_at_risk);
        set(&self.bookings, stock.bookings_open);
        set(&self.shifts, stock.shifts_open);
        set(&self.revision, stock.revision);
        set(&self.journal_lag, stock.records.saturating_sub(desk.meters.journal.durable()));
    }
}

impl Scraper {
    /// Everything, as Prometheus reads it.
    pub async fn text(&self) -> Result<String, std::fmt::Error> {
        let mut registry = Registry::default();
        let gauges = Gauges::default();
        for area in self.areas.all() {
            let asked = tokio::time::timeout(PATIENCE, self.areas.ask(Input::TakeStock, area.name.clone())).await;
            gauges.set_area(area, asked.ok().and_then(Result::ok));
        }
        let open = self.watchers_max.saturating_sub(self.watchers.available_permits());
        gauges.watchers.set(open as i64);
        gauges.register(&mut registry);
        let mut answer = String::new();
        text::encode_registry(&mut answer, &self.metrics.registry)?;
        text::encode_registry(&mut answer, &registry)?;
        text::encode_eof(&mut answer)?;
        Ok(answer)
    }
}

/// Of this process, where the system tells.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn memory_is_told() {
        assert!(super::resident_bytes().is_some_and(|bytes| 1 << 20 < bytes));
    }
}
