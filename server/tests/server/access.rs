//! Who may call what, asked of a real server over TLS: every method, every role, what is theirs and what is not.

use std::collections::BTreeMap;

use jsonwebtoken::Algorithm;
use mukae_proto::FILE_DESCRIPTOR_SET;
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::area::v1::area_service_client::AreaServiceClient;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::booking::v1::booking_service_client::BookingServiceClient;
use mukae_proto::transit::booking::v1::waiting_list_service_client::WaitingListServiceClient;
use mukae_proto::transit::operations::v1 as operations_pb;
use mukae_proto::transit::operations::v1::operations_service_client::OperationsServiceClient;
use mukae_server::Role;
use mukae_server::table::{Access, Reach, TABLE};
use mukae_units::Span;
use prost::Message;
use prost::bytes::{Buf, BufMut};
use rcgen::ExtendedKeyUsagePurpose;
use serde_json::json;
use tokio_stream::StreamExt;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::guarded::*;
use crate::support::*;

/// What a call names, as seen by the caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Relation {
    Own,
    /// Somebody else's, of the same tenant.
    SameTenant,
    OtherTenant,
}

use Relation::{OtherTenant, Own, SameTenant};

/// Bookings and offers that are there to be named.
struct Things {
    booking: [String; 3],
    offer: [String; 3],
    waiting: [String; 3],
    alert: String,
    /// The first is on the bus.
    rider: [String; 3],
    /// On the bus, and left alone by all but its driver.
    passenger: String,
}

