//! A real browser without a window, spoken to by its remote-debugging protocol: JSON messages over a WebSocket.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// Where Debian and others keep it; `MUKAE_CHROMIUM` names another.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Browser {
    child: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    last_id: u64,
    /// What the page said went wrong, and what it asked the network for.
    pub complaints: Vec<String>,
    pub requests: Vec<String>,
    _profile: TempDir,
}

impl Browser {
    /// With a window of this size in pixels.
    pub fn open(width: u32, height: u32) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(program())
            .args(["--headless", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0"])
            // the sandbox needs rights that containers and root lack; what is opened here is our own file
            .arg("--no-sandbox")
            .arg(format!("--window-size={width},{height}"))
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        let address = said
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("DevTools listening on ").map(str::to_owned))
            .expect("the browser says where it listens");
        std::thread::spawn(move || said.for_each(drop)); // a full pipe would hold it up
        let (socket, _) = tungstenite::connect(&address).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
        }
        let (complaints, requests) = (Vec::new(), Vec::new());
        let mut browser = Browser { child, socket, session: None, last_id: 0, complaints, requests, _profile: profile };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached =
            browser.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    pub fn visit(&mut self, file: &Path) {
        let found = self.call("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        assert_eq!(found["errorText"], Value::Null);
        self.wait_for("document.readyState === 'complete'");
    }

    /// The value of an expression in the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let found = self.call("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true }));
        assert_eq!(found["exceptionDetails"], Value::Null, "{expression}");
        found["result"]["value"].clone()
    }

    pub fn text(&mut self, selector: &str) -> String {
        let value = self.value(&format!("document.querySelector({selector:?}).innerText"));
        value.as_str().unwrap_or_else(|| panic!("{selector} has no text")).to_owned()
    }

    /// Waits in the page, by its own clock, until the condition holds.
    pub fn wait_for(&mut self, condition: &str) {
        let until = format!(
            "new Promise((done) => {{ const end = performance.now() + {}; const look = () => ({condition}) ? done(true) : \
             end < performance.now() ? done(false) : setTimeout(look, 20); look(); }})",
            PATIENCE.as_millis() / 2
        );
        let parameters = json!({ "expression": until, "returnByValue": true, "awaitPromise": true });
        let found = self.call("Runtime.evaluate", parameters);
        assert_eq!(found["result"]["value"], true, "{condition}: {found}; complaints: {:?}", self.complaints);
    }

    /// A click as a hand would make it, in the middle of an element.
    pub fn click(&mut self, selector: &str) {
        let middle = format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{ block: 'center' }}); \
             const a = e.getBoundingClientRect(); return [a.left + a.width / 2, a.top + a.height / 2]; }})()"
        );
        let at = self.value(&middle);
        self.click_at(at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
    }

    pub fn click_at(&mut self, x: f64, y: f64) {
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    pub fn press(&mut self, key: &str, code: &str, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            self.call("Input.dispatchKeyEvent", json!({ "type": kind, "key": key, "code": code, "text": text }));
        }
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.socket.send(Message::text(message.to_string())).unwrap();
        loop {
            let heard = self.socket.read().unwrap_or_else(|error| panic!("no answer to {method}: {error}"));
            let Ok(heard) = serde_json::from_str::<Value>(heard.to_text().unwrap_or_default()) else { continue };
            if heard["id"] == self.last_id {
                assert_eq!(heard["error"], Value::Null, "{method}");
                return heard["result"].clone();
            }
            self.note(&heard);
        }
    }

    fn note(&mut self, event: &Value) {
        let about = &event["params"];
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(about["exceptionDetails"].to_string()),
            Some("Runtime.consoleAPICalled") if about["type"] != "log" => self.complaints.push(about.to_string()),
            Some("Log.entryAdded") => self.complaints.push(about["entry"].to_string()),
            Some("Network.requestWillBeSent") => {
                self.requests.push(about["request"]["url"].as_str().unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("MUKAE_CHROMIUM") {
        return PathBuf::from(named);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).flat_map(|dir| NAMES.map(|name| dir.join(name)));
    places.into_iter().find(|place| place.is_file()).unwrap_or_else(|| {
        panic!(
            "this test needs Chromium: install it (Debian: apt-get install chromium), or name it in MUKAE_CHROMIUM; \
             `cargo xtask check` installs it"
        )
    })
}
