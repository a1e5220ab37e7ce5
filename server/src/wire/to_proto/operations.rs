//! Measures, alerts and messages as the desk sees them.

use mukae_maps::overlay::Effect;
use mukae_office::{Alert, AlertKind, Message, Recipient, RoadMeasure};
use mukae_proto::transit::operations::v1 as pb;
use mukae_units::{BookingId, Time};
use pb::alert::Kind;

use super::{View, lat_lng, timestamp};
use crate::names::{AlertName, MessageName, RoadMeasureName, StopName, StopRef};

/// Lines of one measure.
const LINES_MAX: usize = 200;

pub fn road_measure(view: &View<'_>, ordered: &RoadMeasure, with_lines: bool) -> pb::RoadMeasure {
    let measure = &ordered.measure;
    let graph = view.map.graph();
    let shown = if with_lines { LINES_MAX } else { 0 };
    let lines = measure.edges.iter().take(shown);
    let state = if view.annals.office().in_force().contains(&ordered.id) {
        pb::road_measure::State::InForce
    } else if measure.until.is_some_and(|until| until <= view.now) {
        pb::road_measure::State::Over
    } else {
        pb::road_measure::State::Planned
    };
    let effect = match measure.effect {
        Effect::Close => pb::road_measure::Effect::IsClosed(true),
        Effect::Reopen => pb::road_measure::Effect::IsReopened(true),
        Effect::Percent(percent) => pb::road_measure::Effect::Percent(i32::try_from(percent).unwrap_or(i32::MAX)),
        Effect::KmhMax(kmh) => pb::road_measure::Effect::MaxKmh(i32::try_from(kmh).unwrap_or(i32::MAX)),
    };
    pb::RoadMeasure {
        name: RoadMeasureName { area: view.area.clone(), measure: ordered.id }.to_string(),
        note: measure.note.clone(),
        roads: Some(pb::RoadSelection {
            road: ordered.told.name.clone(),
            osm_ways: ordered.told.ways.clone(),
            area: ordered.told.corners.iter().copied().map(lat_lng).collect(),
        }),
        effect: Some(effect),
        start_time: measure.from.map(timestamp),
        end_time: measure.until.map(timestamp),
        state: state as i32,
        edge_count: i32::try_from(measure.edges.len()).unwrap_or(i32::MAX),
        lines: lines.map(|&edge| pb::RoadLine { points: graph.line(edge).map(lat_lng).collect() }).collect(),
    }
}

pub fn alert(view: &View<'_>, alert: &Alert) -> pb::Alert {
    let vehicle = |vehicle| view.vehicle_name(vehicle).to_owned();
    let booking = |booking| view.booking_name(booking);
    let (kind, subject, japanese) = match alert.kind {
        AlertKind::LatePullOut { shift } => {
            let name = view.annals.shift_of_id(shift).map_or(String::new(), |note| note.shift.name.clone());
            (Kind::LatePullOut, name, "出庫時刻を過ぎても勤務が始まっていません。")
        }
        AlertKind::SilentVehicle { vehicle: id } => {
            (Kind::SilentVehicle, vehicle(id), "車両の位置情報が途絶えています。")
        }
        AlertKind::LongStop { vehicle: id, .. } => (Kind::LongStop, vehicle(id), "停車が予定より長くなっています。"),
        AlertKind::PromiseAtRisk { booking: id } => {
            (Kind::PromiseAtRisk, booking(id), "お約束の時間に間に合わないおそれがあります。")
        }
        AlertKind::Unassigned { booking: id } => {
            (Kind::Unassigned, booking(id), "予約に車両が割り当てられていません。")
        }
        AlertKind::StandingRefused { standing: id, .. } => {
            (Kind::StandingRefused, view.standing_name(id), "定期予約のうち、予約できなかった日があります。")
        }
        AlertKind::Stranded { booking: id } => (Kind::Stranded, booking(id), "乗客が途中で車両を待っています。"),
    };
    let stop = match alert.kind {
        AlertKind::LongStop { vehicle: id, stop } => {
            let name = vehicle(id).parse().map(|vehicle| StopName { vehicle, stop: StopRef::Visit(stop) });
            name.map_or(String::new(), |name| name.to_string())
        }
        _ => String::new(),
    };
    let note = |note: &mukae_office::AlertNote| pb::AlertNote {
        write_time: Some(timestamp(note.at)),
        text: note.text.clone(),
    };
    pb::Alert {
        name: AlertName { area: view.area.clone(), alert: alert.id }.to_string(),
        kind: kind as i32,
        subject,
        stop,
        raise_time: Some(timestamp(alert.raised)),
        clear_time: alert.cleared.map(timestamp),
        acknowledge_time: alert.acknowledged.map(timestamp),
        notes: alert.notes.iter().map(note).collect(),
        japanese_text: japanese.to_owned(),
    }
}

pub fn message(view: &View<'_>, sent: Time, message: &Message) -> pb::Message {
    let recipient = match message.to {
        Recipient::Rider(booking) => view.booking_name(booking),
        Recipient::Driver(vehicle) => view.vehicle_name(vehicle).to_owned(),
        Recipient::Waiting(waiting) => view.waiting_name(waiting),
    };
    pb::Message {
        name: MessageName { area: view.area.clone(), message: message.id }.to_string(),
        recipient,
        text: message.text.clone(),
        send_time: Some(timestamp(sent)),
    }
}

impl View<'_> {
    /// Of a booking that is forgotten, its number alone: its service is not known any more.
    pub fn booking_name(&self, id: BookingId) -> String {
        match self.state.bookings.get(&id) {
            Some(booking) => format!("{}/bookings/{id}", self.service_name(booking.request.service)),
            None => format!("bookings/{id}"),
        }
    }
}
