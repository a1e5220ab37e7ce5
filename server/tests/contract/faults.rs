//! Every field of every request, wrong in every way that its kind knows, put into the right examples one at a time.
//!
//! What comes of it is an error that names the field. Where it is not, [`EXCEPTIONS`] says so and why; an exception
//! that nothing needs is one too many.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

/// One thing wrong with one field.
#[derive(Clone, Debug)]
pub struct Spoiled {
    /// As violations name it.
    pub field: String,
    /// The choice of which the field is one, as violations name it.
    pub choice: Option<String>,
    pub label: &'static str,
    pub request: DynamicMessage,
}

/// What becomes of what is not named in a violation.
#[derive(Clone, Copy, Debug)]
pub enum Otherwise {
    /// Nothing is wrong with it.
    Fine,
    /// It is turned down under another field's name.
    Named(&'static str),
}

use Otherwise::{Fine, Named};

/// Method, field and fault, each with `*` for any beginning; then what becomes of it, and why.
#[rustfmt::skip]
pub const EXCEPTIONS: &[(&str, &str, &str, Otherwise, &str)] = &[
    ("*", "page_size", "most", Fine, "lowered to what a page holds"),
    ("*", "*max_offers", "most", Fine, "lowered to what the service shows"),
    ("WatchArea", "resume_from_revision", "most", Fine, "who names a revision that is not there gets the whole picture"),
    ("*", "*depart_after.earliest_time", "missing", Fine, "open at this end: from now on"),
    ("*", "*depart_after.latest_time", "missing", Fine, "open at this end: as long as the service lets riders wait"),
    ("*", "*arrive_by.earliest_time", "missing", Fine, "open at this end"),
    ("*", "unplanned_break.window.earliest_time", "missing", Fine, "from now on"),
    ("*", "unplanned_break.window.latest_time", "missing", Fine, "whenever it fits"),
    ("*Rider", "rider.defaults.requirements[0]", "*", Named("rider.defaults.requirements"), "judged together"),
    ("Quote", "requirements[0]", "*", Named("requirements"), "the area judges them together"),
    ("*", "ride.requirements[0]", "*", Named("ride.requirements"), "likewise"),
    ("BookPair", "outbound.requirements[0]", "*", Named("outbound.requirements"), "likewise"),
    ("*", "standing_booking.requirements[0]", "*", Named("standing_booking.requirements"), "likewise"),
    ("ProbeRides", "requirements[0]", "*", Named("requirements"), "likewise"),
    ("*", "*extra_ride_duration", "missing", Fine, "nothing beyond the limit is accepted"),
    ("*", "*extra_walk_duration", "missing", Fine, "nothing beyond the limit is accepted"),
    ("*", "*passengers", "missing", Fine, "all pay as adults"),
    ("*", "*weekdays", "too many", Fine, "a day that is said again is the same day"),
    ("*", "standing_booking.inbound", "missing", Fine, "there and not back"),
    ("ReportMissedRide", "miss_time", "missing", Fine, "it happened now"),
    ("ReportMissedRide", "origin", "missing", Fine, "a call that was not taken tells nothing of the ride"),
    ("ReportMissedRide", "destination", "missing", Fine, "the same"),
    ("ReportMissedRide", "party", "missing", Fine, "the same"),
    ("HoldOffer", "hold_duration", "missing", Fine, "as long as the service allows"),
    ("*", "device_time", "missing", Fine, "it happened now"),
    ("CreateVehicle", "parent", "elsewhere", Fine, "no list of tenants is kept: one is there as soon as something of it is"),
    ("CreateDriver", "parent", "elsewhere", Fine, "the same"),
    ("ListVehicles", "parent", "elsewhere", Fine, "the same"),
    ("ListDrivers", "parent", "elsewhere", Fine, "the same"),
    ("CreateService", "parent", "elsewhere", Fine, "the same"),
    ("ListServices", "parent", "elsewhere", Fine, "the same"),
    ("CreateRider", "parent", "elsewhere", Fine, "the same"),
    ("ListRiders", "parent", "elsewhere", Fine, "the same"),
    ("ListTripDeclarations", "parent", "elsewhere", Fine, "the same"),
    ("CreateTripDeclaration", "parent", "elsewhere", Named("trip_declaration.driver"), "who drives is of another tenant then"),
    ("UpdateTripDeclaration", "trip_declaration.name", "elsewhere", Named("trip_declaration.driver"), "the same"),
    ("ExportDrivingRecords", "parent", "elsewhere", Named("vehicle"), "which is of another tenant then"),
    ("ExportDrivingRecords", "vehicle", "empty", Fine, "of all vehicles"),
    ("BatchGetVehicles", "parent", "elsewhere", Named("names"), "which are of another parent then"),
    ("BatchGetBookings", "parent", "elsewhere", Named("names"), "which are of another parent then"),
    ("ListMeetingPoints", "near_position", "missing", Named("max_distance_meters"), "which goes with it"),
    ("AcknowledgeManifest", "etag", "stale", Fine, "the driver may have any, and the desk sees which"),
    ("*Service", "service.suspension.within_duration", "missing", Named("service.suspension"), "what is required is told of the whole, as of the tables of the file"),
    ("*Service", "service.suspension.lasts_duration", "missing", Named("service.suspension"), "the same"),
    ("*Service", "service.own_meeting_points[0].position", "missing", Named("service.own_meeting_points[0]"), "the same"),
    ("*TripDeclaration", "trip_declaration.from_place", "missing", Named("trip_declaration"), "the same"),
    ("*TripDeclaration", "trip_declaration.from_place.position", "missing", Named("trip_declaration"), "the same"),
    ("*TripDeclaration", "trip_declaration.to_place", "missing", Named("trip_declaration"), "the same"),
    ("*TripDeclaration", "trip_declaration.to_place.position", "missing", Named("trip_declaration"), "the same"),
    ("*Service", "*_max_duration", "missing", Fine, "as shipped"),
    ("*Service", "*_width_duration", "missing", Fine, "as shipped"),
    ("*Service", "*_extra_duration", "missing", Fine, "as shipped"),
    ("*Service", "*per_stop_duration", "missing", Fine, "as shipped"),
    ("*Service", "*per_party_duration", "missing", Fine, "as shipped"),
    ("*Service", "*per_seat_duration", "missing", Fine, "as shipped"),
    ("*Service", "*per_wheelchair_duration", "missing", Fine, "as shipped"),
    ("*Service", "*ttl_duration", "missing", Fine, "as shipped"),
    ("*Service", "*_min_duration", "missing", Fine, "as shipped"),
    ("*Service", "*horizon_duration", "missing", Fine, "as shipped"),
    ("*Service", "*no_show_after_duration", "missing", Fine, "as shipped"),
    ("*Service", "*to_pickup_duration", "missing", Fine, "as shipped"),
    ("*Service", "*from_dropoff_duration", "missing", Fine, "as shipped"),
    ("*Service", "*free_until_duration", "missing", Fine, "free until the end"),
    ("*Service", "service.cancellation", "missing", Fine, "nothing is due"),
    ("*Service", "service.suspension", "missing", Fine, "nobody is suspended"),
    ("*Service", "service.fare", "missing", Named("service.cancellation"), "whose fees need a fare"),
    ("*Service", "service.fare.distance", "too many", Named("service.fare"), "it goes by zones already"),
    ("*Service", "service.hours[0].days[0]", "*", Named("service.hours[0].days"), "days are judged together"),
    ("*Service", "service.hours[0].days[1]", "*", Named("service.hours[0].days"), "the same"),
    ("*TripDeclaration", "trip_declaration.days[0]", "*", Named("trip_declaration.days"), "the same"),
    ("*TripDeclaration", "trip_declaration.days[1]", "*", Named("trip_declaration.days"), "the same"),
    ("*TripDeclaration", "trip_declaration.detour_max_duration", "missing", Fine, "as shipped"),
    ("*Rider", "rider.defaults", "missing", Fine, "nothing to begin with"),
    ("*Rider", "rider.defaults.party", "missing", Fine, "nothing to begin with"),
    ("CreateShift", "shift.breaks[0].place", "missing", Fine, "where the shift starts"),
    ("CreateShift", "shift.driver", "empty", Fine, "nobody need be asked"),
    ("CreateShift", "shift.declared_trip", "missing", Fine, "an ordinary shift"),
    ("CreateShift", "shift.on_call", "missing", Fine, "the driver comes anyway"),
    ("ReportPositions", "positions[0].sequence", "most", Fine, "numbers have to grow, and that is all"),
    ("StreamPositions", "positions[0].sequence", "most", Fine, "numbers have to grow, and that is all"),
    ("ReportPositions", "positions[0].accuracy_meters", "most", Fine, "as unsure as can be"),
    ("StreamPositions", "positions[0].accuracy_meters", "most", Fine, "as unsure as can be"),
    ("*", "driver.cooldown_duration", "missing", Fine, "no pause between asks"),
    ("*", "update_mask", "missing", Fine, "all that can be changed"),
    ("RecordPretripCheck", "pretrip_check.check_time", "missing", Fine, "it was done now"),
    ("CreateRoadMeasure", "road_measure.start_time", "missing", Fine, "from now on"),
    ("CreateRoadMeasure", "road_measure.end_time", "missing", Fine, "until it is ended"),
    ("ReportBreakdown", "place", "missing", Fine, "where the vehicle was seen last"),
    ("*", "*own_meeting_points[0].distance_meters", "*", Fine, "only the server fills it in"),
    ("InterruptShift", "unplanned_break.place", "missing", Fine, "wherever the vehicle is"),
];

/// Fields of messages that go both ways which only the server fills in: as input nobody reads them.
pub const OUTPUT_ONLY: &[(&str, &str)] = &[
    ("CreateStandingBooking", "standing_booking.name"),
    ("CreateStandingBooking", "standing_booking.dates"),
    ("CreateStandingBooking", "standing_booking.create_time"),
    ("CreateStandingBooking", "standing_booking.etag"),
    // of an update, also what is settled at the beginning
    ("UpdateStandingBooking", "standing_booking.rider"),
    ("UpdateStandingBooking", "standing_booking.channel"),
    ("UpdateStandingBooking", "standing_booking.dates"),
    ("UpdateStandingBooking", "standing_booking.create_time"),
    ("CreateVehicle", "vehicle.name"),
    ("CreateVehicle", "vehicle.state"),
    ("CreateVehicle", "vehicle.open_shift"),
    ("CreateVehicle", "vehicle.position"),
    ("CreateVehicle", "vehicle.load"),
    ("CreateVehicle", "vehicle.create_time"),
    ("CreateVehicle", "vehicle.revision"),
    ("CreateVehicle", "vehicle.etag"),
    ("CreateService", "service.name"),
    ("CreateService", "service.managed_by"),
    ("CreateService", "service.version"),
    ("CreateService", "service.update_time"),
    ("CreateService", "service.etag"),
    ("CreateService", "service.review"),
    ("UpdateService", "service.area"),
    ("UpdateService", "service.managed_by"),
    ("UpdateService", "service.version"),
    ("UpdateService", "service.update_time"),
    ("UpdateService", "service.review"),
    ("CreateRider", "rider.name"),
    ("CreateRider", "rider.create_time"),
    ("CreateRider", "rider.update_time"),
    ("CreateRider", "rider.etag"),
    ("UpdateRider", "rider.pseudonym"),
    ("UpdateRider", "rider.create_time"),
    ("UpdateRider", "rider.update_time"),
    ("UpdateVehicle", "vehicle.area"),
    ("UpdateVehicle", "vehicle.state"),
    ("UpdateVehicle", "vehicle.open_shift"),
    ("UpdateVehicle", "vehicle.position"),
    ("UpdateVehicle", "vehicle.load"),
    ("UpdateVehicle", "vehicle.create_time"),
    ("UpdateVehicle", "vehicle.revision"),
    ("CreateTripDeclaration", "trip_declaration.name"),
    ("CreateTripDeclaration", "trip_declaration.state"),
    ("CreateTripDeclaration", "trip_declaration.shifts"),
    ("CreateTripDeclaration", "trip_declaration.problems"),
    ("CreateTripDeclaration", "trip_declaration.version"),
    ("CreateTripDeclaration", "trip_declaration.create_time"),
    ("CreateTripDeclaration", "trip_declaration.update_time"),
    ("CreateTripDeclaration", "trip_declaration.etag"),
    ("CreateTripDeclaration", "trip_declaration.effective_date"),
    ("UpdateTripDeclaration", "trip_declaration.state"),
    ("UpdateTripDeclaration", "trip_declaration.shifts"),
    ("UpdateTripDeclaration", "trip_declaration.problems"),
    ("UpdateTripDeclaration", "trip_declaration.version"),
    ("UpdateTripDeclaration", "trip_declaration.create_time"),
    ("UpdateTripDeclaration", "trip_declaration.update_time"),
    ("UpdateTripDeclaration", "trip_declaration.effective_date"),
    ("CreateShift", "shift.name"),
    ("CreateShift", "shift.state"),
    ("CreateShift", "shift.open_time"),
    ("CreateShift", "shift.close_time"),
    ("CreateShift", "shift.create_time"),
    ("CreateShift", "shift.on_call.state"),
    ("CreateShift", "shift.on_call.japanese_text"),
    ("CreateShift", "shift.revision"),
    ("CreateShift", "shift.etag"),
    ("CreateDriver", "driver.name"),
    ("CreateDriver", "driver.asks_in_week"),
    ("CreateDriver", "driver.etag"),
    ("UpdateDriver", "driver.asks_in_week"),
    ("RecordPretripCheck", "pretrip_check.name"),
    ("RecordPretripCheck", "pretrip_check.is_passed"),
    ("CreateRoadMeasure", "road_measure.name"),
    ("CreateRoadMeasure", "road_measure.state"),
    ("CreateRoadMeasure", "road_measure.edge_count"),
    ("CreateRoadMeasure", "road_measure.lines"),
    ("SendMessage", "message.name"),
    ("SendMessage", "message.send_time"),
];

/// Everything that can be wrong with this example, and the messages in it that are not there to be spoiled.
pub fn spoil(method: &str, example: &DynamicMessage) -> (Vec<Spoiled>, Vec<String>) {
    let mut found = Found { method, example, spoiled: Vec::new(), absent: Vec::new() };
    found.walk(&example.descriptor(), example, &[], "");
    (found.spoiled, found.absent)
}

#[derive(Clone, Debug)]
enum Step {
    Field(FieldDescriptor),
    Element(FieldDescriptor, usize),
}

struct Found<'e> {
    method: &'e str,
    example: &'e DynamicMessage,
    spoiled: Vec<Spoiled>,
    absent: Vec<String>,
}

