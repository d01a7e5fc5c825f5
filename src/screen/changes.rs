//! Finds the cells of a frame that have to be written over the frame before.
//!
//! Terminals disagree on the width of some characters: a family emoji takes two columns in one and eight in another, a
//! replacement character one, two or none. So when a row with foreign non-ASCII characters changes, it is written
//! whole, and the cursor is positioned again after each such character. However wide a terminal draws a name, its
//! neighbours are written afterwards and in the right columns.

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr;

/// Adjacent cells as column, row and cell. The terminal's cursor has to be positioned at the start of each run.
pub type CellRun<'a> = Vec<(u16, u16, &'a Cell)>;

/// The runs to write, in order.
#[must_use]
pub fn changes<'a>(shown: &Buffer, next: &'a Buffer) -> Vec<CellRun<'a>> {
    let mut plain = shown.diff(next);
    let mut rows: Vec<u16> = plain.iter().map(|(_, row, _)| *row).collect();
    rows.dedup();
    rows.retain(|row| is_doubtful(shown, *row) || is_doubtful(next, *row));
    // A character that is wider than expected at the end of a row spills into the next row if the terminal wraps.
    rows = rows.into_iter().flat_map(|row| [row, row.saturating_add(1)]).collect();
    rows.dedup();
    plain.retain(|(_, row, _)| !rows.contains(row));
    let mut runs = if plain.is_empty() { Vec::new() } else { vec![plain] };
    for row in rows {
        let mut run = Vec::new();
        let mut column = next.area.left();
        while let Some(cell) = next.cell((column, row)).filter(|_| column < next.area.right()) {
            run.push((column, row, cell));
            if is_foreign(cell) {
                runs.push(std::mem::take(&mut run));
            }
            column = column.saturating_add(u16::try_from(cell.symbol().width()).unwrap_or(1).max(1));
        }
        runs.push(run);
    }
    runs.retain(|it| !it.is_empty());
    runs
}

fn is_doubtful(buffer: &Buffer, row: u16) -> bool {
    let mut columns = buffer.area.left()..buffer.area.right();
    columns.any(|column| buffer.cell((column, row)).is_some_and(is_foreign))
}

/// Whether a cell holds neither ASCII nor one of our own drawing characters.
fn is_foreign(cell: &Cell) -> bool {
    let ours = |it: char| it.is_ascii() || ('\u{2500}'..='\u{259f}').contains(&it) || it == '\u{2026}';
    !cell.symbol().chars().all(ours)
}
