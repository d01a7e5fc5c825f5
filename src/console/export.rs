//! Writes what a pane shows to a new file in the working directory. Never over one that exists.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::desk::{Event, ExportFormat, Pane};
use crate::time::Timestamp;

/// Writes files for a desk; what became of one comes as an event.
pub(super) struct ExportWriter {
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
}

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    /// The system says no.
    #[error("{name} cannot be written in the working directory: {error}")]
    Io {
        /// The file.
        name: String,
        /// What the system says.
        error: io::Error,
    },
    /// There is a file of every name that it could have.
    #[error("there are files of this second already, up to {0}; nothing was written over")]
    Taken(String),
}

/// As many exports of a pane in one second have names of their own.
const NAMES: usize = 20;

impl ExportWriter {
    pub(super) const fn new(events: mpsc::Sender<Event>, stop: CancellationToken) -> Self {
        Self { events, stop }
    }

    /// Writes a text to a file whose name says of what and when.
    pub(super) fn write(&self, of: (Pane, ExportFormat), wall: Timestamp, text: String) {
        let events = self.events.clone();
        let (pane, form) = of;
        let stem = stem(pane, wall);
        let write = async move {
            let saved = tokio::task::spawn_blocking(move || save(Path::new("."), (&stem, form.ending()), &text)).await;
            let written = match saved {
                Ok(saved) => saved.map_err(|it| it.to_string()),
                Err(error) => Err(error.to_string()),
            };
            // The loop that would take it has ended: so has the console.
            drop(events.send(Event::Exported(written)).await);
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(write));
    }
}

/// `callboard-calls-20261122T141532Z`.
fn stem(pane: Pane, wall: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(wall.0).unwrap_or_default();
    format!("callboard-{}-{}", pane.name().to_lowercase(), at.strftime("%Y%m%dT%H%M%SZ"))
}

/// Writes a new file, and says its name.
fn save(folder: &Path, (stem, ending): (&str, &str), text: &str) -> Result<String, ExportError> {
    let mut name = format!("{stem}.{ending}");
    for number in 2..NAMES + 2 {
        let opened = OpenOptions::new().write(true).create_new(true).open(folder.join(&name));
        let error = match opened {
            Ok(mut file) => match file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
                Ok(()) => return Ok(name),
                Err(error) => error,
            },
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                name = format!("{stem}-{number}.{ending}");
                continue;
            }
            Err(error) => error,
        };
        return Err(ExportError::Io { name, error });
    }
    Err(ExportError::Taken(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_name_that_says_when_and_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let stem = stem(Pane::Calls, Timestamp(1_795_357_932_000));
        assert_eq!(stem, "callboard-calls-20261122T143212Z");
        let write = |text: &str| save(folder.path(), (&stem, "md"), text);
        assert_eq!(write("one").unwrap(), format!("{stem}.md"));
        assert_eq!(write("two").unwrap(), format!("{stem}-2.md"));
        assert_eq!(std::fs::read_to_string(folder.path().join(format!("{stem}.md"))).unwrap(), "one");
        for _ in 3..=NAMES {
            write("more").unwrap();
        }
        let error = write("one too many").unwrap_err().to_string();
        assert!(error.contains("nothing was written over"), "{error}");
        let error = save(&folder.path().join("nowhere"), (&stem, "md"), "").unwrap_err().to_string();
        assert!(error.contains("cannot be written in the working directory: "), "{error}");
    }
}
