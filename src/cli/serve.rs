//! What the commands that listen share: their addresses, ready lines, ends, secrets and logs.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use secrecy::SecretString;
use serde::Serialize;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::console::ConsoleError;
use crate::demo::DemoError;
use crate::relay::is_private;

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ListenArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR:PORT", default_value_t = anywhere())]
    pub(super) listen: SocketAddr,
    /// Print one line of JSON when ready, instead of a sentence.
    #[arg(long)]
    pub(super) json: bool,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line, for machines.
    Json,
}

impl ListenArgs {
    pub(super) fn announce(&self, ready: &impl Serialize, words: &str) -> anyhow::Result<()> {
        if self.json { line(&serde_json::to_string(ready)?) } else { line(words) }
    }
}

/// Where servers listen unless told otherwise: a free port on loopback.
fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// SIGINT and SIGTERM, heard from the making of this on: one that comes before it is waited for is not lost.
pub(super) struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl EndSignals {
    pub(super) fn hear() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for one of them; nothing is lost when this is not waited for to its end.
    pub(super) async fn come(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// A secret from a file that only its owner can read.
pub(super) fn secret(file: &Path) -> anyhow::Result<SecretString> {
    let place = file.display();
    let private = is_private(file).with_context(|| format!("{place} cannot be read"))?;
    anyhow::ensure!(private, "{place} can be read by others; do: chmod 600 {place}");
    let text = std::fs::read_to_string(file).with_context(|| format!("{place} cannot be read"))?;
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{place} is empty; it must hold the secret");
    Ok(text.into())
}

/// Standard output takes nothing more.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
struct OutputClosed(#[source] std::io::Error);

/// Prints a line that a program may read.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    Ok(writeln!(out, "{text}").and_then(|()| out.flush()).map_err(OutputClosed)?)
}

/// Whether who read standard output went away, as `head` does when it has seen enough.
pub(super) fn is_left(error: &anyhow::Error) -> bool {
    let output = if let Some(OutputClosed(output)) = error.downcast_ref() {
        output
    } else if let Some(ConsoleError::Output(output)) = error.downcast_ref() {
        output
    } else if let Some(DemoError::Output(output)) = error.downcast_ref() {
        output
    } else {
        return false;
    };
    output.kind() == std::io::ErrorKind::BrokenPipe
}

/// Tells whoever runs a command something that is not what it prints.
pub(super) fn remark(text: &str) {
    use std::io::Write as _;
    // When standard error is closed nobody wants to know.
    drop(writeln!(std::io::stderr().lock(), "callboard: {text}"));
}

/// Sends the log to the file, or for servers to standard error. `RUST_LOG` chooses what is logged.
///
/// What is logged from `info` up holds no token, no secret, no name and no number of a person.
pub(super) fn log_to(file: Option<&Path>, format: LogFormat, servers: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("callboard=info,warn"));
    let writer = if let Some(file) = file {
        let place = file.display();
        let open = std::fs::OpenOptions::new().create(true).append(true).open(file);
        let open = open.with_context(|| format!("the log {place} cannot be written"))?;
        BoxMakeWriter::new(std::sync::Mutex::new(open))
    } else if servers {
        BoxMakeWriter::new(std::io::stderr)
    } else {
        return Ok(());
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer);
    // Where a line can't be written, as on a full disk, the library would complain on standard error, and whoever
    // logged would panic when that is on the same disk.
    let log = log.log_internal_errors(false);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
