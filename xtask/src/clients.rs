//! The documented example clients, run against a real server on the loopback.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// Runs `examples/python` against the built-in town. Installs Python's `venv` if there is none.
pub(crate) fn python(root: &Path) -> Result<()> {
    install_venv()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let binary = target.join("release/mukae");
    let mut server = Server::start(&binary)?;
    let status = Command::new("sh")
        .arg(root.join("examples/python/run.sh"))
        .arg(&server.address)
        .status()
        .context("sh does not run")?;
    server.stop();
    ensure!(status.success(), "the Python example failed");
    Ok(())
}

/// Debian keeps `venv` in a package of its own; others ship it with Python.
fn install_venv() -> Result<()> {
    let is_there = |args: &[&str]| {
        let done = Command::new("python3").args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
        done.is_ok_and(|status| status.success())
    };
    if is_there(&["-c", "import venv, ensurepip"]) {
        return Ok(());
    }
    println!("installing python3-venv with apt-get, for the Python example");
    for args in [&["update", "-qq"][..], &["install", "-y", "-qq", "python3-venv"]] {
        let status = Command::new("apt-get")
            .args(args)
            .status()
            .context("Python 3 with venv is missing and there is no apt-get; install both and run the tests again")?;
        ensure!(status.success(), "apt-get {}", args.join(" "));
    }
    ensure!(is_there(&["-c", "import venv, ensurepip"]), "python3-venv was installed, but python3 does not find it");
    Ok(())
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
