//! The house rules of the contract, over the descriptors: Google AIP with the exceptions of `proto/buf.yaml`.
//!
//! They run without `buf`, and ask for what `buf` does not: a comment on everything, a `request_id` on every call that
//! changes something, nothing that a browser can not call.

use std::collections::BTreeMap;

use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto};

use crate::contract::{Comments, Contract, Enum, Message, child, enums, messages, step};

/// Verbs that change nothing; every other method carries a `request_id`.
const READING_VERBS: [&str; 8] = ["Get", "List", "BatchGet", "Watch", "Probe", "Export", "Suggest", "Explain"];

/// Methods that change something and yet need no `request_id`, with the reason.
const REPEATABLE_METHODS: [(&str, &str); 2] = [
    ("transit.fleet.v1.FleetService.ReportPositions", "positions are told apart by vehicle and sequence number"),
    ("transit.fleet.v1.FleetService.StreamPositions", "likewise"),
];

/// Methods that stream both ways, with what browsers call instead.
const DEVICE_METHODS: [(&str, &str); 1] = [("transit.fleet.v1.FleetService.StreamPositions", "ReportPositions")];

/// Every breach of a rule, as `file: what`.
pub(crate) fn breaches(contract: &Contract) -> Vec<String> {
    let ours = contract.ours();
    let requests: BTreeMap<String, &DescriptorProto> = ours
        .iter()
        .flat_map(|file| messages(file))
        .map(|message| (format!(".{}", message.name), message.descriptor))
        .collect();
    let mut report = Vec::new();
    for file in ours {
        let mut lint = FileLint { file, comments: Comments::of(file), report: &mut report };
        lint.file();
        lint.services(&requests);
        messages(file).iter().for_each(|message| lint.message(message));
        enums(file).iter().for_each(|each| lint.enumeration(each));
    }
    report
}

struct FileLint<'a> {
    file: &'a FileDescriptorProto,
    comments: Comments<'a>,
    report: &'a mut Vec<String>,
}

