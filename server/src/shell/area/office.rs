//! Facts of the office: checked, journalled, applied.

use mukae_engine::Answer;
use mukae_office::{Fact, MissCause, MissedRide, Objection, TEXT_MAX};
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_record::{Origin, Written};
use pb::binding_constraint::Kind;

use super::Area;
use crate::errors::Fault;
use crate::shell::input::{MissedWish, RideWish, Signed};
use mukae_units::Span;

/// Calls that a telephone system tells afterwards are no older than this.
const MISSED_BACK: Span = Span::from_mins(31 * 24 * 60);

impl Area {
    /// Writes a fact down. `subject` is what it is about, for the error if it can not be so; `text_field` the field of
    /// the text that staff wrote.
    pub(super) fn take_fact(
        &mut self,
        origin: &Origin,
        fact: Fact,
        (subject, text_field): (&str, &str),
    ) -> Result<Written, Fault> {
        self.annals.office().check(&fact).map_err(|objection| match objection {
            Objection::Unknown => Fault::not_found(subject),
            Objection::AlreadySo => {
                Fault::new(ErrorReason::AlreadySo, format!("{subject}: it is so already")).with("name", subject)
            }
            Objection::TextTooLong => Fault::invalid_field(text_field, format!("at most {TEXT_MAX} characters")),
            Objection::TextMissing => Fault::invalid_field(text_field, "required"),
            Objection::NumberTaken => Fault::bug(objection),
        })?;
        let written = self.take(origin, fact.into_command())?;
        match written.answer {
            Answer::NotedAs(_) => Ok(written),
            other => Err(Fault::bug(other)),
        }
    }

    /// What the first answer to this request was about, if it was answered before.
    pub(super) fn recalled_note(&self, origin: &Origin) -> Result<Option<u64>, Fault> {
        match self.recall(origin)? {
            None => Ok(None),
            Some(Answer::NotedAs(about)) => Ok(Some(about)),
            Some(other) => Err(Fault::bug(other)),
        }
    }

    /// A ride that was wanted and never came before the dispatcher: planners must see it.
    pub(super) fn note_missed_ride(&mut self, origin: &Origin, wish: &RideWish, kinds: &[Kind]) -> Result<(), Fault> {
        let cause = match kinds {
            [Kind::OriginOffArea] => MissCause::OriginOffArea,
            [Kind::DestinationOffArea] => MissCause::DestinationOffArea,
            [Kind::SamePlace] => MissCause::SamePlace,
            _ => MissCause::BothOffArea,
        };
        let ride = MissedRide {
            cause,
            service: self.service(&wish.service)?,
            rider: wish.rider,
            channel: wish.channel,
            origin: Some(wish.asked.0),
            destination: Some(wish.asked.1),
            party: Some(wish.party),
            wish: Some(self.window(&wish.service, wish.when)),
            missed: None,
        };
        self.take_fact(origin, Fact::RideMissed(ride), ("a ride", ""))?;
        Ok(())
    }

    pub(super) fn report_missed_ride(
        &mut self,
        signed: Signed<MissedWish>,
    ) -> Result<pb::ReportMissedRideResponse, Fault> {
        let Signed { origin, wish, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let now = self.now();
            if wish.missed.is_some_and(|at| at < now - MISSED_BACK || now < at) {
                let days = MISSED_BACK.as_millis() / Span::DAY.as_millis();
                return Err(Fault::invalid_field("miss_time", format!("within the last {days} days, and not ahead")));
            }
            let ride = MissedRide {
                cause: wish.cause,
                service: self.service(&wish.service)?,
                rider: wish.rider,
                channel: wish.channel,
                origin: wish.origin,
                destination: wish.destination,
                party: wish.party,
                wish: None,
                missed: wish.missed,
            };
            self.take_fact(&origin, Fact::RideMissed(ride), ("a ride", ""))?;
        }
        Ok(pb::ReportMissedRideResponse {})
    }
}
