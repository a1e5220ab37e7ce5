//! Files that are read again: keys and certificates, when they change or when somebody asks.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::tls::Tls;
use crate::auth::{Auth, read_file};
use crate::config::AccessConfig;
use crate::shutdown::ShutdownSignal;

/// What is read again.
#[derive(Debug)]
pub struct Reload {
    files: Vec<PathBuf>,
    auth: Arc<Auth>,
    tls: Option<Arc<Tls>>,
    asked: Arc<Notify>,
    every: Duration,
}

impl Reload {
    pub fn new(
        access: &AccessConfig,
        auth: Arc<Auth>,
        tls: Option<Arc<Tls>>,
        asked: Arc<Notify>,
        every: Duration,
    ) -> Reload {
        let keys = access.auth.iter().flat_map(|auth| auth.issuers.iter().map(|issuer| issuer.keys.clone()));
        let certificates = access.tls.iter().flat_map(|tls| {
            [Some(&tls.certificate), Some(&tls.key), tls.client_ca.as_ref()].into_iter().flatten().cloned()
        });
        Reload { files: keys.chain(certificates).collect(), auth, tls, asked, every }
    }

    /// Until the server stops.
    pub async fn run(self, stopping: ShutdownSignal) {
        let this = Arc::new(self);
        let mut seen = this.look().await;
        loop {
            let is_asked = tokio::select! {
                () = stopping.heard() => return,
                () = this.asked.notified() => true,
                () = tokio::time::sleep(this.every), if !this.files.is_empty() => false,
            };
            let found = this.look().await;
            if is_asked || found != seen {
                seen = found;
                tracing::info!("keys and certificates are read again");
                let again = Arc::clone(&this);
                let done = tokio::task::spawn_blocking(move || {
                    again.auth.reload();
                    again.tls.iter().for_each(|tls| tls.reload());
                });
                let _ = done.await; // it tells its faults itself
            }
        }
    }

    /// A hash of each file; a few kilobytes, and a copy that keeps its time is no reason to miss a change.
    async fn look(self: &Arc<Reload>) -> Vec<Option<[u8; 32]>> {
        let this = Arc::clone(self);
        let look = move || {
            let print = |file: &PathBuf| read_file(file).ok().map(|bytes| *blake3::hash(&bytes).as_bytes());
            this.files.iter().map(print).collect()
        };
        tokio::task::spawn_blocking(look).await.unwrap_or_default()
    }
}
