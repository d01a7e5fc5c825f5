//! `callboard guide`: the pages of the guide, built into the program so that an installed binary needs no clone.

use std::process::ExitCode;

use clap::Args;

use super::failure::{CommandFailure, invalid_input};
use super::serve::print_line;
use crate::desk::nearest;

/// The options of `callboard guide`.
#[derive(Debug, Args)]
pub(super) struct GuideArgs {
    /// The page to print. Without it, the pages are listed.
    page: Option<String>,
}

/// A page of the guide.
struct Page {
    /// Its name on the command line: the file's name without `.md`.
    name: &'static str,
    /// Its line in the list of pages.
    about: &'static str,
    /// Its text in Markdown.
    text: &'static str,
}

macro_rules! page {
    ($name:literal, $about:literal) => {
        Page { name: $name, about: $about, text: include_str!(concat!("../../assets/guide/", $name, ".md")) }
    };
}

/// Every page, in the order in which a newcomer may want them.
const PAGES: &[Page] = &[
    page!("supervisor", "watch calls, mute, hold and release people, and see the proof"),
    page!("keys", "every key, column and filter word"),
    page!("settings", "the console's settings file, profiles and environment variables"),
    page!("presenter", "present call control to an audience"),
    page!("own-relay", "connect a relay to your own tenant, or rehearse with the simulator"),
    page!("operating-a-relay", "TLS, hardening, systemd, metrics, backup and limits"),
    page!("bots", "test a calling bot against the simulator"),
    page!("scenarios", "write your own scenario for the demo and the simulator"),
    page!("control-api", "control the simulator over HTTP"),
    page!("inspect", "see what callboard understands of a message"),
    page!("commands", "every command with its options, and the exit codes"),
    page!("glossary", "the words that callboard uses in its own way"),
    page!("graph-contract", "what Graph's calls API promises, and what proves each operation"),
    page!("architecture", "one journal and one fold, the rooms and their walls, the laws"),
    page!("speed", "measured figures and how to repeat them"),
    page!("development", "the gate, the tests and the programs they need"),
];

impl GuideArgs {
    pub(super) fn run(self) -> Result<ExitCode, CommandFailure> {
        match self.page {
            Some(name) => print_line(&readable(found(&name).map_err(invalid_input)?.text))?,
            None => print_line(&list())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn found(name: &str) -> anyhow::Result<&'static Page> {
    let wanted = name.strip_suffix(".md").unwrap_or(name);
    PAGES.iter().find(|it| it.name == wanted).ok_or_else(|| {
        if let Some(page) = similar(wanted) {
            return anyhow::anyhow!(
                "the guide has no page {name:?}; the nearest is {page}. callboard guide lists all pages"
            );
        }
        let names: Vec<&str> = PAGES.iter().map(|it| it.name).collect();
        anyhow::anyhow!("the guide has no page {name:?}; its pages are {}", names.join(", "))
    })
}

/// Returns the name of the page with the most similar name, unless it differs by more than two letters.
fn similar(wanted: &str) -> Option<&'static str> {
    let most_similar = nearest(PAGES.iter().map(|it| it.name), wanted);
    (strsim::damerau_levenshtein(most_similar, &wanted.to_lowercase()) <= 2).then_some(most_similar)
}

fn list() -> String {
    let width = PAGES.iter().map(|it| it.name.len()).max().unwrap_or_default();
    let rows = PAGES.iter().map(|it| format!("  {:<width$}  {}", it.name, it.about));
    let rows: Vec<String> = rows.collect();
    format!("Pages of the guide; callboard guide PAGE prints one.\n\n{}", rows.join("\n"))
}

/// Returns a page without its HTML comments, which are for tests.
fn readable(text: &str) -> String {
    let lines = text.lines().filter(|it| !(it.starts_with("<!--") && it.ends_with("-->")));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_comments_are_not_printed() {
        assert_eq!(readable("# A\n<!-- not run: why -->\n```sh\nls\n```\n"), "# A\n```sh\nls\n```");
    }

    #[test]
    fn a_page_is_found_by_name_and_by_file_name() {
        assert_eq!(found("keys").unwrap().name, "keys");
        assert_eq!(found("keys.md").unwrap().name, "keys");
        let refusal = found("keyz").err().unwrap().to_string();
        assert!(refusal.contains("the nearest is keys"), "{refusal}");
        let refusal = found("nosuch").err().unwrap().to_string();
        assert!(!refusal.contains("nearest") && refusal.contains("its pages are supervisor, keys,"), "{refusal}");
    }
}
