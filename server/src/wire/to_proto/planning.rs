//! What planners are told.

use mukae_engine::model::Wish;
use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::booking::v1::binding_constraint::Kind;
use mukae_proto::transit::planning::v1 as pb;
use pb::anonymous_request::{DayPart as PbDayPart, Outcome as PbOutcome, Wish as PbWish};

use mukae_office::usage::{Account, Usage};
use mukae_supply::{Outcome, Why};

use super::booking::channel;
use super::{duration, timestamp, window};
use crate::names::{TenantName, UsageName};
use crate::shell::demand::anonymous::{Anonymous, Cell, DayPart, Grid, OutcomeKind, Told, kind_of};
use crate::shell::probing::{Answers, Probed};
use crate::wire::refusal::kind_of_constraint;

pub fn probed_rides(answers: &Answers) -> pb::ProbeRidesResponse {
    let rides = answers.rides.iter().map(ride).collect();
    pb::ProbeRidesResponse { as_of_time: Some(timestamp(answers.as_of)), rides }
}

/// As it was counted; who may not see which row is not known here.
pub fn usage(name: &UsageName, asked: &pb::GetUsageRequest, account: &Account) -> pb::Usage {
    let row = |(tenant, used): (&String, &Usage)| pb::TenantUsage {
        tenant: TenantName(tenant.clone()).to_string(),
        figures: Some(figures(used)),
    };
    pb::Usage {
        name: name.to_string(),
        start_date: asked.start_date.clone(),
        end_date: asked.end_date.clone(),
        tenants: account.rows.iter().map(row).collect(),
        total: Some(figures(&account.total)),
        open: Some(figures(&account.open)),
        unmeasured_drives: count(account.unmeasured_drives),
    }
}

fn figures(used: &Usage) -> pb::UsageFigures {
    pb::UsageFigures {
        trips: count(used.trips),
        passengers: count(used.passengers),
        rider_metres: count(used.rider_metres),
        vehicle_metres: count(used.vehicle_metres),
        empty_metres: count(used.empty_metres),
        driving_duration: Some(duration(used.driving)),
        standing_duration: Some(duration(used.standing)),
        fares_yen: count(used.fares_yen),
    }
}

/// Counts of what one fleet does stay far below the limit.
fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn ride(probed: &Probed) -> pb::ProbedRide {
    let impossible = |obstacles: &[Kind]| pb::ProbedRide {
        obstacles: obstacles.iter().map(|&kind| kind as i32).collect(),
        ..Default::default()
    };
    match *probed {
        Probed::Possible { pickup, dropoff, walk_to_pickup, walk_from_dropoff } => pb::ProbedRide {
            is_possible: true,
            pickup_time: Some(timestamp(pickup)),
            dropoff_time: Some(timestamp(dropoff)),
            pickup_walk_duration: Some(duration(walk_to_pickup)),
            dropoff_walk_duration: Some(duration(walk_from_dropoff)),
            obstacles: Vec::new(),
        },
        Probed::Impossible => impossible(&[]),
        Probed::SamePlace => impossible(&[Kind::SamePlace]),
        Probed::OffArea { origin, destination } => {
            let off = [(origin, Kind::OriginOffArea), (destination, Kind::DestinationOffArea)];
            impossible(&off.into_iter().filter(|&(is_off, _)| is_off).map(|(_, kind)| kind).collect::<Vec<_>>())
        }
    }
}

pub fn demand_told(told: &Told, grid: Grid) -> pb::AnonymousRequest {
    let binding_constraints = match &told.outcome {
        Outcome::Refused(why) => why.iter().map(|&why| constraint(why) as i32).collect(),
        _ => Vec::new(),
    };
    pb::AnonymousRequest {
        ask_time: Some(timestamp(told.at)),
        wish: told.wish.map(|wish| match wish {
            Wish::DepartAfter(wished) => PbWish::DepartAfter(window(wished)),
            Wish::ArriveBy(wished) => PbWish::ArriveBy(window(wished)),
        }),
        origin_cell: told.cells.map(|(origin, _)| demand_cell(origin, grid)),
        destination_cell: told.cells.map(|(_, destination)| demand_cell(destination, grid)),
        day_part: match told.day_part {
            DayPart::Night => PbDayPart::Night,
            DayPart::Morning => PbDayPart::Morning,
            DayPart::Midday => PbDayPart::Midday,
            DayPart::Afternoon => PbDayPart::Afternoon,
            DayPart::Evening => PbDayPart::Evening,
        }
        .into(),
        party_size: i32::try_from(told.party_size).unwrap_or(i32::MAX),
        needs_aid: told.needs_aid,
        channel: channel(told.channel).into(),
        outcome: outcome(kind_of(&told.outcome)).into(),
        binding_constraints,
    }
}

pub fn demand_summary(demand: &Anonymous) -> pb::DemandSummary {
    let count = |count: usize| i32::try_from(count).expect("an export is bounded");
    let outcomes = demand
        .outcomes
        .iter()
        .map(|(&kind, &requests)| pb::OutcomeCount { outcome: outcome(kind).into(), request_count: count(requests) });
    pb::DemandSummary {
        request_count: count(demand.asked),
        small_cell_count: count(demand.with_small_cells),
        large_cell_count: count(demand.with_large_cells),
        no_cell_count: count(demand.without_cells),
        suppressed_count: count(demand.suppressed),
        outcomes: outcomes.collect(),
    }
}

fn demand_cell(cell: Cell, grid: Grid) -> pb::DemandCell {
    let (latitude, longitude) = grid.middle(cell);
    pb::DemandCell { center: Some(LatLng { latitude, longitude }), size_meters: cell.metres }
}

fn outcome(kind: OutcomeKind) -> PbOutcome {
    match kind {
        OutcomeKind::Offered => PbOutcome::Offered,
        OutcomeKind::Refused => PbOutcome::Refused,
        OutcomeKind::Confirmed => PbOutcome::Confirmed,
        OutcomeKind::Cancelled => PbOutcome::Cancelled,
        OutcomeKind::NoShow => PbOutcome::NoShow,
        OutcomeKind::Completed => PbOutcome::Completed,
        OutcomeKind::Failed => PbOutcome::Failed,
        OutcomeKind::UnmetCall => PbOutcome::UnmetCall,
        OutcomeKind::DeadlineMissed => PbOutcome::DeadlineMissed,
    }
}

fn constraint(why: Why) -> Kind {
    match why {
        Why::Constraint(constraint) => kind_of_constraint(constraint),
        Why::OriginOffArea => Kind::OriginOffArea,
        Why::DestinationOffArea => Kind::DestinationOffArea,
        Why::SamePlace => Kind::SamePlace,
    }
}
