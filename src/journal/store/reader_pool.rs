//! The read-only connections of readers, which are reused. Does not know what is read.

use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::journal::JournalError;
use crate::journal::files::identity::{FileIdentities, KnownFile};
use crate::journal::files::layout;

/// The connections to one journal.
#[derive(Debug)]
pub(super) struct ReaderPool {
    /// The files of the writer, which a rescue replaces by new ones.
    files: Arc<Mutex<FileIdentities>>,
    /// The connections that no query uses, each with its file.
    idle: Mutex<Vec<(KnownFile, Connection)>>,
    permits: Semaphore,
}

/// The maximum number of concurrent queries.
const MAX_READERS: usize = 8;

impl ReaderPool {
    /// Creates a pool of connections to the writer's database.
    pub(super) fn new(files: Arc<Mutex<FileIdentities>>) -> Self {
        Self { files, idle: Mutex::default(), permits: Semaphore::new(MAX_READERS) }
    }

    /// Runs a query on one of the connections; waits while [`MAX_READERS`] queries run.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let _permit = self.permits.acquire().await.map_err(|_closed| JournalError::Closed)?;
        let file = self.files.lock().database().clone();
        let idle = self.idle(&file);
        let read = tokio::task::spawn_blocking(move || {
            let connection = idle.map_or_else(|| open(&file), Ok)?;
            let found = query(&connection)?;
            Ok::<_, JournalError>((file, connection, found))
        });
        let read = read.await.map_err(|error| JournalError::Store { error: error.to_string() })?;
        let (file, connection, found) = read?;
        self.idle.lock().push((file, connection));
        Ok(found)
    }

    /// Takes an idle connection to the present file, and closes those to earlier ones.
    fn idle(&self, file: &KnownFile) -> Option<Connection> {
        let mut idle = self.idle.lock();
        idle.retain(|(of, _)| of == file);
        idle.pop().map(|(_, connection)| connection)
    }
}

/// Opens the database. Fails with `Removed` if its path leads elsewhere: the file there may be another journal.
fn open(file: &KnownFile) -> Result<Connection, JournalError> {
    let opened = layout::open_for_reading(file.path());
    if !file.is_there() {
        return Err(JournalError::Removed { path: file.path().to_owned() });
    }
    opened.map_err(|error| JournalError::Store { error: error.to_string() })
}
