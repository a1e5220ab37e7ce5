//! Booking without choosing: in one step, another ride instead, a ride and the ride back.

use std::sync::Arc;

use mukae_engine::model::{Channel, Request};
use mukae_engine::{Answer, Command};
use mukae_office::Fact;
use mukae_proto::transit::booking::v1 as pb;
use mukae_record::Origin;
use pb::binding_constraint::Kind;

use super::Area;
use super::rejection::fault;
use crate::errors::Fault;
use crate::shell::input::{Amendment, PairWish, RideWish, Signed};
use crate::wire::refusal;
use crate::wire::to_proto;

impl Area {
    pub(super) fn book_ride(&mut self, signed: Signed<RideWish>) -> Result<pb::BookRideResponse, Fault> {
        use pb::book_ride_response::Result as Became;
        let Signed { origin, wish, .. } = signed;
        self.service(&wish.service)?;
        // a ride that was noted as missed is judged again, and noted once
        let recalled = self.recall(&origin)?.filter(|answer| !matches!(answer, Answer::NotedAs(_)));
        let answer = match recalled {
            Some(answer) => answer,
            None => match self.request_of(&wish).map_err(|fault| fault.within("ride"))? {
                Ok(request) => self.take(&origin, Command::Book { request: request.into(), by_hand: None })?.answer,
                Err(kinds) => {
                    self.note_missed_ride(&origin, &wish, &kinds)?;
                    let result = Some(Became::Refusal(refusal::refusal_of(&kinds)));
                    return Ok(pb::BookRideResponse { result });
                }
            },
        };
        let became = match answer {
            Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => {
                Became::Booking(to_proto::booking(&self.view(), &booking))
            }
            Answer::Refused(refusal) => Became::Refusal(refusal::refusal(&refusal, wish.party)),
            Answer::Rejected(rejection) => return Err(fault(&self.view(), &rejection, &wish.service.to_string())),
            other => return Err(Fault::bug(other)),
        };
        Ok(pb::BookRideResponse { result: Some(became) })
    }

    pub(super) fn amend_booking(&mut self, signed: Signed<Amendment>) -> Result<pb::AmendBookingResponse, Fault> {
        use pb::amend_booking_response::Result as Became;
        let Signed { origin, wish: Amendment { booking: name, wish, etag }, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let found = self.booking(&name)?;
                self.expect_etag(found, &name, &etag)?;
                let (id, before) = (found.id, Arc::clone(&found.request));
                let request = match self.request_of(&wish).map_err(|fault| fault.within("ride"))? {
                    Ok(request) => request,
                    Err(kinds) => {
                        let result = Some(Became::Refusal(refusal::refusal_of(&kinds)));
                        return Ok(pb::AmendBookingResponse { result });
                    }
                };
                let channel = match request.channel {
                    Channel::Unknown => before.channel,
                    channel => channel,
                };
                let request = Request { rider: request.rider.or(before.rider), channel, ..request };
                self.take(&origin, Command::Amend { booking: id, request: request.into() })?.answer
            }
        };
        let became = match answer {
            Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => {
                Became::Booking(to_proto::booking(&self.view(), &booking))
            }
            Answer::Refused(refusal) => Became::Refusal(refusal::refusal(&refusal, wish.party)),
            Answer::Rejected(rejection) => return Err(fault(&self.view(), &rejection, &name.to_string())),
            other => return Err(Fault::bug(other)),
        };
        Ok(pb::AmendBookingResponse { result: Some(became) })
    }

    pub(super) fn book_pair(&mut self, signed: Signed<PairWish>) -> Result<pb::BookPairResponse, Fault> {
        use pb::paired_ride::Result as Became;
        let Signed { origin, wish: PairWish { rides, stands_together }, .. } = signed;
        let mut judged: Vec<Result<Request, Vec<Kind>>> = Vec::with_capacity(rides.len());
        for (field, ride) in ["outbound", "inbound"].into_iter().zip(&rides) {
            judged.push(self.request_of(ride).map_err(|fault| fault.within(field))?);
        }
        let recalled = self.recall(&origin)?.filter(|answer| !matches!(answer, Answer::NotedAs(_)));
        let is_hopeless = stands_together && judged.iter().any(Result::is_err) || judged.iter().all(Result::is_err);
        if recalled.is_none() {
            // of what never comes before the dispatcher the first is noted under the call's id, if nothing else is
            let mut ours = is_hopeless.then(|| origin.clone());
            for (ride, judged) in rides.iter().zip(&judged) {
                if let Err(kinds) = judged {
                    let origin = ours.take().unwrap_or_else(|| Origin::of(origin.principal.clone()));
                    self.note_missed_ride(&origin, ride, kinds)?;
                }
            }
        }
        let mut booked = Vec::new().into_iter();
        if !is_hopeless {
            let requests = judged.iter().filter_map(|judged| Some(judged.as_ref().ok()?.clone().into())).collect();
            let answer = match recalled {
                Some(answer) => answer,
                None => {
                    let note = Fact::Paired { stands_together }.into_note();
                    self.take(&origin, Command::BookAll { requests, stands_together, note })?.answer
                }
            };
            let each: Vec<Option<Result<_, _>>> = match answer {
                Answer::BookedEach(each) => each.into_iter().map(Some).collect(),
                Answer::BookedNone(refusals) => refusals.into_iter().map(|refusal| refusal.map(Err)).collect(),
                Answer::Rejected(rejection) => {
                    return Err(fault(&self.view(), &rejection, &rides[0].service.to_string()));
                }
                other => return Err(Fault::bug(other)),
            };
            booked = each.into_iter();
        }
        let view = self.view();
        let mut became = rides.iter().zip(&judged).map(|(ride, judged)| {
            let result = match judged {
                Err(kinds) => Some(Became::Refusal(refusal::refusal_of(kinds))),
                Ok(_) => booked.next().flatten().map(|outcome| match outcome {
                    Ok(booking) => Became::Booking(to_proto::booking(&view, &booking)),
                    Err(refused) => Became::Refusal(refusal::refusal(&refused, ride.party)),
                }),
            };
            pb::PairedRide { result }
        });
        Ok(pb::BookPairResponse { outbound: became.next(), inbound: became.next() })
    }
}