impl Found<'_> {
    fn walk(&mut self, kind: &MessageDescriptor, message: &DynamicMessage, steps: &[Step], prefix: &str) {
        for field in kind.fields() {
            let name = format!("{prefix}{}", field.name());
            if OUTPUT_ONLY.contains(&(self.method, name.as_str())) {
                continue;
            }
            let choice = field.containing_oneof().map(|choice| format!("{prefix}{}", choice.name()));
            let value = message.has_field(&field).then(|| message.get_field(&field).into_owned());
            let with = |step: Step| [steps, &[step]].concat();
            let at = Place { steps: with(Step::Field(field.clone())), name: name.clone(), choice };
            if field.is_list() {
                self.put(&at, "too many", too_many(&field));
                let Some(Value::List(elements)) = &value else {
                    if let Kind::Message(_) = field.kind() {
                        self.absent.push(name);
                    }
                    continue;
                };
                for (index, element) in elements.iter().enumerate() {
                    let steps = with(Step::Element(field.clone(), index));
                    let at = Place { steps, name: format!("{name}[{index}]"), choice: None };
                    self.single(&field, Some(element), &at);
                }
                continue;
            }
            self.single(&field, value.as_ref(), &at);
        }
    }

    fn single(&mut self, field: &FieldDescriptor, value: Option<&Value>, at: &Place) {
        let Kind::Message(kind) = field.kind() else {
            for (label, wrong) in wrong_scalars(field, value) {
                self.put(at, label, Some(wrong));
            }
            return;
        };
        let is_element = matches!(at.steps.last(), Some(Step::Element(..)));
        if value.is_some() && !is_element {
            self.put(at, "missing", None);
        }
        let (wrong, is_leaf) = wrong_messages(&kind);
        for (label, wrong) in wrong {
            self.put(at, label, Some(Value::Message(wrong)));
        }
        if is_leaf {
            return;
        }
        match value {
            Some(Value::Message(message)) => self.walk(&kind, message, &at.steps, &format!("{}.", at.name)),
            _ => self.absent.push(at.name.clone()),
        }
    }

    /// The example with this in that place; `None` takes it away.
    fn put(&mut self, at: &Place, label: &'static str, value: Option<Value>) {
        let mut request = self.example.clone();
        set(&mut request, &at.steps, value);
        self.spoiled.push(Spoiled { field: at.name.clone(), choice: at.choice.clone(), label, request });
    }
}

