//! The rules that stand in the way of a ride, as reports name them.

use mukae_engine::model::Constraint;

/// The word for a rule in reports and file formats.
pub fn constraint_name(constraint: Constraint) -> &'static str {
    match constraint {
        Constraint::WindowPast => "window_past",
        Constraint::Notice => "notice",
        Constraint::Horizon => "horizon",
        Constraint::PartySize => "party_size",
        Constraint::NoRoad => "no_road",
        Constraint::NoShift => "no_shift",
        Constraint::PickupWindow => "pickup_window",
        Constraint::DropoffWindow => "dropoff_window",
        Constraint::RideTime => "ride_time",
        Constraint::Capacity => "capacity",
        Constraint::OthersPromise => "others_promise",
        Constraint::WaitOnBoard => "wait_on_board",
        Constraint::ShiftEnd => "shift_end",
        Constraint::Requirements => "requirements",
        Constraint::NoVehicleForService => "no_vehicle_for_service",
        Constraint::ServiceZones => "service_zones",
        Constraint::VehicleZones => "vehicle_zones",
        Constraint::OutsideHours => "outside_hours",
        Constraint::BookingDeadline => "booking_deadline",
        Constraint::BookingNotOpen => "booking_not_open",
        Constraint::BreakWindow => "break_window",
        Constraint::BreakOnBoard => "break_on_board",
        Constraint::DetourTime => "detour_time",
        Constraint::DetourLength => "detour_length",
        Constraint::DriverAsks => "driver_asks",
        Constraint::Frozen => "frozen",
        Constraint::Walk => "walk",
        Constraint::Suspended => "rider suspended",
        Constraint::PartyLimit => "party beyond the limit of the service",
    }
}

/// The same for people, Japanese and English.
pub fn constraint_words(constraint: Constraint) -> [&'static str; 2] {
    match constraint {
        Constraint::WindowPast => ["希望の時間帯がもう過ぎていた", "the wished time had passed"],
        Constraint::Notice => ["申し込みが間際だった", "it was asked too late"],
        Constraint::Horizon => ["受付できる日より先だった", "the day is too far ahead"],
        Constraint::PartySize => ["人数が車の定員を超える", "no vehicle holds the party"],
        Constraint::NoRoad => ["道路がつながっていない", "no road leads there"],
        Constraint::NoShift => ["その時間に動いている車がない", "no vehicle works at that time"],
        Constraint::PickupWindow => ["希望の時間に迎えに行ける車がない", "no vehicle could come in time"],
        Constraint::DropoffWindow => ["希望の時刻までに着けない", "no vehicle could bring them in time"],
        Constraint::RideTime => ["乗っている時間が長くなりすぎる", "the ride would be too long"],
        Constraint::Capacity => ["途中で満席になる", "the vehicle would be full"],
        Constraint::OthersPromise => ["先に約束したお客様が遅れてしまう", "somebody promised before would be late"],
        Constraint::WaitOnBoard => ["乗っている人を車内で待たせすぎる", "riders would wait on board for too long"],
        Constraint::ShiftEnd => ["勤務の終わりに間に合わない", "the driver could not be back in time"],
        Constraint::Requirements => ["必要な設備のある車がない", "no vehicle has what is needed"],
        Constraint::NoVehicleForService => ["このサービスの車ではない", "no vehicle serves these riders"],
        Constraint::ServiceZones => ["サービスの区域の外", "outside the service’s zones"],
        Constraint::VehicleZones => ["車の担当区域の外", "outside the vehicles’ zones"],
        Constraint::OutsideHours => ["営業時間の外", "outside the service’s hours"],
        Constraint::BookingDeadline => ["予約の締め切りを過ぎていた", "after the booking deadline"],
        Constraint::BookingNotOpen => ["予約の受付がまだ始まっていない", "bookings were not open yet"],
        Constraint::BreakWindow => ["運転手の休憩が遅くなりすぎる", "a driver’s break would be too late"],
        Constraint::BreakOnBoard => ["休憩中に人を乗せたままになる", "somebody would be on board in a break"],
        Constraint::DetourTime => ["協力者の寄り道の時間が上限を超える", "too long a detour for a volunteer"],
        Constraint::DetourLength => ["協力者の寄り道の距離が上限を超える", "too far a detour for a volunteer"],
        Constraint::DriverAsks => ["運転手にいまは頼めない", "the driver can not be asked now"],
        Constraint::Frozen => ["予定がもう動かせない", "that part of the plan is fixed"],
        Constraint::Walk => ["乗り場まで歩く距離が長すぎる", "too far to walk"],
        Constraint::Suspended => ["利用を一時停止中", "the rider is suspended"],
        Constraint::PartyLimit => ["人数がサービスの上限を超える", "the party is too large for the service"],
    }
}
