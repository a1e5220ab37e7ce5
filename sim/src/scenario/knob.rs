//! What a policy or a sweep may set: numbers of the town's rules that the dispatcher knows, by the words of the
//! configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use mukae_config::{Item, span};
use mukae_engine::Command;
use mukae_engine::model::{Policy, ServicePolicy, Wish};
use mukae_units::{Span, TimeWindow};

use super::fleet::{self, Size};
use super::hours::Hours;
use crate::demand::synthetic::Volume;
use crate::demand::{RequestRow, WishKind};
use crate::simulation::Effort;

/// One number that can be turned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Knob {
    /// So many vehicles, whatever the town has.
    Vehicles,
    /// So many private cars that take riders along.
    Volunteers,
    /// How wide every rider's wished window is.
    Window,
    Driving,
    DriverTime,
    RiderWait,
    ExcessRide,
    WaitOnBoard,
    WaitOnBoardMax,
    FreezeHorizon,
    WaitFirst,
    PromiseWidth,
    RideExtra,
    RideFactor,
    RideMax,
    NoticeMin,
    Horizon,
    /// Steps of search for a better plan after each change, and for room before a refusal.
    ImproveSteps,
    RoomSteps,
    /// How much synthetic demand there is; of a sweep only, as policies meet the same riders.
    Volume,
}

/// Whole numbers, or lengths of time in milliseconds.
#[derive(Clone, Copy)]
enum Kind {
    Whole(i64, i64),
    Length(Span, Span),
    Volume,
}

const YEN: Kind = Kind::Whole(0, mukae_engine::model::WEIGHT_MAX);
const DAY: Span = Span::DAY;

impl Knob {
    /// Those that a policy may turn.
    pub const OF_POLICIES: [Knob; 19] = [
        Knob::Vehicles,
        Knob::Volunteers,
        Knob::Window,
        Knob::Driving,
        Knob::DriverTime,
        Knob::RiderWait,
        Knob::ExcessRide,
        Knob::WaitOnBoard,
        Knob::WaitOnBoardMax,
        Knob::FreezeHorizon,
        Knob::WaitFirst,
        Knob::PromiseWidth,
        Knob::RideExtra,
        Knob::RideFactor,
        Knob::RideMax,
        Knob::NoticeMin,
        Knob::Horizon,
        Knob::ImproveSteps,
        Knob::RoomSteps,
    ];

    pub fn all() -> impl Iterator<Item = Knob> {
        Knob::OF_POLICIES.into_iter().chain([Knob::Volume])
    }

    /// The key in the scenario, which is that of the configuration where it has one.
    pub const fn key(self) -> &'static str {
        match self {
            Knob::Vehicles => "vehicles",
            Knob::Volunteers => "volunteers",
            Knob::Window => "window",
            Knob::Driving => "driving_yen_per_min",
            Knob::DriverTime => "driver_time_yen_per_min",
            Knob::RiderWait => "rider_wait_yen_per_min",
            Knob::ExcessRide => "excess_ride_yen_per_min",
            Knob::WaitOnBoard => "wait_on_board_yen_per_min",
            Knob::WaitOnBoardMax => "wait_on_board_max",
            Knob::FreezeHorizon => "freeze_horizon",
            Knob::WaitFirst => "wait_first_percent",
            Knob::PromiseWidth => "promise_width",
            Knob::RideExtra => "ride_extra",
            Knob::RideFactor => "ride_factor_percent",
            Knob::RideMax => "ride_max",
            Knob::NoticeMin => "notice_min",
            Knob::Horizon => "horizon",
            Knob::ImproveSteps => "improve_steps",
            Knob::RoomSteps => "room_steps",
            Knob::Volume => "volume",
        }
    }

    /// What a scenario may say at all; the dispatcher judges what it is told once more.
    const fn kind(self) -> Kind {
        match self {
            Knob::Vehicles | Knob::Volunteers => Kind::Whole(0, 2000),
            Knob::Driving | Knob::DriverTime | Knob::RiderWait | Knob::ExcessRide | Knob::WaitOnBoard => YEN,
            Knob::RideFactor => Kind::Whole(100, 1000),
            Knob::WaitFirst => Kind::Whole(0, 100),
            Knob::ImproveSteps | Knob::RoomSteps => Kind::Whole(0, 1_000_000),
            Knob::PromiseWidth => Kind::Length(Span::MINUTE, DAY),
            Knob::Window
            | Knob::WaitOnBoardMax
            | Knob::FreezeHorizon
            | Knob::RideExtra
            | Knob::RideMax
            | Knob::NoticeMin => Kind::Length(Span::ZERO, DAY),
            Knob::Horizon => Kind::Length(Span::ZERO, Span::from_mins(400 * 24 * 60)),
            Knob::Volume => Kind::Volume,
        }
    }

    pub(super) fn read(self, item: &Item<'_>) -> Option<i64> {
        match self.kind() {
            Kind::Whole(least, most) => item.whole(least..=most),
            Kind::Length(least, most) => item.span(least..=most).map(Span::as_millis),
            Kind::Volume => item.word(&Volume::WORDS).map(|volume| volume as i64),
        }
    }

    /// A value as the file says it.
    pub fn text(self, value: i64) -> String {
        match self.kind() {
            Kind::Whole(..) => value.to_string(),
            Kind::Length(..) => span::text(Span::from_millis(value)),
            Kind::Volume => Volume::from_index(value).map_or_else(|| value.to_string(), |volume| volume.to_string()),
        }
    }

    fn set_policy(self, value: i64, policy: &mut Policy) {
        let length = Span::from_millis(value);
        match self {
            Knob::Driving => policy.cost.driving = value,
            Knob::DriverTime => policy.cost.driver_time = value,
            Knob::RiderWait => policy.cost.rider_wait = value,
            Knob::ExcessRide => policy.cost.excess_ride = value,
            Knob::WaitOnBoard => policy.cost.wait_on_board = value,
            Knob::WaitOnBoardMax => policy.wait_on_board_max = length,
            Knob::FreezeHorizon => policy.freeze_horizon = length,
            Knob::WaitFirst => policy.wait_first_permille = u32::try_from(value * 10).unwrap_or(0),
            _ => {}
        }
    }

    fn set_service(self, value: i64, policy: &mut ServicePolicy) {
        let length = Span::from_millis(value);
        match self {
            Knob::PromiseWidth => policy.promise_width = length,
            Knob::RideExtra => policy.ride.extra = length,
            Knob::RideFactor => policy.ride.factor_permille = u32::try_from(value * 10).unwrap_or(u32::MAX),
            Knob::RideMax => policy.ride.max = length,
            Knob::NoticeMin => policy.notice_min = length,
            Knob::Horizon => policy.horizon = length,
            _ => {}
        }
    }
}

