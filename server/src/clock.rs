//! The clock of an area: milliseconds that never go back.
//!
//! All times of the interface are of this clock, whether it is the wall's, a faster one in a demo, or
//! one set by hand in a test. What the journal holds has happened: after recovery a clock starts no
//! earlier than the newest record.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mukae_units::{Span, Time};
use tokio::sync::watch;

/// A wait that a clock decides the end of.
pub type Wait<'c> = Pin<Box<dyn Future<Output = ()> + Send + 'c>>;

pub trait Clock: Send + Sync + fmt::Debug {
    /// Never less than any time shown before.
    fn now(&self) -> Time;

    /// How much faster than real time it runs.
    fn speed(&self) -> f64;

    /// From here on it shows at least `floor`.
    fn raise_to(&self, floor: Time);

    /// Ends once the clock shows `at` or later.
    fn reached(&self, at: Time) -> Wait<'_>;

    /// The one by which a further area goes: of its own where one area's journal may be ahead of the others'.
    fn of_area(self: Arc<Self>) -> Arc<dyn Clock>;
}

/// No sleep is longer than this, so that a clock that was corrected meanwhile is looked at again.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// A difference from the wall's clock that is worth a warning.
const DRIFT_NOTED: Span = Span::from_secs(5);

async fn sleep_until_shown(clock: &dyn Clock, at: Time) {
    loop {
        let left = at - clock.now();
        if left <= Span::ZERO {
            return;
        }
        // Rounded up to the next millisecond: a shorter sleep would only ask again.
        let real = Duration::from_secs_f64((left.as_millis() as f64 / clock.speed() + 1.0).min(1e9) / 1e3);
        tokio::time::sleep(real.min(SLEEP_MAX)).await;
    }
}

/// The wall's clock, smoothed: it runs by the monotonic clock and leans towards the wall's by at
/// most a tenth, so that a wall that jumps expires no offers and breaks no promises at once.
#[derive(Debug)]
pub struct SystemClock {
    shown: Mutex<Shown>,
}

#[derive(Debug)]
struct Shown {
    at: Instant,
    /// In milliseconds since the epoch, with their fractions.
    millis: f64,
    is_drift_noted: bool,
}

impl SystemClock {
    pub fn new() -> SystemClock {
        let shown = Shown { at: Instant::now(), millis: wall_millis(), is_drift_noted: false };
        SystemClock { shown: Mutex::new(shown) }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        let mut shown = lock(&self.shown);
        let at = Instant::now();
        let elapsed = at.duration_since(shown.at).as_secs_f64() * 1e3;
        let drift = wall_millis() - (shown.millis + elapsed);
        shown.at = at;
        shown.millis += elapsed + drift.clamp(-elapsed / 10.0, elapsed / 10.0);
        let is_drifting = drift.abs() > DRIFT_NOTED.as_millis() as f64;
        if is_drifting && !shown.is_drift_noted {
            tracing::warn!(drift_ms = drift as i64, "the wall's clock jumped; ours follows slowly");
        }
        shown.is_drift_noted = is_drifting;
        Time::from_unix_millis(shown.millis as i64)
    }

    fn speed(&self) -> f64 {
        1.0
    }

    fn raise_to(&self, floor: Time) {
        let mut shown = lock(&self.shown);
        shown.millis = shown.millis.max(floor.as_unix_millis() as f64);
    }

    fn reached(&self, at: Time) -> Wait<'_> {
        Box::pin(sleep_until_shown(self, at))
    }

    fn of_area(self: Arc<Self>) -> Arc<dyn Clock> {
        Arc::new(SystemClock::new())
    }
}

fn wall_millis() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1e3)
}

/// Starts where it is told and runs a number of times faster than real time: for a demo.
#[derive(Debug)]
pub struct ScaledClock {
    run: Mutex<Run>,
}

/// Since when it has run how fast, and what it showed then.
#[derive(Clone, Copy, Debug)]
struct Run {
    since: Instant,
    shown: Time,
    speed: f64,
}

impl Run {
    fn now(&self) -> Time {
        self.shown + Span::from_millis((self.since.elapsed().as_secs_f64() * 1e3 * self.speed) as i64)
    }
}

impl ScaledClock {
    /// Panics unless `speed` is a positive, finite number.
    pub fn new(start: Time, speed: f64) -> ScaledClock {
        assert!(speed > 0.0 && speed.is_finite(), "a clock of speed {speed} does not run");
        ScaledClock { run: Mutex::new(Run { since: Instant::now(), shown: start, speed }) }
    }

    /// From here on it runs so fast. Panics unless `speed` is a positive, finite number.
    pub fn set_speed(&self, speed: f64) {
        assert!(speed > 0.0 && speed.is_finite(), "a clock of speed {speed} does not run");
        let mut run = lock(&self.run);
        *run = Run { since: Instant::now(), shown: run.now(), speed };
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> Time {
        lock(&self.run).now()
    }

    fn speed(&self) -> f64 {
        lock(&self.run).speed
    }

    fn raise_to(&self, floor: Time) {
        let mut run = lock(&self.run);
        *run = Run { since: Instant::now(), shown: run.now().max(floor), speed: run.speed };
    }

    fn reached(&self, at: Time) -> Wait<'_> {
        Box::pin(sleep_until_shown(self, at))
    }

    fn of_area(self: Arc<Self>) -> Arc<dyn Clock> {
        self
    }
}

/// Stands still until it is set: for tests.
#[derive(Debug)]
pub struct ManualClock {
    shown: watch::Sender<Time>,
}

impl ManualClock {
    pub fn new(start: Time) -> ManualClock {
        ManualClock { shown: watch::Sender::new(start) }
    }

    /// Lets `span` pass at once.
    pub fn advance(&self, span: Span) {
        self.raise_to(self.now() + span);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.shown.borrow()
    }

    fn speed(&self) -> f64 {
        1.0
    }

    fn raise_to(&self, floor: Time) {
        self.shown.send_modify(|shown| *shown = (*shown).max(floor));
    }

    fn reached(&self, at: Time) -> Wait<'_> {
        let mut shown = self.shown.subscribe();
        Box::pin(async move {
            // An error means that the clock is gone, and it can not be: `self` is borrowed.
            let _ = shown.wait_for(|shown| at <= *shown).await;
        })
    }

    fn of_area(self: Arc<Self>) -> Arc<dyn Clock> {
        self
    }
}

/// What is behind these locks is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_clock_goes_back() {
        let start = Time::from_unix_secs(1_000_000);
        let clocks: [Box<dyn Clock>; 3] =
            [Box::new(SystemClock::new()), Box::new(ScaledClock::new(start, 600.0)), Box::new(ManualClock::new(start))];
        for clock in clocks {
            let later = clock.now() + Span::HOUR;
            clock.raise_to(later);
            assert!(later <= clock.now(), "{clock:?}");
            clock.raise_to(later - Span::DAY);
            assert!(later <= clock.now(), "{clock:?}");
        }
    }

    #[tokio::test]
    async fn a_manual_clock_wakes_who_waits_for_it() {
        let start = Time::from_unix_secs(0);
        let clock = ManualClock::new(start);
        clock.reached(start).await;
        let waiting = clock.reached(start + Span::MINUTE);
        clock.advance(Span::HOUR);
        waiting.await;
    }

    #[tokio::test]
    async fn a_scaled_clock_gets_there() {
        let clock = ScaledClock::new(Time::from_unix_secs(0), 1e9);
        clock.reached(Time::from_unix_secs(3600)).await;
    }
}
