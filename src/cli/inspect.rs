//! `callboard inspect`: what is understood of a notification, an answer or a record.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::serve::line;
use super::{Stop, wrong};
use crate::inspect::{Count, Found, inspect, page, summary};

/// The largest text that is read, in bytes.
const LARGEST: u64 = 32 * 1024 * 1024;

/// `callboard inspect`.
#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// The file to read; - reads standard input.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
}

impl InspectArgs {
    pub(super) fn run(&self) -> Result<ExitCode, Stop> {
        let text = read(&self.file).map_err(wrong)?;
        let mut count = Count::default();
        let mut printed = Ok(());
        let mut first = true;
        inspect(&text, &mut |found| {
            count.add(&found);
            if printed.is_ok() {
                printed = if self.json { piece(&found, first) } else { line(&page(&found)) };
            }
            first = false;
        });
        printed?;
        if self.json {
            let opening = if first { "{\"found\":[" } else { "" };
            line(&format!("{opening}],\"summary\":{}}}", serde_json::to_string(&count)?))?;
        } else {
            line(&summary(&count))?;
        }
        Ok(ExitCode::from(count.code()))
    }
}

/// One piece of the JSON object: what was found, after the object's beginning or a comma.
fn piece(found: &Found, first: bool) -> anyhow::Result<()> {
    let before = if first { "{\"found\":[" } else { "," };
    let found = match found {
        Found::Thing(thing) => serde_json::to_string(thing),
        Found::Broken(broken) => serde_json::to_string(&serde_json::json!({ "broken": broken })),
    };
    line(&format!("{before}{}", found?))
}

fn read(file: &Path) -> anyhow::Result<String> {
    let (place, bytes) = if file.as_os_str() == "-" {
        ("standard input".to_owned(), limited(std::io::stdin().lock()))
    } else {
        let place = format!("{:?}", file.display().to_string());
        let kind = std::fs::metadata(file).with_context(|| format!("{place} cannot be read"))?;
        anyhow::ensure!(!kind.is_dir(), "{place} is a folder; name a file, or - for standard input");
        let open = std::fs::File::open(file).with_context(|| format!("{place} cannot be read"))?;
        (place, limited(open))
    };
    let bytes = bytes.with_context(|| format!("{place} cannot be read"))?;
    let most = LARGEST / (1024 * 1024);
    let small = u64::try_from(bytes.len()).is_ok_and(|it| it <= LARGEST);
    anyhow::ensure!(small, "{place} is larger than {most} MiB; give a part of it");
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = before.split(|it| *it == b'\n').count();
        anyhow::anyhow!("{place} is not JSON: byte {} (line {line}) is not UTF-8; give the text as UTF-8", good + 1)
    })
}

/// All of a source, and one byte more than the largest text where there is more.
fn limited(source: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
