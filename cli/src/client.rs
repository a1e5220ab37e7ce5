//! Verbs that speak to a running server, over the same gRPC interface every frontend uses.

mod alerts;
mod booking;
mod call;
mod consequences;
mod dispatch;
mod drivers;
mod fleet;
mod manifest;
mod messages;
mod places;
mod planning;
mod records;
mod rider;
mod roads;
mod show;
mod simulations;
mod supply;
mod usage;
mod watch;
mod when;

use std::io::Write;

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use mukae_proto::transit::area::v1::area_service_client::AreaServiceClient;
use mukae_proto::transit::area::v1::{Area, GetAreaRequest, ListAreasRequest};
use mukae_proto::transit::booking::v1::booking_service_client::BookingServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// Where `serve` and `demo` listen unless told otherwise.
pub(crate) const DEFAULT_SERVER: &str = "http://127.0.0.1:50051";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Ask whether and when a ride is possible
    Quote(booking::Quote),
    /// Confirm an offer: it becomes a booking
    Confirm(booking::Confirm),
    /// Keep an offer's place while the rider thinks
    Hold(booking::Confirm),
    /// Give a held place back
    Release(booking::Confirm),
    /// Quote and confirm the best offer in one go
    Book(booking::Quote),
    /// Cancel a booking
    Cancel(booking::Cancel),
    /// Show a booking
    Get(booking::Get),
    /// List the bookings of a service
    List(booking::List),
    /// Follow a booking, or the whole area
    Watch(watch::Watch),
    /// Show who could take a booking, at what price, and what stands in the way of the others
    Suggest(dispatch::Suggest),
    /// Show why a booking or an offer is with its vehicle
    Explain(dispatch::Explain),
    /// Move a booking by hand to a shift, to a place in its plan, or to nobody
    Assign(dispatch::Assign),
    /// Let two bookings change vehicles
    Swap(dispatch::Swap),
    /// Keep a booking on its vehicle in every automatic step
    Pin(dispatch::Pin),
    /// Let a pinned booking go
    Unpin(dispatch::Pin),
    /// Fix a vehicle's next stops
    Freeze(dispatch::Freeze),
    /// End that
    Unfreeze(dispatch::OfShift),
    /// A vehicle can not go on
    Breakdown(dispatch::Breakdown),
    /// A driver has to rest though no break was planned
    Rest(dispatch::Rest),
    /// A shift begins at another time than planned
    Late(dispatch::Late),
    /// List the bookings without a vehicle
    Unassigned(Connection),
    /// Close, slow down and open roads
    Roads(roads::Roads),
    /// See why vehicles wait where they do, and end it
    Supply(supply::Supply),
    /// What the desk is alerted of
    Alerts(alerts::Alerts),
    /// What staff says to riders and drivers
    Messages(messages::Messages),
    /// Drivers, what they are asked, and the check before a shift
    Drivers(drivers::Drivers),
    /// Vehicles, where they are and what they have to do
    Vehicles(fleet::Vehicles),
    /// When vehicles work
    Shifts(fleet::Shifts),
    /// What happens on the way: departures, arrivals, riders on and off
    Trip(fleet::Trip),
    /// Ask for many rides at once, without a trace
    Probe(planning::Probe),
    /// Export what was asked for, anonymously
    Demand(planning::Demand),
    /// Who riders are: make, find, show and erase their records
    #[command(subcommand, visible_alias = "riders")]
    Rider(rider::Verb),
    /// Show the area a server dispatches
    Area(Connection),
    /// Call any method of the interface with a request in JSON
    Call(call::Call),
    /// List the methods of the interface
    Methods(call::Methods),
    /// Simulations on the server: start, follow, end, fetch
    Simulations(simulations::Simulations),
    /// Show who used how much of an area's fleet in some civil days
    Usage(usage::Usage),
    /// Make pages for drivers to print, one for each vehicle; also without a server
    Manifest(manifest::Manifest),
    /// The driving records of some days, as a table
    Records(records::Records),
}

/// How to reach a server.
#[derive(Clone, Debug, Args)]
pub(crate) struct Connection {
    /// The server's address
    #[arg(long, global = true, default_value = DEFAULT_SERVER, env = "MUKAE_SERVER")]
    pub server: String,
    /// A token, where the server asks who calls
    #[arg(long, global = true, env = "MUKAE_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Who has issued the server's certificate, in a PEM; without it, those that this machine trusts
    #[arg(long, global = true, env = "MUKAE_CA")]
    pub ca: Option<std::path::PathBuf>,
    /// A certificate of one's own, in a PEM
    #[arg(long, global = true, requires = "cert_key")]
    pub cert: Option<std::path::PathBuf>,
    /// The key of that certificate
    #[arg(long, global = true, requires = "cert")]
    pub cert_key: Option<std::path::PathBuf>,
    /// The area to speak of, areas/…; without it, the one of the service, or the only one
    #[arg(long, global = true, env = "MUKAE_AREA")]
    pub area: Option<String>,
    /// The service to speak to, tenants/…/services/…; without it, the only one of the area
    #[arg(long, global = true)]
    pub service: Option<String>,
    /// Print JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
}

