//! `callboard journal`: verifies, compacts and salvages a relay's journal.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::failure::CommandFailure;
use super::serve::print_line;
use crate::journal::{self, CheckReport, DamagedRow, FreedSpace, SalvageResult};
use crate::relay::RetentionPolicy;
use crate::time::clock;
use crate::time::{Millis, Timestamp};

#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Check every entry, even while a relay runs, and list those that are damaged. Exit code 1 if any is.
    Verify {
        /// The folder of the journal.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Print the result as one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove old entries and return their space to the disk. Stop the relay first.
    Compact {
        /// The folder of the journal.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        #[command(flatten)]
        keeping: RetentionArgs,
        /// Print the result as one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Repair a damaged journal: each damaged entry becomes a gap, all others stay, and the old file is set aside in
    /// the same folder. A journal that cannot be read at all is replaced by an empty one. Stop the relay first.
    Salvage {
        /// The folder of the journal.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Print the result as one line of JSON.
        #[arg(long)]
        json: bool,
    },
}

/// How long and how large a journal may become.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "What is kept")]
pub(super) struct RetentionArgs {
    /// Keep entries for this number of days; 0 keeps them for ever.
    #[arg(long, value_name = "N", default_value_t = 90)]
    keep_days: u32,
    /// Keep about this number of bytes, with K, M or G for KiB, MiB or GiB; 0 means no limit.
    #[arg(long, value_name = "BYTES", default_value = "8G", value_parser = bytes)]
    keep_size: u64,
}

impl RetentionArgs {
    pub(super) fn retention(&self) -> RetentionPolicy {
        RetentionPolicy { age: Millis::minutes(i64::from(self.keep_days) * 24 * 60), bytes: self.keep_size }
    }
}

/// Parses a number of bytes with an optional unit, such as `8G`.
fn bytes(text: &str) -> Result<u64, String> {
    let (digits, unit) = text.split_at(text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len()));
    let shift = match unit.to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return Err(format!("{unit} is not a unit of bytes; use K, M, G or T")),
    };
    let number: u64 =
        digits.parse().map_err(|_no_number| "this is not a number of bytes; write for example 8G".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "this number of bytes is too large".to_owned())
}

