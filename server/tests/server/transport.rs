//! The port: gRPC-Web, reflection, health, what the transport itself turns down.

use mukae_proto::transit::area::v1 as area_pb;
use mukae_units::Span;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::support::*;

#[tokio::test]
async fn a_browser_calls_over_http_1() {
    let house = House::open().await;
    let message = area_pb::GetAreaRequest { name: AREA.to_owned() }.encode_to_vec();
    let mut body = vec![0];
    body.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend_from_slice(&message);
    let head = format!(
        "POST /transit.area.v1.AreaService/GetArea HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/grpc-web+proto\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(house.running.local_addr()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer);
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    assert!(text.contains("application/grpc-web+proto") && text.contains(AREA), "{text}");
    assert!(text.contains("grpc-status:0"), "the trailers are in the body: {text}");
    house.close().await;
}

#[tokio::test]
async fn reflection_lists_what_there_is_to_call() {
    let house = House::open().await;
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(house.channel.clone());
    let mut stream = client.server_reflection_info(tokio_stream::once(request.clone())).await.unwrap().into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) = stream.next().await.unwrap().unwrap().message_response
    else {
        panic!("no list")
    };
    let names: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
    for name in [
        "transit.area.v1.AreaService",
        "transit.booking.v1.BookingService",
        "transit.fleet.v1.FleetService",
        "grpc.health.v1.Health",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    house.close().await;

    let mut config = config();
    config.server.reflection = false;
    let house = House::open_with(config, mukae_server::Store::Configured, MORNING).await;
    let mut client = ServerReflectionClient::new(house.channel.clone());
    let status = client.server_reflection_info(tokio_stream::once(request)).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unimplemented, "UNKNOWN_METHOD"));
    house.close().await;
}

#[tokio::test]
async fn health_is_told_for_each_service() {
    let house = House::open().await;
    let mut client = HealthClient::new(house.channel.clone());
    for service in
        ["", "transit.area.v1.AreaService", "transit.booking.v1.BookingService", "transit.fleet.v1.FleetService"]
    {
        let request = HealthCheckRequest { service: service.to_owned() };
        let status = client.check(request).await.unwrap().into_inner().status();
        assert_eq!(status, ServingStatus::Serving, "{service:?}");
    }
    house.close().await;
}

#[tokio::test]
async fn what_the_transport_turns_down_carries_a_reason_too() {
    let house = House::open().await;
    let mut large = ride("q1", Span::HOUR);
    large.rider = "x".repeat(300 << 10);
    let status = house.bookings().quote(large).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::OutOfRange, "MALFORMED"), "{status:?}");
    house.close().await;
}