impl FileLint<'_> {
    fn breach(&mut self, what: &str) {
        self.report.push(format!("proto/{}: {what}", self.file.name()));
    }

    fn expect(&mut self, holds: bool, what: &str) {
        if !holds {
            self.breach(what);
        }
    }

    fn expect_comment(&mut self, path: &[i32], name: &str) {
        self.expect(!self.comments.at(path).is_empty(), &format!("{name} has no comment"));
    }

    fn file(&mut self) {
        let file = self.file;
        let dir = file.name().rsplit_once('/').map_or("", |(dir, _)| dir);
        self.expect(file.package() == dir.replace('/', "."), &format!("package {} is not its path", file.package()));
        let version = file.package().rsplit('.').next().unwrap_or_default();
        let is_versioned = version.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        self.expect(is_versioned, &format!("package {} has no version", file.package()));
        self.expect(file.syntax() == "proto3", "syntax is not proto3");
        self.expect(!self.comments.of_file().is_empty(), "the file has no comment above `syntax`");
    }

    fn services(&mut self, requests: &BTreeMap<String, &DescriptorProto>) {
        let file = self.file;
        for (index, service) in file.service.iter().enumerate() {
            let name = format!("{}.{}", file.package(), service.name());
            let path = child(&[], step::FILE_SERVICE, index);
            self.expect_comment(&path, &name);
            self.expect(name.ends_with("Service"), &format!("{name} does not end in Service"));
            for (index, method) in service.method.iter().enumerate() {
                let method_name = format!("{name}.{}", method.name());
                self.expect_comment(&child(&path, step::SERVICE_METHOD, index), &method_name);
                self.method(&method_name, method, requests);
            }
        }
    }

    fn method(&mut self, name: &str, method: &MethodDescriptorProto, requests: &BTreeMap<String, &DescriptorProto>) {
        let is_of_devices = DEVICE_METHODS.iter().any(|(device, _)| *device == name);
        let told = format!("{name} streams from the client: browsers can not");
        self.expect(is_of_devices == method.client_streaming(), &told);
        let is_stream = is_of_devices || ["Watch", "Export"].iter().any(|verb| method.name().starts_with(verb));
        let streams = is_stream == method.server_streaming();
        self.expect(streams, &format!("{name}: `Watch` and `Export` stream, and nothing else does"));
        let input = method.input_type();
        let is_standard = input.ends_with(&format!(".{}Request", method.name()));
        self.expect(is_standard, &format!("{name} does not take {}Request", method.name()));

        let changes = !READING_VERBS.iter().any(|verb| method.name().starts_with(verb));
        let is_repeatable = REPEATABLE_METHODS.iter().any(|(repeatable, _)| *repeatable == name);
        let id = requests.get(input).and_then(|request| request.field.iter().find(|f| f.name() == "request_id"));
        let has_id = id.is_some_and(|id| id.r#type() == Type::String);
        self.expect(!changes || is_repeatable || has_id, &format!("{name} changes something without a request_id"));
        self.expect(changes || id.is_none(), &format!("{name} changes nothing and yet has a request_id"));
        self.expect(!is_repeatable || !has_id, &format!("{name} has a request_id: strike it from REPEATABLE_METHODS"));
    }

    fn message(&mut self, message: &Message<'_>) {
        self.expect_comment(&message.path, &message.name);
        for (index, oneof) in message.descriptor.oneof_decl.iter().enumerate() {
            let is_synthetic = oneof.name().starts_with('_');
            if !is_synthetic {
                let path = child(&message.path, step::MESSAGE_ONEOF, index);
                self.expect_comment(&path, &format!("{}.{}", message.name, oneof.name()));
            }
        }
        for (index, field) in message.descriptor.field.iter().enumerate() {
            let name = format!("{}.{}", message.name, field.name());
            self.expect_comment(&child(&message.path, step::MESSAGE_FIELD, index), &name);
            self.field(&name, field);
        }
        self.pages(message);
    }

    fn field(&mut self, name: &str, field: &FieldDescriptorProto) {
        let snake = field.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        self.expect(snake, &format!("{name} is not in lower_snake_case"));
        for (ending, type_name) in [("_time", ".google.protobuf.Timestamp"), ("_duration", ".google.protobuf.Duration")]
        {
            let claims = field.name().ends_with(ending);
            let is = field.type_name() == type_name;
            self.expect(
                claims == is,
                &format!("{name}: `{ending}` goes with {} and with nothing else", &type_name[1..]),
            );
        }
        if field.name() == "request_id" || field.name() == "etag" {
            self.expect(field.r#type() == Type::String, &format!("{name} is not a string"));
        }
    }

    /// A list is asked for and answered in pages, always with the same words.
    fn pages(&mut self, message: &Message<'_>) {
        let short = message.descriptor.name();
        let wanted: &[(&str, Type)] = match short.strip_prefix("List") {
            Some(rest) if rest.ends_with("Request") => &[("page_size", Type::Int32), ("page_token", Type::String)],
            Some(rest) if rest.ends_with("Response") => &[("next_page_token", Type::String)],
            _ => &[],
        };
        for (field_name, field_type) in wanted {
            let has = message.descriptor.field.iter().any(|f| f.name() == *field_name && f.r#type() == *field_type);
            self.expect(has, &format!("{} has no {field_name}", message.name));
        }
    }

    fn enumeration(&mut self, each: &Enum<'_>) {
        self.expect_comment(&each.path, &each.name);
        let prefix = upper_snake(each.descriptor.name());
        for (index, value) in each.descriptor.value.iter().enumerate() {
            let name = format!("{}.{}", each.name, value.name());
            self.expect_comment(&child(&each.path, step::ENUM_VALUE, index), &name);
            self.expect(
                value.name().starts_with(&format!("{prefix}_")),
                &format!("{name} does not begin with {prefix}_"),
            );
            let is_zero_named = value.name() == format!("{prefix}_UNSPECIFIED");
            self.expect(
                is_zero_named == (value.number() == 0),
                &format!("{name}: {prefix}_UNSPECIFIED is zero, only it"),
            );
        }
    }
}

/// `CancellationReason` -> `CANCELLATION_REASON`.
fn upper_snake(camel: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in camel.chars().enumerate() {
        if letter.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_uppercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The breaches of a contract that is this one file, `transit/town/v1/town.proto`.
    fn check(body: &str, expected: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("transit/town/v1/town.proto");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let head =
            "// A town.\nsyntax = \"proto3\";\npackage transit.town.v1;\nimport \"google/protobuf/timestamp.proto\";\n";
        fs::write(&path, format!("{head}{body}")).unwrap();
        let contract = Contract::compile(dir.path(), &[path]).unwrap();
        let found: Vec<String> = breaches(&contract)
            .into_iter()
            .map(|breach| breach.replace("proto/transit/town/v1/town.proto: ", "").replace("transit.town.v1.", ""))
            .collect();
        assert_eq!(found, expected, "for {body}");
    }

    #[test]
    fn our_contract_keeps_the_rules() {
        let contract = Contract::read(&crate::root()).unwrap();
        assert_eq!(breaches(&contract), Vec::<String>::new());
    }

    #[test]
    fn fields_say_what_they_are() {
        check("// M.\nmessage M {\n// A.\nstring a = 1;\n}", &[]);
        check("// M.\nmessage M {\nstring a = 1;\n}", &["M.a has no comment"]);
        check("message M {}", &["M has no comment"]);
        check(
            "// M.\nmessage M {\n// A.\nint64 start_time = 1;\n// B.\ngoogle.protobuf.Timestamp end = 2;\n}",
            &[
                "M.start_time: `_time` goes with google.protobuf.Timestamp and with nothing else",
                "M.end: `_time` goes with google.protobuf.Timestamp and with nothing else",
            ],
        );
        check(
            "// M.\nmessage M {\n// A.\nint64 ride_duration = 1;\n}",
            &["M.ride_duration: `_duration` goes with google.protobuf.Duration and with nothing else"],
        );
        check("// M.\nmessage M {\n// A.\nint64 etag = 1;\n}", &["M.etag is not a string"]);
        check("// M.\nmessage M {\noneof o {\n// A.\nint64 a = 1;\n}\n}", &["M.o has no comment"]);
        check("// M.\nmessage M {\n// A.\noptional int64 a = 1;\n}", &[]);
    }

    #[test]
    fn enums_begin_with_unspecified() {
        check("// E.\nenum SeatKind {\n// Z.\nSEAT_KIND_UNSPECIFIED = 0;\n// A.\nSEAT_KIND_A = 1;\n}", &[]);
        check(
            "// E.\nenum E {\n// Z.\nE_NONE = 0;\n// A.\nA = 1;\n}",
            &["E.E_NONE: E_UNSPECIFIED is zero, only it", "E.A does not begin with E_"],
        );
    }

    #[test]
    fn methods_can_be_repeated_and_called_from_a_browser() {
        let service = |method: &str, request: &str| {
            format!(
                "// S.\nservice TownService {{\n// M.\n{method}\n}}\n// R.\nmessage {request}\n// T.\nmessage Town {{}}"
            )
        };
        check(
            &service(
                "rpc MoveTown(MoveTownRequest) returns (Town);",
                "MoveTownRequest {\n// I.\nstring request_id = 1;\n}",
            ),
            &[],
        );
        check(
            &service("rpc MoveTown(MoveTownRequest) returns (Town);", "MoveTownRequest {}"),
            &["TownService.MoveTown changes something without a request_id"],
        );
        check(&service("rpc GetTown(GetTownRequest) returns (Town);", "GetTownRequest {}"), &[]);
        check(
            &service("rpc GetTown(FindRequest) returns (stream Town);", "FindRequest {}"),
            &[
                "TownService.GetTown: `Watch` and `Export` stream, and nothing else does",
                "TownService.GetTown does not take GetTownRequest",
            ],
        );
        check(
            &service("rpc WatchTown(stream WatchTownRequest) returns (stream Town);", "WatchTownRequest {}"),
            &["TownService.WatchTown streams from the client: browsers can not"],
        );
        check(
            &service("rpc ListTowns(ListTownsRequest) returns (Town);", "ListTownsRequest {}"),
            &["ListTownsRequest has no page_size", "ListTownsRequest has no page_token"],
        );
    }
}