/// The fields by which a method names things; `None` where there is nothing of that relation.
fn named(method: &str, relation: Relation, things: &Things) -> Option<Vec<(&'static str, String)>> {
    let (tenant, vehicle) = match relation {
        Own => ("alofi", "bus"),
        SameTenant => ("alofi", "van"),
        OtherTenant => ("avatele", "bus"),
    };
    let driver = format!("tenants/{tenant}/drivers/{}", if relation == SameTenant { "taro" } else { "hana" });
    let vehicle = format!("tenants/{tenant}/vehicles/{vehicle}");
    let of_tenant = |name: String| (relation != SameTenant).then_some(name);
    let service = || of_tenant(format!("tenants/{tenant}/services/ride"));
    Some(match method.rsplit('/').next().unwrap() {
        "GetUsage" if relation == Own => vec![("name", format!("{AREA}/usage"))],
        "GetUsage" => return None,
        "GetSupply" | "SuspendSupply" | "ResumeSupply" if relation == Own => vec![("name", format!("{AREA}/supply"))],
        "GetSupply" | "SuspendSupply" | "ResumeSupply" => return None,
        "GetArea" | "WatchArea" | "ExportPastArea" if relation == Own => vec![("name", AREA.to_owned())],
        "GetArea" | "WatchArea" | "ExportPastArea" => return None,
        "CreateRoadMeasure"
        | "ListRoadMeasures"
        | "ListAlerts"
        | "SendMessage"
        | "ListMessages"
        | "WatchMessages"
        | "ListUnassignedBookings"
            if relation == Own =>
        {
            vec![("parent", AREA.to_owned())]
        }
        "CreateRoadMeasure"
        | "ListRoadMeasures"
        | "ListAlerts"
        | "SendMessage"
        | "ListMessages"
        | "WatchMessages"
        | "ListUnassignedBookings" => {
            return None;
        }
        "GetRoadMeasure" | "EndRoadMeasure" if relation == Own => vec![("name", format!("{AREA}/roadMeasures/m1"))],
        // the bus has not pulled out this morning
        "AcknowledgeAlert" | "AddAlertNote" if relation == Own => vec![("name", things.alert.clone())],
        "GetRoadMeasure" | "EndRoadMeasure" | "AcknowledgeAlert" | "AddAlertNote" => return None,
        "ListAreas" | "Check" | "List" | "Watch" | "ServerReflectionInfo" if relation == Own => vec![],
        "ListAreas" | "Check" | "List" | "Watch" | "ServerReflectionInfo" => return None,
        // to book for somebody else is to name what is not one's own
        "Quote" if relation == SameTenant => {
            vec![("parent", SERVICE.to_owned()), ("rider", "line+somebody-else".to_owned())]
        }
        // a wish with nothing but a rider, as its bytes are
        "BookRide" | "BookPair" | "JoinWaitingList" if relation == SameTenant => {
            let field = if method.ends_with("BookPair") { "outbound" } else { "ride" };
            vec![("parent", SERVICE.to_owned()), (field, "2\u{12}line+somebody-else".to_owned())]
        }
        "GetWaiting" | "LeaveWaitingList" => vec![("name", things.waiting[relation as usize].clone())],
        "JoinWaitingList" | "ListWaitings" | "ReportMissedRide" => vec![("parent", service()?)],
        "BookRide" | "BookPair" | "CreateStandingBooking" | "ListStandingBookings" => vec![("parent", service()?)],
        "GetStandingBooking" | "SkipStandingDate" | "EndStandingBooking" => {
            vec![("name", format!("{}/standingBookings/sb1", service()?))]
        }
        // the same for a standing booking with nothing but a name
        "UpdateStandingBooking" => {
            let name = format!("{}/standingBookings/sb1", service()?);
            vec![("standing_booking", format!("\n{}{name}", char::from(name.len() as u8)))]
        }
        "Quote" | "ListBookings" | "ProbeRides" | "ExportDemand" => vec![("parent", service()?)],
        "GetOffer" | "ConfirmOffer" | "HoldOffer" | "ReleaseHold" => {
            vec![("name", things.offer[relation as usize].clone())]
        }
        "SuggestAssignments" => vec![("booking", things.booking[relation as usize].clone())],
        // a move with nothing but a booking, and a quote with nothing but a service, as their bytes are
        "AssignBookings" => {
            let booking = &things.booking[relation as usize];
            vec![("parent", AREA.to_owned()), ("moves", format!("\n{}{booking}", char::from(booking.len() as u8)))]
        }
        "ExplainQuote" => {
            let service = service()?;
            vec![("quote", format!("\n{}{service}", char::from(service.len() as u8)))]
        }
        "ExplainOffer" => vec![("name", things.offer[relation as usize].clone())],
        "FreezeStops" => vec![("through_stop", format!("{vehicle}/stops/st1"))],
        "UnfreezeStops" | "ReportBreakdown" | "InterruptShift" => vec![("shift", format!("{vehicle}/shifts/s1"))],
        "GetBooking" | "AmendBooking" | "CancelBooking" | "WatchBooking" | "PinBooking" | "UnpinBooking"
        | "ExplainBooking" => {
            vec![("name", things.booking[relation as usize].clone())]
        }
        "CreateDriver" | "ListDrivers" => vec![("parent", of_tenant(format!("tenants/{tenant}"))?)],
        "GetService" => vec![("name", service()?)],
        "ListServiceRevisions" | "ListMeetingPoints" => vec![("parent", service()?)],
        "GetMeetingPoint" => vec![("name", format!("{}/meetingPoints/p1", service()?))],
        // a service, a vehicle and a trip with nothing but a name, as their bytes are
        "UpdateService" => {
            let service = service()?;
            vec![("service", format!("\n{}{service}", char::from(service.len() as u8)))]
        }
        "UpdateVehicle" => vec![("vehicle", format!("\n{}{vehicle}", char::from(vehicle.len() as u8)))],
        "UpdateTripDeclaration" => {
            let trip = of_tenant(format!("tenants/{tenant}/declaredTrips/t1"))?;
            vec![("trip_declaration", format!("\n{}{trip}", char::from(trip.len() as u8)))]
        }
        "GetTripDeclaration" | "CancelTripDeclaration" => {
            vec![("name", of_tenant(format!("tenants/{tenant}/declaredTrips/t1"))?)]
        }
        "ListServices" | "CreateService" | "BatchGetVehicles" | "CreateTripDeclaration" | "ListTripDeclarations" => {
            vec![("parent", of_tenant(format!("tenants/{tenant}"))?)]
        }
        "RetireVehicle" => vec![("name", vehicle)],
        "BatchGetBookings" => {
            let booking = things.booking[relation as usize].clone();
            vec![("parent", format!("tenants/{tenant}/services/ride")), ("names", booking)]
        }
        "GetDriver" => vec![("name", driver)],
        "ListAsks" | "WatchAsks" => vec![("parent", driver)],
        "AnswerAsk" => vec![("driver", driver)],
        // a driver with nothing but a name, as its bytes are
        "UpdateDriver" => vec![("driver", format!("\n{}{driver}", char::from(driver.len() as u8)))],
        "RecordPretripCheck" => vec![("parent", format!("{vehicle}/shifts/s1"))],
        "GetPretripCheck" => vec![("name", format!("{vehicle}/shifts/s1/pretripCheck"))],
        "CreateVehicle" | "ListVehicles" => vec![("parent", of_tenant(format!("tenants/{tenant}"))?)],
        "GetVehicle" => vec![("name", vehicle)],
        "CreateShift" | "ListShifts" => vec![("parent", vehicle)],
        "GetShift" | "OpenShift" | "CloseShift" => vec![("name", format!("{vehicle}/shifts/s1"))],
        "ReportPositions" | "StreamPositions" => vec![("vehicle", vehicle)],
        "DepartStop" | "ArriveStop" | "EndBreak" => vec![("stop", format!("{vehicle}/stops/st1"))],
        "EndRepositioning" => vec![("vehicle", vehicle)],
        "BoardBooking" | "AlightBooking" | "ReportNoShow" => {
            vec![("vehicle", vehicle), ("booking", things.passenger.clone())]
        }
        // to make a record of somebody else is to name what is not one's own: a rider with nothing but a pseudonym
        "CreateRider" if relation == SameTenant => {
            let (parent, other) = (format!("tenants/{tenant}"), "line+somebody-else");
            vec![("parent", parent), ("rider", format!("\u{12}{}{other}", char::from(other.len() as u8)))]
        }
        "CreateRider" => vec![("parent", format!("tenants/{tenant}"))],
        "ListRiders" => vec![("parent", of_tenant(format!("tenants/{tenant}"))?)],
        "GetRider" | "DeleteRider" => vec![("name", things.rider[relation as usize].clone())],
        "UpdateRider" => {
            let rider = &things.rider[relation as usize];
            vec![("rider", format!("\n{}{rider}", char::from(rider.len() as u8)))]
        }
        "CreateSimulation" | "ListSimulations" => vec![("parent", of_tenant(format!("tenants/{tenant}"))?)],
        "GetSimulation" | "WatchSimulation" | "CancelSimulation" | "DeleteSimulation" | "ExportSimulationFile" => {
            vec![("name", of_tenant(format!("tenants/{tenant}/simulations/s1"))?)]
        }
        "ListSimulationFigures" => vec![("parent", of_tenant(format!("tenants/{tenant}/simulations/s1"))?)],
        "GetTrip" | "WatchTrip" => vec![("name", things.booking[relation as usize].clone())],
        "ExportDrivingRecords" => vec![("parent", of_tenant(format!("tenants/{tenant}"))?)],
        "GetManifest" | "WatchManifest" | "AcknowledgeManifest" => vec![("name", format!("{vehicle}/manifest"))],
        _ => panic!("what does {method} name? say so here, in server/tests/server/access.rs"),
    })
}

