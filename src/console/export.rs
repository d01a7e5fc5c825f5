//! Writes a pane's table to a new file in the working directory. It never overwrites a file.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::desk::{Event, ExportFormat, Pane};
use crate::time::Timestamp;

/// Writes files in tasks; each result arrives as [`Event::Exported`].
pub(super) struct ExportWriter {
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
}

/// A failure to write an export.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    /// The system refused to write it.
    #[error("{name} cannot be written in the working directory: {error}")]
    Io {
        /// The file's name.
        name: String,
        /// The system's error.
        error: io::Error,
    },
    /// Every name for this second is taken.
    #[error("all file names for this second are taken, up to {0}; nothing was overwritten")]
    Taken(String),
}

/// The maximum number of exports of one pane in one second.
const NAMES: usize = 20;

impl ExportWriter {
    pub(super) const fn new(events: mpsc::Sender<Event>, stop: CancellationToken) -> Self {
        Self { events, stop }
    }

    /// Writes a text to a file named after the pane and the time.
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
            // Without a receiver the console has ended.
            drop(events.send(Event::Exported(written)).await);
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(write));
    }
}

/// The file's name without its ending, such as `callboard-calls-20261122T141532Z`.
fn stem(pane: Pane, wall: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(wall.0).unwrap_or_default();
    format!("callboard-{}-{}", pane.name().to_lowercase(), at.strftime("%Y%m%dT%H%M%SZ"))
}

/// Writes a new file that only its owner can read, because it has names, and returns its name.
fn save(folder: &Path, (stem, ending): (&str, &str), text: &str) -> Result<String, ExportError> {
    let mut name = format!("{stem}.{ending}");
    for number in 2..NAMES + 2 {
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(&name));
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
        let kept = std::fs::metadata(folder.path().join(format!("{stem}.md"))).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&kept.permissions()) & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(folder.path().join(format!("{stem}.md"))).unwrap(), "one");
        for _ in 3..=NAMES {
            write("more").unwrap();
        }
        let error = write("one too many").unwrap_err().to_string();
        assert!(error.contains("nothing was overwritten"), "{error}");
        let error = save(&folder.path().join("nowhere"), (&stem, "md"), "").unwrap_err().to_string();
        assert!(error.contains("cannot be written in the working directory: "), "{error}");
    }
}
