//! What of the last released contract the present one breaks, by the rules of buf's category `FILE`: for a client that
//! was generated from it, on the wire, in JSON, and where its sources import our files.
//!
//! The released contract is a descriptor set without comments, `proto/released/v{major}.{minor}.bin`; of several the
//! highest counts. `cargo xtask release-contract` writes the present one down as that of the workspace's version.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto,
};

use crate::contract::{Contract, enums, messages};

const RELEASED: &str = "proto/released";
/// Told with every breach.
const RENEW: &str = "if it is meant, `cargo xtask release-contract --breaking`";

/// Every breach of the released contract; that there is none yet, too.
pub(crate) fn breaches(root: &Path) -> Result<Vec<String>> {
    let Some(path) = newest(root)? else {
        return Ok(vec![format!("no released contract in {RELEASED}: cargo xtask release-contract")]);
    };
    let released = read(&path)?;
    let broken = broken(&released, &Contract::read(root)?.set);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(broken.into_iter().map(|breach| format!("{breach} ({name}; {RENEW})")).collect())
}

/// Writes the present contract down as released with this version of the workspace.
pub(crate) fn release(root: &Path, may_break: bool) -> Result<()> {
    let contract = Contract::read(root)?;
    if let Some(path) = newest(root)? {
        let broken = broken(&read(&path)?, &contract.set);
        broken.iter().for_each(|breach| println!("breaks {}: {breach}", path.display()));
        ensure!(broken.is_empty() || may_break, "nothing was written: {RENEW}");
    }
    let mut version = env!("CARGO_PKG_VERSION").split('.');
    let (major, minor) = (version.next().unwrap_or_default(), version.next().unwrap_or_default());
    let path = root.join(RELEASED).join(format!("v{major}.{minor}.bin"));
    fs::create_dir_all(root.join(RELEASED))?;
    fs::write(&path, &contract.encoded).with_context(|| format!("can not write {}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn read(path: &Path) -> Result<FileDescriptorSet> {
    let bytes = fs::read(path).with_context(|| format!("can not read {}", path.display()))?;
    FileDescriptorSet::decode(bytes.as_slice()).with_context(|| format!("{} is no descriptor set", path.display()))
}

/// The file of the highest version.
fn newest(root: &Path) -> Result<Option<PathBuf>> {
    let dir = root.join(RELEASED);
    if !dir.is_dir() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("can not list {}", dir.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let version = name.strip_prefix('v').and_then(|rest| rest.strip_suffix(".bin")).and_then(|version| {
            let (major, minor) = version.split_once('.')?;
            Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
        });
        let version = version.with_context(|| format!("{RELEASED}/{name} is not named like v0.1.bin"))?;
        found.push((version, path));
    }
    Ok(found.into_iter().max().map(|(_, path)| path))
}

/// What of our files in `released` is not in `present`, or is otherwise.
fn broken(released: &FileDescriptorSet, present: &FileDescriptorSet) -> Vec<String> {
    let mut report = Vec::new();
    for old in released.file.iter().filter(|file| file.name().starts_with("transit/")) {
        match present.file.iter().find(|file| file.name() == old.name()) {
            None => report.push(format!("the file {} is gone", old.name())),
            Some(new) if new.package() != old.package() => {
                report.push(format!("{} is no longer of package {}", old.name(), old.package()));
            }
            Some(new) => Compared { file: old.name(), report: &mut report }.files(old, new),
        }
    }
    report
}

struct Compared<'a> {
    file: &'a str,
    report: &'a mut Vec<String>,
}

impl Compared<'_> {
    fn breach(&mut self, what: String) {
        self.report.push(format!("{}: {what}", self.file));
    }

    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.breach(what());
        }
    }

    fn files(&mut self, old: &FileDescriptorProto, new: &FileDescriptorProto) {
        self.expect(old.syntax() == new.syntax(), || "another syntax".to_owned());
        let known: BTreeMap<_, _> = messages(new).into_iter().map(|each| (each.name, each.descriptor)).collect();
        for message in messages(old) {
            match known.get(&message.name) {
                Some(new) => self.message(&message.name, message.descriptor, new),
                None => self.breach(format!("the message {} is gone", message.name)),
            }
        }
        let known: BTreeMap<_, _> = enums(new).into_iter().map(|each| (each.name, each.descriptor)).collect();
        for each in enums(old) {
            match known.get(&each.name) {
                Some(new) => self.enumeration(&each.name, each.descriptor, new),
                None => self.breach(format!("the enum {} is gone", each.name)),
            }
        }
        for service in &old.service {
            let Some(new) = new.service.iter().find(|new| new.name() == service.name()) else {
                self.breach(format!("the service {} is gone", service.name()));
                continue;
            };
            for method in &service.method {
                let name = format!("{}.{}", service.name(), method.name());
                match new.method.iter().find(|new| new.name() == method.name()) {
                    Some(new) => self.method(&name, method, new),
                    None => self.breach(format!("the method {name} is gone")),
                }
            }
        }
    }

    fn message(&mut self, name: &str, old: &DescriptorProto, new: &DescriptorProto) {
        for field in &old.field {
            let field_name = format!("{name}.{}", field.name());
            match new.field.iter().find(|new| new.number() == field.number()) {
                Some(now) => self.field(&field_name, (old, field), (new, now)),
                None => self.breach(format!("the field {field_name} = {} is gone", field.number())),
            }
        }
        for oneof in &old.oneof_decl {
            let is_there = new.oneof_decl.iter().any(|new| new.name() == oneof.name());
            self.expect(is_there, || format!("the oneof {name}.{} is gone", oneof.name()));
        }
        for range in &old.reserved_range {
            // the end is not included
            let is_kept = (range.start()..range.end())
                .all(|number| new.reserved_range.iter().any(|new| (new.start()..new.end()).contains(&number)));
            self.expect(is_kept, || format!("{name}: {} to {} are reserved no longer", range.start(), range.end() - 1));
        }
        for reserved in old.reserved_name.iter().filter(|reserved| !new.reserved_name.contains(reserved)) {
            self.breach(format!("{name}: the name {reserved} is reserved no longer"));
        }
    }

    fn field(
        &mut self,
        name: &str,
        (in_old, old): (&DescriptorProto, &FieldDescriptorProto),
        (in_new, new): (&DescriptorProto, &FieldDescriptorProto),
    ) {
        let (number, named) = (old.number(), new.name());
        self.expect(old.name() == named, || format!("the field {name} = {number} is called {named} now"));
        self.expect(old.json_name() == new.json_name(), || format!("{name} is called otherwise in JSON"));
        let is_of_type = old.r#type() == new.r#type() && old.type_name() == new.type_name();
        self.expect(is_of_type, || format!("{name} was {}, is {}", type_of(old), type_of(new)));
        let cardinality = |field: &FieldDescriptorProto| (field.label() == Label::Repeated, field.proto3_optional());
        self.expect(cardinality(old) == cardinality(new), || format!("{name} is repeated or optional otherwise"));
        let oneof = |message: &DescriptorProto, field: &FieldDescriptorProto| {
            let index = usize::try_from(field.oneof_index?).ok()?;
            Some(message.oneof_decl.get(index)?.name().to_owned())
        };
        let (was, is) = (oneof(in_old, old), oneof(in_new, new));
        self.expect(was == is, || format!("{name} was in the oneof {was:?}, is in {is:?}"));
    }

    fn enumeration(&mut self, name: &str, old: &EnumDescriptorProto, new: &EnumDescriptorProto) {
        for value in &old.value {
            let told = format!("{name}.{} = {}", value.name(), value.number());
            match new.value.iter().find(|new| new.number() == value.number()) {
                None => self.breach(format!("the value {told} is gone")),
                Some(new) if new.name() != value.name() => {
                    self.breach(format!("the value {told} is called {} now", new.name()));
                }
                Some(_) => {}
            }
        }
        for range in &old.reserved_range {
            // of an enum the end is included
            let is_kept = (range.start()..=range.end())
                .all(|number| new.reserved_range.iter().any(|new| (new.start()..=new.end()).contains(&number)));
            self.expect(is_kept, || format!("{name}: {} to {} are reserved no longer", range.start(), range.end()));
        }
        for reserved in old.reserved_name.iter().filter(|reserved| !new.reserved_name.contains(reserved)) {
            self.breach(format!("{name}: the name {reserved} is reserved no longer"));
        }
    }

    fn method(&mut self, name: &str, old: &MethodDescriptorProto, new: &MethodDescriptorProto) {
        let types = |method: &MethodDescriptorProto| [method.input_type().to_owned(), method.output_type().to_owned()];
        let (was, is) = (types(old), types(new));
        self.expect(was == is, || format!("{name} was {} to {}, is {} to {}", was[0], was[1], is[0], is[1]));
        let streams = |method: &MethodDescriptorProto| (method.client_streaming(), method.server_streaming());
        self.expect(streams(old) == streams(new), || format!("{name} streams otherwise"));
        let repeats = |method: &MethodDescriptorProto| {
            method.options.as_ref().map_or(0, |options| options.idempotency_level() as i32)
        };
        self.expect(repeats(old) == repeats(new), || format!("{name} has another idempotency level"));
    }
}

