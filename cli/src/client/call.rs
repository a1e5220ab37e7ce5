//! Any method of the interface, by its name and a request in JSON: what has no verb of its own is called by this one,
//! and so is everything that a script wants to say exactly.
//!
//! Messages are made from the descriptors, so a method is callable on the day it is added. JSON is protobuf's own
//! mapping of it, under the names of the `.proto` files.

use std::io::Read;

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use mukae_proto::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost::bytes::{Buf, BufMut};
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, SerializeOptions};
use serde_json::{Map, Value, json};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status};

use super::{Connection, Line, new_request_id, put, said, show};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mukae call ListVehicles '{\"parent\": \"tenants/ramsey\"}' --json")]
pub(crate) struct Call {
    /// The method: ListVehicles, FleetService/ListVehicles, or with its package; `mukae methods` lists them
    method: String,
    /// Its request in JSON; `-` reads it from the standard input; without it, an empty one. A missing request_id is
    /// filled in
    request: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mukae methods Booking")]
pub(crate) struct Methods {
    /// Only those with this in their names
    part: Option<String>,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

pub(crate) async fn call(args: &Call) -> anyhow::Result<()> {
    let method = find(&args.method)?;
    let text = match args.request.as_deref() {
        None => "{}".to_owned(),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("the standard input can not be read")?;
            text
        }
        Some(text) => text.to_owned(),
    };
    let request: Value = serde_json::from_str(&text).context("the request is no JSON")?;
    let line = args.connection.line().await?;
    send(&line, &method, request, |answer| put(args.connection.json, &answer, || show::any(&answer))).await
}

/// What can be called, needing no server.
pub(crate) fn methods(args: &Methods) {
    for method in all_methods() {
        let path = path_of(&method);
        if args.part.as_ref().is_some_and(|part| !path.contains(part.as_str())) {
            continue;
        }
        let fields: Vec<String> = method.input().fields().map(|field| field.name().to_owned()).collect();
        let value = json!({ "method": path, "fields": fields, "is_stream": method.is_server_streaming() });
        put(args.json, &value, || format!("{path}  {}\n", fields.join(" ")));
    }
}

pub(crate) fn all_methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the descriptors are whole: proto/src/lib.rs");
    let services: Vec<_> = pool.services().filter(|service| service.package_name().starts_with("transit.")).collect();
    services.iter().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

fn path_of(method: &MethodDescriptor) -> String {
    format!("{}/{}", method.parent_service().full_name(), method.name())
}

/// By the end of its name.
fn find(name: &str) -> anyhow::Result<MethodDescriptor> {
    let is_meant = |method: &MethodDescriptor| {
        let path = path_of(method);
        path == name || path.ends_with(&format!("/{name}")) || path.ends_with(&format!(".{name}"))
    };
    let mut found: Vec<_> = all_methods().into_iter().filter(is_meant).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(anyhow!("there is no method {name}; `mukae methods` lists them")),
        _ => Err(anyhow!("which one: {}?", found.iter().map(path_of).collect::<Vec<_>>().join(", "))),
    }
}

