//! `mukae`: one binary for maps, the service, the simulator and everyone who talks to the service.
//!
//! Thin: each verb's file reads its arguments, calls the room that knows, and prints.
#![forbid(unsafe_code)]

mod check;
mod client;
mod demo;
mod journal;
mod keys;
mod map;
mod output;
mod plan;
mod progress;
mod serve;
mod sim;
mod token;
mod town;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// On-demand transit dispatch: the car that comes to meet you.
#[derive(Debug, Parser)]
#[command(name = "mukae", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show a whole day of the built-in town: map, server, riders, drivers, key figures
    Demo(demo::Args),
    /// Prepare and inspect maps
    #[command(subcommand)]
    Map(map::Verb),
    /// Run the gRPC service for one area or several
    Serve(serve::Args),
    /// Read a configuration and say whether it can be served, area by area
    Check(check::Args),
    /// Plan a day of advance bookings: who rides when with which vehicle, a sheet for each driver, and a map (docs/plan.md)
    Plan(plan::Args),
    /// Simulate days with the same dispatcher
    #[command(subcommand)]
    Sim(sim::Verb),
    /// Inspect and verify the journal of an area
    #[command(subcommand)]
    Journal(journal::Verb),
    /// Make keys for trials without an identity provider
    #[command(subcommand)]
    Keys(keys::Verb),
    /// Sign a token with such a key
    Token(token::Args),
    #[command(flatten)]
    Client(client::Verb),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.verb {
        Verb::Demo(args) => demo::run(&args),
        Verb::Map(verb) => map::run(&verb),
        Verb::Serve(args) => serve::run(&args),
        Verb::Check(args) => check::run(&args),
        Verb::Plan(args) => plan::run(&args),
        Verb::Sim(verb) => sim::run(&verb),
        Verb::Journal(verb) => journal::run(&verb),
        Verb::Keys(verb) => keys::run(&verb),
        Verb::Token(args) => token::run(&args),
        Verb::Client(verb) => client::run(&verb),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and what caused it, each said once: many of ours name their cause themselves.
pub(crate) fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        if told.is_empty() {
            cause
        } else if told.contains(&cause) {
            told
        } else {
            format!("{told}: {cause}")
        }
    })
}
