//! Shared by the commands: listening, ready lines, end signals, secrets, output and the log.

mod log_limit;

use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use self::log_limit::LogLimit;
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use secrecy::SecretString;
use serde::Serialize;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::console::ConsoleError;
use crate::demo::DemoError;
use crate::relay::is_private;

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ListenArgs {
    /// The address to listen on; port 0 picks a free port.
    #[arg(long, value_name = "ADDR:PORT", default_value_t = free_loopback_port())]
    pub(super) listen: SocketAddr,
    /// Print the ready line as JSON instead of a sentence.
    #[arg(long)]
    pub(super) json: bool,
}

/// The format of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Text lines for people.
    Text,
    /// One JSON object per line, for programs.
    Json,
}

impl ListenArgs {
    pub(super) fn announce(&self, ready: &impl Serialize, words: &str) -> anyhow::Result<()> {
        if self.json { print_line(&serde_json::to_string(ready)?) } else { print_line(words) }
    }
}

/// Returns the default address of servers: a free port on loopback.
fn free_loopback_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// SIGINT and SIGTERM, caught from construction on, so that a signal before the first wait is not lost.
pub(super) struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl EndSignals {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for one of the signals. Cancel-safe.
    pub(super) async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Reads a secret from a file, which must be readable only by its owner.
pub(super) fn read_secret(file: &Path) -> anyhow::Result<SecretString> {
    let place = file.display();
    let is_private = is_private(file).with_context(|| format!("{place} cannot be read"))?;
    anyhow::ensure!(is_private, "{place} can be read by others; do: chmod 600 {place}");
    let text = std::fs::read_to_string(file).with_context(|| format!("{place} cannot be read"))?;
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{place} is empty; it must hold the secret");
    Ok(text.into())
}

/// A failed write to standard output.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
struct OutputClosed(#[source] std::io::Error);

/// Prints a line on standard output and flushes it, for a program that waits for it.
pub(super) fn print_line(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    Ok(writeln!(out, "{text}").and_then(|()| out.flush()).map_err(OutputClosed)?)
}

/// Returns whether the reader of standard output closed it, as `head` does after its last line.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
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

/// Prints a remark on standard error, apart from the command's output.
pub(super) fn print_remark(text: &str) {
    use std::io::Write as _;
    // A closed standard error has no reader.
    drop(writeln!(std::io::stderr().lock(), "callboard: {text}"));
}

/// Starts the log to a file, or for servers to standard error. `RUST_LOG` filters it.
///
/// Invariant: log lines at `info` and above contain no token, secret, personal name or phone number.
pub(super) fn init_log(file: Option<&Path>, format: LogFormat, servers: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("callboard=info,warn"));
    let writer = if let Some(file) = file {
        let place = file.display();
        // A log at `debug` may have names.
        let open = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file);
        let open = open.with_context(|| format!("the log {place} cannot be written"))?;
        BoxMakeWriter::new(std::sync::Mutex::new(open))
    } else if servers {
        BoxMakeWriter::new(std::io::stderr)
    } else {
        return Ok(());
    };
    let limit = LogLimit::default();
    let log = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    // After a failed write, as on a full disk, the library would report to standard error, and the code that logs would
    // panic if that is on the same disk.
    let log = log.log_internal_errors(false);
    let log = match format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    tracing_subscriber::registry().with(log.with_filter(limit.clone()).with_filter(filter)).init();
    limit.start_reports().context("the log cannot be started")
}
