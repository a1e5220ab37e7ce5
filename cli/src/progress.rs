//! Progress on the terminal: bars for people, nothing where nobody looks.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mukae_maps::build::BuildStage;

/// A bar over `length` steps with the time left.
pub(crate) fn bar(length: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>22} [{bar:32}] {pos}/{len} {percent:>3} %  {eta} left")
        .expect("the template is fixed");
    let bar = ProgressBar::new(length).with_style(style.progress_chars("=> ")).with_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A bar over the stages of a map build.
#[derive(Debug)]
pub(crate) struct BuildBar(ProgressBar);

impl BuildBar {
    pub(crate) fn new() -> BuildBar {
        let style = ProgressStyle::with_template("{msg:>22} [{bar:32}] {percent:>3} %  {elapsed}")
            .expect("the template is fixed");
        BuildBar(ProgressBar::new(1000).with_style(style.progress_chars("=> ")))
    }

    pub(crate) fn show(&self, stage: BuildStage, part: f32) {
        self.0.set_message(match stage {
            BuildStage::Ways => "reading roads",
            BuildStage::Nodes => "reading positions",
            BuildStage::Graph => "joining roads",
            BuildStage::Hierarchy => "ordering junctions",
            BuildStage::Metric => "filling in times",
        });
        self.0.set_position((part.clamp(0.0, 1.0) * 1000.0) as u64);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Work that takes less than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar over `length` steps that shows itself only if the work takes longer than a moment.
#[derive(Debug)]
pub(crate) struct LateBar {
    bar: ProgressBar,
    since: Instant,
    is_shown: bool,
}

impl LateBar {
    pub(crate) fn new(length: usize, what: &'static str) -> LateBar {
        let style = ProgressStyle::with_template("{msg:>22} [{bar:32}] {percent:>3} %  {eta} left")
            .expect("the template is fixed");
        let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::hidden())
            .with_style(style.progress_chars("=> "))
            .with_message(what);
        LateBar { bar, since: Instant::now(), is_shown: false }
    }

    pub(crate) fn step(&mut self, steps: usize) {
        self.bar.inc(steps as u64);
        if !self.is_shown && PATIENCE < self.since.elapsed() {
            self.is_shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Does `work` and, if that takes longer than a moment, says meanwhile what is being done.
pub(crate) fn while_busy<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        scope.spawn(move || {
            if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let style =
                    ProgressStyle::with_template("{msg:>22} {spinner}  {elapsed}").expect("the template is fixed");
                let spinner = ProgressBar::new_spinner().with_style(style).with_message(what);
                spinner.enable_steady_tick(Duration::from_millis(200));
                // Ends when the other end is dropped, below.
                is_done.recv().unwrap_or_default();
                spinner.finish_and_clear();
            }
        });
        let result = work();
        drop(done);
        result
    })
}
