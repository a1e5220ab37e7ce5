//! `mukae usage`: who used how much of an area's fleet, for those who share its cost.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jiff::civil::Date;
use mukae_proto::transit::planning::v1 as pb;
use pb::UsageFigures;
use pb::planning_service_client::PlanningServiceClient;
use serde_json::json;

use super::{Connection, Desk, said};
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Usage {
    /// The first civil day that counts, as 2026-04-01
    #[arg(long)]
    from: Date,
    /// The last one, included
    #[arg(long)]
    to: Date,
    /// Write a table for a spreadsheet here, one line a tenant
    #[arg(long)]
    csv: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn usage(args: &Usage) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let request = pb::GetUsageRequest {
        name: format!("{}/usage", desk.area.name),
        start_date: args.from.to_string(),
        end_date: args.to.to_string(),
    };
    let usage = PlanningServiceClient::new(desk.channel.clone()).get_usage(request).await.map_err(said)?.into_inner();
    let rows = rows(&usage);
    if let Some(file) = &args.csv {
        let mut table = csv::Writer::from_writer(Output::file(file)?);
        let full = || format!("cannot write {}", file.display());
        table.write_record(["tenant"].into_iter().chain(COLUMNS)).with_context(full)?;
        for (tenant, figures) in &rows {
            let cells = numbers(figures).map(|number| number.to_string());
            table.write_record([(*tenant).to_owned()].into_iter().chain(cells)).with_context(full)?;
        }
        table.into_inner().map_err(|error| error.into_error()).with_context(full)?.finish()?;
    }
    let figures = |figures: &UsageFigures| {
        let cells = COLUMNS.iter().zip(numbers(figures));
        serde_json::Value::Object(cells.map(|(column, number)| ((*column).to_owned(), json!(number))).collect())
    };
    let json = json!({
        "area": desk.area.name,
        "start_date": usage.start_date,
        "end_date": usage.end_date,
        "tenants": usage.tenants.iter().map(|row| json!({
            "tenant": row.tenant,
            "figures": figures(&row.figures.unwrap_or_default()),
        })).collect::<Vec<_>>(),
        "total": figures(&usage.total.unwrap_or_default()),
        "open": figures(&usage.open.unwrap_or_default()),
        "unmeasured_drives": usage.unmeasured_drives,
    });
    desk.print(&json, || table(&usage, &rows));
    Ok(())
}

/// Whole numbers, so that a spreadsheet adds them up to the total.
const COLUMNS: [&str; 8] =
    ["trips", "passengers", "rider_metres", "vehicle_metres", "empty_metres", "driving_ms", "standing_ms", "fares_yen"];

fn numbers(figures: &UsageFigures) -> [i64; 8] {
    let millis = |duration: Option<prost_types::Duration>| {
        duration.map_or(0, |duration| duration.seconds * 1000 + i64::from(duration.nanos) / 1_000_000)
    };
    let (driving, standing) = (millis(figures.driving_duration), millis(figures.standing_duration));
    let UsageFigures { trips, passengers, rider_metres, vehicle_metres, empty_metres, fares_yen, .. } = *figures;
    [trips, passengers, rider_metres, vehicle_metres, empty_metres, driving, standing, fares_yen]
}

/// The tenants that are told, what is open, and the total of all.
fn rows(usage: &pb::Usage) -> Vec<(&str, UsageFigures)> {
    let tenants = usage.tenants.iter().map(|row| (row.tenant.as_str(), row.figures.unwrap_or_default()));
    let rest = [("(open)", usage.open.unwrap_or_default()), ("(total)", usage.total.unwrap_or_default())];
    tenants.chain(rest).collect()
}

fn table(usage: &pb::Usage, rows: &[(&str, UsageFigures)]) -> String {
    let mut text = format!("{}, {} to {}\n", usage.name, usage.start_date, usage.end_date);
    text.push_str(
        "tenant                 trips  people  rider km  vehicle km  empty km  drive min  stand min        yen\n",
    );
    for (tenant, figures) in rows {
        let [trips, people, rider, vehicle, empty, driving, standing, yen] = numbers(figures);
        let km = |metres: i64| metres as f64 / 1e3;
        let minutes = |millis: i64| millis as f64 / 6e4;
        text.push_str(&format!(
            "{tenant:22} {trips:5} {people:7} {:9.1} {:11.1} {:9.1} {:10.0} {:10.0} {yen:10}\n",
            km(rider),
            km(vehicle),
            km(empty),
            minutes(driving),
            minutes(standing),
        ));
    }
    if usage.unmeasured_drives > 0 {
        text.push_str(&format!("{} drives of unknown length\n", usage.unmeasured_drives));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_for_each_and_all() {
        let figures = UsageFigures { trips: 2, vehicle_metres: 12_345, fares_yen: 900, ..Default::default() };
        let usage = pb::Usage {
            tenants: vec![pb::TenantUsage { tenant: "tenants/asahi".to_owned(), figures: Some(figures) }],
            total: Some(figures),
            ..Default::default()
        };
        let rows = rows(&usage);
        let text = table(&usage, &rows);
        assert_eq!(text.lines().count(), 2 + 3, "{text}");
        assert!(text.contains("tenants/asahi") && text.contains("12.3"), "{text}");
    }
}
