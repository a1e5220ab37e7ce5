//! The word that the house closes: said once, heard by everyone who listens.

use tokio::sync::watch;

/// Says it.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<bool>);

/// Hears it.
#[derive(Clone, Debug)]
pub struct ShutdownSignal(watch::Receiver<bool>);

pub fn shutdown() -> (Shutdown, ShutdownSignal) {
    let (say, hear) = watch::channel(false);
    (Shutdown(say), ShutdownSignal(hear))
}

impl Shutdown {
    /// More than once is once.
    pub fn say(&self) {
        self.0.send_replace(true);
    }
}

impl ShutdownSignal {
    /// Ends once it was said, or nobody is left who could say it.
    pub async fn heard(&self) {
        let mut hear = self.0.clone();
        let _ = hear.wait_for(|said| *said).await;
    }
}