struct Place {
    steps: Vec<Step>,
    name: String,
    choice: Option<String>,
}

fn set(message: &mut DynamicMessage, steps: &[Step], value: Option<Value>) {
    let (first, rest) = steps.split_first().expect("a path has a field");
    match first {
        Step::Field(field) if rest.is_empty() => match value {
            Some(value) => message.set_field(field, value),
            None => message.clear_field(field),
        },
        Step::Field(field) => {
            let inner = message.get_field_mut(field).as_message_mut().expect("a message, since it has fields");
            set(inner, rest, value);
        }
        Step::Element(field, index) => {
            let element = &mut message.get_field_mut(field).as_list_mut().expect("a list")[*index];
            match element {
                _ if rest.is_empty() => *element = value.expect("elements are not taken away"),
                element => set(element.as_message_mut().expect("a message, since it has fields"), rest, value),
            }
        }
    }
}

fn wrong_scalars(field: &FieldDescriptor, value: Option<&Value>) -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::String(text.to_owned());
    let long = || Value::String("x".repeat(10_000));
    match field.kind() {
        Kind::String => {
            let is_name = |text: &&str| text.starts_with("tenants/") || text.starts_with("areas/");
            match (field.name(), value.and_then(Value::as_str).filter(is_name)) {
                (_, Some(name)) => {
                    let (of, rest) = name.split_once('/').expect("a name has two parts");
                    let rest = rest.split_once('/').map_or(String::new(), |(_, rest)| format!("/{rest}"));
                    let other = if of == "areas" { "tenants/alofi/services/ride" } else { "areas/niue" };
                    vec![
                        ("empty", text("")),
                        ("nonsense", text("nonsense")),
                        ("of another kind", text(other)),
                        ("elsewhere", Value::String(format!("{of}/elsewhere{rest}"))),
                        ("long", Value::String(format!("{name}{}", "x".repeat(10_000)))),
                    ]
                }
                ("request_id", _) => {
                    vec![("empty", text("")), ("long", Value::String("x".repeat(65))), ("not printable", text("予約"))]
                }
                ("etag", _) => vec![("long", long()), ("stale", text("stale"))],
                (name, _) if name.ends_with("_id") => vec![("nonsense", text("Bad Id!")), ("long", long())],
                _ => vec![("long", long()), ("not printable", text("a\u{0}\nb"))],
            }
        }
        Kind::Int32 => [("least", i32::MIN), ("negative", -1), ("most", i32::MAX)]
            .map(|(label, number)| (label, Value::I32(number)))
            .to_vec(),
        Kind::Int64 => [("least", i64::MIN), ("negative", -1), ("most", i64::MAX)]
            .map(|(label, number)| (label, Value::I64(number)))
            .to_vec(),
        Kind::Enum(_) => {
            [("unknown", 9999), ("negative", -1)].map(|(label, number)| (label, Value::EnumNumber(number))).to_vec()
        }
        Kind::Bool => Vec::new(), // both are fine
        Kind::Bytes => vec![("empty", Value::Bytes(Default::default()))],
        kind => panic!("{}: how is a {kind:?} wrong? say so in server/tests/contract/faults.rs", field.full_name()),
    }
}

