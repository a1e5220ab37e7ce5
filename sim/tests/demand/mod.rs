//! Records of demand against the key figures of the same day.

use mukae_engine::Command;
use mukae_engine::model::AskOutcome;
use mukae_record::Record;
use mukae_sim::kpi::Kpis;
use mukae_supply::{Commitment, DemandLog, DriverAsks, Outcome};

pub fn read(records: &[Vec<u8>]) -> (DemandLog, DriverAsks) {
    let (mut log, mut asks) = (DemandLog::default(), DriverAsks::default());
    for record in records {
        let record = Record::from_bytes(record).unwrap();
        log.take(&record);
        asks.take(&record);
    }
    (log, asks)
}

/// Every request is in the log once, and ends there as it is counted; so are asks of drivers.
pub fn expect_agreement(records: &[Vec<u8>], kpis: &Kpis, whose: &str) -> (DemandLog, DriverAsks) {
    let (log, asks) = read(records);
    let mut requested = Vec::new();
    for record in records {
        let record = Record::from_bytes(record).unwrap();
        match record.command() {
            Command::Quote(request) | Command::Book { request, .. } => requested.push((record.at(), request.wish)),
            Command::BookAll { requests, .. } => {
                requested.extend(requests.iter().map(|request| (record.at(), request.wish)));
            }
            _ => {}
        }
    }
    let logged: Vec<_> = log.asked().iter().map(|asked| (asked.at, asked.wish.unwrap())).collect();
    assert_eq!(logged, requested, "{whose}");
    assert_eq!(log.asked().len() as u64, kpis.requests, "{whose}");

    let count = |is_so: fn(&Outcome) -> bool| log.asked().iter().filter(|asked| is_so(&asked.outcome)).count() as u64;
    let outcomes = [
        count(|outcome| matches!(outcome, Outcome::Completed)),
        count(|outcome| matches!(outcome, Outcome::Refused(_))),
        count(|outcome| matches!(outcome, Outcome::SearchOnly | Outcome::Abandoned)),
        count(|outcome| matches!(outcome, Outcome::Cancelled | Outcome::LostToDelay)),
        count(|outcome| matches!(outcome, Outcome::LostToDelay)),
        count(|outcome| matches!(outcome, Outcome::NoShow)),
        count(|outcome| matches!(outcome, Outcome::Failed)),
        count(|outcome| matches!(outcome, Outcome::Offered | Outcome::Confirmed)),
    ];
    let open = kpis.offers_open + kpis.bookings_open;
    let counted = [
        kpis.served,
        kpis.refused,
        kpis.not_taken,
        kpis.cancelled,
        kpis.lost_to_delay,
        kpis.no_shows,
        kpis.failed,
        open,
    ];
    assert_eq!(outcomes, counted, "{whose}");
    for asked in log.asked() {
        let is_open = matches!(asked.outcome, Outcome::Offered | Outcome::Confirmed);
        assert_eq!(asked.ended.is_none(), is_open, "{whose}: {asked:?}");
    }

    let latent = |which: &[Commitment]| log.latents().filter(|one| which.contains(&one.commitment)).count() as u64;
    let latents = [
        log.latents().len() as u64,
        latent(&[Commitment::Served]),
        latent(&[Commitment::Refused]),
        latent(&[Commitment::Abandoned, Commitment::SearchOnly]),
        latent(&[Commitment::LostToDelay]),
    ];
    let counted = [kpis.latent, kpis.latent_served, kpis.latent_refused, kpis.latent_abandoned, kpis.latent_lost];
    assert_eq!(latents, counted, "{whose}");

    let ends = asks.asks().iter().filter_map(|ask| ask.end?.outcome).filter(|&end| end != AskOutcome::Withdrawn);
    let accepted = ends.clone().filter(|&end| end == AskOutcome::Accepted).count() as u64;
    let asked = [asks.asks().len() as u64, ends.count() as u64, accepted];
    assert_eq!(asked, [kpis.asks, kpis.asks_ended, kpis.asks_accepted], "{whose}");
    (log, asks)
}