#[tokio::test]
async fn every_role_may_call_what_the_table_says_and_nothing_else() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let things = things(&house, &channel).await;
    let mut wrong = Vec::new();
    let mut asked = 0;
    for row in TABLE {
        for relation in [Own, SameTenant, OtherTenant] {
            let Some(fields) = named(row.method, relation, &things) else { continue };
            let is_open = matches!(row.access, Access::Anyone);
            let code = call(&channel, None, row.method, &fields, asked).await;
            if is_open == (code == Code::Unauthenticated) {
                wrong.push(format!("{} without a token: {code:?}", row.method));
            }
            for role in Role::ALL {
                let token = house.token("rider-1", at_alofi(role.name()));
                asked += 1;
                let code = call(&channel, Some(&token), row.method, &fields, asked).await;
                let may = match row.access.of(role) {
                    Reach::No => false,
                    Reach::Own => relation == Own,
                    Reach::Tenant => relation != OtherTenant,
                    Reach::All => true,
                };
                assert_ne!(code, Code::Unauthenticated, "{} as {role}", row.method);
                if may == (code == Code::PermissionDenied) {
                    wrong.push(format!("{} as {role}, {relation:?}: {code:?}", row.method));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked} cells:\n{}", wrong.len(), wrong.join("\n"));
    assert!(TABLE.len() * Role::ALL.len() <= asked, "{asked} calls");
    house.close().await;
}

async fn things(house: &Guarded, channel: &Channel) -> Things {
    let rider = |subject: &str| house.token(subject, at_alofi("rider"));
    let desk = house.token("desk", json!({ "tenants": { "avatele": ["operator"] } }));
    let mut found = Vec::new();
    for (index, token) in [rider("rider-1"), rider("rider-2"), desk, rider("rider-3")].iter().enumerate() {
        let mut bookings = BookingServiceClient::new(bearing(channel.clone(), token));
        let mut wish = ride(&format!("q{index}"), Span::HOUR);
        wish.rider = String::new();
        if index == 2 {
            wish.parent = "tenants/avatele/services/ride".to_owned();
        }
        let response = bookings.quote(wish.clone()).await.unwrap().into_inner();
        let offer = offer_of(response);
        let booking = bookings.confirm_offer(confirm(&offer, &format!("c{index}"))).await.unwrap().into_inner();
        wish.request_id = format!("again{index}");
        wish.max_offers = 1;
        let open = offer_of(bookings.quote(wish).await.unwrap().into_inner());
        let waiting = joined(channel, token, index).await;
        found.push(((booking.name, open.name), waiting));
    }
    let passenger = found.pop().unwrap().0.0;
    let (named, waiting): (Vec<(String, String)>, Vec<String>) = found.into_iter().unzip();
    let (booking, offer): (Vec<String>, Vec<String>) = named.into_iter().unzip();
    let desk = house.token("desk", at_alofi("operator"));
    let mut operations = OperationsServiceClient::new(bearing(channel.clone(), &desk));
    let list = operations_pb::ListAlertsRequest { parent: AREA.to_owned(), ..Default::default() };
    let alert = operations.list_alerts(list).await.unwrap().into_inner().alerts.remove(0).name;
    let [booking, offer, waiting] = [booking, offer, waiting].map(|names| names.try_into().unwrap());
    let of = |tenant: &str, subject: &str| {
        let id = mukae_server::names::rider_id(tenant, &format!("line+{subject}"));
        mukae_server::names::RiderName { tenant: tenant.to_owned(), rider: id }.to_string()
    };
    let rider = [of("alofi", "rider-1"), of("alofi", "nobody"), of("avatele", "rider-1")];
    Things { rider, booking, offer, waiting, alert, passenger }
}

/// Who waits for a ride that can not be booked yet.
async fn joined(channel: &Channel, token: &str, index: usize) -> String {
    let mut list = WaitingListServiceClient::new(bearing(channel.clone(), token));
    let mut ride = wish(Span::DAY * 60);
    ride.rider = String::new();
    let parent = if index == 2 { "tenants/avatele/services/ride" } else { SERVICE }.to_owned();
    let request_id = format!("w{index}");
    let request = pb::JoinWaitingListRequest { parent, ride: Some(ride), request_id, ..Default::default() };
    match list.join_waiting_list(request).await.unwrap().into_inner().result {
        Some(pb::join_waiting_list_response::Result::Waiting(waiting)) => waiting.name,
        other => panic!("does not wait but {other:?}"),
    }
}

/// Any method, with these fields set; what came of it.
async fn call(channel: &Channel, token: Option<&str>, method: &str, fields: &[(&str, String)], number: usize) -> Code {
    let mut message = Vec::new();
    for (field, text) in fields.iter().cloned().chain([("request_id", format!("call-{number}"))]) {
        if let Some(tag) = field_number(method, field) {
            prost::encoding::string::encode(tag, &text, &mut message);
        } else {
            assert_eq!(field, "request_id", "{method} has no such field");
        }
    }
    let mut request = Request::new(message);
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let path = format!("/{method}").parse().unwrap();
    match client.server_streaming(request, path, Raw).await {
        Err(status) => status.code(),
        Ok(response) => match response.into_inner().next().await {
            Some(Err(status)) => status.code(),
            Some(Ok(_)) | None => Code::Ok,
        },
    }
}

fn field_number(method: &str, field: &str) -> Option<u32> {
    static NUMBERS: std::sync::OnceLock<BTreeMap<String, BTreeMap<String, u32>>> = std::sync::OnceLock::new();
    let numbers = NUMBERS.get_or_init(|| {
        let set = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
        let mut messages = BTreeMap::new();
        let mut inputs = BTreeMap::new();
        for file in &set.file {
            for message in &file.message_type {
                let fields = message.field.iter().map(|field| (field.name().to_owned(), field.number() as u32));
                messages.insert(format!(".{}.{}", file.package(), message.name()), fields.collect::<BTreeMap<_, _>>());
            }
            for service in &file.service {
                for method in &service.method {
                    let path = format!("{}.{}/{}", file.package(), service.name(), method.name());
                    inputs.insert(path, method.input_type().to_owned());
                }
            }
        }
        inputs.into_iter().map(|(path, input)| (path, messages[&input].clone())).collect()
    });
    numbers.get(method)?.get(field).copied()
}

/// Bytes as they are.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;
    fn encoder(&mut self) -> Raw {
        Raw
    }
    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}

/// What is somebody else's and what is not there look alike.
#[tokio::test]
async fn two_tenants_can_not_see_each_other() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let things = things(&house, &channel).await;
    let operator_of = |tenant: &str| house.token("desk", json!({ "tenants": { tenant: ["operator"] } }));
    let mut of_alofi = BookingServiceClient::new(bearing(channel.clone(), &operator_of("alofi")));
    let get = |name: &str| pb::GetBookingRequest { name: name.to_owned() };
    let there = of_alofi.get_booking(get(&things.booking[2])).await.unwrap_err();
    let not_there = of_alofi.get_booking(get("tenants/avatele/services/ride/bookings/b999")).await.unwrap_err();
    assert_eq!((there.code(), reason(&there).as_str()), (Code::PermissionDenied, "NOT_ALLOWED"));
    assert_eq!((there.message(), there.details()), (not_there.message(), not_there.details()));
    let list = |parent: &str| pb::ListBookingsRequest { parent: parent.to_owned(), ..Default::default() };
    assert_eq!(of_alofi.list_bookings(list(SERVICE)).await.unwrap().into_inner().bookings.len(), 3);
    let other = of_alofi.list_bookings(list("tenants/avatele/services/ride")).await.unwrap_err();
    assert_eq!(other.code(), Code::PermissionDenied);

    // the late bus of one is no alarm of the other's
    let mut desk = OperationsServiceClient::new(bearing(channel.clone(), &operator_of("avatele")));
    let list = operations_pb::ListAlertsRequest { parent: AREA.to_owned(), ..Default::default() };
    assert!(desk.list_alerts(list).await.unwrap().into_inner().alerts.is_empty());
    let acknowledge = |name: String| operations_pb::AcknowledgeAlertRequest {
        name,
        request_id: "a1".to_owned(),
        ..Default::default()
    };
    let there = desk.acknowledge_alert(acknowledge(things.alert.clone())).await.unwrap_err();
    let not_there = desk.acknowledge_alert(acknowledge(format!("{AREA}/alerts/a999"))).await.unwrap_err();
    assert_eq!((there.code(), there.message()), (Code::PermissionDenied, not_there.message()));

    // one area serves both: each desk watches its own part of it
    // the second sees what was booked while the first watched
    for (tenant, other, count) in [("alofi", "avatele", 3), ("avatele", "alofi", 2)] {
        let mut areas = AreaServiceClient::new(bearing(channel.clone(), &operator_of(tenant)));
        let request = area_pb::WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: 0 };
        let mut stream = areas.watch_area(request).await.unwrap().into_inner();
        let first = stream.next().await.unwrap().unwrap();
        let Some(area_pb::watch_area_response::Update::Snapshot(part)) = &first.update else { panic!("no snapshot") };
        assert_eq!(part.bookings.len(), count, "{tenant}");
        let names = part.bookings.iter().map(|booking| &booking.name);
        let names = names.chain(part.vehicles.iter().map(|vehicle| &vehicle.name));
        let names = names.chain(part.area.as_ref().unwrap().services.iter());
        assert!(names.clone().all(|name| name.starts_with(&format!("tenants/{tenant}/"))), "{first:?}");
        // what the other tenant does makes no sound here
        let mut others = BookingServiceClient::new(bearing(channel.clone(), &operator_of(other)));
        let mut wish = ride(&format!("while-{tenant}-watches"), Span::HOUR);
        wish.parent = format!("tenants/{other}/services/ride");
        let offer = offer_of(others.quote(wish).await.unwrap().into_inner());
        others.confirm_offer(confirm(&offer, &format!("c-{tenant}"))).await.unwrap();
        for _ in 0..3 {
            let message = stream.next().await.unwrap().unwrap();
            if let Some(area_pb::watch_area_response::Update::Delta(delta)) = message.update {
                let of_other = delta.bookings.iter().any(|booking| booking.name.contains(other));
                assert!(!of_other, "{tenant} sees {delta:?}");
            }
        }
    }
    house.close().await;
}

