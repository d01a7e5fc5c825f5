//! Restarts background tasks that end before the relay stops. Does not know what the tasks do.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs a task until the relay stops, and restarts it when it returns or panics. A task needs no
/// state except the floor.
pub(super) fn restart_until_stopped<F: Future<Output = ()> + Send + 'static>(
    tasks: &TaskTracker,
    stop: &CancellationToken,
    task: impl Fn() -> F + Send + 'static,
) {
    let stop = stop.clone();
    tasks.spawn(async move {
        loop {
            // Dropping the set aborts the task.
            let mut running = JoinSet::new();
            running.spawn(task());
            tokio::select! {
                () = stop.cancelled() => return,
                ended = running.join_next() => {
                    let error = ended.and_then(Result::err).map(|it| it.to_string()).unwrap_or_default();
                    tracing::error!(error, "a background task of the relay ended; restarting it");
                }
            }
            tokio::time::sleep(RESTART_AFTER).await;
        }
    });
}

/// The pause before a restart.
const RESTART_AFTER: Duration = Duration::from_secs(1);
