//! Progress on the terminal: bars for people, nothing where nobody looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
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
