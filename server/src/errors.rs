//! Why a call is turned down: one shape for every error, as google.rpc asks.
//!
//! Each carries an `ErrorInfo` of domain `mukae`; fields at fault go into `BadRequest`, waits into
//! `RetryInfo`, and where a rider or clerk may read it, a Japanese text into `LocalizedMessage`.
//! A ride that is not possible is no error: see `wire/refusal.rs`.

mod texts;

use std::fmt;
use std::time::Duration;

use mukae_proto::transit::units::v1::ErrorReason;
use prost::{Message, Name};
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb;

/// The domain of every `ErrorInfo`.
const DOMAIN: &str = "mukae";

/// When to come back after [`Fault::overloaded`].
const OVERLOADED_RETRY: Duration = Duration::from_millis(500);
/// When to come back after [`Fault::not_ready`].
const NOT_READY_RETRY: Duration = Duration::from_secs(2);
/// When to come back after [`Fault::area_unavailable`], which takes a person.
const AREA_UNAVAILABLE_RETRY: Duration = Duration::from_secs(30);

/// A field of a request and what would be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The path of the field, `party.seats` or `positions[3].point`.
    pub field: String,
    pub description: String,
}

/// An error on its way to the caller. Boxed: results are mostly the other kind.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault(Box<Content>);

#[derive(Clone, PartialEq, Debug)]
struct Content {
    code: Code,
    reason: ErrorReason,
    message: String,
    metadata: Vec<(&'static str, String)>,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
    details: Vec<Any>,
}

/// Violations listed in one error.
const VIOLATIONS_TOLD: usize = 12;

// Errors travel in headers, and clients take no more than 16 KiB of those, some only 8: what is longer would reach
// nobody. The message travels twice, once of it with three bytes for each that is not ASCII.
const MESSAGE_BYTES_MAX: usize = 1000;
/// Of a violation's words, and of a value in the metadata; texts of callers may be in them.
const WORDS_BYTES_MAX: usize = 200;
/// Of what goes along beyond the reason: fresh offers, a manifest.
const DETAIL_BYTES_MAX: usize = 4000;

impl Fault {
    pub fn new(reason: ErrorReason, message: impl Into<String>) -> Fault {
        Fault::with_code(code_of(reason), reason, message)
    }

    fn with_code(code: Code, reason: ErrorReason, message: impl Into<String>) -> Fault {
        Fault(Box::new(Content {
            code,
            reason,
            message: message.into(),
            metadata: Vec::new(),
            violations: Vec::new(),
            retry_after: None,
            details: Vec::new(),
        }))
    }

    /// Fields at fault; at least one.
    /// Errors travel in headers, and those are small: of many violations the first ones are told.
    pub fn invalid(mut violations: Vec<Violation>) -> Fault {
        let untold = violations.len().saturating_sub(VIOLATIONS_TOLD);
        if 0 < untold {
            violations.truncate(VIOLATIONS_TOLD);
            let description = format!("{untold} more violations are not listed");
            violations.push(Violation { field: "and more".to_owned(), description });
        }
        let mut fault = Fault::new(ErrorReason::InvalidField, told(&violations));
        fault.0.violations = violations;
        fault
    }

    pub fn invalid_field(field: impl Into<String>, description: impl Into<String>) -> Fault {
        Fault::invalid(vec![Violation { field: field.into(), description: description.into() }])
    }

    /// The same with its field named, so that a form can show where it went wrong.
    pub fn at_field(mut self, field: impl Into<String>) -> Fault {
        let description = self.0.message.clone();
        self.0.violations.push(Violation { field: field.into(), description });
        self
    }

    /// Of a message that lies in a field of the request: violations are named from the top.
    pub fn within(mut self, field: &str) -> Fault {
        for violation in &mut self.0.violations {
            violation.field = format!("{field}.{}", violation.field);
        }
        if self.0.reason == ErrorReason::InvalidField {
            self.0.message = told(&self.0.violations);
        }
        self
    }

    /// What is not there, and what the caller may not know of.
    pub fn not_found(name: impl fmt::Display) -> Fault {
        let name = name.to_string();
        Fault::new(ErrorReason::ResourceNotFound, format!("there is no {name}")).with("name", name)
    }

    /// What the caller may not do or name, there or not.
    pub fn not_allowed() -> Fault {
        Fault::new(ErrorReason::NotAllowed, "this is not allowed, or there is no such thing")
    }

    pub fn exists(name: impl fmt::Display) -> Fault {
        let name = name.to_string();
        Fault::new(ErrorReason::ResourceExists, format!("there is a {name} already; choose another id"))
            .with("name", name)
    }

    /// The server is at one of its limits.
    pub fn overloaded(what: &str) -> Fault {
        let mut fault = Fault::new(ErrorReason::Overloaded, format!("{what}; try again in a moment"));
        fault.0.retry_after = Some(OVERLOADED_RETRY);
        fault
    }

