//! Why a ride is not possible, in words: English for programmers and logs, Japanese for riders and clerks.

use mukae_engine::model::{Binding, Constraint, Refusal, Relaxation};
use mukae_office::MissCause;
use mukae_proto::google::r#type::LocalizedText;
use mukae_proto::transit::booking::v1 as pb;
use mukae_units::{SeatKind, Seats, Span};
use pb::binding_constraint::Kind;

use crate::wire::to_proto::{duration, seats};

/// `party` is the one that was asked for.
pub fn refusal(refusal: &Refusal, party: Seats) -> pb::Refusal {
    pb::Refusal {
        binding_constraints: refusal.binding.iter().map(binding).collect(),
        relaxations: refusal.relaxations.iter().map(|relaxation| relaxed(relaxation, party)).collect(),
    }
}

/// What stood in the way of a ride that never came before the dispatcher.
pub fn kinds_of(cause: MissCause) -> Vec<Kind> {
    match cause {
        MissCause::OriginOffArea => vec![Kind::OriginOffArea],
        MissCause::DestinationOffArea => vec![Kind::DestinationOffArea],
        MissCause::BothOffArea => vec![Kind::OriginOffArea, Kind::DestinationOffArea],
        MissCause::SamePlace => vec![Kind::SamePlace],
        MissCause::UnmetCall | MissCause::DeadlineMissed => Vec::new(), // nobody asked whether there was a way
    }
}

/// A refusal that is known before the dispatcher is asked.
pub fn refusal_of(kinds: &[Kind]) -> pb::Refusal {
    pb::Refusal { binding_constraints: kinds.iter().map(|&kind| constraint(kind)).collect(), relaxations: Vec::new() }
}

pub fn binding(binding: &Binding) -> pb::BindingConstraint {
    pb::BindingConstraint {
        shortfall_duration: binding.shortfall.map(duration),
        ..constraint(kind_of_constraint(binding.constraint))
    }
}

fn constraint(kind: Kind) -> pb::BindingConstraint {
    let (english, japanese) = texts(kind);
    pb::BindingConstraint {
        kind: kind as i32,
        text: english.to_owned(),
        localized_text: Some(LocalizedText { text: japanese.to_owned(), language_code: "ja".to_owned() }),
        shortfall_duration: None,
    }
}

fn relaxed(relaxation: &Relaxation, party: Seats) -> pb::Relaxation {
    use pb::relaxation::Kind;
    let minutes = |by: Span| by.as_secs() / 60;
    let (kind, by, english, japanese) = match *relaxation {
        Relaxation::Later { by } | Relaxation::ArriveLater { by } => (
            Kind::Later,
            Some(by),
            format!("{} minutes later would do", minutes(by)),
            format!("{}分遅くてもよろしければ、ご利用いただけます。", minutes(by)),
        ),
        Relaxation::Earlier { by } => (
            Kind::Earlier,
            Some(by),
            format!("{} minutes earlier would do", minutes(by)),
            format!("{}分早くてもよろしければ、ご利用いただけます。", minutes(by)),
        ),
        Relaxation::LongerRide { by } => (
            Kind::LongerRide,
            Some(by),
            format!("a ride {} minutes longer would do", minutes(by)),
            format!("乗っている時間が{}分長くなってもよろしければ、ご利用いただけます。", minutes(by)),
        ),
        Relaxation::LongerWalk { by } => (
            Kind::LongerWalk,
            Some(by),
            format!("a walk {} minutes longer would do", minutes(by)),
            format!("あと{}分歩けるようでしたら、ご利用いただけます。", minutes(by)),
        ),
        Relaxation::SmallerParty { kind, fewer } => {
            let (english, japanese) = fewer_of(kind, fewer);
            (Kind::SmallerParty, None, english, japanese)
        }
        Relaxation::DaysLater { days } => (
            Kind::DaysLater,
            Some(Span::DAY * i64::from(days)),
            format!("{days} days later would do"),
            format!("{days}日後の同じ時間でよろしければ、ご利用いただけます。"),
        ),
    };
    let party = match *relaxation {
        Relaxation::SmallerParty { kind, fewer } => Some(seats(party.with(kind, party.of(kind) - fewer))),
        _ => None,
    };
    pb::Relaxation {
        kind: kind as i32,
        text: english,
        localized_text: Some(LocalizedText { text: japanese, language_code: "ja".to_owned() }),
        by_duration: by.map(duration),
        party,
    }
}

