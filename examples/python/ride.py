"""Quotes, books, watches and cancels a ride, with types generated from proto/."""

import datetime
import sys
import uuid
import zoneinfo

import grpc
from google.rpc import error_details_pb2, status_pb2
from google.type import latlng_pb2
from transit.area.v1 import area_service_pb2, area_service_pb2_grpc
from transit.booking.v1 import booking_pb2, booking_service_pb2, booking_service_pb2_grpc, offer_pb2
from transit.units.v1 import units_pb2

TIMEOUT_S = 10
DOUGLAS = units_pb2.Place(position=latlng_pb2.LatLng(latitude=54.1509, longitude=-4.4815), label="Douglas")
CASTLETOWN = units_pb2.Place(position=latlng_pb2.LatLng(latitude=54.0750, longitude=-4.6530), label="Castletown")


def tomorrow_at(hour, area):
    """A time tomorrow, by the area's clock and in its zone."""
    zone = zoneinfo.ZoneInfo(area.time_zone)
    now = area.clock.current_time.ToDatetime(tzinfo=datetime.timezone.utc).astimezone(zone)
    return (now + datetime.timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)


def reason(error):
    """The machine-readable reason of an error: every error has one."""
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info.reason
    return "none"


def main(server):
    channel = grpc.insecure_channel(server)
    areas = area_service_pb2_grpc.AreaServiceStub(channel)
    bookings = booking_service_pb2_grpc.BookingServiceStub(channel)

    area = areas.ListAreas(area_service_pb2.ListAreasRequest(), timeout=TIMEOUT_S).areas[0]
    print(f"{area.display_name}: {', '.join(area.services)}; map data {area.map_credit}")

    wish = units_pb2.TimeWindow()
    wish.earliest_time.FromDatetime(tomorrow_at(10, area).astimezone(datetime.timezone.utc))
    wish.latest_time.FromDatetime(tomorrow_at(11, area).astimezone(datetime.timezone.utc))
    request = booking_service_pb2.QuoteRequest(
        parent=area.services[0],
        origin=DOUGLAS,
        destination=CASTLETOWN,
        party=units_pb2.Seats(seats=2),
        depart_after=wish,
        channel=booking_pb2.CHANNEL_WEB,
        request_id=str(uuid.uuid4()),
    )
    answer = bookings.Quote(request, timeout=TIMEOUT_S)
    if answer.WhichOneof("result") == "refusal":
        for relaxation in answer.refusal.relaxations:  # each was tried: asking again with it is accepted
            print(f"but {relaxation.text}")
        sys.exit("refused: " + "; ".join(each.text for each in answer.refusal.binding_constraints))
    for each in answer.offers.offers:
        kind = offer_pb2.Offer.Alternative.Name(each.alternative)
        print(f"offered {each.name} ({kind}): pickup from {each.promise.pickup_window.earliest_time.ToJsonString()}")
    offer = answer.offers.offers[0]

    hold = booking_service_pb2.HoldOfferRequest(name=offer.name, request_id=str(uuid.uuid4()))
    held = bookings.HoldOffer(hold, timeout=TIMEOUT_S)  # nobody else gets it while the rider thinks
    assert held.state == offer_pb2.Offer.STATE_HELD, held
    print(f"held until {held.expire_time.ToJsonString()}")

    confirm = booking_service_pb2.ConfirmOfferRequest(name=offer.name, request_id=str(uuid.uuid4()))
    booking = bookings.ConfirmOffer(confirm, timeout=TIMEOUT_S)
    print(f"booked {booking.name} on {booking.vehicle}")
    again = bookings.ConfirmOffer(confirm, timeout=TIMEOUT_S)  # the line dropped? the same request, the same booking
    assert again.name == booking.name, (again.name, booking.name)

    watch = bookings.WatchBooking(booking_service_pb2.WatchBookingRequest(name=booking.name), timeout=60)
    states = []
    for message in watch:
        if message.WhichOneof("update") != "booking":
            continue
        states.append(booking_pb2.Booking.State.Name(message.booking.state))
        print(f"watched: {states[-1]}")
        if len(states) == 1:
            cancel = booking_service_pb2.CancelBookingRequest(
                name=booking.name,
                reason=booking_pb2.CANCELLATION_REASON_RIDER,
                request_id=str(uuid.uuid4()),
            )
            bookings.CancelBooking(cancel, timeout=TIMEOUT_S)
    assert states == ["STATE_CONFIRMED", "STATE_CANCELLED"], states

    try:
        late = booking_service_pb2.ConfirmOfferRequest(name=offer.name, request_id=str(uuid.uuid4()))
        bookings.ConfirmOffer(late, timeout=TIMEOUT_S)
    except grpc.RpcError as error:
        print(f"confirming twice: {error.code().name}, {reason(error)}")
        assert reason(error) == "OFFER_USED", reason(error)
    else:
        sys.exit("an offer was confirmed twice")
    print("ride.py: all went well")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051")
