//! The reconciler's tasks: the request of each to Graph, and the entries of the answer.
//! Does not know when they are due.

use std::sync::Arc;

use crate::floor::{CallKind, Floor, OperationNumber};
use crate::graph::{CallId, OperationId};
use crate::relay::graph::circuit_breaker::Priority;
use crate::relay::graph::client::GraphClient;
use crate::relay::graph::read_cache::ReadCache;
use crate::relay::graph::reads;
use crate::relay::graph::reads::ReadError;
use crate::relay::live::projection::LiveFloor;
use crate::relay::record::journal_writer::JournalWriter;

/// A request to Graph about one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReconcileTask {
    /// Reads a live call and its participants.
    Read,
    /// Reads a call that a 404 ended, in case the 404 was wrong.
    CheckEnded,
    /// Reads an operation whose proof did not come in time.
    Operation(OperationNumber, OperationId),
    /// Sends the call's keepAlive.
    KeepAlive,
}

/// Runs tasks: reads from Graph and journals the answers.
pub(in crate::relay) struct CallReader {
    pub(in crate::relay) live: Arc<LiveFloor>,
    pub(in crate::relay) graph: Arc<GraphClient>,
    pub(in crate::relay) read_cache: Arc<ReadCache>,
    pub(in crate::relay) writer: Arc<JournalWriter>,
}

impl ReconcileTask {
    /// The task's label in metrics.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Read | Self::CheckEnded => "read",
            Self::Operation(..) => "operation",
            Self::KeepAlive => "keepAlive",
        }
    }
}

impl CallReader {
    /// Runs a task for a call. Graph's 404 for the call is journalled only where it is `confirmed`: not the first one.
    ///
    /// Fails when Graph refuses or does not answer, or the journal cannot take the answer.
    pub(super) async fn run(&self, task: &ReconcileTask, call: &CallId, confirmed: bool) -> Result<(), ReadError> {
        match task {
            ReconcileTask::Read => self.read(call, confirmed).await,
            ReconcileTask::CheckEnded => self.check_ended(call).await,
            ReconcileTask::Operation(_, id) => self.read_operation(call, id).await,
            ReconcileTask::KeepAlive => reads::keep_alive(&self.graph, call).await,
        }
    }

    /// Reads one call, and its participants where it has a roster, into one batch of the journal.
    async fn read(&self, id: &CallId, confirmed: bool) -> Result<(), ReadError> {
        let since = self.live.with_floor(Floor::head);
        let facts = match reads::call(&self.graph, id).await {
            Err(ReadError::Gone) if confirmed => vec![reads::observed_gone(id, since)],
            Err(error) => return Err(error),
            Ok(read) => {
                let known = self.live.with_floor(|floor| floor.call(id).map(|it| it.kind));
                let mut facts = vec![reads::observed_call(id, read.raw, since)];
                let one_to_one = known == Some(CallKind::OneToOne)
                    || (known != Some(CallKind::Group) && read.call.is_group() == Some(false));
                if !one_to_one {
                    let since = self.live.with_floor(Floor::head);
                    let people = reads::participants(&self.graph, id, Priority::Background).await?;
                    facts.push(reads::observed_participants(id, people.raw, since));
                }
                facts
            }
        };
        self.read_cache.write(&self.writer, facts).await?;
        // The floor must have the reading before the next scan, or the call would be read twice.
        self.live.wait_for_head().await;
        Ok(())
    }

    /// Reads a call that a 404 ended. When Graph knows it, the floor puts it in doubt and it is then read as a whole.
    async fn check_ended(&self, id: &CallId) -> Result<(), ReadError> {
        let since = self.live.with_floor(Floor::head);
        let read = reads::call(&self.graph, id).await?;
        self.read_cache.write(&self.writer, vec![reads::observed_call(id, read.raw, since)]).await?;
        self.live.wait_for_head().await;
        Ok(())
    }

    /// Reads an operation whose notification has not come.
    async fn read_operation(&self, call: &CallId, id: &OperationId) -> Result<(), ReadError> {
        let read = reads::operation(&self.graph, call, id).await?;
        self.read_cache.write(&self.writer, vec![read]).await?;
        self.live.wait_for_head().await;
        Ok(())
    }
}
