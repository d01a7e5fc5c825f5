//! `callboard journal`: verify what a relay keeps, and make it small while no relay runs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::Stop;
use super::serve::line;
use crate::clock;
use crate::journal::{self, Check, Damage, Freed};
use crate::moment::{Moment, Span};
use crate::relay::Retention;

#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Walk every entry, also while a relay runs, and name each that is damaged. Exit code 1 when one is.
    Verify {
        /// The folder of the journal.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Print one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove what need not be kept and give the room back to the disk; not while a relay runs.
    Compact {
        /// The folder of the journal.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[command(flatten)]
        keeping: Keeping,
        /// Print one line of JSON.
        #[arg(long)]
        json: bool,
    },
}

/// How much of a journal is kept.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "What is kept")]
pub(super) struct Keeping {
    /// Keep entries for so many days; 0 keeps them for ever.
    #[arg(long, value_name = "N", default_value_t = 90)]
    keep_days: u32,
    /// Keep about so many bytes, with K, M or G for kibi-, mebi- and gibibytes; 0 is any number.
    #[arg(long, value_name = "BYTES", default_value = "8G", value_parser = bytes)]
    keep_size: u64,
}

impl Keeping {
    pub(super) fn retention(&self) -> Retention {
        Retention { age: Span::minutes(i64::from(self.keep_days) * 24 * 60), bytes: self.keep_size }
    }
}

/// Reads a number of bytes.
fn bytes(text: &str) -> Result<u64, String> {
    let (digits, unit) = text.split_at(text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len()));
    let shift = match unit.to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return Err(format!("{unit} is no unit of bytes; use K, M, G or T")),
    };
    let number: u64 =
        digits.parse().map_err(|_no_number| "this is no number of bytes; write for example 8G".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "this is more than there can be".to_owned())
}

impl JournalCommand {
    pub(super) fn run(self) -> Result<ExitCode, Stop> {
        match self {
            Self::Verify { folder, json } => {
                let found = journal::check(&folder)?;
                if json {
                    line(&serde_json::to_string(&Verified::of(&found))?)?;
                } else {
                    words(&found)?;
                }
                Ok(if found.damaged.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
            Self::Compact { folder, keeping, json } => {
                let freed = journal::compact(&folder, keeping.retention(), clock::wall())?;
                if json {
                    line(&serde_json::to_string(&Compacted::of(freed))?)?;
                } else {
                    let Freed { entries, oldest, before, after } = freed;
                    let room = before.saturating_sub(after);
                    line(&format!("{entries} entries were removed; the journal begins with entry {oldest}"))?;
                    line(&format!("{room} bytes were freed: {before} became {after}"))?;
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn words(found: &Check) -> Result<(), Stop> {
    for Damage { cursor, what } in &found.damaged {
        line(&format!("entry {cursor}: {what}"))?;
    }
    if found.unnamed > 0 {
        line(&format!("and {} more", found.unnamed))?;
    }
    let Check { epoch, oldest, head, entries, bytes, snapshots, .. } = found;
    let span = match (found.began, found.ended) {
        (Some(began), Some(ended)) => format!(", from {} to {}", time(began), time(ended)),
        _ => String::new(),
    };
    line(&format!("epoch {epoch}: entries {oldest} to {}, {entries} of them with {bytes} bytes{span}", head.cursor))?;
    let verdict = match found.damaged.len() as u64 + found.unnamed {
        0 => "nothing is damaged".to_owned(),
        1 => "1 fault".to_owned(),
        faults => format!("{faults} faults"),
    };
    line(&format!("{snapshots} good snapshots; {verdict}"))?;
    Ok(())
}

fn time(at: Moment) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |it| it.to_string())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verified<'a> {
    good: bool,
    epoch: &'a str,
    oldest: u64,
    head: u64,
    entries: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    snapshots: u64,
    damaged: Vec<Named<'a>>,
    unnamed: u64,
}

#[derive(Serialize)]
struct Named<'a> {
    cursor: u64,
    what: &'a str,
}

impl<'a> Verified<'a> {
    fn of(found: &'a Check) -> Self {
        Self {
            good: found.damaged.is_empty(),
            epoch: &found.epoch,
            oldest: found.oldest.0,
            head: found.head.cursor.0,
            entries: found.entries,
            bytes: found.bytes,
            began: found.began.map(time),
            ended: found.ended.map(time),
            snapshots: found.snapshots,
            damaged: found.damaged.iter().map(|it| Named { cursor: it.cursor.0, what: &it.what }).collect(),
            unnamed: found.unnamed,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Compacted {
    removed: u64,
    oldest: u64,
    bytes_before: u64,
    bytes_after: u64,
    freed: u64,
}

impl Compacted {
    fn of(freed: Freed) -> Self {
        Self {
            removed: freed.entries,
            oldest: freed.oldest.0,
            bytes_before: freed.before,
            bytes_after: freed.after,
            freed: freed.before.saturating_sub(freed.after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_with_their_unit() {
        for (text, expected) in [("0", 0), ("77", 77), ("2K", 2_048), ("3MiB", 3 << 20), ("8g", 8 << 30)] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["", "G", "-1", "1.5G", "7 apples", "99999999999T"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
