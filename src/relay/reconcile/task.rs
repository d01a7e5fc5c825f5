//! The keeper's errands: what each one asks of Graph, and what of the answer is written. Knows not when they are due.

use crate::floor::{CallKind, Floor, OperationNumber};
use crate::graph::{CallId, OperationId};
use crate::relay::Shared;
use crate::relay::graph::circuit_breaker::Priority;
use crate::relay::graph::read_cache;
use crate::relay::graph::reads;
use crate::relay::graph::reads::ReadError;

/// What the keeper asks Graph about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReconcileTask {
    Read,
    /// Whether a call that a 404 ended is there after all.
    CheckEnded,
    Operation(OperationNumber, OperationId),
    KeepAlive,
}

impl ReconcileTask {
    /// In a word, for metrics.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Read | Self::CheckEnded => "read",
            Self::Operation(..) => "operation",
            Self::KeepAlive => "keepAlive",
        }
    }

    /// Runs it.
    ///
    /// # Errors
    /// What Graph said instead, and that the journal could not take what it said.
    pub(crate) async fn run(&self, shared: &Shared, call: &CallId, sure: bool) -> Result<(), ReadError> {
        match self {
            Self::Read => read(shared, call, sure).await,
            Self::CheckEnded => check_ended(shared, call).await,
            Self::Operation(_, id) => read_operation(shared, call, id).await,
            Self::KeepAlive => reads::keep_alive(&shared.outbound, call).await,
        }
    }
}

/// Reads one call, and its participants where it has a roster, into one batch of the journal. Graph's 404 is written
/// where it is `sure`: where it is not the first.
async fn read(shared: &Shared, id: &CallId, sure: bool) -> Result<(), ReadError> {
    let since = shared.hub.with_floor(Floor::head);
    let facts = match reads::call(&shared.outbound, id).await {
        Err(ReadError::Gone) if sure => vec![reads::observed_gone(id, since)],
        Err(error) => return Err(error),
        Ok(read) => {
            let known = shared.hub.with_floor(|floor| floor.call(id).map(|it| it.kind));
            let mut facts = vec![reads::observed_call(id, read.raw, since)];
            let one_to_one = known == Some(CallKind::OneToOne)
                || (known != Some(CallKind::Group) && read.call.is_group() == Some(false));
            if !one_to_one {
                let since = shared.hub.with_floor(Floor::head);
                let people = reads::participants(&shared.outbound, id, Priority::Background).await?;
                facts.push(reads::observed_participants(id, people.raw, since));
            }
            facts
        }
    };
    read_cache::keep(shared, facts).await?;
    // The floor must know before the call is looked at again, or it would be read twice.
    shared.hub.wait_for_head().await;
    Ok(())
}

/// Reads a call that a 404 ended: what is found is written, and then the call is in doubt and read as a whole.
async fn check_ended(shared: &Shared, id: &CallId) -> Result<(), ReadError> {
    let since = shared.hub.with_floor(Floor::head);
    let read = reads::call(&shared.outbound, id).await?;
    read_cache::keep(shared, vec![reads::observed_call(id, read.raw, since)]).await?;
    shared.hub.wait_for_head().await;
    Ok(())
}

/// Reads an operation whose notification has not come.
async fn read_operation(shared: &Shared, call: &CallId, id: &OperationId) -> Result<(), ReadError> {
    let read = reads::operation(&shared.outbound, call, id).await?;
    read_cache::keep(shared, vec![read]).await?;
    shared.hub.wait_for_head().await;
    Ok(())
}