/// Knobs that are turned, each to its value, and hours of work; the rest stays as the town has it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rules {
    knobs: BTreeMap<Knob, i64>,
    hours: Option<Hours>,
}

impl Rules {
    #[must_use]
    pub(super) fn at_hours(self, hours: Option<Hours>) -> Rules {
        Rules { hours: hours.or(self.hours), ..self }
    }

    #[must_use]
    pub fn with(&self, knob: Knob, value: i64) -> Rules {
        let mut rules = self.clone();
        rules.knobs.insert(knob, value);
        rules
    }

    /// Both; where they differ, the other's.
    #[must_use]
    pub fn and(&self, other: &Rules) -> Rules {
        let knobs = self.knobs.iter().chain(&other.knobs).map(|(&knob, &value)| (knob, value)).collect();
        Rules { knobs, hours: other.hours.as_ref().or(self.hours.as_ref()).cloned() }
    }

    /// They say how many vehicles there are.
    pub(crate) fn has_fleet(&self) -> bool {
        self.value(Knob::Vehicles).or(self.value(Knob::Volunteers)).is_some()
    }

    pub(super) fn has_hours(&self) -> bool {
        self.hours.is_some()
    }

    pub fn value(&self, knob: Knob) -> Option<i64> {
        self.knobs.get(&knob).copied()
    }

    /// What the sweep says of the demand.
    pub fn volume(&self) -> Option<Volume> {
        self.value(Knob::Volume).and_then(Volume::from_index)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Knob, i64)> + '_ {
        self.knobs.iter().map(|(&knob, &value)| (knob, value))
    }

    /// `vehicles = 4, notice_min = 30 min`, or nothing.
    pub fn text(&self) -> String {
        let hours = self.hours.iter().map(|hours| format!("shifts = [{hours}]"));
        let knobs = self.iter().map(|(knob, value)| format!("{} = {}", knob.key(), knob.text(value)));
        knobs.chain(hours).collect::<Vec<_>>().join(", ")
    }

    /// The settings of the town with these rules.
    pub fn settings(&self, town: &[Command], zone: &TimeZone) -> Vec<Command> {
        let tagged = town.iter().map(|command| ((), command.clone())).collect();
        self.tagged(tagged, zone, |()| ()).into_iter().map(|((), command)| command).collect()
    }

    /// The same of settings with a tag each, which a further vehicle and its shifts get by `copied`.
    pub(crate) fn tagged<T: Clone>(
        &self,
        mut town: Vec<(T, Command)>,
        zone: &TimeZone,
        copied: fn(&T) -> T,
    ) -> Vec<(T, Command)> {
        let count = |knob| self.value(knob).map(|count| usize::try_from(count).unwrap_or(0));
        let size = Size { vehicles: count(Knob::Vehicles), volunteers: count(Knob::Volunteers) };
        if size != Size::default() {
            town = fleet::of(town, size, copied);
        }
        if let Some(hours) = &self.hours {
            town = hours.apply(town, zone, copied);
        }
        for (_, command) in &mut town {
            match command {
                Command::SetPolicy(policy) => self.iter().for_each(|(knob, value)| knob.set_policy(value, policy)),
                Command::SetService(service) => {
                    let policy = &mut Arc::make_mut(service).policy;
                    self.iter().for_each(|(knob, value)| knob.set_service(value, policy));
                }
                _ => {}
            }
        }
        town
    }

    pub(crate) fn effort(&self) -> Effort {
        let steps = |knob| self.value(knob).and_then(|steps| u32::try_from(steps).ok()).unwrap_or(0);
        Effort { improve_steps: steps(Knob::ImproveSteps), room_steps: steps(Knob::RoomSteps) }
    }

    /// The row as riders ask by these rules.
    pub fn row(&self, mut row: RequestRow) -> RequestRow {
        row.window = self.window(row.kind, row.window);
        row
    }

    /// The wish as riders have it by these rules.
    pub fn wish(&self, wish: Wish) -> Wish {
        match wish {
            Wish::DepartAfter(window) => Wish::DepartAfter(self.window(WishKind::DepartAfter, window)),
            Wish::ArriveBy(window) => Wish::ArriveBy(self.window(WishKind::ArriveBy, window)),
        }
    }

    /// The end of the window that riders care about stays.
    fn window(&self, kind: WishKind, window: TimeWindow) -> TimeWindow {
        let Some(width) = self.value(Knob::Window).map(Span::from_millis) else { return window };
        let (earliest, latest) = match kind {
            WishKind::DepartAfter => (window.earliest(), window.earliest() + width),
            WishKind::ArriveBy => (window.latest() - width, window.latest()),
        };
        TimeWindow::new(earliest, latest).expect("a width is not negative: its range")
    }
}
