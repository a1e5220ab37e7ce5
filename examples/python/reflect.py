"""Calls the server knowing only its address: methods and messages come from server reflection."""

import sys
import uuid

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

TIMEOUT_S = 10


def call(channel, pool, method, fields):
    """One unary call: JSON-like fields in, JSON-like fields out."""
    service, name = method.rsplit("/", 1)
    descriptor = pool.FindServiceByName(service).FindMethodByName(name)
    request = json_format.ParseDict(fields, GetMessageClass(descriptor.input_type)())
    invoke = channel.unary_unary(
        f"/{service}/{name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(descriptor.output_type).FromString,
    )
    return json_format.MessageToDict(invoke(request, timeout=TIMEOUT_S), preserving_proto_field_name=True)


def main(server):
    channel = grpc.insecure_channel(server)
    database = ProtoReflectionDescriptorDatabase(channel)
    pool = DescriptorPool(database)
    services = database.get_services()
    print("services:", ", ".join(sorted(services)))
    assert "transit.booking.v1.BookingService" in services

    area = call(channel, pool, "transit.area.v1.AreaService/ListAreas", {})["areas"][0]
    booking = "transit.booking.v1.BookingService"
    day, clock = area["clock"]["current_time"].split("T")
    answer = call(channel, pool, f"{booking}/Quote", {
        "parent": area["services"][0],
        "origin": {"position": {"latitude": 54.1509, "longitude": -4.4815}},
        "destination": {"position": {"latitude": 0, "longitude": 0}},
        "party": {"seats": 1},
        "depart_after": {"earliest_time": f"{day}T{clock}"},
        "request_id": str(uuid.uuid4()),
    })
    kinds = [each["kind"] for each in answer["refusal"]["binding_constraints"]]
    print("a ride into the Atlantic is refused:", ", ".join(kinds))
    assert kinds == ["KIND_DESTINATION_OFF_AREA"], kinds
    listed = call(channel, pool, f"{booking}/ListBookings", {"parent": area["services"][0]})
    print(f"{len(listed.get('bookings', []))} bookings listed")
    print("reflect.py: all went well")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051")
