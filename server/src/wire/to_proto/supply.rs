//! Supply that follows demand, as desks and drivers are told.

use mukae_engine::{Standing, model::Supply};
use mukae_maps::Place;
use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::operations::v1 as pb;
use mukae_supply::{Tally, Trust};
use mukae_units::{Span, Time};
use pb::supply::State as PbState;

use super::{View, duration, lat_lng, timestamp};
use crate::config::Guidance;
use crate::names::SupplyName;
use crate::shell::area::supply::Course;

/// What is loaded, since when it is followed, and what came of it.
type Loaded<'a> = (&'a Guidance, Time, Tally, Trust);

pub fn supply(view: &View<'_>, course: Course, loaded: Option<Loaded<'_>>, standings: &[Standing]) -> pb::Supply {
    let (state, japanese, english) = match course {
        Course::Off => {
            (PbState::Off, "需要予測による配置は設定されていません。", "No settings are loaded, or they do nothing.")
        }
        Course::Active => (
            PbState::Active,
            "空いている車両は、需要が見込まれる場所で待機します。",
            "Idle vehicles wait where they are likely to be wanted.",
        ),
        Course::Suspended => (PbState::Suspended, "職員が停止しています。", "Staff have stopped it."),
        Course::Expired => (
            PbState::FallenBack,
            "設定の有効期限が切れたため、予測を使わない運行に戻りました。",
            "The settings have expired; vehicles stay where they are.",
        ),
    };
    let suspended = view.annals.office().suspended();
    let told = view.state.supply.as_ref().filter(|_| course == Course::Active);
    pb::Supply {
        name: SupplyName(view.area.clone()).to_string(),
        state: state as i32,
        japanese_text: japanese.to_owned(),
        english_text: english.to_owned(),
        settings_digest: loaded.map(|(guidance, ..)| guidance.digest.clone()).unwrap_or_default(),
        settings_expire_time: loaded.map(|(guidance, ..)| timestamp(guidance.expires)),
        horizon_duration: loaded.map(|(guidance, ..)| duration(guidance.following.horizon)),
        posts: told.map(|supply| posts(view, supply)).unwrap_or_default(),
        stands: standings.iter().filter_map(|standing| stand(view, standing)).collect(),
        ledger: loaded.map(|(_, since, tally, trust)| ledger(since, &tally, trust)),
        suspend_reason: suspended.map(|suspended| suspended.reason.clone()).unwrap_or_default(),
        suspend_time: suspended.map(|suspended| timestamp(suspended.since)),
    }
}

fn posts(view: &View<'_>, supply: &Supply) -> Vec<pb::SupplyPost> {
    let outlook = supply.outlook.as_deref().filter(|outlook| view.now <= outlook.until);
    let expected = |post: usize| outlook.map_or(0, |outlook| outlook.expected[post]);
    let post = |(index, place): (usize, &Place)| pb::SupplyPost {
        point: Some(point(view, *place)),
        expected_permille: count(expected(index)),
    };
    supply.rules.posts.iter().enumerate().map(post).collect()
}

fn stand(view: &View<'_>, standing: &Standing) -> Option<pb::SupplyStand> {
    let vehicle = view.vehicle_of(standing.shift)?;
    let schedule = view.state.schedules.get(&standing.shift)?;
    let within = view.state.supply.as_ref()?.outlook.as_ref()?.within;
    let chance = chance_percent(standing.expected);
    let minutes = within.as_millis() / Span::MINUTE.as_millis();
    Some(pb::SupplyStand {
        vehicle: view.vehicle_name(vehicle).to_string(),
        shift: schedule.shift.name.clone(),
        point: Some(point(view, standing.place)),
        free_time: Some(timestamp(standing.free)),
        expected_permille: count(standing.expected),
        chance_percent: chance,
        japanese_text: format!("ここで待機：{minutes}分以内にこの車両が最も近い依頼が来る見込み{chance}％。"),
        english_text: format!(
            "Waits here: {chance} % that somebody for whom it is the nearest asks within {minutes} min."
        ),
    })
}

fn ledger(since: Time, tally: &Tally, trust: Trust) -> pb::SupplyLedger {
    let whole = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    pb::SupplyLedger {
        start_time: Some(timestamp(since)),
        settled_count: whole(tally.bets),
        right_count: whole(tally.right),
        claimed_percent: whole(tally.claimed / 10 / tally.bets.max(1)),
        length_meters: (tally.length.as_millimetres() / 1000) as i64,
        trust_percent: count(trust.permille() / 10),
    }
}

/// That at least one comes, of so many thousandths that are expected independently of each other.
fn chance_percent(expected: u32) -> i32 {
    let chance = mukae_supply::bets::chance_permille(expected);
    count((chance + 5) / 10)
}

fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn point(view: &View<'_>, place: Place) -> LatLng {
    lat_lng(view.map.position(place))
}
