//! Deadlines: a call is given as long as its `grpc-timeout` says, and never longer than the server allows.
//!
//! What is not answered by then is dropped: the area's task sees that nobody waits for it any more and does not begin.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower_service::Service;

use crate::errors::Fault;

#[derive(Clone, Debug)]
pub struct Timed<S> {
    pub inner: S,
    pub most: Duration,
}

impl<S> Service<Request<Body>> for Timed<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let patience = match wanted(request.headers()) {
            Ok(wanted) => wanted.map_or(self.most, |wanted| wanted.min(self.most)),
            Err(fault) => return Box::pin(async move { Ok(Status::from(fault).into_http()) }),
        };
        let response = self.inner.call(request);
        Box::pin(async move {
            match tokio::time::timeout(patience, response).await {
                Ok(response) => response,
                Err(_) => Ok(Status::from(Fault::deadline_passed()).into_http()),
            }
        })
    }
}

/// What the caller wants: up to eight digits and a unit.
fn wanted(headers: &HeaderMap) -> Result<Option<Duration>, Fault> {
    let Some(value) = headers.get("grpc-timeout") else { return Ok(None) };
    let parsed = value.to_str().ok().and_then(parse);
    let wrong = || Fault::invalid_field("grpc-timeout", "1 to 8 digits and one of H, M, S, m, u, n, such as `500m`");
    parsed.map(Some).ok_or_else(wrong)
}

fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let count: u64 = if is_number { digits.parse().ok()? } else { return None };
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers never.
    #[derive(Clone)]
    struct Asleep;

    impl Service<Request<Body>> for Asleep {
        type Response = Response<Body>;
        type Error = Infallible;
        type Future = std::future::Pending<Result<Response<Body>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            std::future::pending()
        }
    }

    #[tokio::test]
    async fn an_expired_deadline_is_answered_with_its_reason() {
        for (wanted, most) in
            [(Some("1n"), Duration::from_secs(3600)), (Some("1H"), Duration::ZERO), (None, Duration::ZERO)]
        {
            let mut request = Request::new(Body::empty());
            if let Some(wanted) = wanted {
                request.headers_mut().insert("grpc-timeout", wanted.parse().unwrap());
            }
            let response = Timed { inner: Asleep, most }.call(request).await.unwrap();
            let status = Status::from_header_map(response.headers()).unwrap();
            assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
            assert!(!status.details().is_empty(), "with its reason");
        }
    }

    #[test]
    fn deadlines_are_read_as_grpc_writes_them() {
        assert_eq!(parse("1H"), Some(Duration::from_secs(3600)));
        assert_eq!(parse("99999999n"), Some(Duration::from_nanos(99_999_999)));
        assert_eq!(parse("250m"), Some(Duration::from_millis(250)));
        for text in ["", "m", "1", "-1m", "+1m", "123456789m", "1x", "1 m", "1µ"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
