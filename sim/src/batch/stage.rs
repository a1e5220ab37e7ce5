//! Where a scenario is played: a town's map and rules, brought by whoever has read its configuration.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_maps::PreparedMap;
use mukae_units::{LatLon, Metres, ServiceId, Zones};

use crate::demand::synthetic::Town;
use crate::demand::{Ask, RequestRow, RowProblem, to_asks};
use crate::kpi::Hamlets;

/// Map, policy, services, vehicles and shifts of these dates, as [`Setup`](crate::Setup) has them.
pub type Settings = Box<dyn Fn(RangeInclusive<Date>) -> Result<Vec<Command>, String> + Send + Sync>;

pub struct Stage {
    pub map: Arc<PreparedMap>,
    /// In which dates are meant.
    pub zone: TimeZone,
    /// Where people live and go, if it is known; otherwise synthetic demand is drawn over the roads alone.
    pub town: Option<Town>,
    /// A place farther from a road than this is off the map.
    pub snap_limit: Metres,
    /// What riders ask for.
    pub service: ServiceId,
    pub zones_of: Box<dyn Fn(LatLon) -> Zones + Send + Sync>,
    pub settings: Settings,
    /// What figures are told for, unless the scenario names its own.
    pub hamlets: Hamlets,
    /// Which program runs it: results of another are not taken for its own.
    pub program: String,
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("zone", &self.zone).field("program", &self.program).finish_non_exhaustive()
    }
}

impl Stage {
    /// What rows ask for, on the roads of the map; and those that lie off them.
    pub fn asks(&self, rows: &[RequestRow]) -> (Vec<Ask>, Vec<RowProblem>) {
        to_asks(rows, &self.map, self.service, self.snap_limit, &*self.zones_of)
    }
}
