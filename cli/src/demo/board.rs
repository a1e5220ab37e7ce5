//! What people see of the demo: on a terminal a board that changes, elsewhere a line for each event.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mukae_proto::transit::booking::v1::Booking;
use mukae_server::clock::Clock;
use mukae_server::config::Config;
use mukae_units::Time;

#[derive(Clone, Debug)]
pub(super) struct Board(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    starts: Time,
    ends: Time,
    requests: usize,
    booked: usize,
    refused: usize,
    done: usize,
    screen: Option<Screen>,
}

#[derive(Debug)]
struct Screen {
    all: MultiProgress,
    day: ProgressBar,
    tally: ProgressBar,
    news: ProgressBar,
    vehicles: BTreeMap<String, ProgressBar>,
}

impl Board {
    pub(super) fn new(config: &Config, clock: Arc<dyn Clock>, ends: Time, requests: usize) -> Board {
        let starts = clock.now();
        let screen = std::io::stderr().is_terminal().then(|| Screen::new(config));
        Board(Arc::new(Mutex::new(Inner {
            zone: config.area.time_zone.clone(),
            clock,
            starts,
            ends,
            requests,
            booked: 0,
            refused: 0,
            done: 0,
            screen,
        })))
    }

    pub(super) fn booked(&self, request: &str, booking: &Booking) {
        let mut inner = self.lock();
        inner.booked += 1;
        let vehicle = booking.vehicle.rsplit('/').next().unwrap_or_default();
        inner.say(&format!("request {request} booked as {} on {vehicle}", booking.name));
    }

    pub(super) fn refused(&self, request: &str) {
        let mut inner = self.lock();
        inner.refused += 1;
        inner.say(&format!("request {request} refused"));
    }

    pub(super) fn alighted(&self, booking: &str, vehicle: &str) {
        let mut inner = self.lock();
        inner.done += 1;
        let booking = booking.rsplit('/').next().unwrap_or_default();
        inner.say(&format!("booking {booking} has arrived with {vehicle}"));
    }

    pub(super) fn vehicle(&self, vehicle: &str, doing: &str, on_board: i32, stops: usize) {
        let inner = self.lock();
        let Some(line) = inner.screen.as_ref().and_then(|screen| screen.vehicles.get(vehicle)) else { return };
        let riders = "●".repeat(on_board.clamp(0, 12) as usize);
        line.set_message(format!("{doing:<17} {riders:<12} {stops:>2} stops to go"));
        inner.draw();
    }

    pub(super) fn finish(&self) {
        let mut inner = self.lock();
        inner.draw();
        if let Some(screen) = inner.screen.take() {
            screen.all.clear().unwrap_or_default();
        }
        println!("{}", inner.tally());
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn say(&mut self, what: &str) {
        let shown = self.shown();
        match &self.screen {
            Some(screen) => screen.news.set_message(format!("{shown}  {what}")),
            None => println!("{shown}  {what}"),
        }
        self.draw();
    }

    fn draw(&self) {
        let Some(screen) = &self.screen else { return };
        let (passed, whole) = (self.clock.now() - self.starts, self.ends - self.starts);
        screen.day.set_length(whole.as_secs().max(1) as u64);
        screen.day.set_position(passed.as_secs().clamp(0, whole.as_secs()) as u64);
        screen.day.set_message(self.shown());
        screen.tally.set_message(self.tally());
    }

    fn tally(&self) -> String {
        format!(
            "{} of {} asked: {} booked, {} refused; {} rides done",
            self.booked + self.refused,
            self.requests,
            self.booked,
            self.refused,
            self.done
        )
    }

    /// The time of day in the area.
    fn shown(&self) -> String {
        let now = Timestamp::from_millisecond(self.clock.now().as_unix_millis()).unwrap_or(Timestamp::UNIX_EPOCH);
        now.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }
}

impl Screen {
    fn new(config: &Config) -> Screen {
        let all = MultiProgress::new();
        let style = |template: &str| {
            ProgressStyle::with_template(template).expect("the template is fixed").progress_chars("=> ")
        };
        let line = |template: &str| all.add(ProgressBar::new(1).with_style(style(template)));
        let day = line("  {msg}  [{bar:48}] {percent:>3} % of the day");
        let tally = line("  {msg}");
        let width = config.vehicles.iter().map(|vehicle| vehicle.display_name.chars().count()).max().unwrap_or(0);
        let vehicles = config
            .vehicles
            .iter()
            .map(|vehicle| {
                let bar = line("  {prefix}  {msg}");
                bar.set_prefix(format!("{:<width$}", vehicle.display_name));
                (vehicle.name.to_string(), bar)
            })
            .collect();
        let news = line("  {msg}");
        Screen { all, day, tally, news, vehicles }
    }
}
