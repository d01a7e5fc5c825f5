//! The commands in the pages. Each page is followed in a folder of its own, block by block, as a reader would follow
//! it, with ports that are free. A comment before a block may say how it runs, or why it does not:
//!
//! * nothing: the commands run to their end and succeed;
//! * `<!-- run: until it is ready -->`: a server, which goes on until the page ends;
//! * `<!-- run: until the screen shows WORD -->`: a console in a terminal, which `q` then ends;
//! * `<!-- file: NAME -->`: no commands, but a file that the reader saves;
//! * `<!-- not run: why not -->`.
//!
//! A `console` block shows commands after `$ ` and what they print; a line `…` stands for any lines.

mod shell;

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Page, pages};
use shell::Shell;

/// A fenced block.
#[derive(Debug, PartialEq)]
struct Block {
    /// The line of its fence.
    line: usize,
    language: String,
    /// What the comment before it says.
    mark: String,
    text: String,
}

/// What is done with a block.
#[derive(Debug, PartialEq)]
enum How<'a> {
    Runs,
    Serves,
    Shows(&'a str),
    Saves(&'a str),
    Rests,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    let mut before = "";
    for (at, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                let mark = before.strip_prefix("<!-- ").and_then(|it| it.strip_suffix(" -->")).unwrap_or_default();
                let (language, mark) = (language.to_owned(), mark.to_owned());
                open = Some(Block { line: at + 1, language, mark, text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => block.text.extend([line, "\n"]),
            (None, None) => {}
        }
        before = line;
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

impl Block {
    /// What is done with it; `None` for one that holds no commands.
    fn how(&self) -> Option<Result<How<'_>, String>> {
        if let Some(name) = self.mark.strip_prefix("file: ") {
            return Some(Ok(How::Saves(name)));
        }
        match self.language.as_str() {
            "sh" | "console" => {}
            _ if self.text.lines().any(is_command) => {
                return Some(Err("a command stands in a block that is neither sh nor console".to_owned()));
            }
            _ => return None,
        }
        let mark = self.mark.as_str();
        Some(match (mark, mark.split_once(": ")) {
            ("", _) => Ok(How::Runs),
            (_, Some(("run", "until it is ready"))) => Ok(How::Serves),
            (_, Some(("run", how))) => match how.strip_prefix("until the screen shows ") {
                Some(word) => Ok(How::Shows(word)),
                None => Err(format!("{how:?} is no way to run a block")),
            },
            (_, Some(("not run", why))) if why.len() > 8 => Ok(How::Rests),
            _ => Err(format!("{mark:?} says neither how it runs nor why not")),
        })
    }
}

/// Whether a line calls a program that the pages use.
fn is_command(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("$ ");
    let program = line.split(' ').next().unwrap_or_default();
    line.contains(' ') && ["callboard", "cargo", "curl", "sudo", "openssl", "hand", "python3"].contains(&program)
}

/// The programs that the pages' commands need beside callboard.
const NEEDED: [&str; 5] = ["bash", "curl", "jq", "openssl", "sqlite3"];

/// Whether they are all there; without them the test says so and is skipped, and fails in CI.
fn can_run() -> bool {
    let there = |tool: &&&str| {
        let words = if **tool == "openssl" { "version" } else { "--version" };
        let found = Command::new(tool).arg(words).stdout(Stdio::null()).stderr(Stdio::null()).status();
        !found.is_ok_and(|it| it.success())
    };
    let missing: Vec<&&str> = NEEDED.iter().filter(there).collect();
    if !missing.is_empty() {
        assert!(std::env::var_os("CI").is_none(), "CI must have {missing:?}");
        eprintln!("skipped: the pages' commands need {missing:?}");
    }
    missing.is_empty()
}

/// Follows a page to its end; how many blocks ran.
fn follow(page: &Page) -> usize {
    let mut shell = Shell::new(Path::new(env!("CARGO_MANIFEST_DIR")));
    let mut ran = 0;
    for block in blocks(&page.text) {
        let Some(how) = block.how() else { continue };
        let place = format!("{}:{}", page.path, block.line);
        let how = how.unwrap_or_else(|why| panic!("{place}: {why}"));
        ran += usize::from(how != How::Rests);
        match how {
            How::Rests => {}
            How::Saves(name) => shell.save(name, &block.text),
            How::Serves => shell.serve(&place, &block.text),
            How::Shows(word) => shell.show(&place, &block.text, word),
            How::Runs if block.language == "console" => {
                for (command, expected) in commands(&block.text) {
                    let said = shell.say(&command);
                    let (expected, lines): (Vec<&str>, Vec<&str>) =
                        (expected.lines().collect(), said.lines().collect());
                    assert!(fits(&expected, &lines), "{place}: $ {command}\n{said}");
                }
            }
            How::Runs => shell.run(&place, &block.text),
        }
    }
    ran
}

/// The commands of a console block, each with what it prints.
fn commands(text: &str) -> Vec<(String, String)> {
    let parts =
        text.strip_prefix("$ ").unwrap_or_else(|| panic!("a console block begins with a command")).split("\n$ ");
    let parts = parts.map(|it| it.split_once('\n').unwrap_or((it, "")));
    parts.map(|(command, said)| (command.to_owned(), said.to_owned())).collect()
}

/// Whether lines are those that a block shows.
fn fits(expected: &[&str], said: &[&str]) -> bool {
    match expected.split_first() {
        None => said.is_empty(),
        Some((&"…", rest)) => (0..=said.len()).any(|at| fits(rest, &said[at..])),
        Some((line, rest)) => said.first().is_some_and(|it| it.trim_end() == *line) && fits(rest, &said[1..]),
    }
}

#[test]
fn every_command_of_the_guide_runs_or_is_marked() {
    if !can_run() {
        return;
    }
    let pages = pages();
    let faults: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = pages.iter().map(|page| (page, scope.spawn(|| follow(page)))).collect();
        let ended = runs.into_iter().map(|(page, run)| (page, run.join()));
        ended.filter_map(|(page, it)| it.is_err().then(|| page.path.clone())).collect()
    });
    assert!(faults.is_empty(), "commands do not run as these pages have them: {faults:?}; see above");
}

#[test]
fn every_page_marks_its_blocks() {
    let mut counts = (0, 0);
    for page in pages() {
        for block in blocks(&page.text) {
            match block.how() {
                Some(Err(why)) => panic!("{}:{}: {why}", page.path, block.line),
                Some(Ok(How::Rests)) => counts.1 += 1,
                Some(Ok(How::Runs | How::Serves | How::Shows(_))) => counts.0 += 1,
                Some(Ok(How::Saves(_))) | None => {}
            }
        }
    }
    assert!(counts.0 > 20 && counts.0 > counts.1, "{counts:?}: most commands run");
}

#[test]
fn blocks_are_recognised_in_every_form() {
    let page = "Text\n<!-- run: until it is ready -->\n```sh\nls\n```\n\n```console\n$ a b\none\n$ c\n```\n";
    let found = blocks(page);
    let how: Vec<_> = found.iter().map(|it| it.how().unwrap().unwrap()).collect();
    assert_eq!(how, [How::Serves, How::Runs]);
    assert_eq!(found[0].line, 3);
    let told: Vec<(String, String)> = commands(&found[1].text);
    assert_eq!(told, [("a b".to_owned(), "one".to_owned()), ("c".to_owned(), String::new())]);
    for (page, what) in [
        ("```text\ncallboard sim\n```\n", "neither sh nor console"),
        ("<!-- not run: -->\n```sh\nls\n```\n", "neither how it runs"),
        ("<!-- run: twice -->\n```sh\nls\n```\n", "no way to run"),
    ] {
        let why = blocks(page)[0].how().unwrap().unwrap_err();
        assert!(why.contains(what), "{why}");
    }
    assert_eq!(blocks("<!-- file: a.toml -->\n```toml\na = 1\n```\n")[0].how(), Some(Ok(How::Saves("a.toml"))));
    assert!(blocks("```toml\na = 1\n```\n")[0].how().is_none());
    assert!(fits(&["a", "…", "d"], &["a", "b", "c", "d"]) && !fits(&["a", "…"], &["b"]) && !fits(&["a"], &["a", "b"]));
}
