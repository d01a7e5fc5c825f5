//! `callboard inspect`: shows how callboard reads a notification, an answer or a record.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use serde_json::{Value, json};

use super::{MemberCounts, TextFinding, inspect, page, summary};
use crate::cli::failure::{CommandFailure, invalid_input};
use crate::cli::journal_records;
use crate::cli::journal_records::{PrintedRecord, RecordRange};
use crate::cli::serve::print_line;
use crate::floor::Cursor;
use crate::journal::JournalReader;

/// The largest text that is read, in bytes.
const MAX_TEXT: u64 = 32 * 1024 * 1024;

/// The options of `callboard inspect`.
#[derive(Debug, Args)]
pub(in crate::cli) struct InspectArgs {
    /// The file to read, or the folder of a relay's journal; - reads standard input.
    #[arg(value_name = "FILE|DIR|-")]
    file: PathBuf,
    /// Begin after this entry of a journal.
    #[arg(long, value_name = "CURSOR")]
    after: Option<u64>,
    /// Show at most this number of entries of a journal.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
}

impl InspectArgs {
    pub(in crate::cli) fn run(&self) -> Result<ExitCode, CommandFailure> {
        let mut report = InspectReport { json: self.json, first: true, count: MemberCounts::default(), damaged: 0 };
        if self.file.as_os_str() != "-" && JournalReader::exists(&self.file) {
            let range = RecordRange { after: self.after, limit: self.limit };
            journal_records::each(&self.file, range, &mut |record| Ok(report.record(&record)?))?;
        } else {
            if self.after.is_some() || self.limit.is_some() {
                return Err(invalid_input(anyhow::anyhow!("--after and --limit are for the folder of a journal")));
            }
            let text = read(&self.file).map_err(invalid_input)?;
            report.text(&text, None)?;
        }
        report.end()
    }
}

/// Prints the findings one by one, and counts them.
struct InspectReport {
    json: bool,
    /// Whether no element of the JSON list was printed yet.
    first: bool,
    count: MemberCounts,
    /// The number of damaged entries of a journal.
    damaged: u64,
}

impl InspectReport {
    /// Prints what a text contains; `of` is its entry in a journal.
    fn text(&mut self, text: &str, of: Option<Cursor>) -> anyhow::Result<()> {
        let mut printed = Ok(());
        inspect(text, &mut |found| {
            self.count.add(&found);
            if printed.is_ok() {
                printed = if self.json { self.element(of, to_json(&found)) } else { print_line(&page(&found)) };
            }
        });
        printed
    }

    /// Prints a record of a journal.
    fn record(&mut self, record: &PrintedRecord) -> anyhow::Result<()> {
        match record {
            PrintedRecord::Text(at, text) => {
                if !self.json {
                    print_line(&format!("Entry {at}"))?;
                }
                self.text(text, Some(*at))
            }
            PrintedRecord::Damaged(at, what) if self.json => {
                self.damaged += 1;
                self.element(Some(*at), Ok(json!({ "damaged": what })))
            }
            PrintedRecord::Damaged(at, what) => {
                self.damaged += 1;
                print_line(&format!("Entry {at} is damaged: {what}\n"))
            }
        }
    }

    /// Prints one element of the JSON object's list, after the object's beginning or a comma.
    fn element(&mut self, of: Option<Cursor>, value: serde_json::Result<Value>) -> anyhow::Result<()> {
        let mut value = value?;
        if let (Some(at), Value::Object(members)) = (of, &mut value) {
            members.insert("entry".into(), json!(at.0));
        }
        let before = if std::mem::take(&mut self.first) { "{\"found\":[" } else { "," };
        print_line(&format!("{before}{value}"))
    }

    /// Prints the summary and returns the exit code.
    fn end(self) -> Result<ExitCode, CommandFailure> {
        let Self { json, first, count, damaged } = self;
        if json {
            let opening = if first { "{\"found\":[" } else { "" };
            print_line(&format!("{opening}],\"summary\":{}}}", serde_json::to_string(&count)?))?;
        } else {
            print_line(&summary(&count))?;
            if damaged > 0 {
                print_line(&format!("{damaged} damaged; callboard journal verify walks the whole journal"))?;
            }
        }
        Ok(ExitCode::from(if damaged > 0 { count.code().max(1) } else { count.code() }))
    }
}

/// Returns a finding as JSON.
fn to_json(found: &TextFinding) -> serde_json::Result<Value> {
    match found {
        TextFinding::Item(item) => serde_json::to_value(item),
        TextFinding::Broken(broken) => Ok(json!({ "broken": broken })),
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    let (place, bytes) = if file.as_os_str() == "-" {
        ("standard input".to_owned(), limited(std::io::stdin().lock()))
    } else {
        let place = format!("{:?}", file.display().to_string());
        let kind = std::fs::metadata(file).with_context(|| format!("{place} cannot be read"))?;
        anyhow::ensure!(
            !kind.is_dir(),
            "{place} is a folder without a journal; name a file, the folder of a journal, or - for standard input"
        );
        let open = std::fs::File::open(file).with_context(|| format!("{place} cannot be read"))?;
        (place, limited(open))
    };
    let bytes = bytes.with_context(|| format!("{place} cannot be read"))?;
    let max_mib = MAX_TEXT / (1024 * 1024);
    let fits = u64::try_from(bytes.len()).is_ok_and(|it| it <= MAX_TEXT);
    anyhow::ensure!(fits, "{place} is larger than {max_mib} MiB; give a part of it");
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = before.split(|it| *it == b'\n').count();
        anyhow::anyhow!("{place} is not JSON: byte {} (line {line}) is not UTF-8; give the text as UTF-8", good + 1)
    })
}

/// Reads a source, but at most one byte more than the largest text.
fn limited(source: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_TEXT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