pub(crate) fn run(verb: &Verb) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match verb {
            Verb::Quote(args) => booking::quote(args).await,
            Verb::Confirm(args) => booking::confirm(args).await,
            Verb::Hold(args) => booking::hold(args).await,
            Verb::Release(args) => booking::release(args).await,
            Verb::Book(args) => booking::book(args).await,
            Verb::Cancel(args) => booking::cancel(args).await,
            Verb::Get(args) => booking::get(args).await,
            Verb::List(args) => booking::list(args).await,
            Verb::Watch(args) => watch::run(args).await,
            Verb::Suggest(args) => dispatch::suggest(args).await,
            Verb::Explain(args) => dispatch::explain(args).await,
            Verb::Assign(args) => dispatch::assign(args).await,
            Verb::Swap(args) => dispatch::swap(args).await,
            Verb::Pin(args) => dispatch::pin(args).await,
            Verb::Unpin(args) => dispatch::unpin(args).await,
            Verb::Freeze(args) => dispatch::freeze(args).await,
            Verb::Unfreeze(args) => dispatch::unfreeze(args).await,
            Verb::Breakdown(args) => dispatch::breakdown(args).await,
            Verb::Rest(args) => dispatch::rest(args).await,
            Verb::Late(args) => dispatch::late(args).await,
            Verb::Unassigned(connection) => dispatch::unassigned(connection).await,
            Verb::Roads(args) => roads::run(args).await,
            Verb::Supply(args) => supply::run(args).await,
            Verb::Alerts(args) => alerts::run(args).await,
            Verb::Messages(args) => messages::run(args).await,
            Verb::Drivers(args) => drivers::run(args).await,
            Verb::Vehicles(args) => fleet::vehicles(args).await,
            Verb::Shifts(args) => fleet::shifts(args).await,
            Verb::Trip(args) => fleet::trip(args).await,
            Verb::Probe(args) => planning::probe(args).await,
            Verb::Demand(args) => planning::demand(args).await,
            Verb::Call(args) => call::call(args).await,
            Verb::Methods(args) => {
                call::methods(args);
                Ok(())
            }
            Verb::Simulations(args) => simulations::run(args).await,
            Verb::Usage(args) => usage::usage(args).await,
            Verb::Rider(verb) => rider::run(verb).await,
            Verb::Manifest(args) => manifest::run(args).await,
            Verb::Records(args) => records::run(args).await,
            Verb::Area(connection) => {
                let desk = Desk::open(connection).await?;
                desk.print(&show::area_json(&desk.area), || show::area(&desk.area));
                Ok(())
            }
        }
    })
}

/// A connection that says who calls.
pub(crate) type Line = InterceptedService<Channel, Credentials>;

/// The token that goes along with every call.
#[derive(Clone, Debug)]
pub(crate) struct Credentials(Option<MetadataValue<Ascii>>);

impl Interceptor for Credentials {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

impl Connection {
    async fn line(&self) -> anyhow::Result<Line> {
        let server = &self.server;
        let no_address = || format!("--server {server} is no address; one is like {DEFAULT_SERVER}");
        let mut endpoint = Endpoint::from_shared(server.clone()).with_context(no_address)?;
        if endpoint.uri().scheme_str() == Some("https") {
            endpoint = endpoint.tls_config(self.tls()?).context("TLS can not be set up")?;
        } else if self.ca.is_some() || self.cert.is_some() {
            return Err(anyhow!("--ca and --cert are for TLS: write --server https://…"));
        }
        let channel = endpoint.connect().await.with_context(|| {
            format!("nobody answers at {server}; start one with `mukae demo --keep` or `mukae serve`")
        })?;
        let bearer = |token: &String| {
            let value: Result<MetadataValue<Ascii>, _> = format!("Bearer {}", token.trim()).parse();
            value.map(|mut value| {
                value.set_sensitive(true);
                value
            })
        };
        let token = self.token.as_ref().map(bearer).transpose().context("--token is no token")?;
        Ok(InterceptedService::new(channel, Credentials(token)))
    }