fn fewer_of(kind: SeatKind, fewer: u8) -> (String, String) {
    let (places, what) = match kind {
        SeatKind::Seat => ("seats", format!("座席が{fewer}名分")),
        SeatKind::Wheelchair => ("wheelchair places", format!("車いすが{fewer}台")),
        SeatKind::ChildSeat => ("child seats", format!("チャイルドシートが{fewer}台")),
        SeatKind::Luggage => ("pieces of luggage", format!("大きな荷物が{fewer}個")),
        SeatKind::Stretcher => ("stretchers", format!("ストレッチャーが{fewer}台")),
    };
    (format!("{fewer} {places} fewer would do"), format!("{what}少なければ、ご利用いただけます。"))
}

pub fn kind_of_constraint(constraint: Constraint) -> Kind {
    match constraint {
        Constraint::WindowPast => Kind::WindowPast,
        Constraint::Notice => Kind::Notice,
        Constraint::Horizon => Kind::BookingHorizon,
        Constraint::PartySize => Kind::PartyTooLarge,
        Constraint::NoRoad => Kind::NoRoad,
        Constraint::NoShift => Kind::NoShift,
        Constraint::PickupWindow => Kind::PickupTooLate,
        Constraint::DropoffWindow => Kind::DropoffTooLate,
        Constraint::RideTime => Kind::RideTooLong,
        Constraint::Capacity => Kind::Capacity,
        Constraint::OthersPromise => Kind::OtherPromises,
        Constraint::WaitOnBoard => Kind::WaitOnBoard,
        Constraint::ShiftEnd => Kind::ShiftEnd,
        Constraint::Requirements => Kind::Requirements,
        Constraint::NoVehicleForService => Kind::NoVehicleForService,
        Constraint::ServiceZones => Kind::ServiceZones,
        Constraint::VehicleZones => Kind::VehicleZones,
        Constraint::OutsideHours => Kind::ServiceHours,
        Constraint::BookingDeadline => Kind::BookingDeadline,
        Constraint::BookingNotOpen => Kind::BookingNotOpen,
        Constraint::BreakWindow => Kind::BreakTooLate,
        Constraint::BreakOnBoard => Kind::BreakOnBoard,
        Constraint::DetourTime => Kind::DetourTooLong,
        Constraint::DetourLength => Kind::DetourTooFar,
        Constraint::DriverAsks => Kind::DriverNotAskable,
        Constraint::Frozen => Kind::Frozen,
        Constraint::Walk => Kind::Walk,
        Constraint::Suspended => Kind::RiderSuspended,
        Constraint::PartyLimit => Kind::PartyLimit,
    }
}

