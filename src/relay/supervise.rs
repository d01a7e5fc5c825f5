//! Keeps the parts of a relay running until it stops. Knows nothing of what they do.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Shared;

/// Runs a part of the relay until it stops. A part that ends by itself, or panics, is begun again: the floor tells it
/// all that it must know.
pub(super) fn restart_until_stopped<F: Future<Output = ()> + Send + 'static>(
    tasks: &TaskTracker,
    stop: &CancellationToken,
    shared: Arc<Shared>,
    part: impl Fn(Arc<Shared>) -> F + Send + 'static,
) {
    let stop = stop.clone();
    tasks.spawn(async move {
        loop {
            // Dropped with this task, and so ended with it.
            let mut running = JoinSet::new();
            running.spawn(part(Arc::clone(&shared)));
            tokio::select! {
                () = stop.cancelled() => return,
                ended = running.join_next() => {
                    let error = ended.and_then(Result::err).map(|it| it.to_string()).unwrap_or_default();
                    tracing::error!(error, "a part of the relay ended by itself; it is begun again");
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
    });
}

/// Before a part that ended by itself is begun again.
const AGAIN: Duration = Duration::from_secs(1);