/// What can be wrong with a whole message, and whether its fields need no looking at by themselves.
fn wrong_messages(kind: &MessageDescriptor) -> (Vec<(&'static str, DynamicMessage)>, bool) {
    let of = |text: &str| DynamicMessage::parse_text_format(kind.clone(), text).expect(text);
    match kind.full_name() {
        "google.protobuf.Timestamp" => (
            vec![
                ("far ahead", of("seconds: 9223372036854775807")),
                ("long ago", of("seconds: -9223372036854775808")),
                ("at the epoch", of("seconds: 0")),
                ("with too many nanos", of("seconds: 1775070000 nanos: 1000000000")),
                ("with negative nanos", of("seconds: 1775070000 nanos: -1")),
            ],
            true,
        ),
        "google.protobuf.Duration" => (
            vec![
                ("negative", of("seconds: -1")),
                ("too long", of("seconds: 315576000000")),
                ("beyond all", of("seconds: 9223372036854775807 nanos: 999999999")),
                ("with negative nanos", of("seconds: 60 nanos: -1")),
            ],
            true,
        ),
        "google.type.LatLng" => (
            vec![
                ("nan", of("latitude: nan longitude: -169.9")),
                ("infinite", of("latitude: -19.0 longitude: inf")),
                ("beyond the pole", of("latitude: -90.1 longitude: -169.9")),
                ("beyond the date line", of("latitude: -19.0 longitude: 180.1")),
            ],
            true,
        ),
        "google.protobuf.FieldMask" => (vec![("unknown", of(r#"paths: "no_such_field""#))], true),
        "transit.units.v1.TimeWindow" => {
            (vec![("reversed", of("earliest_time { seconds: 1775090000 } latest_time { seconds: 1775080000 }"))], false)
        }
        _ => (Vec::new(), false),
    }
}

/// As many as fit into a call.
fn too_many(field: &FieldDescriptor) -> Option<Value> {
    const COUNT: usize = 20_000;
    let one = match field.kind() {
        Kind::String => Value::String("xyz".to_owned()),
        Kind::Int32 => Value::I32(1),
        Kind::Int64 => Value::I64(1),
        Kind::Enum(_) => Value::EnumNumber(1),
        Kind::Message(kind) => Value::Message(DynamicMessage::new(kind)),
        kind => panic!("{}: what would too many {kind:?} be?", field.full_name()),
    };
    Some(Value::List(vec![one; COUNT]))
}

/// Whether `text` is meant by `pattern`, which may begin with `*`.
pub fn is_meant(pattern: &str, text: &str) -> bool {
    pattern.strip_prefix('*').map_or(pattern == text, |end| text.ends_with(end))
}

/// Where else this goes than into a violation of its own field, by the exception's number.
pub fn otherwise(method: &str, spoiled: &Spoiled) -> Option<(usize, Otherwise)> {
    let is_this = |row: &&(&str, &str, &str, Otherwise, &str)| {
        is_meant(row.0, method) && is_meant(row.1, &spoiled.field) && is_meant(row.2, spoiled.label)
    };
    let index = EXCEPTIONS.iter().position(|row| is_this(&row))?;
    Some((index, EXCEPTIONS[index].3))
}
