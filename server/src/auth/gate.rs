//! The gate in front of all services: a tower layer that lets through what the table allows, with its caller.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use mukae_proto::transit::units::v1::ErrorReason;
use tonic::Status;
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::certificate::Certified;
use super::quota::CallPermit;
use super::table::{Access, Row, row_of};
use super::{Auth, Guard};
use crate::caller::Caller;
use crate::errors::Fault;

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    pub address: SocketAddr,
    /// Of a certificate that TLS has checked.
    pub certified: Option<Arc<Certified>>,
}

#[derive(Clone, Debug)]
pub struct Gate(pub Arc<Auth>);

#[derive(Clone, Debug)]
pub struct Guarded<S> {
    auth: Arc<Auth>,
    inner: S,
}

impl<S> Layer<S> for Gate {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { auth: Arc::clone(&self.0), inner }
    }
}

impl<S> Service<Request<Body>> for Guarded<S>
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

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match admit(&self.auth, &request) {
            Ok((caller, permit)) => {
                request.extensions_mut().insert(caller);
                let response = self.inner.call(request);
                Box::pin(async move {
                    let response = response.await;
                    drop(permit); // answered
                    response
                })
            }
            Err(fault) => Box::pin(async move { Ok(Status::from(fault).into_http()) }),
        }
    }
}

fn admit(auth: &Auth, request: &Request<Body>) -> Result<(Caller, Option<CallPermit>), Fault> {
    let row = row_of(request.uri().path());
    let row = row.ok_or_else(|| Fault::new(ErrorReason::UnknownMethod, "there is no such method"));
    let Some(guard) = &auth.guard else {
        let caller = Caller::anyone();
        let permit = auth.account(&caller).admit_call()?;
        // Who may call what is nobody's question here; that every method has a row was checked at the start.
        return Ok((caller, Some(permit)));
    };
    match row {
        Ok(Row { access: Access::Anyone, .. }) => Ok((Caller::nobody(), None)),
        Ok(row) => {
            let caller = caller_of(auth, guard, request, row)?;
            let permit = auth.account(&caller).admit_call()?;
            Ok((caller, Some(permit)))
        }
        // To those who may call something, that there is no such thing is no secret.
        Err(unknown) => {
            identify(auth, guard, request)?;
            Err(unknown)
        }
    }
}

fn caller_of(auth: &Auth, guard: &Guard, request: &Request<Body>, row: &Row) -> Result<Caller, Fault> {
    let grant = identify(auth, guard, request)?;
    grant.caller(row, &auth.estate).ok_or_else(Fault::not_allowed)
}

fn identify(auth: &Auth, guard: &Guard, request: &Request<Body>) -> Result<Arc<super::Grant>, Fault> {
    let token = bearer(request.headers())?;
    let peer = request.extensions().get::<Peer>().and_then(|peer| peer.certified.as_deref());
    auth.grant(guard, token, peer)
}

/// The token of a call; two are one too many, since a proxy and we might look at different ones.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let wrong = |what: &str| Fault::new(ErrorReason::TokenInvalid, what.to_owned());
    if values.next().is_some() {
        return Err(wrong("there is more than one `authorization` in this call"));
    }
    let text = value.to_str().map_err(|_| wrong("`authorization` is not printable ASCII"))?;
    let token = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let token = token.map(|(_, token)| token.trim()).filter(|token| !token.is_empty() && !token.contains([' ', ',']));
    token.map(Some).ok_or_else(|| wrong("write `authorization: Bearer …` with one token"))
}