/// Riders of one tenant do not find each other, whatever they guess.
#[tokio::test]
async fn riders_see_their_own_bookings_and_no_others() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let things = things(&house, &channel).await;
    let rider =
        |subject: &str| BookingServiceClient::new(bearing(channel.clone(), &house.token(subject, at_alofi("rider"))));
    let get = |name: &str| pb::GetBookingRequest { name: name.to_owned() };
    let own = rider("rider-1").get_booking(get(&things.booking[0])).await.unwrap().into_inner();
    assert_eq!(own.name, things.booking[0]);
    let there = rider("rider-1").get_booking(get(&things.booking[1])).await.unwrap_err();
    let not_there = rider("rider-1").get_booking(get(&format!("{SERVICE}/bookings/b999"))).await.unwrap_err();
    assert_eq!((there.code(), there.message()), (not_there.code(), not_there.message()));
    assert_eq!(there.code(), Code::PermissionDenied);
    let list = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    let listed = rider("rider-2").list_bookings(list.clone()).await.unwrap().into_inner().bookings;
    assert_eq!(listed.iter().map(|booking| &booking.name).collect::<Vec<_>>(), [&things.booking[1]]);
    assert!(rider("stranger").list_bookings(list).await.unwrap().into_inner().bookings.is_empty());

    // the phone desk books for the same person under the name that the frontend would use
    let desk = house.token("desk", at_alofi("operator"));
    let mut desk = BookingServiceClient::new(bearing(channel.clone(), &desk));
    let mut wish = ride("by-phone", Span::HOUR);
    wish.rider = "line+rider-1".to_owned();
    let offer = offer_of(desk.quote(wish).await.unwrap().into_inner());
    let booked = desk.confirm_offer(confirm(&offer, "by-phone-2")).await.unwrap().into_inner();
    assert_eq!(rider("rider-1").get_booking(get(&booked.name)).await.unwrap().into_inner().name, booked.name);
    assert!(rider("rider-2").get_booking(get(&booked.name)).await.is_err());
    house.close().await;
}

