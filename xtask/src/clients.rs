//! The documented example clients, run against a real server on the loopback; and what else tests need of the machine.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// The oldest major version of Node.js that the TypeScript example runs on.
const NODE_LEAST: u32 = 18;

/// Runs `examples/python` against the built-in town. Installs Python's `venv` if there is none.
pub(crate) fn python(root: &Path) -> Result<()> {
    // Debian keeps `venv` in a package of its own; others ship it with Python.
    let is_there = || runs("python3", &["-c", "import venv, ensurepip"]);
    need("the Python example", "Python 3 with venv", &["python3-venv"], is_there)?;
    run(root, "python")
}

/// Runs `examples/typescript` against the built-in town. Installs Node.js and npm if there are none.
pub(crate) fn typescript(root: &Path) -> Result<()> {
    let is_there = || node_version().is_some_and(|version| NODE_LEAST <= version) && runs("npm", &["--version"]);
    let what = format!("Node.js {NODE_LEAST} or newer with npm");
    need("the TypeScript example", &what, &["nodejs", "npm"], is_there)?;
    run(root, "typescript")
}

/// Sees to it that there is a browser for the tests of pages.
pub(crate) fn browser() -> Result<()> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let is_there =
        || std::env::var_os("MUKAE_CHROMIUM").is_some() || names.iter().any(|name| runs(name, &["--version"]));
    need("the tests of pages", "Chromium", &["chromium"], is_there)
}

/// The example in this language, with a server of its own.
fn run(root: &Path, language: &str) -> Result<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let binary = target.join("release/mukae");
    let mut server = Server::start(&binary)?;
    let status = Command::new("sh")
        .arg(root.join("examples").join(language).join("run.sh"))
        .arg(&server.address)
        .status()
        .context("sh does not run")?;
    server.stop();
    ensure!(status.success(), "the example in {language} failed");
    Ok(())
}

/// Installs `packages` with apt-get if `what` is not there.
fn need(whose: &str, what: &str, packages: &[&str], is_there: impl Fn() -> bool) -> Result<()> {
    if is_there() {
        return Ok(());
    }
    println!("installing {} with apt-get, for {whose}", packages.join(" and "));
    let install = [&["install", "-y", "-qq"], packages].concat();
    for args in [&["update", "-qq"][..], &install] {
        let status = Command::new("apt-get").args(args).status().with_context(|| {
            format!("{what} is missing and there is no apt-get; install it and run the tests again")
        })?;
        ensure!(status.success(), "apt-get {}", args.join(" "));
    }
    ensure!(is_there(), "{} was installed, but {what} is still not there", packages.join(" and "));
    Ok(())
}

fn runs(program: &str, args: &[&str]) -> bool {
    let done = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}

/// The major one.
fn node_version() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

/// Of a version like `v18.19.0`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// A `mukae serve` that ends with this.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(binary: &Path) -> Result<Server> {
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not run; `cargo build --release` builds it", binary.display()))?;
        let lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        for line in lines {
            if let Some(address) = line?.strip_prefix("serving on http://") {
                return Ok(Server { child, address: address.to_owned() });
            }
        }
        let status = child.wait()?;
        bail!("mukae serve ended before it served: {status}")
    }

    fn stop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!((major("v18.19.0\n"), major("v20.20.2")), (Some(18), Some(20)));
        assert_eq!((major("18.19.0"), major("")), (None, None));
    }
}
