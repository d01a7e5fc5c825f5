//! The roles of a screen's cells, independent of the theme. A test theme gives each role a distinct colour, from which
//! the roles are recovered and written as run lengths and letters for each row.

use callboard::screen::Theme;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};

/// The letters of the roles, in the order of their reds here: each is two more than the one before.
const LETTERS: &str = ".tqTgwBfFlcLMabxyzksd";
const FRESH: u8 = 200;
const SELECTED: Color = Color::Rgb(1, 1, 1);
const SHEET: Color = Color::Rgb(2, 2, 2);

/// Returns a theme in which each role has a distinct style.
pub(crate) fn theme() -> Theme {
    let role = |letter: char| {
        let red = 2 * u8::try_from(LETTERS.find(letter).unwrap()).unwrap();
        Style::new().fg(Color::Rgb(red, FRESH, 0))
    };
    // What is bold in every look is bold here, so that its thin form is another role.
    let bold = |letter: char| role(letter).add_modifier(Modifier::BOLD);
    Theme {
        ground: role('.').bg(Color::Rgb(0, 0, 0)),
        facts: role('F'),
        line: role('l'),
        cursor: role('c'),
        late: [bold('L'), bold('M')],
        bars: [role('a'), role('b'), role('x')],
        chips: [bold('y'), bold('z')],
        armed: role('k'),
        stale: [role('s'), role('d')],
        text: role('t'),
        quiet: role('q'),
        title: role('T'),
        selected: Style::new().bg(SELECTED),
        sheet: Style::new().bg(SHEET),
        good: role('g'),
        warning: role('w'),
        bad: role('B'),
        focus: role('f'),
        ..Theme::default()
    }
}

/// A cell's role in a word: its letter, a point for the bare ground, and what lies over it: `>` of the selected row, `_`
/// of a sheet, `!` of what is bold in whatever look.
pub(crate) fn word(cell: &Cell) -> String {
    let at = match cell.fg {
        Color::Rgb(red, FRESH, 0) => red / 2,
        other => panic!("{other:?} is of no role"),
    };
    let letter = LETTERS.chars().nth(at.into()).unwrap();
    let over = [(cell.bg == SELECTED, '>'), (cell.bg == SHEET, '_'), (cell.modifier.contains(Modifier::BOLD), '!')];
    std::iter::once(letter).chain(over.into_iter().filter(|(is, _)| *is).map(|(_, sign)| sign)).collect()
}

/// The cells from each change of the role to the next: where they begin, and how many they are.
pub(crate) fn runs(row: &[Cell]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, cell) in row.iter().enumerate() {
        match runs.last_mut() {
            Some((from, length)) if style(&row[*from]) == style(cell) => *length += 1,
            _ => runs.push((at, 1)),
        }
    }
    runs
}

pub(crate) fn style(cell: &Cell) -> (Color, Color, Modifier) {
    (cell.fg, cell.bg, cell.modifier)
}

/// A screen's roles: a line a row, or one for several that are alike.
pub(crate) fn told(buffer: &Buffer) -> String {
    let row = |cells: &[Cell]| {
        let told = |(from, length): (usize, usize)| [length.to_string(), word(&cells[from])];
        runs(cells).into_iter().flat_map(told).collect::<String>()
    };
    let rows: Vec<String> = buffer.content.chunks(buffer.area.width.into()).map(row).collect();
    let mut text = String::new();
    let mut first = 0;
    for alike in rows.chunk_by(|one, other| one == other) {
        let last = first + alike.len() - 1;
        let rows = if first == last { first.to_string() } else { format!("{first}-{last}") };
        text.extend([&rows, " ", &alike[0], "\n"]);
        first = last + 1;
    }
    text
}