    /// The server is stopping, or stopped before it could say what became of the call.
    pub fn not_ready() -> Fault {
        let message = "the server, or this area of it, is stopping; whether this call took effect is not known: send \
                       it again with the same request_id";
        let mut fault = Fault::new(ErrorReason::NotReady, message);
        fault.0.retry_after = Some(NOT_READY_RETRY);
        fault
    }

    /// This area, of several, can not be served.
    pub fn area_unavailable(area: impl fmt::Display) -> Fault {
        let message =
            format!("{area} can not be served now; a call that was under way: send it again, same request_id");
        let mut fault = Fault::new(ErrorReason::AreaUnavailable, message).with("name", area);
        fault.0.retry_after = Some(AREA_UNAVAILABLE_RETRY);
        fault
    }

    /// Where something new belongs, nobody said.
    pub fn several_areas(name: impl fmt::Display) -> Fault {
        let what = "its tenant has several areas here; put it into the configuration of one";
        Fault::new(ErrorReason::SeveralAreas, format!("{name}: {what}")).with("name", name)
    }

    /// Whether the call took effect is not known.
    pub fn leaves_open(&self) -> bool {
        use ErrorReason as R;
        matches!(self.reason(), R::NotReady | R::DeadlinePassed | R::AreaUnavailable | R::Bug)
    }

    pub fn deadline_passed() -> Fault {
        let message =
            "the call took too long; whether it took effect is not known: send it again with the same request_id";
        Fault::new(ErrorReason::DeadlinePassed, message)
    }

    /// A state that the engine should never have answered with.
    pub fn bug(what: impl fmt::Debug) -> Fault {
        tracing::error!(?what, "bug: an answer that does not fit the question");
        Fault::new(ErrorReason::Bug, "an answer that does not fit the question; this is a bug")
    }

    /// A fault that the transport found before our code was asked.
    ///
    /// Bytes that are no message are told as an internal error by the transport; they are the caller's.
    pub fn of_transport(status: &Status) -> Fault {
        let code = if status.code() == Code::Internal { Code::InvalidArgument } else { status.code() };
        let reason = match status.code() {
            Code::Unimplemented => ErrorReason::UnknownMethod,
            Code::DeadlineExceeded | Code::Cancelled => ErrorReason::DeadlinePassed,
            Code::Unavailable => ErrorReason::NotReady,
            Code::ResourceExhausted => ErrorReason::Overloaded,
            _ => ErrorReason::Malformed,
        };
        Fault::with_code(code, reason, status.message())
    }

    /// One more entry of the `ErrorInfo`'s metadata.
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Fault {
        self.0.metadata.push((key, value.to_string()));
        self
    }

    /// One more detail.
    pub fn with_detail<M: Name>(mut self, message: &M) -> Fault {
        let type_url = format!("type.googleapis.com/{}", M::full_name());
        self.0.details.push(Any { type_url, value: message.encode_to_vec() });
        self
    }

    /// When to come back.
    pub fn retry_after(mut self, delay: Duration) -> Fault {
        self.0.retry_after = Some(delay);
        self
    }

    pub fn reason(&self) -> ErrorReason {
        self.0.reason
    }
}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Status {
        let Content { code, reason, message, mut metadata, violations, retry_after, mut details } = *fault.0;
        let message = clipped(message, MESSAGE_BYTES_MAX);
        details.retain(|detail| {
            let fits = detail.value.len() <= DETAIL_BYTES_MAX;
            if !fits {
                metadata.push(("left_out", detail.type_url.rsplit('/').next().unwrap_or_default().to_owned()));
            }
            fits
        });
        let clip = |(key, value): (&str, String)| (key.to_owned(), clipped(value, WORDS_BYTES_MAX));
        let info = pb::ErrorInfo {
            reason: reason_name(reason).to_owned(),
            domain: DOMAIN.to_owned(),
            metadata: metadata.into_iter().map(clip).collect(),
        };
        let mut all = vec![detail("ErrorInfo", &info)];
        if !violations.is_empty() {
            all.push(detail("BadRequest", &bad_request(violations, reason)));
        }
        if let Some(delay) = retry_after.and_then(|delay| prost_types::Duration::try_from(delay).ok()) {
            all.push(detail("RetryInfo", &pb::RetryInfo { retry_delay: Some(delay) }));
        }
        if let Some(text) = texts::japanese(reason) {
            let text = pb::LocalizedMessage { locale: "ja".to_owned(), message: text.to_owned() };
            all.push(detail("LocalizedMessage", &text));
        }
        all.extend(details);
        let status = pb::Status { code: code as i32, message: message.clone(), details: all };
        Status::with_details(code, message, status.encode_to_vec().into())
    }
}

/// At most so many bytes of it, and where something is missing, a sign of that.
fn clipped(mut text: String, bytes_max: usize) -> String {
    if bytes_max < text.len() {
        text.truncate(text.floor_char_boundary(bytes_max - "…".len()));
        text.push('…');
    }
    text
}

/// Violations in one line.
fn told(violations: &[Violation]) -> String {
    let lines: Vec<String> =
        violations.iter().map(|violation| format!("{}: {}", violation.field, violation.description)).collect();
    lines.join("; ")
}

