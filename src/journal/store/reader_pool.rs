//! The read-only connections of readers, which are reused. Does not know what is read.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::journal::JournalError;
use crate::journal::files::layout;

/// The connections to one journal.
#[derive(Debug)]
pub(super) struct ReaderPool {
    file: PathBuf,
    /// How often the file was replaced by a new one.
    generation: Arc<AtomicU64>,
    /// The connections that no query uses, each with the generation of its file.
    idle: Mutex<Vec<(u64, Connection)>>,
    permits: Semaphore,
}

/// The maximum number of concurrent queries.
const MAX_READERS: usize = 8;

impl ReaderPool {
    /// Creates a pool for a file. A change of the generation says that the file is another one.
    pub(super) fn new(file: PathBuf, generation: Arc<AtomicU64>) -> Self {
        Self { file, generation, idle: Mutex::default(), permits: Semaphore::new(MAX_READERS) }
    }

    /// Runs a query on one of the connections; waits while [`MAX_READERS`] queries run.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let _permit = self.permits.acquire().await.map_err(|_closed| JournalError::Closed)?;
        let generation = self.generation.load(Ordering::Acquire);
        let idle = self.idle(generation);
        let file = self.file.clone();
        let read = tokio::task::spawn_blocking(move || {
            let connection = match idle {
                Some(connection) => connection,
                None => {
                    layout::open_for_reading(&file).map_err(|error| JournalError::Store { error: error.to_string() })?
                }
            };
            let found = query(&connection)?;
            Ok::<_, JournalError>((connection, found))
        });
        let (connection, found) = read.await.map_err(|error| JournalError::Store { error: error.to_string() })??;
        self.idle.lock().push((generation, connection));
        Ok(found)
    }

    /// Takes an idle connection to the present file, and closes those to earlier ones.
    fn idle(&self, generation: u64) -> Option<Connection> {
        let mut idle = self.idle.lock();
        idle.retain(|(of, _)| *of == generation);
        idle.pop().map(|(_, connection)| connection)
    }
}
