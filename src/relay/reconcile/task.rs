//! The reconciler's tasks: each sends a request to Graph and journals the answer. Does not know when tasks are due.

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
    /// Reads a call that a 404 ended, because the 404 may have been wrong.
    CheckEnded,
    /// Reads an operation with an overdue proof.
    Operation(OperationNumber, OperationId),
    /// Sends the call's keepAlive.
    KeepAlive,
}

/// Runs the tasks.
pub(in crate::relay) struct CallReader {
    pub(in crate::relay) live: Arc<LiveFloor>,
    pub(in crate::relay) graph: Arc<GraphClient>,
    pub(in crate::relay) read_cache: Arc<ReadCache>,
    pub(in crate::relay) writer: Arc<JournalWriter>,
}

impl ReconcileTask {
    /// Returns the task's label in metrics.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Read | Self::CheckEnded => "read",
            Self::Operation(..) => "operation",
            Self::KeepAlive => "keepAlive",
        }
    }
}

impl CallReader {
    /// Runs a task for a call. A 404 for the call is journalled only if it is `confirmed`, which the first one is not.
    ///
    /// Fails if Graph refuses or does not answer, or if the journal cannot record the answer.
    pub(super) async fn run(&self, task: &ReconcileTask, call: &CallId, confirmed: bool) -> Result<(), ReadError> {
        match task {
            ReconcileTask::Read => self.read(call, confirmed).await,
            ReconcileTask::CheckEnded => self.check_ended(call).await,
            ReconcileTask::Operation(_, id) => self.read_operation(call, id).await,
            ReconcileTask::KeepAlive => reads::keep_alive(&self.graph, call).await,
        }
    }

    /// Reads a call, and its participants if it has a roster, and journals both in one batch.
    async fn read(&self, id: &CallId, confirmed: bool) -> Result<(), ReadError> {
        let since = self.live.with_floor(Floor::head);
        let facts = match reads::call(&self.graph, id).await {
            Err(ReadError::Gone) if confirmed => vec![reads::observed_gone(id, since)],
            Err(error) => return Err(error),
            Ok(read) => {
                let known_kind = self.live.with_floor(|floor| floor.call(id).map(|it| it.kind));
                let mut facts = vec![reads::observed_call(id, read.raw, since)];
                let is_one_to_one = known_kind == Some(CallKind::OneToOne)
                    || (known_kind != Some(CallKind::Group) && read.call.is_group() == Some(false));
                if !is_one_to_one {
                    let since = self.live.with_floor(Floor::head);
                    let people = reads::participants(&self.graph, id, Priority::Background).await?;
                    facts.push(reads::observed_participants(id, people.raw, since));
                }
                facts
            }
        };
        self.read_cache.write(&self.writer, facts).await?;
        // The floor must fold the reading before the next scan. Otherwise the call would be read twice.
        self.live.wait_for_head().await;
        Ok(())
    }

    /// Reads a call that a 404 ended. If Graph returns it, the floor marks it as doubtful, and a full read follows.
    async fn check_ended(&self, id: &CallId) -> Result<(), ReadError> {
        let since = self.live.with_floor(Floor::head);
        let read = reads::call(&self.graph, id).await?;
        self.read_cache.write(&self.writer, vec![reads::observed_call(id, read.raw, since)]).await?;
        self.live.wait_for_head().await;
        Ok(())
    }

    /// Reads an operation whose notification has not arrived.
    async fn read_operation(&self, call: &CallId, id: &OperationId) -> Result<(), ReadError> {
        let read = reads::operation(&self.graph, call, id).await?;
        self.read_cache.write(&self.writer, vec![read]).await?;
        self.live.wait_for_head().await;
        Ok(())
    }
}
