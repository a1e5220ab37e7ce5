//! Simulations that are asked for. What a scenario says is judged by the program that runs it.

use mukae_proto::transit::planning::v1 as pb;

use crate::caller::Caller;
use crate::errors::Fault;
use crate::jobs::Order;
use crate::names::{AreaName, SimulationName, TenantName};
use crate::shell::input::{List, Signed};
use crate::wire::fields::Fields;
use crate::wire::filter::Sieve;
use crate::wire::listed;
use crate::wire::page::Page;

const SCENARIO_BYTES_MAX: usize = 64 << 10;
const ATTACHMENTS_MAX: usize = 8;
/// Of all together.
pub const ATTACHED_BYTES_MAX: usize = 16 << 20;
const FILE_NAME_MAX: usize = 100;
/// Of a file's name as answers have it.
const FILE_MAX: usize = 200;

/// `areas` are those of the tenant that can be simulated here.
pub fn create_simulation(
    caller: &Caller,
    request: pb::CreateSimulationRequest,
    areas: impl Fn(&str) -> Vec<AreaName>,
) -> Result<Signed<Order>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("SimulationService/CreateSimulation", &request, &request.request_id);
    let tenant = fields.name::<TenantName>("parent", &request.parent);
    let scenario = scenario(&mut fields, request.scenario);
    let attachments = attachments(&mut fields, request.attachments);
    let with_report = request.with_report;
    let wish = || {
        let tenant = tenant?.0;
        let areas = areas(&tenant).into_iter().filter(|area| caller.may_use(&area.to_string())).collect();
        Some(Order { tenant, scenario: scenario?, attachments: attachments?, with_report, areas })
    };
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

fn scenario(fields: &mut Fields<'_>, scenario: String) -> Option<String> {
    if scenario.trim().is_empty() || SCENARIO_BYTES_MAX < scenario.len() {
        let what = "required; TOML as docs/simulator.md says, at most 64 KiB";
        fields.wrong("scenario", format!("{what}, were {} bytes", scenario.len()));
        return None;
    }
    Some(scenario)
}

fn attachments(fields: &mut Fields<'_>, told: Vec<pb::SimulationAttachment>) -> Option<Vec<(String, Vec<u8>)>> {
    let bytes: usize = told.iter().map(|attachment| attachment.content.len()).sum();
    if ATTACHMENTS_MAX < told.len() || ATTACHED_BYTES_MAX < bytes {
        let most = ATTACHED_BYTES_MAX >> 20;
        let were = format!("were {} of {bytes} bytes", told.len());
        fields.wrong("attachments", format!("at most {ATTACHMENTS_MAX} of {most} MiB together, {were}"));
        return None;
    }
    let mut known: Vec<(String, Vec<u8>)> = Vec::with_capacity(told.len());
    let mut are_right = true;
    for (index, pb::SimulationAttachment { file, content }) in told.into_iter().enumerate() {
        let wrong = if !is_file_name(&file) {
            Some(("file", "1 to 100 letters, digits, `.`, `_` and `-` of ASCII, not beginning with `.`".to_owned()))
        } else if known.iter().any(|(other, _)| *other == file) {
            Some(("file", format!("{file} is there twice")))
        } else if content.is_empty() {
            Some(("content", "required".to_owned()))
        } else {
            None
        };
        match wrong {
            Some((field, what)) => {
                fields.wrong(format!("attachments[{index}].{field}"), what);
                are_right = false;
            }
            None => known.push((file, content)),
        }
    }
    are_right.then_some(known)
}

fn is_file_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=FILE_NAME_MAX).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(is_plain)
}

pub fn list_simulations(caller: &Caller, request: &pb::ListSimulationsRequest) -> Result<List<TenantName>, Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name::<TenantName>("parent", &request.parent);
    let sieve = Sieve::of_request(&mut fields, listed::SIMULATIONS, &request.filter, &request.order_by);
    let query = format!("simulations of {} {}", request.parent, sieve.query());
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| List { parent, page, sieve }))
}

pub fn list_figures(
    caller: &Caller,
    request: &pb::ListSimulationFiguresRequest,
) -> Result<(SimulationName, Page), Fault> {
    let mut fields = Fields::of(caller);
    let parent = fields.name::<SimulationName>("parent", &request.parent);
    let query = format!("figures of {}", request.parent);
    let page = Page::of_request(&mut fields, request.page_size, &request.page_token, query)?;
    fields.finish(parent.map(|parent| (parent, page)))
}

pub fn cancel_simulation(
    caller: &Caller,
    request: &pb::CancelSimulationRequest,
) -> Result<Signed<SimulationName>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("SimulationService/CancelSimulation", request, &request.request_id);
    let name = fields.name("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, name)
}

pub fn delete_simulation(
    caller: &Caller,
    request: &pb::DeleteSimulationRequest,
) -> Result<Signed<SimulationName>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("SimulationService/DeleteSimulation", request, &request.request_id);
    let name = fields.name("name", &request.name);
    fields.finish_rehearsable(request.validate_only, origin, name)
}

/// The simulation, and which of its files.
pub fn export_file(
    caller: &Caller,
    request: pb::ExportSimulationFileRequest,
) -> Result<(SimulationName, String), Fault> {
    let mut fields = Fields::of(caller);
    let name = fields.name("name", &request.name);
    let file = fields.required_text("file", request.file, FILE_MAX);
    fields.finish(name.zip(file))
}
