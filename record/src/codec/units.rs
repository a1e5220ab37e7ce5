//! The words every room shares, and places in the road network.

use mukae_maps::{EdgeId, Fraction, Place, Sides};
use mukae_units::{
    BookingId, BreakId, DriverId, LatLon, Metres, OfferId, RiderId, SeatKind, Seats, ServiceId, ShiftId, Span, StopId,
    Time, TimeWindow, TravelTime, VehicleId,
};

use super::{Decode, DecodeError, Encode, Reader, Writer, codec};

/// Types that are one number with a meaning.
macro_rules! numbers {
    ($($name:ty: $from:expr, $to:expr;)*) => {$(
        impl Encode for $name {
            fn encode(&self, writer: &mut Writer) {
                ($to)(*self).encode(writer);
            }
        }

        impl Decode for $name {
            fn decode(reader: &mut Reader<'_>) -> Result<$name, DecodeError> {
                Decode::decode(reader).map($from)
            }
        }
    )*};
}

numbers! {
    Time: Time::from_unix_millis, Time::as_unix_millis;
    Span: Span::from_millis, Span::as_millis;
    TravelTime: TravelTime::from_millis, TravelTime::as_millis;
    ServiceId: ServiceId, |id: ServiceId| id.0;
    RiderId: RiderId, |id: RiderId| id.0;
    OfferId: OfferId, |id: OfferId| id.0;
    BookingId: BookingId, |id: BookingId| id.0;
    VehicleId: VehicleId, |id: VehicleId| id.0;
    ShiftId: ShiftId, |id: ShiftId| id.0;
    StopId: StopId, |id: StopId| id.0;
    BreakId: BreakId, |id: BreakId| id.0;
    DriverId: DriverId, |id: DriverId| id.0;
    Metres: Metres::from_millimetres, Metres::as_millimetres;
    EdgeId: EdgeId, |id: EdgeId| id.0;
    Fraction: Fraction::from_steps, Fraction::steps;
}

codec! {
    struct Place { edge, fraction, sides }
}

codec! {
    enum Sides {
        0 This,
        1 Both,
    }
}

impl Encode for TimeWindow {
    fn encode(&self, writer: &mut Writer) {
        self.earliest().encode(writer);
        self.latest().encode(writer);
    }
}

impl Decode for TimeWindow {
    fn decode(reader: &mut Reader<'_>) -> Result<TimeWindow, DecodeError> {
        let at = reader.at();
        let (earliest, latest) = (Time::decode(reader)?, Time::decode(reader)?);
        // The error is not printed: the difference of two wild times could overflow in its message.
        TimeWindow::new(earliest, latest).map_err(|_| reader.invalid(at, "TimeWindow", "it ends before it starts"))
    }
}

/// Four bytes each, least first: a varint would take five in most of the world.
impl Encode for LatLon {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(&self.lat_e7().to_le_bytes());
        writer.raw(&self.lon_e7().to_le_bytes());
    }
}

impl Decode for LatLon {
    fn decode(reader: &mut Reader<'_>) -> Result<LatLon, DecodeError> {
        let at = reader.at();
        let lat_e7 = i32::from_le_bytes(reader.array()?);
        let lon_e7 = i32::from_le_bytes(reader.array()?);
        LatLon::from_e7(lat_e7, lon_e7).map_err(|error| reader.invalid(at, "LatLon", error))
    }
}

/// A byte for each kind. A third kind is a field added: `since` the version that adds it.
impl Encode for Seats {
    fn encode(&self, writer: &mut Writer) {
        const { assert!(SeatKind::COUNT == 2, "a new kind of seat needs a new format version") };
        writer.byte(self.of(SeatKind::Seat));
        writer.byte(self.of(SeatKind::Wheelchair));
    }
}

impl Decode for Seats {
    fn decode(reader: &mut Reader<'_>) -> Result<Seats, DecodeError> {
        Ok(Seats::new(reader.byte()?, reader.byte()?))
    }
}