fn type_of(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message | Type::Enum | Type::Group => field.type_name().trim_start_matches('.').to_owned(),
        plain => plain.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All kinds of things that a contract has.
    const TOWN: &str = r#"syntax = "proto3";
package transit.town.v1;
message Town {
  reserved 9, 11 to 12;
  reserved "mayor";
  string name = 1;
  int32 people = 2;
  repeated string streets = 3;
  optional int32 height = 4;
  oneof well { string spring = 5; string pump = 6; }
  oneof bell { string tower = 7; }
  Kind kind = 8;
  Inner inner = 10;
  message Inner { string a = 1; }
  enum Kind { KIND_UNSPECIFIED = 0; KIND_HAMLET = 1; reserved 5 to 6; reserved "KIND_CITY"; }
}
message Other {}
service TownService {
  rpc GetTown(Town) returns (Other);
  rpc WatchTown(Town) returns (stream Other);
}
"#;

    fn compiled(source: &str) -> FileDescriptorSet {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("transit/town/v1/town.proto");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, source).unwrap();
        Contract::compile(dir.path(), &[file]).unwrap_or_else(|error| panic!("{error:#}\n{source}")).set
    }

    /// What replacing a part of the town's contract breaks.
    fn check(from: &str, to: &str, expected: &[&str]) {
        assert!(TOWN.contains(from), "{from}");
        let broken = broken(&compiled(TOWN), &compiled(&TOWN.replacen(from, to, 1)));
        let expected: Vec<String> =
            expected.iter().map(|breach| format!("transit/town/v1/town.proto: {breach}")).collect();
        assert_eq!(broken, expected, "{from} -> {to}");
    }

    #[test]
    fn what_is_added_breaks_nothing() {
        check("message Other {}", "message Other {}\nmessage More { string a = 1; }", &[]);
        check("  Inner inner = 10;", "  Inner inner = 10;\n  string more = 13;", &[]);
        check("KIND_HAMLET = 1;", "KIND_HAMLET = 1; KIND_VILLAGE = 2;", &[]);
        check("  rpc GetTown", "  rpc ListTowns(Town) returns (Other);\n  rpc GetTown", &[]);
        check("reserved 9, 11 to 12;", "reserved 9 to 9, 11 to 14;", &[]);
    }

    #[test]
    fn a_field_stays() {
        check("  int32 people = 2;\n", "", &["the field transit.town.v1.Town.people = 2 is gone"]);
        // reserving it does not help: generated code names it
        check("  int32 people = 2;", "  reserved 2;", &["the field transit.town.v1.Town.people = 2 is gone"]);
        check("people = 2;", "people = 14;", &["the field transit.town.v1.Town.people = 2 is gone"]);
    }

    #[test]
    fn a_field_keeps_its_name() {
        let expected = [
            "the field transit.town.v1.Town.people = 2 is called souls now",
            "transit.town.v1.Town.people is called otherwise in JSON",
        ];
        check("people = 2;", "souls = 2;", &expected);
        check("people = 2;", "people = 2 [json_name = \"souls\"];", &expected[1..]);
    }

    #[test]
    fn a_field_keeps_its_type_and_cardinality() {
        check("int32 people", "int64 people", &["transit.town.v1.Town.people was int32, is int64"]);
        let other = "transit.town.v1.Town.inner was transit.town.v1.Town.Inner, is transit.town.v1.Other";
        check("Inner inner = 10;", "Other inner = 10;", &[other]);
        check(
            "int32 people",
            "repeated int32 people",
            &["transit.town.v1.Town.people is repeated or optional otherwise"],
        );
        check(
            "repeated string streets",
            "string streets",
            &["transit.town.v1.Town.streets is repeated or optional otherwise"],
        );
        let unset = [
            "the oneof transit.town.v1.Town._height is gone",
            "transit.town.v1.Town.height is repeated or optional otherwise",
        ];
        let broken = broken(&compiled(TOWN), &compiled(&TOWN.replacen("optional int32", "int32", 1)));
        assert!(unset.iter().all(|unset| broken.iter().any(|breach| breach.ends_with(unset))), "{broken:?}");
    }

    #[test]
    fn a_field_stays_in_its_oneof() {
        let moved = "transit.town.v1.Town.pump was in the oneof Some(\"well\"), is in None";
        check("string pump = 6; }", "} string pump = 6;", &[moved]);
        let moved = "transit.town.v1.Town.people was in the oneof None, is in Some(\"well\")";
        check(
            "int32 people = 2;\n  repeated string streets = 3;\n  optional int32 height = 4;\n  oneof well {",
            "repeated string streets = 3;\n  optional int32 height = 4;\n  oneof well { int32 people = 2;",
            &[moved],
        );
        let gone = [
            "transit.town.v1.Town.tower was in the oneof Some(\"bell\"), is in None",
            "the oneof transit.town.v1.Town.bell is gone",
        ];
        check("oneof bell { string tower = 7; }", "string tower = 7;", &gone);
    }

    #[test]
    fn a_value_stays_and_keeps_its_name() {
        check(" KIND_HAMLET = 1;", "", &["the value transit.town.v1.Town.Kind.KIND_HAMLET = 1 is gone"]);
        check("KIND_HAMLET = 1;", "KIND_HAMLET = 2;", &["the value transit.town.v1.Town.Kind.KIND_HAMLET = 1 is gone"]);
        let renamed = "the value transit.town.v1.Town.Kind.KIND_HAMLET = 1 is called KIND_FARM now";
        check("KIND_HAMLET", "KIND_FARM", &[renamed]);
    }

    #[test]
    fn what_is_reserved_stays_so() {
        check("reserved 9, 11 to 12;", "reserved 9, 11;", &["transit.town.v1.Town: 11 to 12 are reserved no longer"]);
        check("  reserved \"mayor\";\n", "", &["transit.town.v1.Town: the name mayor is reserved no longer"]);
        check("reserved 5 to 6;", "reserved 5;", &["transit.town.v1.Town.Kind: 5 to 6 are reserved no longer"]);
        check(" reserved \"KIND_CITY\";", "", &["transit.town.v1.Town.Kind: the name KIND_CITY is reserved no longer"]);
    }

    #[test]
    fn messages_and_enums_stay() {
        check(
            "  Inner inner = 10;\n  message Inner { string a = 1; }\n",
            "",
            &["the field transit.town.v1.Town.inner = 10 is gone", "the message transit.town.v1.Town.Inner is gone"],
        );
        let moved = TOWN.replace("  enum Kind {", "}\nenum Kind {").replace("\"KIND_CITY\"; }\n}", "\"KIND_CITY\"; }");
        let broken = broken(&compiled(TOWN), &compiled(&moved));
        assert!(
            broken.iter().any(|breach| breach.ends_with("the enum transit.town.v1.Town.Kind is gone")),
            "{broken:?}"
        );
    }

    #[test]
    fn a_method_stays_with_its_types() {
        check("  rpc GetTown(Town) returns (Other);\n", "", &["the method TownService.GetTown is gone"]);
        let retyped =
            ".transit.town.v1.Town to .transit.town.v1.Other, is .transit.town.v1.Other to .transit.town.v1.Other";
        check("GetTown(Town)", "GetTown(Other)", &[&format!("TownService.GetTown was {retyped}")]);
        let retyped =
            ".transit.town.v1.Town to .transit.town.v1.Other, is .transit.town.v1.Town to .transit.town.v1.Town";
        check(
            "GetTown(Town) returns (Other)",
            "GetTown(Town) returns (Town)",
            &[&format!("TownService.GetTown was {retyped}")],
        );
    }

    #[test]
    fn a_method_streams_as_before() {
        check("returns (stream Other)", "returns (Other)", &["TownService.WatchTown streams otherwise"]);
        check("GetTown(Town)", "GetTown(stream Town)", &["TownService.GetTown streams otherwise"]);
        let options = "returns (Other) { option idempotency_level = NO_SIDE_EFFECTS; }";
        check("returns (Other);", options, &["TownService.GetTown has another idempotency level"]);
    }

    #[test]
    fn services_packages_files_and_syntax_stay() {
        check("service TownService", "service VillageService", &["the service TownService is gone"]);
        let other = TOWN.replacen("package transit.town.v1", "package transit.town.v2", 1);
        let package = "transit/town/v1/town.proto is no longer of package transit.town.v1";
        assert_eq!(broken(&compiled(TOWN), &compiled(&other)), [package]);
        let none = FileDescriptorSet::default();
        assert_eq!(broken(&compiled(TOWN), &none), ["the file transit/town/v1/town.proto is gone"]);
        let plain = "syntax = \"proto3\";\npackage transit.town.v1;\nmessage M {}\n";
        let older = plain.replacen("proto3", "proto2", 1);
        assert_eq!(broken(&compiled(plain), &compiled(&older)), ["transit/town/v1/town.proto: another syntax"]);
    }

    /// The contract as it is now against the one that was released last; when this fails, the message says what to do.
    #[test]
    fn the_contract_breaks_nothing_that_was_released() {
        let breaches = breaches(&crate::root()).unwrap();
        assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    }

    #[test]
    fn the_highest_version_counts() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(newest(root.path()).unwrap(), None);
        let released = root.path().join(RELEASED);
        fs::create_dir_all(&released).unwrap();
        for name in ["v0.9.bin", "v0.10.bin", "v0.1.bin"] {
            fs::write(released.join(name), "").unwrap();
        }
        assert_eq!(newest(root.path()).unwrap(), Some(released.join("v0.10.bin")));
        fs::write(released.join("latest.bin"), "").unwrap();
        assert!(newest(root.path()).unwrap_err().to_string().contains("latest.bin"));
    }
}