#[tokio::test]
async fn a_machine_is_known_by_its_certificate() {
    let house = Guarded::open().await;
    let quote = |channel| async move {
        let mut bookings = BookingServiceClient::new(channel);
        bookings.quote(ride("q1", Span::HOUR)).await.map(|_| ()).map_err(|status| reason(&status))
    };
    let known = house.ca.issue(FRONTEND, ExtendedKeyUsagePurpose::ClientAuth);
    quote(house.endpoint(Some(known)).connect().await.unwrap()).await.unwrap();
    let unknown = house.ca.issue("somebody.example.jp", ExtendedKeyUsagePurpose::ClientAuth);
    let channel = house.endpoint(Some(unknown)).connect().await.unwrap();
    assert_eq!(quote(channel).await.unwrap_err(), "TOKEN_MISSING");
    assert_eq!(quote(house.channel().await).await.unwrap_err(), "TOKEN_MISSING");
    // signed by somebody else, or meant for a server: no connection comes to a call
    let forged = Authority::new().issue(FRONTEND, ExtendedKeyUsagePurpose::ClientAuth);
    let misused = house.ca.issue(FRONTEND, ExtendedKeyUsagePurpose::ServerAuth);
    for identity in [forged, misused] {
        let refused = match house.endpoint(Some(identity)).connect().await {
            Err(_) => true,
            Ok(channel) => area_of(channel).await.is_err_and(|status| reason_or_none(&status).is_none()),
        };
        assert!(refused);
    }
    // who has no TLS has no server
    let plain = format!("http://{}", house.running.local_addr());
    let plain = tonic::transport::Endpoint::from_shared(plain).unwrap().connect().await;
    assert!(match plain {
        Err(_) => true,
        Ok(channel) => area_of(channel).await.is_err(),
    });
    house.close().await;
}

