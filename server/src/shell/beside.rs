//! Work beside the area's task, on a thread for what blocks, that ends early once nobody waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::errors::Fault;

/// Says when dropped that nobody waits any more.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// `work` asks now and then whether it is awaited, and gives up with `None` if it is not: once this future is dropped.
pub async fn beside<A: Send + 'static>(
    work: impl FnOnce(&dyn Fn() -> bool) -> Option<Result<A, Fault>> + Send + 'static,
) -> Result<A, Fault> {
    let gone = Arc::new(AtomicBool::new(false));
    let _waiting = Waiting(Arc::clone(&gone));
    let worked = tokio::task::spawn_blocking(move || work(&|| !gone.load(Ordering::Relaxed)));
    let answer = worked.await.map_err(Fault::bug)?;
    answer.unwrap_or_else(|| Err(Fault::deadline_passed()))
}
