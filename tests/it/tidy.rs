//! The house: walls between rooms, sizes, file heads, and words that do not belong. One crate has no other walls.

use std::path::{Path, PathBuf};

/// Each room, and the rooms that it may know.
pub(crate) const ROOMS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("graph", &[]),
    ("floor", &["graph", "time"]),
    ("desk", &["floor", "graph", "time"]),
    ("screen", &["desk", "floor", "graph", "time"]),
    ("inspect", &["floor", "graph", "screen"]),
    ("settings", &["desk", "floor", "time"]),
    ("clock", &["time"]),
    ("journal", &["clock", "floor", "time"]),
    ("protocol", &["floor", "graph", "time"]),
    ("feed", &["clock", "floor", "graph", "protocol", "time"]),
    ("relay", &["clock", "feed", "floor", "graph", "journal", "time"]),
    ("sim", &["clock", "graph", "time"]),
    ("console", &["clock", "desk", "feed", "floor", "graph", "time", "screen"]),
    ("demo", &["clock", "console", "desk", "feed", "floor", "graph", "time", "relay", "screen", "sim"]),
    (
        "cli",
        &[
            "clock", "console", "demo", "desk", "floor", "inspect", "journal", "time", "relay", "screen", "settings",
            "sim",
        ],
    ),
    ("main", &[]),
];

/// The rooms, or parts of rooms, that do no I/O, read no clock and spawn nothing.
const PURE: &[&str] = &[
    "time",
    "graph",
    "floor",
    "desk",
    "screen",
    "inspect",
    "settings",
    "protocol",
    "sim/world",
    "sim/scenario",
    "sim/settings",
];

/// What a pure room has no use for.
const IMPURE: &[&str] = &[
    "tokio",
    "reqwest",
    "axum",
    "rusqlite",
    "std::fs",
    "std::net",
    "std::thread",
    "std::process",
    "std::env",
    "crate::clock",
    "Instant::now",
    "SystemTime",
    "jiff::Timestamp::now",
    "Zoned::now",
];

struct Source {
    /// From `src/` on, with `/`.
    name: String,
    text: String,
}

impl Source {
    fn room(&self) -> &str {
        self.name.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// The text without its unit tests.
    fn program(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap()
    }
}

fn sources(root: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                found.push(Source { name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// The rooms that a text names after `crate::`, also in braces.
fn rooms_named(text: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let word =
            |it: &str| it.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect::<String>();
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = 0;
            for (end, letter) in list.char_indices() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => {
                        named.push(word(list[start..end].trim_start()));
                        break;
                    }
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        named.push(word(list[start..end].trim_start()));
                        start = end + 1;
                    }
                    _ => {}
                }
            }
        } else {
            named.push(word(rest));
        }
    }
    named.retain(|it| !it.is_empty());
    named
}

#[test]
fn rooms_know_only_what_they_may() {
    let known: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    let mut faults = Vec::new();
    for source in sources("src").iter().filter(|it| it.name != "lib.rs") {
        let Some((_, may)) = ROOMS.iter().find(|(room, _)| *room == source.room()) else {
            faults.push(format!("{}: {} is no room; rooms are named in this test", source.name, source.room()));
            continue;
        };
        for room in rooms_named(&source.text) {
            if known.contains(&room.as_str()) && room != source.room() && !may.contains(&room.as_str()) {
                faults.push(format!("{}: {} may not know {room}", source.name, source.room()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pure_rooms_do_nothing() {
    let mut faults = Vec::new();
    for source in sources("src") {
        if PURE.iter().any(|pure| source.name.trim_end_matches(".rs").starts_with(pure)) {
            let found = IMPURE.iter().filter(|it| source.program().contains(**it));
            faults.extend(found.map(|it| format!("{}: {it}", source.name)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut faults = Vec::new();
    for root in ["src", "tests", "benches"] {
        for Source { name, text } in sources(root) {
            let lines = text.lines().count();
            if lines > 400 {
                faults.push(format!("{root}/{name}: {lines} lines, at most 400"));
            }
            if !text.starts_with("//! ") {
                faults.push(format!("{root}/{name}: does not open with what it is for"));
            }
            if name.ends_with("mod.rs") {
                faults.push(format!("{root}/{name}: a module stands beside its folder"));
            }
            let room = name.rsplit('/').next().unwrap().trim_end_matches(".rs");
            if ["utils", "common", "types", "manager", "handler", "helpers"].contains(&room) {
                faults.push(format!("{root}/{name}: {room} says nothing"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_is_left_over() {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("un", "implemented!"),
        concat!("#[", "allow("),
        concat!("#[", "ignore"),
    ];
    let mut faults = Vec::new();
    for root in ["src", "tests", "benches"] {
        for source in sources(root) {
            let found = words.iter().filter(|it| source.text.contains(**it));
            faults.extend(found.map(|it| format!("{root}/{}: {it}", source.name)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_reader_of_walls_sees_every_form() {
    let text = "use crate::{floor::{Entry, Floor}, graph};\nlet x = crate::desk::Desk;\n";
    assert_eq!(rooms_named(text), ["floor", "graph", "desk"]);
}
