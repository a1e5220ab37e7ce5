//! Choosing: what follows from a command, in the state it meets.
//!
//! Each family of commands has its file; all of them write into one [`Draft`], which sees the
//! schedules as they will be once its events are applied.

mod adopt;
mod amend;
mod booking;
mod breakdown;
mod by_hand;
mod clock;
mod consent;
mod consequences;
mod draft;
mod handover;
mod holds;
mod interruption;
mod offers;
mod relax;
mod reposition;
mod risk;
mod roads;
mod settings;
mod standby;
mod suggest;
mod together;
mod trip;
mod vehicle;

use mukae_units::Time;

pub(crate) use clock::{RECHECK, wakeup};
pub(crate) use consent::over_from as ask_over_from;
use draft::Draft;
pub(crate) use handover::{next_handover, next_handover_of};
pub(crate) use risk::{Finish, next_breach, next_breach_and_finish};
pub(crate) use standby::lapses as standby_lapses;
pub(crate) use suggest::suggest;
pub(crate) use trip::again;

use crate::dispatcher::Beside;
use crate::work::Work;
use crate::{Answer, Command, Event, Rejection, State};

/// What was decided: the facts to record, and what to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// In the order to apply them. Empty if nothing happened that is worth remembering: the command
    /// was not accepted, or changed nothing.
    pub events: Vec<Event>,
    pub answer: Answer,
}

pub(crate) fn decide(state: &State, beside: &Beside, now: Time, command: &Command, work: &mut Work<'_>) -> Decision {
    let mut draft = Draft::new(state, beside, now, command, work);
    let answer = match command {
        Command::UseMap(map) => settings::use_map(&draft, *map),
        Command::SetPolicy(policy) => settings::set_policy(policy),
        Command::SetService(service) => settings::set_service(&draft, service),
        Command::RegisterVehicle(vehicle) => vehicle::register(&mut draft, vehicle),
        Command::PlanShift(shift) => settings::plan_shift(&mut draft, shift),
        Command::OpenShift { shift, at } => settings::open_shift(&mut draft, *shift, *at),
        Command::CloseShift { shift } => settings::close_shift(&mut draft, *shift),
        Command::Quote(request) => offers::quote(&mut draft, request),
        Command::Book { request, by_hand } => booking::book(&mut draft, request, *by_hand),
        Command::ConfirmOffer { offer } => booking::confirm(&mut draft, *offer),
        Command::CancelBooking { booking, reason } => booking::cancel(&mut draft, *booking, *reason),
        Command::ReportPosition { vehicle, place, observed_at } => {
            trip::position(&mut draft, *vehicle, *place, *observed_at)
        }
        Command::Depart { shift, stop, at } => trip::depart(&mut draft, *shift, *stop, *at),
        Command::Arrive { shift, stop, at } => trip::arrive(&mut draft, *shift, *stop, *at),
        Command::Board { booking, at } => trip::board(&mut draft, *booking, *at),
        Command::Alight { booking, at } => trip::alight(&mut draft, *booking, *at),
        Command::ReportNoShow { booking, at } => trip::no_show(&mut draft, *booking, *at),
        Command::EndBreak { shift, stop, at } => trip::end_break(&mut draft, *shift, *stop, *at),
        Command::RegisterDriver(driver) => settings::register_driver(&draft, driver),
        Command::AnswerAsk { booking, driver, accepted } => consent::answer(&mut draft, *booking, *driver, *accepted),
        Command::PinBooking { booking, pinned } => booking::pin(&draft, *booking, *pinned),
        Command::FreezeStops { shift, through } => trip::freeze(&mut draft, *shift, *through),
        Command::NameZone { zone, name } => settings::name_zone(&draft, *zone, name),
        Command::AdvanceClock => clock::advance(&mut draft),
        Command::NameFeature { feature, name } => settings::name_feature(&draft, *feature, name),
        Command::BreakDown { shift, place, at } => breakdown::break_down(&mut draft, *shift, *place, *at),
        Command::RoadsChanged { .. } => roads::changed(&mut draft),
        Command::HoldOffer { offer, until } => holds::hold(&mut draft, *offer, *until),
        Command::ReleaseHold { offer } => holds::release(&mut draft, *offer),
        Command::Amend { booking, request } => amend::amend(&mut draft, *booking, request),
        Command::BookAll { requests, stands_together, .. } => together::book(&mut draft, requests, *stands_together),
        Command::CancelAll { booking, along, reason } => together::cancel(&mut draft, *booking, along, *reason),
        Command::Note { about, .. } => Ok(Answer::NotedAs(*about)),
        Command::Assign { moves } => by_hand::assign(&mut draft, moves),
        Command::InterruptShift { shift, place, window, length } => {
            interruption::interrupt(&mut draft, *shift, (place, *window, *length))
        }
        Command::DelayShift { shift, start } => interruption::delay(&mut draft, *shift, *start),
        Command::AdoptPlan { orders } => adopt::adopt(&mut draft, orders),
        Command::SetSupply(rules) => reposition::set_rules(rules.as_deref()),
        Command::Foresee(outlook) => reposition::expect_demand(&draft, outlook),
        Command::EndRepositioning { shift, at } => reposition::end(&mut draft, *shift, *at),
        Command::AskStandby { shift } => standby::ask(&mut draft, *shift),
        Command::AnswerStandby { shift, driver, accepted } => standby::answer(&mut draft, *shift, *driver, *accepted),
        Command::EndStandby { shift } => standby::end(&mut draft, *shift),
    };
    match answer {
        Ok(answer) => match reposition::follow(&mut draft).and_then(|()| handover::follow(&mut draft)) {
            Ok(()) => draft.finish(answer),
            Err(rejection) => rejected(rejection),
        },
        Err(rejection) => rejected(rejection),
    }
}

fn rejected(rejection: Rejection) -> Decision {
    Decision { events: Vec::new(), answer: Answer::Rejected(rejection) }
}

type Outcome = Result<Answer, Rejection>;