fn bad_request(violations: Vec<Violation>, reason: ErrorReason) -> pb::BadRequest {
    let violation = |violation: Violation| pb::bad_request::FieldViolation {
        field: clipped(violation.field, WORDS_BYTES_MAX),
        description: clipped(violation.description, WORDS_BYTES_MAX),
        reason: reason_name(reason).to_owned(),
        ..Default::default()
    };
    pb::BadRequest { field_violations: violations.into_iter().map(violation).collect() }
}

fn detail(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/google.rpc.{name}"), value: message.encode_to_vec() }
}

/// As it is written in `ErrorInfo`.
fn reason_name(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}

/// The status code that the contract gives each reason.
fn code_of(reason: ErrorReason) -> Code {
    use ErrorReason as R;
    match reason {
        R::InvalidField | R::PageTokenInvalid | R::PlaceOffRoad | R::ShiftTooShort | R::Malformed => {
            Code::InvalidArgument
        }
        R::ResourceNotFound => Code::NotFound,
        R::ResourceExists | R::RequestIdReused => Code::AlreadyExists,
        R::EtagMismatch => Code::Aborted,
        R::OfferExpired
        | R::OfferUsed
        | R::PlanChanged
        | R::WrongBookingState
        | R::NoOpenShift
        | R::WrongShiftState
        | R::ShiftOverlaps
        | R::RidersOnBoard
        | R::OtherVehicle
        | R::NotAtStop
        | R::NoShowTooEarly
        | R::AlreadyUnderWay
        | R::HoldTooLong
        | R::DriverToBeAsked
        | R::AlreadySo
        | R::NotAsked
        | R::AskExpired
        | R::BreaksDoNotFit
        | R::CheckNotPassed
        | R::MoveRefused
        | R::NoStandingDate
        | R::SeveralAreas
        | R::NotHeld
        | R::ManagedByFile
        | R::VehicleInUse
        | R::SimulationsOff
        | R::WrongSimulationState
        | R::OutOfService => Code::FailedPrecondition,
        R::Overloaded | R::QuotaExceeded | R::TooManyRiders | R::SimulationsFull => Code::ResourceExhausted,
        R::TokenMissing | R::TokenInvalid | R::TokenExpired | R::WrongEnvironment => Code::Unauthenticated,
        R::NotReady | R::AreaUnavailable | R::PeopleStoreFailed => Code::Unavailable,
        R::NotAllowed => Code::PermissionDenied,
        R::DeadlinePassed => Code::DeadlineExceeded,
        R::UnknownMethod => Code::Unimplemented,
        R::Bug | R::Unspecified => Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use mukae_proto::transit::operations::v1::MoveRefused;
    use tonic_types::StatusExt;

    use super::*;

    #[test]
    fn every_error_carries_its_reason() {
        let fault = Fault::invalid_field("party.seats", "0 to 255, was -1");
        let status = Status::from(fault);
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!(
            (status.code(), info.domain.as_str(), info.reason.as_str()),
            (Code::InvalidArgument, "mukae", "INVALID_FIELD")
        );
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "party.seats");
    }

    #[test]
    fn waits_and_japanese_texts_are_details() {
        let status = Status::from(Fault::overloaded("too many calls are waiting"));
        assert_eq!(status.get_error_details().retry_info().unwrap().retry_delay, Some(OVERLOADED_RETRY));
        let status = Status::from(Fault::new(ErrorReason::OfferExpired, "expired"));
        assert_eq!(status.get_error_details().localized_message().unwrap().locale, "ja");
    }

    /// A long requirement that nobody knew was told back whole: the error outgrew the headers that a client takes, and
    /// all that the caller saw was a broken stream.
    #[test]
    fn an_error_fits_into_headers_whatever_was_sent() {
        let violation = |index: usize| Violation { field: format!("f{index}"), description: "語".repeat(5000) };
        let fault = Fault::invalid((0..100).map(violation).collect());
        let long = MoveRefused { booking: "x".repeat(DETAIL_BYTES_MAX), ..Default::default() };
        let short = MoveRefused::default();
        let fault = fault.with("name", "語".repeat(5000)).with_detail(&long).with_detail(&short);
        let status = Status::from(fault);
        assert!(status.message().len() <= MESSAGE_BYTES_MAX && status.message().ends_with('…'));
        let headers = status.clone().into_http::<()>().headers().clone();
        let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
        assert!(bytes < 16 << 10, "{bytes}");
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().metadata["left_out"], "transit.operations.v1.MoveRefused");
        assert_eq!(details.bad_request().unwrap().field_violations.len(), VIOLATIONS_TOLD + 1);
    }

    #[test]
    fn every_reason_has_a_code() {
        for reason in (1..1000).filter_map(|number| ErrorReason::try_from(number).ok()) {
            assert_ne!(code_of(reason), Code::Ok, "{reason:?}");
            assert!(reason_name(reason).bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{reason:?}");
        }
    }
}