    fn tls(&self) -> anyhow::Result<ClientTlsConfig> {
        let read =
            |file: &std::path::PathBuf| std::fs::read(file).with_context(|| format!("cannot read {}", file.display()));
        let mut tls = ClientTlsConfig::new();
        tls = match &self.ca {
            Some(ca) => tls.ca_certificate(Certificate::from_pem(read(ca)?)),
            None => tls.with_native_roots(),
        };
        if let (Some(certificate), Some(key)) = (&self.cert, &self.cert_key) {
            tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
        }
        Ok(tls)
    }
}

/// A connection with what a caller has to know: the area, its clock and zone, and the service.
#[derive(Debug)]
pub(crate) struct Desk {
    pub channel: Line,
    pub area: Area,
    pub zone: jiff::tz::TimeZone,
    service: Option<String>,
    json: bool,
}

impl Desk {
    pub(crate) async fn open(connection: &Connection) -> anyhow::Result<Desk> {
        let channel = connection.line().await?;
        let mut areas = AreaServiceClient::new(channel.clone());
        let listed = areas.list_areas(ListAreasRequest::default()).await.map_err(said)?.into_inner().areas;
        let is_meant = |area: &&Area| match (&connection.area, &connection.service) {
            (Some(name), _) => area.name == *name,
            (None, Some(service)) => listed.len() == 1 || area.services.contains(service),
            (None, None) => true,
        };
        let meant: Vec<&Area> = listed.iter().filter(is_meant).collect();
        let [area] = meant.as_slice() else {
            let names: Vec<&str> = listed.iter().map(|area| area.name.as_str()).collect();
            return Err(anyhow!("name one of the server's areas with --area: {}", names.join(", ")));
        };
        let request = GetAreaRequest { name: area.name.clone() };
        let area = areas.get_area(request).await.map_err(said)?.into_inner();
        let zone = jiff::tz::TimeZone::get(&area.time_zone)
            .with_context(|| format!("the area's time zone {} is unknown here", area.time_zone))?;
        Ok(Desk { channel, area, zone, service: connection.service.clone(), json: connection.json })
    }

    pub(crate) fn bookings(&self) -> BookingServiceClient<Line> {
        BookingServiceClient::new(self.channel.clone())
    }

    pub(crate) fn service(&self) -> anyhow::Result<String> {
        if let Some(service) = &self.service {
            return Ok(service.clone());
        }
        match self.area.services.as_slice() {
            [service] => Ok(service.clone()),
            services => Err(anyhow!("name one of the area's services with --service: {}", services.join(", "))),
        }
    }

    /// The tenant of that service.
    pub(crate) fn tenant(&self) -> anyhow::Result<String> {
        let service = self.service()?;
        let tenant = service.split_once("/services/").map(|(tenant, _)| tenant.to_owned());
        tenant.with_context(|| format!("--service {service} is no service; one is like tenants/…/services/…"))
    }

    /// As a person types it, in JSON.
    pub(crate) fn time(&self, text: &str) -> anyhow::Result<serde_json::Value> {
        Ok(when::parse(text, self.now(), &self.zone)?.to_string().into())
    }

    /// The area's clock, which may run faster than ours.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        let shown = self.area.clock.as_ref().and_then(|clock| clock.current_time);
        shown.and_then(|time| show::timestamp(&time)).unwrap_or_else(jiff::Timestamp::now)
    }

    pub(crate) fn print(&self, json: &serde_json::Value, text: impl FnOnce() -> String) {
        put(self.json, json, text);
    }
}

/// Prints a thing, as one line of JSON or as people read it.
pub(crate) fn put(is_json: bool, json: &serde_json::Value, text: impl FnOnce() -> String) {
    let text = if is_json { format!("{json}\n") } else { text() };
    if std::io::stdout().write_all(text.as_bytes()).is_err() {
        std::process::exit(0); // whoever read this has gone
    }
}

/// An error of the server in words, with the reason a program would go by.
pub(crate) fn said(status: tonic::Status) -> anyhow::Error {
    use tonic_types::StatusExt;
    let details = status.get_error_details();
    let mut text = status.message().to_owned();
    let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    for violation in violations.iter().filter(|violation| !status.message().contains(&violation.description)) {
        text.push_str(&format!("\n  {}: {}", violation.field, violation.description));
    }
    let reason = details.error_info().map_or("no reason given", |info| info.reason.as_str());
    anyhow!("{text} ({:?}, {reason})", status.code())
}

/// A number for a call that may be sent twice.
pub(crate) fn new_request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