/// Sends a request and hands on each message that comes back.
async fn send(
    line: &Line,
    method: &MethodDescriptor,
    request: Value,
    mut each: impl FnMut(Value),
) -> anyhow::Result<()> {
    let path = path_of(method);
    let Value::Object(mut request) = request else { bail!("a request is a JSON object, like {{}}") };
    if method.input().get_field_by_name("request_id").is_some() {
        let written = ["request_id", "requestId"].iter().any(|name| request.contains_key(*name));
        if !written {
            request.insert("request_id".to_owned(), new_request_id().into());
        }
    }
    let request = DynamicMessage::deserialize(method.input(), Value::Object(request))
        .with_context(|| format!("this is no {}", method.input().name()))?;
    let mut client = tonic::client::Grpc::new(line.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
    client.ready().await.context("the connection is gone")?;
    let uri = format!("/{path}").parse().context("no path")?;
    let answer = client.server_streaming(Request::new(request.encode_to_vec()), uri, Raw).await.map_err(said)?;
    let mut answer = answer.into_inner();
    while let Some(bytes) = answer.message().await.map_err(said)? {
        let message =
            DynamicMessage::decode(method.output(), bytes.as_slice()).context("the answer can not be read")?;
        let options = SerializeOptions::new().use_proto_field_name(true);
        each(message.serialize_with_options(serde_json::value::Serializer, &options)?);
    }
    Ok(())
}

/// Of one message; a server of ours sends less.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// What a verb says: to a server, for good or as a rehearsal.
#[derive(Clone, Debug, Args)]
pub(crate) struct Hand {
    /// Only show what would happen
    #[arg(long, global = true)]
    pub dry_run: bool,
    #[command(flatten)]
    pub connection: Connection,
}

impl Hand {
    /// Calls `method` and prints what comes: of a list, all its pages and one thing at a time.
    pub(crate) async fn say(&self, line: &Line, method: &str, request: Value) -> anyhow::Result<()> {
        let method = find(method)?;
        let Value::Object(mut request) = request else { unreachable!("verbs write objects") };
        request.retain(|_, value| !value.is_null());
        if self.dry_run {
            let can_rehearse = method.input().get_field_by_name("validate_only").is_some();
            ensure!(can_rehearse, "nothing is changed by this, so there is nothing to try with --dry-run");
            request.insert("validate_only".to_owned(), true.into());
        }
        let is_list = method.output().get_field_by_name("next_page_token").is_some();
        loop {
            let mut next = None;
            let tell = |answer: Value| match answer {
                Value::Object(page) if is_list => next = self.print_page(page),
                answer => self.print(&answer),
            };
            send(line, &method, Value::Object(request.clone()), tell).await?;
            let Some(token) = next else { return Ok(()) };
            request.insert("page_token".to_owned(), token);
        }
    }

    /// Each thing of it; returns the token of the next.
    fn print_page(&self, page: Map<String, Value>) -> Option<Value> {
        let mut next = None;
        for (name, value) in page {
            match value {
                Value::Array(things) => things.iter().for_each(|thing| self.print(thing)),
                token if name == "next_page_token" => next = Some(token),
                _ => {}
            }
        }
        next
    }

    fn print(&self, value: &Value) {
        put(self.connection.json, value, || show::any(value));
    }
}

/// Bytes as they are.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// `docs/client.md` has a row for each method, with a verb that there is.
    #[test]
    fn the_manual_has_a_verb_for_each_method() {
        let manual = include_str!("../../../docs/client.md");
        let cli = crate::Cli::command();
        for method in all_methods() {
            let name = path_of(&method).rsplit('.').next().unwrap().to_owned();
            let row = manual.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
            let advice = format!(
                "add a line `| \\`{name}\\` | \\`mukae call {}\\` |`, or a verb of its own, to docs/client.md",
                method.name()
            );
            let row = row.unwrap_or_else(|| panic!("{advice}"));
            let verbs: Vec<&str> = row.split('`').filter_map(|part| part.strip_prefix("mukae ")).collect();
            assert!(!verbs.is_empty(), "{row}: {advice}");
            for verb in verbs {
                let mut command = &cli;
                for word in
                    verb.split(' ').take_while(|word| word.starts_with(|first: char| first.is_ascii_lowercase()))
                {
                    command = command.find_subcommand(word).unwrap_or_else(|| panic!("{row}: there is no verb {word}"));
                }
                assert_ne!(command.get_name(), cli.get_name(), "{row}");
            }
        }
    }

    #[test]
    fn methods_are_found_by_the_end_of_their_names() {
        for name in ["ListVehicles", "FleetService/ListVehicles", "transit.fleet.v1.FleetService/ListVehicles"] {
            assert_eq!(path_of(&find(name).unwrap()), "transit.fleet.v1.FleetService/ListVehicles");
        }
        for name in ["Vehicles", "", "listvehicles"] {
            assert!(find(name).unwrap_err().to_string().contains("mukae methods"), "{name}");
        }
    }

    #[test]
    fn every_verb_shows_an_example() {
        let cli = crate::Cli::command();
        for noun in [
            "roads", "alerts", "messages", "drivers", "vehicles", "shifts", "trip", "probe", "demand", "call",
            "methods",
        ] {
            let command = cli.find_subcommand(noun).unwrap_or_else(|| panic!("there is no verb {noun}"));
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("mukae {noun}")), "{noun}: {help}");
        }
    }
}
