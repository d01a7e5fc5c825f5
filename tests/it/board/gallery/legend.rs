//! The style of each role and sign in each theme, collected from the screens. It must be the same on all of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};

use super::roles::{runs, style, word};

/// The styles found so far.
pub(crate) struct Legend {
    looks: Vec<&'static str>,
    /// The style of each role in every theme.
    styles: BTreeMap<String, Vec<String>>,
    /// The replacement of each sign in ASCII themes.
    signs: BTreeMap<String, String>,
}

impl Legend {
    pub(crate) fn of(looks: Vec<&'static str>) -> Self {
        Self { looks, styles: BTreeMap::new(), signs: BTreeMap::new() }
    }

    /// Compares the same screen in every theme with the known styles of its roles and signs.
    pub(crate) fn compare(&mut self, place: &str, roles: &Buffer, looked: &[Buffer]) {
        for (look, buffer) in self.looks.iter().zip(looked) {
            assert_eq!(roles.content.len(), buffer.content.len(), "{place}, {look}");
            let in_ascii = look.contains("ascii");
            for (at, (plain, cell)) in roles.content.iter().zip(&buffer.content).enumerate() {
                if plain.symbol() == cell.symbol() && (!in_ascii || plain.symbol().is_ascii()) {
                    continue;
                }
                assert!(in_ascii, "{place}, {look}, cell {at}: {cell:?} for {plain:?}");
                let known = self.signs.entry(plain.symbol().to_owned()).or_insert_with(|| cell.symbol().to_owned());
                assert_eq!(known, cell.symbol(), "{place}, {look}, cell {at}: for {:?}", plain.symbol());
            }
        }
        for (from, length) in runs(&roles.content) {
            let styles: Vec<String> = looked.iter().map(|it| shown(&it.content[from])).collect();
            for (look, buffer) in self.looks.iter().zip(looked) {
                let run = &buffer.content[from..from + length];
                let same = run.iter().all(|it| style(it) == style(&run[0]));
                assert!(same, "{place}, {look}: not one style from cell {from} on: {run:?}");
            }
            let word = word(&roles.content[from]);
            let known = self.styles.entry(word.clone()).or_insert_with(|| styles.clone());
            assert_eq!(*known, styles, "{place}: cell {from}, of role {word}, looks other than elsewhere");
        }
    }

    /// All of it, for people.
    pub(crate) fn told(&self) -> String {
        let mut text = String::new();
        for (word, styles) in &self.styles {
            let _ = writeln!(text, "{word}");
            for (look, style) in self.looks.iter().zip(styles) {
                let _ = writeln!(text, "    {look}: {style}");
            }
        }
        let _ = writeln!(text, "signs in ascii");
        for (sign, ascii) in &self.signs {
            let _ = writeln!(text, "    {sign} {ascii}");
        }
        text
    }
}

fn shown(cell: &Cell) -> String {
    let (fore, back, how) = style(cell);
    let how = if how.is_empty() { String::new() } else { format!(", {how:?}") };
    format!("{fore} on {back}{how}")
}