fn texts(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::OriginOffArea => (
            "the origin is outside the area, or too far from a road that vehicles can use",
            "お迎えの場所が運行区域の外か、車の入れる道から離れています。近くの道路沿いの場所をお選びください。",
        ),
        Kind::DestinationOffArea => (
            "the destination is outside the area, or too far from a road that vehicles can use",
            "行き先が運行区域の外か、車の入れる道から離れています。近くの道路沿いの場所をお選びください。",
        ),
        Kind::NoRoad => (
            "no road leads from the origin to the destination",
            "お迎えの場所から行き先まで、車で通れる道がありません。",
        ),
        Kind::SamePlace => (
            "origin and destination are the same place on the road",
            "お迎えの場所と行き先が同じ場所になっています。もう一度ご確認ください。",
        ),
        Kind::PartyTooLarge => (
            "no vehicle of the area can take the party, even empty",
            "ご希望の人数や車いすの台数をお乗せできる車がありません。人数を分けてお申し込みいただくか、窓口へご相談ください。",
        ),
        Kind::NoShift => (
            "no vehicle works in the wanted window",
            "ご希望の時間帯に走っている車がありません。別の時間をお試しください。",
        ),
        Kind::Capacity => (
            "the places are taken by others at that time",
            "ご希望の時間帯は満席です。時間をずらすとお乗りいただけることがあります。",
        ),
        Kind::PickupTooLate => (
            "no vehicle can be at the pickup in time",
            "ご希望の時間までにお迎えにうかがえる車がありません。もう少し遅い時間をお試しください。",
        ),
        Kind::DropoffTooLate => (
            "no vehicle can be at the dropoff in time",
            "ご希望の時刻までに行き先へお送りできる車がありません。もう少し遅い到着をお試しください。",
        ),
        Kind::RideTooLong => (
            "the ride would be longer than this service allows",
            "ほかのお客さまとの乗り合いで、乗っている時間が長くなりすぎます。別の時間をお試しください。",
        ),
        Kind::OtherPromises => (
            "the promise to another rider would be broken",
            "先にご予約いただいた方とのお約束の時刻に間に合わなくなります。別の時間をお試しください。",
        ),
        Kind::WaitOnBoard => (
            "riders on board would have to stand still for too long",
            "ご乗車中のお客さまを長くお待たせすることになります。別の時間をお試しください。",
        ),
        Kind::ShiftEnd => (
            "the vehicle could not end its shift in time",
            "車の運行時間のうちに終えることができません。もう少し早い時間をお試しください。",
        ),
        Kind::BreakTooLate => {
            ("a driver's break would begin too late", "乗務員の休憩時間を守れなくなります。別の時間をお試しください。")
        }
        Kind::BreakOnBoard => (
            "riders would be on board during a driver's break",
            "乗務員の休憩と重なるため、お乗せできません。別の時間をお試しください。",
        ),
        Kind::DetourTooLong => (
            "the volunteer driver would drive for longer than agreed to",
            "ご協力いただくドライバーの寄り道の時間が長くなりすぎます。別の時間をお試しください。",
        ),
        Kind::DetourTooFar => (
            "the volunteer driver would drive farther than agreed to",
            "ご協力いただくドライバーの寄り道の距離が長くなりすぎます。別の時間をお試しください。",
        ),
        Kind::DriverNotAskable => (
            "the driver can not be asked at this time",
            "ただいまドライバーにお願いすることができません。時間をおいてお試しください。",
        ),
        Kind::Frozen => (
            "that part of the vehicle's schedule can not be changed any more",
            "車の予定がすでに決まっているため、途中に組み入れることができません。別の時間をお試しください。",
        ),
        Kind::Walk => (
            "every meeting point is further than riders of this service walk",
            "歩いて行ける範囲に乗り降りできる場所がありません。もう少し歩けるときは、窓口へご相談ください。",
        ),
        Kind::RiderSuspended => (
            "the rider did not come to booked rides too often, and can not book for a while",
            "ご予約の車にお乗りにならないことが続いたため、しばらくの間ご予約をお受けできません。窓口へご相談ください。",
        ),
        Kind::PartyLimit => (
            "the service takes no party of that size on one booking",
            "一度のご予約でお乗りいただける人数を超えています。人数を分けてお申し込みください。",
        ),
        Kind::ServiceHours => (
            "the wanted window lies outside the service's hours, or no vehicle can be there before they end",
            "ご希望の時間は運行時間の外です。運行時間内の時刻をお選びください。",
        ),
        Kind::BookingDeadline => (
            "asked too late: the booking deadline of that day has passed",
            "その日のご予約の受付は締め切りました。別の日をお選びください。",
        ),
        Kind::Notice => (
            "asked too late: the service wants more time between the booking and the ride",
            "ご予約の受付時間を過ぎています。もう少し先の時間をお選びください。",
        ),
        Kind::BookingNotOpen => (
            "asked too early: bookings for that day are not open yet",
            "その日のご予約の受付は、まだ始まっていません。受付が始まってから、もう一度お申し込みください。",
        ),
        Kind::Requirements => (
            "no vehicle or driver offers all that is required",
            "ご希望の設備や対応のできる車がありません。窓口へご相談ください。",
        ),
        Kind::NoVehicleForService => (
            "no vehicle that could take the party may carry riders of this service",
            "このサービスでご利用いただける車に、ご希望の人数をお乗せできるものがありません。",
        ),
        Kind::ServiceZones => (
            "the service does not carry from the origin's zone to the destination's",
            "このサービスでは、ご希望のお迎えの場所から行き先までの運行をしていません。",
        ),
        Kind::VehicleZones => {
            ("no vehicle that could take the party goes there", "ご希望の場所まで運行している車がありません。")
        }
        Kind::BookingHorizon => (
            "asked too early: further ahead than the service books",
            "ご希望の日は、まだご予約の受付が始まっていません。日が近づいてから、もう一度お申し込みください。",
        ),
        Kind::WindowPast => {
            ("the wanted window has passed", "ご希望の時間はもう過ぎています。これからの時間をお選びください。")
        }
        Kind::Unspecified => ("the ride is not possible", "申し訳ありませんが、ご希望の内容ではお受けできません。"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constraint_has_words_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for constraint in Constraint::ALL {
            let refusal = refusal(&Refusal::of(vec![constraint.into()]), Seats::new(1, 0));
            let binding = &refusal.binding_constraints[0];
            assert_ne!(binding.kind(), Kind::Unspecified, "{constraint:?}");
            assert!(seen.insert(binding.text.clone()), "{constraint:?} says what another says");
            assert!(binding.localized_text.as_ref().unwrap().text.ends_with('。'), "{constraint:?}");
        }
    }
}
