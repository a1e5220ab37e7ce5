//! The reference of the interface, `docs/api.md`, from the descriptors and their comments.

use std::fmt::Write;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto};

use crate::contract::{Comments, Contract, Enum, Message, child, enums, messages, step};

const HEAD: &str = "\
# The interface, field by field

<!-- Generated from proto/ by `cargo xtask codegen`; do not edit. -->

Names follow Google's AIP: standard methods (`Get`, `List`, `Create`) and custom verbs return the resource itself.
All times are UTC instants of the area's clock.
";

pub(crate) fn render(contract: &Contract) -> String {
    let files = contract.ours();
    let mut packages: Vec<&str> = files.iter().map(|file| file.package()).collect();
    packages.dedup();

    let mut text = HEAD.to_owned();
    text.push('\n');
    for package in &packages {
        let services: Vec<&str> =
            files_of(&files, package).flat_map(|file| &file.service).map(ServiceDescriptorProto::name).collect();
        let what = if services.is_empty() { "shared words".to_owned() } else { services.join(", ") };
        line(&mut text, &format!("- [`{package}`](#{package}): {what}"));
    }
    for package in &packages {
        render_package(&mut text, package, &files);
    }
    text
}

fn files_of<'a>(
    files: &'a [&'a FileDescriptorProto],
    package: &'a str,
) -> impl Iterator<Item = &'a FileDescriptorProto> + use<'a> {
    files.iter().copied().filter(move |file| file.package() == package)
}

/// Services first, then messages and enums, as a reader looks them up.
fn render_package(text: &mut String, package: &str, files: &[&FileDescriptorProto]) {
    heading(text, 2, package, &format!("`{package}`"));
    for file in files_of(files, package) {
        line(text, &Comments::of(file).of_file());
        text.push('\n');
    }
    for file in files_of(files, package) {
        for (index, service) in file.service.iter().enumerate() {
            render_service(text, file, service, &child(&[], step::FILE_SERVICE, index));
        }
    }
    for file in files_of(files, package) {
        let comments = Comments::of(file);
        for message in messages(file) {
            render_message(text, package, &comments, &message);
        }
        for each in enums(file) {
            render_enum(text, package, &comments, &each);
        }
    }
}

fn render_service(text: &mut String, file: &FileDescriptorProto, service: &ServiceDescriptorProto, path: &[i32]) {
    let comments = Comments::of(file);
    heading(text, 3, &format!("{}.{}", file.package(), service.name()), &format!("service {}", service.name()));
    line(text, &comments.at(path));
    for (index, method) in service.method.iter().enumerate() {
        let id = format!("{}.{}.{}", file.package(), service.name(), method.name());
        heading(text, 4, &id, method.name());
        let stream = if method.server_streaming() { "stream of " } else { "" };
        let (request, response) = (link(method.input_type()), link(method.output_type()));
        line(text, &format!("{request} → {stream}{response}\n"));
        line(text, &comments.at(&child(path, step::SERVICE_METHOD, index)));
    }
}

fn render_message(text: &mut String, package: &str, comments: &Comments<'_>, message: &Message<'_>) {
    heading(text, 3, &message.name, short(package, &message.name));
    line(text, &comments.at(&message.path));
    if message.descriptor.field.is_empty() {
        return;
    }
    line(text, "\n| field | type | meaning |\n|---|---|---|");
    for (index, field) in message.descriptor.field.iter().enumerate() {
        let mut meaning = cell(&comments.at(&child(&message.path, step::MESSAGE_FIELD, index)));
        if let Some(oneof_idx) = oneof_of(field) {
            let oneof = message.descriptor.oneof_decl[oneof_idx].name();
            let about = cell(&comments.at(&child(&message.path, step::MESSAGE_ONEOF, oneof_idx)));
            meaning = format!("*One of `{oneof}`. {about}* {meaning}");
        }
        line(text, &format!("| `{}` = {} | {} | {meaning} |", field.name(), field.number(), type_of(field)));
    }
}

fn render_enum(text: &mut String, package: &str, comments: &Comments<'_>, each: &Enum<'_>) {
    heading(text, 3, &each.name, &format!("enum {}", short(package, &each.name)));
    line(text, &comments.at(&each.path));
    line(text, "\n| value | meaning |\n|---|---|");
    for (index, value) in each.descriptor.value.iter().enumerate() {
        let meaning = cell(&comments.at(&child(&each.path, step::ENUM_VALUE, index)));
        line(text, &format!("| `{}` = {} | {meaning} |", value.name(), value.number()));
    }
}

/// The oneof that the reader sees; the compiler makes one for each `optional` field, too.
fn oneof_of(field: &FieldDescriptorProto) -> Option<usize> {
    let index = field.oneof_index.filter(|_| !field.proto3_optional())?;
    Some(usize::try_from(index).expect("an index is not negative"))
}

fn type_of(field: &FieldDescriptorProto) -> String {
    let name = match field.r#type() {
        Type::Message | Type::Enum => link(field.type_name()),
        scalar => scalar.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    };
    match (field.label(), field.proto3_optional()) {
        (Label::Repeated, _) => format!("repeated {name}"),
        (_, true) => format!("optional {name}"),
        _ => name,
    }
}

/// A type that stands on this page becomes a link; Google's are known well enough.
fn link(type_name: &str) -> String {
    let name = type_name.trim_start_matches('.');
    if name.starts_with("transit.") {
        let package_end = name.find(".v1.").map_or(0, |start| start + ".v1.".len());
        format!("[{}](#{name})", &name[package_end..])
    } else {
        name.trim_start_matches("google.protobuf.").to_owned()
    }
}

fn short<'a>(package: &str, name: &'a str) -> &'a str {
    name.strip_prefix(package).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name)
}

fn heading(text: &mut String, level: usize, id: &str, title: &str) {
    line(text, &format!("\n<a id=\"{id}\"></a>\n{} {title}\n", "#".repeat(level)));
}

/// A comment on one line, as a table wants it.
fn cell(comment: &str) -> String {
    comment.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a String takes what it is given");
}
