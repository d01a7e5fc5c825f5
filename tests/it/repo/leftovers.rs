//! What only unfinished code has: notes to oneself, missing bodies, lints that are off, tests that do not run.

use super::tree::Tree;

/// The notes that a comment must not keep.
const NOTES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

fn leftovers(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for source in &tree.sources {
        for (line, text) in source.text.lines().enumerate() {
            let notes = NOTES.iter().filter(|it| text.contains(**it));
            found.extend(notes.map(|it| format!("{}:{}: {it}", source.name, line + 1)));
        }
        found.extend(source.facts.leftovers.iter().map(|(line, form)| format!("{}:{line}: {form}", source.name)));
    }
    found
}

/// The figures of this file's checks, each beside its limit.
pub(super) fn figures(tree: &Tree) -> Vec<(&'static str, usize, usize)> {
    vec![("leftovers", leftovers(tree).len(), 0)]
}

#[test]
fn there_are_no_leftovers() {
    let found = leftovers(Tree::house());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_form_of_a_leftover_is_found() {
    let note = format!("// {}: later\n#![allow(dead_code)]\nfn f() {{ todo!() }}\n// {}", NOTES[0], NOTES[1]);
    let tree = Tree::parse([
        ("src/a.rs", note.as_str()),
        (
            "benches/b.rs",
            "#[expect(unused)]\nfn g() { let _ = vec![unimplemented!()]; }\nfn h() { \"todo!\"; todo(); }",
        ),
        (
            "tests/it/c.rs",
            "#[test]\n#[ignore = \"slow\"]\nfn t() {}\n#[cfg_attr(test, allow(unused))]\nmod m { fn ignore() {} }",
        ),
        ("tests/it/d.rs", "mod m {\n    #[allow(unused)]\n    fn f() {}\n    #[ignore]\n    fn g() {}\n}"),
    ]);
    let expected = [
        "benches/b.rs:2: unimplemented!",
        &format!("src/a.rs:1: {}", NOTES[0]),
        &format!("src/a.rs:4: {}", NOTES[1]),
        "src/a.rs:2: #[allow]",
        "src/a.rs:3: todo!",
        "tests/it/c.rs:2: #[ignore]",
        "tests/it/c.rs:4: #[allow]",
        "tests/it/d.rs:2: #[allow]",
        "tests/it/d.rs:4: #[ignore]",
    ];
    assert_eq!(leftovers(&tree), expected);
}
