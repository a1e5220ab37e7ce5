//! Files that are read again: keys and certificates, when they change or when somebody asks.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::tls::Tls;
use crate::auth::{Auth, read_file};
use crate::config::AccessConfig;
use crate::shutdown::ShutdownSignal;

/// A hash of each file; a few kilobytes, and a copy that keeps its time is no reason to miss a change.
type Prints = Vec<Option<[u8; 32]>>;

/// The files that are read again, as they were when this was made.
#[derive(Debug)]
pub struct Files {
    paths: Vec<PathBuf>,
    seen: Prints,
}

/// What is read again.
#[derive(Debug)]
pub struct Reload {
    pub files: Files,
    pub auth: Arc<Auth>,
    pub tls: Option<Arc<Tls>>,
    /// Somebody asks for it.
    pub asked: Arc<Notify>,
    pub every: Duration,
}

impl Files {
    /// To be made before they are read for the first time: what changes in between is read again.
    pub fn of(access: &AccessConfig) -> Files {
        let keys = access.auth.iter().flat_map(|auth| auth.issuers.iter().map(|issuer| issuer.keys.clone()));
        let certificates = access.tls.iter().flat_map(|tls| {
            [Some(&tls.certificate), Some(&tls.key), tls.client_ca.as_ref()].into_iter().flatten().cloned()
        });
        let paths: Vec<PathBuf> = keys.chain(certificates).collect();
        Files { seen: look(&paths), paths }
    }
}

fn look(paths: &[PathBuf]) -> Prints {
    let print = |file: &PathBuf| read_file(file).ok().map(|bytes| *blake3::hash(&bytes).as_bytes());
    paths.iter().map(print).collect()
}

impl Reload {
    /// Until the server stops.
    pub async fn run(self, stopping: ShutdownSignal) {
        let Reload { files: Files { paths, mut seen }, auth, tls, asked, every } = self;
        loop {
            let is_asked = tokio::select! {
                () = stopping.heard() => return,
                () = asked.notified() => true,
                () = tokio::time::sleep(every), if !paths.is_empty() => false,
            };
            let (paths, auth, tls, before) = (paths.clone(), Arc::clone(&auth), tls.clone(), seen.clone());
            let again = move || {
                let found = look(&paths);
                if is_asked || found != before {
                    tracing::info!("keys and certificates are read again");
                    auth.reload();
                    tls.iter().for_each(|tls| tls.reload());
                }
                found
            };
            seen = tokio::task::spawn_blocking(again).await.unwrap_or_default(); // a panic is looked at again
        }
    }
}
