//! The pages point at each other, and the comments of the source at them: whatever is pointed at is there.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Page, pages};

/// A page's text outside of its fenced blocks.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let lines = text.lines().filter(|it| {
        let fence = it.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn headings(text: &str) -> Vec<String> {
    let heads = prose(text);
    let heads = heads.lines().filter(|it| it.starts_with('#')).map(|it| it.trim_start_matches('#'));
    heads.filter_map(|it| it.strip_prefix(' ')).map(|it| it.trim().to_owned()).collect()
}

/// A heading as links name it.
fn anchor(heading: &str) -> String {
    let words = heading.to_lowercase().replace(' ', "-");
    words.chars().filter(|it| it.is_alphanumeric() || "-_".contains(*it)).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn links_lead_to_pages_and_headings() {
    let pages = pages();
    let mut linked = 0;
    for page in &pages {
        let text = prose(&page.text);
        for link in text.split("](").skip(1).map(|it| it.split(')').next().unwrap()) {
            let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
            let path = root().join(&page.path).with_file_name(file);
            let path = if file.is_empty() { root().join(&page.path) } else { path };
            assert!(path.exists(), "{}: {link} is nowhere", page.path);
            if let Some(heading) = heading {
                let there = headings(&std::fs::read_to_string(&path).unwrap()).iter().any(|it| anchor(it) == heading);
                assert!(there, "{}: {link}: there is no such heading", page.path);
            }
            linked += 1;
        }
    }
    assert!(linked > 30, "{linked}");
}

#[test]
fn headings_are_unique_in_a_page() {
    for page in pages() {
        let mut seen = BTreeSet::new();
        for heading in headings(&page.text) {
            assert!(seen.insert(anchor(&heading)), "{}: {heading} stands twice", page.path);
        }
    }
}

#[test]
fn the_readme_is_short_and_links_every_page() {
    let pages = pages();
    let readme = pages.iter().find(|it| it.path == "README.md").unwrap();
    assert!(readme.text.lines().count() <= 250, "{} lines", readme.text.lines().count());
    for page in pages.iter().filter(|it| it.path != "README.md") {
        assert!(readme.text.contains(&format!("]({}", page.path)), "the README does not link {}", page.path);
    }
}

#[test]
fn files_mentioned_in_pages_exist() {
    for Page { path: page, text } in pages() {
        let paths = text.split(|it: char| !it.is_ascii_alphanumeric() && !"/._-".contains(it));
        for path in paths.map(|it| it.trim_end_matches('.')) {
            let ours = ["src/", "tests/", "assets/", ".ci/"].iter().any(|it| path.starts_with(it));
            assert!(!ours || root().join(path).exists(), "{page}: {path} is not there");
        }
    }
}

/// The pages and headings that a source's comments cite, in the form `graph-contract.md, "Errors"` or
/// `graph-contract.md, "Types", "Mute" and "Hold"`, also over several lines.
fn cited(source: &str) -> Vec<(String, String)> {
    let comment = |it: &str| {
        let it = it.trim_start();
        it.starts_with("//").then(|| it.trim_start_matches(['/', '!']).trim().to_owned())
    };
    let words = source.lines().map(|it| comment(it).unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for (at, _) in words.match_indices(".md, \"") {
        let name = words[..at].rsplit(|it: char| !it.is_ascii_alphanumeric() && it != '-').next().unwrap();
        let mut rest = &words[at + ".md".len()..];
        while let Some(quoted) = [", \"", " and \"", ", and \""].iter().find_map(|it| rest.strip_prefix(it)) {
            let (heading, after) = quoted.split_once('"').unwrap_or((quoted, ""));
            found.push((format!("{name}.md"), heading.to_owned()));
            rest = after;
        }
    }
    found
}

#[test]
fn citations_in_comments_exist() {
    let pages = pages();
    let mut faults = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for file in sources(&root().join(folder)) {
            for (name, heading) in cited(&std::fs::read_to_string(&file).unwrap()) {
                let page = pages.iter().find(|it| it.path.ends_with(&format!("/{name}")));
                if !page.is_some_and(|it| headings(&it.text).contains(&heading)) {
                    faults.push(format!("{}: {name} has no heading {heading:?}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn citations_are_recognised_in_every_form() {
    let source = [
        "//! Errors (graph-contract.md, \"Errors\").",
        "let x = \"a.md, \\\"No\\\"\";",
        "    /// See (graph-contract.md,",
        "    /// \"Timers and",
        "    /// limits\", \"Mute\" and \"Hold\"), \"not this\".",
    ];
    let found = cited(&source.join("\n"));
    let headings: Vec<&str> = found.iter().map(|(_, heading)| heading.as_str()).collect();
    assert_eq!(headings, ["Errors", "Timers and limits", "Mute", "Hold"]);
    assert!(found.iter().all(|(page, _)| page == "graph-contract.md"));
}
