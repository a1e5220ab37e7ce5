//! One door for chores: `cargo xtask check` is what CI runs.
//!
//! One file per chore. What is heavy to compile (the protobuf compiler and code generator) is used here and nowhere
//! else, so that a build of the product needs neither.
#![forbid(unsafe_code)]

mod breaking;
mod check;
mod clients;
mod codegen;
mod contract;
mod fuzz;
mod instructions;
mod lint;
mod proof;
mod reference;
mod tidy;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask <chore>

  check            format, lints, tidy, tests and the example clients: what CI runs
  test [ARGS..]    only the tests, in the release profile; ARGS go to `cargo test`
  clients          only the example clients, against the release build
  tidy             only the house rules
  codegen          proto/ -> proto/src/gen/ and docs/api.md
  release-contract [--breaking]  proto/ as it is -> proto/released/, which later ones must not break
  proof            the long proofs on roads; MUKAE_EXTRACTS=DIR adds real extracts
  fuzz [TARGET [SECONDS]]  damaged bytes for a reader, 60 seconds of them; without a target: their names
  instructions     what a question of the roads costs in instructions, by callgrind
";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    let root = root();
    let (chore, rest) = match args.split_first() {
        Some((chore, rest)) => (chore.as_str(), rest),
        None => ("help", args),
    };
    match (chore, rest) {
        ("check", []) => check::check(&root),
        ("test", rest) => check::test(&root, rest),
        ("clients", []) => clients::python(&root).and_then(|()| clients::typescript(&root)),
        ("tidy", []) => tidy::tidy(&root),
        ("codegen", []) => codegen::write(&root),
        ("release-contract", []) => breaking::release(&root, false),
        ("release-contract", [flag]) if flag == "--breaking" => breaking::release(&root, true),
        ("proof", []) => proof::proof(&root),
        ("fuzz", rest) => fuzz::fuzz(&root, rest),
        ("instructions", []) => instructions::instructions(&root),
        ("help" | "--help" | "-h", _) => {
            print!("{USAGE}");
            Ok(())
        }
        _ => bail!("no such chore: {}\n\n{USAGE}", args.join(" ")),
    }
}

/// The top of the workspace, wherever the caller stands.
fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask is a member of the workspace").to_owned()
}
