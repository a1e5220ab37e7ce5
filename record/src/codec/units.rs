//! The words every room shares, and places in the road network.

use mukae_maps::{EdgeId, Fraction, MetricId, Place, Sides};
use mukae_units::{
    BookingId, BreakId, Capacity, DriverId, FeatureId, IdSet, LatLon, Metres, OfferId, RiderId, SeatKind, Seats,
    ServiceId, ShiftId, SmallId, Span, StopId, Substitutions, Time, TimeWindow, TravelTime, VehicleId, Yen, ZoneId,
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
    Yen: Yen, |yen: Yen| yen.0;
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
    FeatureId: FeatureId, |id: FeatureId| id.0;
    ZoneId: ZoneId, |id: ZoneId| id.0;
    BreakId: BreakId, |id: BreakId| id.0;
    DriverId: DriverId, |id: DriverId| id.0;
    Metres: Metres::from_millimetres, Metres::as_millimetres;
    EdgeId: EdgeId, |id: EdgeId| id.0;
    MetricId: MetricId, |id: MetricId| id.0;
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

/// A byte for each kind. A sixth kind is a field added: `since` the version that adds it.
impl Encode for Seats {
    fn encode(&self, writer: &mut Writer) {
        const { assert!(SeatKind::COUNT == 5, "a new kind of seat needs a new format version") };
        SeatKind::ALL.iter().for_each(|&kind| writer.byte(self.of(kind)));
    }
}

impl Decode for Seats {
    fn decode(reader: &mut Reader<'_>) -> Result<Seats, DecodeError> {
        SeatKind::ALL.iter().try_fold(Seats::NONE, |seats, &kind| Ok(seats.with(kind, reader.byte()?)))
    }
}

/// The configurations, then for each kind a byte whose bits are the kinds of place it may use.
impl Encode for Capacity {
    fn encode(&self, writer: &mut Writer) {
        self.configurations().to_vec().encode(writer);
        for kind in SeatKind::ALL {
            let may_use = |place: &SeatKind| self.substitutions().allows(kind, *place);
            let places = SeatKind::ALL.into_iter().filter(may_use).fold(0, |places, place| places | 1 << place as u8);
            writer.byte(places);
        }
    }
}

impl Decode for Capacity {
    fn decode(reader: &mut Reader<'_>) -> Result<Capacity, DecodeError> {
        let at = reader.at();
        let configurations = Vec::decode(reader)?;
        let mut substitutions = Substitutions::NONE;
        for kind in SeatKind::ALL {
            let at = reader.at();
            let places = reader.byte()?;
            if places & 1 << kind as u8 == 0 || places >> SeatKind::COUNT != 0 {
                return Err(reader.invalid(at, "Capacity", "a kind may use its own places, and those of known kinds"));
            }
            for place in SeatKind::ALL.into_iter().filter(|&place| places & 1 << place as u8 != 0) {
                substitutions = substitutions.and(kind, place);
            }
        }
        Capacity::new(configurations, substitutions)
            .ok_or_else(|| reader.invalid(at, "Capacity", "it has no configuration"))
    }
}

/// The lower half of the bits, then the upper one: most sets are empty or hold small numbers.
impl<I: SmallId> Encode for IdSet<I> {
    fn encode(&self, writer: &mut Writer) {
        (self.bits() as u64).encode(writer);
        ((self.bits() >> 64) as u64).encode(writer);
    }
}

impl<I: SmallId> Decode for IdSet<I> {
    fn decode(reader: &mut Reader<'_>) -> Result<IdSet<I>, DecodeError> {
        let (low, high) = (u64::decode(reader)?, u64::decode(reader)?);
        Ok(IdSet::from_bits(u128::from(low) | u128::from(high) << 64))
    }
}