async fn area_of(channel: Channel) -> Result<(), Status> {
    let request = area_pb::GetAreaRequest { name: AREA.to_owned() };
    AreaServiceClient::new(channel).get_area(request).await.map(|_| ())
}

fn reason_or_none(status: &Status) -> Option<String> {
    use tonic_types::StatusExt;
    status.get_error_details().error_info().map(|info| info.reason.clone())
}

#[tokio::test]
async fn who_must_show_a_certificate_and_does_not_gets_no_connection() {
    let tls = format!("{TLS}client_certificates = \"required\"\n");
    let house = Guarded::open_with("", "[auth]\n", &tls).await;
    let refused = match house.endpoint(None).connect().await {
        Err(_) => true,
        Ok(channel) => area_of(channel).await.is_err_and(|status| reason_or_none(&status).is_none()),
    };
    assert!(refused);
    let known = house.ca.issue(FRONTEND, ExtendedKeyUsagePurpose::ClientAuth);
    area_of(house.endpoint(Some(known)).connect().await.unwrap()).await.unwrap();
    house.close().await;
}

/// Keys and certificates change while the server runs: new connections get the new certificate.
#[tokio::test]
async fn a_new_certificate_is_taken_up() {
    let house = Guarded::open().await;
    area_of(house.channel().await).await.unwrap_err();
    let other = Authority::new();
    let (certificate, key) = other.issue("localhost", ExtendedKeyUsagePurpose::ServerAuth);
    std::fs::write(house.file("server.key"), &key).unwrap();
    std::fs::write(house.file("server.pem"), &certificate).unwrap();
    house.running.reloader()();
    let taken_up = async {
        while house.endpoint(None).connect().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    let within = std::time::Duration::from_secs(20);
    tokio::time::timeout(within, taken_up).await.expect("the old authority's word no longer counts");
    house.close().await;
}

/// The signer of another algorithm is as good, if the configuration says so.
#[tokio::test]
async fn all_three_algorithms_are_taken() {
    let house = Guarded::open().await;
    let signers =
        [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256].map(|one| Signer::new(&format!("{one:?}"), one));
    write_keys(&house.dir, "jwks.json", &signers.each_ref());
    let channel = house.channel().await;
    for signer in &signers {
        let token = signer.sign(&claims("desk", at_alofi("operator")));
        let taken_up = async {
            let request = area_pb::GetAreaRequest { name: AREA.to_owned() };
            while AreaServiceClient::new(bearing(channel.clone(), &token)).get_area(request.clone()).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        let within = std::time::Duration::from_secs(20);
        tokio::time::timeout(within, taken_up).await.unwrap_or_else(|_| panic!("{:?}", signer.algorithm));
    }
    house.close().await;
}