impl JournalCommand {
    pub(super) fn run(self) -> Result<ExitCode, CommandFailure> {
        match self {
            Self::Verify { folder, json } => {
                let found = journal::check(&folder)?;
                if json {
                    print_line(&serde_json::to_string(&VerifyReport::of(&found))?)?;
                } else {
                    print_check(&found)?;
                }
                Ok(if found.damaged.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
            Self::Compact { folder, keeping, json } => {
                let freed = journal::compact(&folder, keeping.retention(), clock::wall())?;
                if json {
                    print_line(&serde_json::to_string(&CompactReport::of(freed))?)?;
                } else {
                    print_compaction(freed)?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Salvage { folder, json } => {
                let done = journal::salvage(&folder)?;
                if json {
                    print_line(&serde_json::to_string(&SalvageReport::of(&done))?)?;
                } else {
                    print_salvage(&done)?;
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn print_compaction(FreedSpace { entries, oldest, before, after }: FreedSpace) -> Result<(), CommandFailure> {
    print_line(&format!("{entries} entries were removed; the journal begins with entry {oldest}"))?;
    if entries == 0 {
        print_line(
            "an entry is removed when it is older than --keep-days or the journal is larger than --keep-size, and only when \
              a snapshot covers it; here no entry meets both conditions",
        )?;
    }
    match before.checked_sub(after) {
        Some(freed) if freed > 0 => print_line(&format!("{freed} bytes were freed: {before} became {after}"))?,
        Some(_) | None => print_line(&format!("no bytes were freed: the files are packed already, and have {after}"))?,
    }
    Ok(())
}

fn print_salvage(done: &SalvageResult) -> Result<(), CommandFailure> {
    print_damage(&done.damaged, done.unlisted)?;
    if let SalvageResult { set_aside: Some(set_aside), lost: Some(lost), epoch, .. } = done {
        print_line(&format!("the journal cannot be read at all: {lost}"))?;
        print_line(&format!("an empty journal takes its place; its epoch is {epoch}"))?;
        print_line(&format!("the old journal is kept as {}", set_aside.display()))?;
        print_line("a relay that starts with the empty journal knows no call until Graph sends a notification of it")?;
        return Ok(());
    }
    let SalvageResult { set_aside: Some(set_aside), gaps, kept, epoch, .. } = done else {
        if done.gaps > 0 {
            let SalvageResult { kept, epoch, .. } = done;
            print_line(
                "acknowledged entries are missing at the end, and cannot be found in the folder: they are a gap now",
            )?;
            print_line(&format!("{kept} entries are unchanged; the epoch is {epoch}"))?;
            return Ok(());
        }
        let rest = if done.damaged.is_empty() { "" } else { "; a relay skips the damaged snapshots above by itself" };
        print_line(&format!("no entry is damaged: nothing was done{rest}"))?;
        return Ok(());
    };
    print_line(&format!("{gaps} entries are gaps now, and {kept} are unchanged; the epoch is {epoch}"))?;
    print_line(&format!("the old journal is kept as {}", set_aside.display()))?;
    print_line("a relay that starts with the salvaged journal reads all live calls again")?;
    Ok(())
}

fn print_damage(damaged: &[DamagedRow], unlisted: u64) -> Result<(), CommandFailure> {
    for DamagedRow { cursor, what } in damaged {
        print_line(&format!("entry {cursor}: {what}"))?;
    }
    if unlisted > 0 {
        print_line(&format!("and {unlisted} more"))?;
    }
    Ok(())
}

fn print_check(found: &CheckReport) -> Result<(), CommandFailure> {
    print_damage(&found.damaged, found.unlisted)?;
    let CheckReport { epoch, oldest, head, entries, bytes, snapshots, .. } = found;
    let span = match (found.began, found.ended) {
        (Some(began), Some(ended)) => format!(", from {} to {}", time(began), time(ended)),
        _ => String::new(),
    };
    print_line(&format!(
        "epoch {epoch}: entries {oldest} to {}, {entries} of them with {bytes} bytes{span}",
        head.cursor
    ))?;
    let verdict = match found.damaged.len() as u64 + found.unlisted {
        0 => "nothing is damaged".to_owned(),
        1 => "1 fault".to_owned(),
        faults => format!("{faults} faults"),
    };
    print_line(&format!("{snapshots} good snapshots; {verdict}"))?;
    Ok(())
}

fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |it| it.to_string())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerifyReport<'a> {
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
    damaged: Vec<NamedDamage<'a>>,
    #[serde(rename = "unnamed")]
    unlisted: u64,
}

#[derive(Serialize)]
struct NamedDamage<'a> {
    cursor: u64,
    what: &'a str,
}

impl<'a> NamedDamage<'a> {
    fn all(damaged: &'a [DamagedRow]) -> Vec<Self> {
        damaged.iter().map(|it| Self { cursor: it.cursor.0, what: &it.what }).collect()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SalvageReport<'a> {
    epoch: &'a str,
    gaps: u64,
    kept: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_aside: Option<&'a Path>,
    damaged: Vec<NamedDamage<'a>>,
    #[serde(rename = "unnamed")]
    unlisted: u64,
}

impl<'a> SalvageReport<'a> {
    fn of(done: &'a SalvageResult) -> Self {
        let SalvageResult { gaps, kept, unlisted, .. } = *done;
        let set_aside = done.set_aside.as_deref();
        let lost = done.lost.as_deref();
        Self { epoch: &done.epoch, gaps, kept, lost, set_aside, damaged: NamedDamage::all(&done.damaged), unlisted }
    }
}

impl<'a> VerifyReport<'a> {
    fn of(found: &'a CheckReport) -> Self {
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
            damaged: NamedDamage::all(&found.damaged),
            unlisted: found.unlisted,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompactReport {
    removed: u64,
    oldest: u64,
    bytes_before: u64,
    bytes_after: u64,
    freed: u64,
}

impl CompactReport {
    fn of(freed: FreedSpace) -> Self {
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
