//! What of a frame has to be written over the one before.
//!
//! Terminals do not agree on how wide some signs are: a family of joined people is two columns in one and eight in
//! another, a replacement sign one, two or none. So a row with letters from outside that are not ASCII is written whole
//! when any of it changes, and after each such letter the place is said anew: whatever a terminal makes of a name, what
//! stands beside it is written after it and at its own place.

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr;

/// Cells that follow one another: column, row, cell. Where each run begins has to be told to the terminal.
pub type CellRun<'a> = Vec<(u16, u16, &'a Cell)>;

/// The cells to write, in the order of writing.
#[must_use]
pub fn changes<'a>(shown: &Buffer, next: &'a Buffer) -> Vec<CellRun<'a>> {
    let mut plain = shown.diff(next);
    let mut rows: Vec<u16> = plain.iter().map(|(_, row, _)| *row).collect();
    rows.dedup();
    rows.retain(|row| is_doubtful(shown, *row) || is_doubtful(next, *row));
    // What is taken for wider at the end of a row runs on into the next one where the terminal wraps lines.
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

/// Whether it is neither ASCII nor one of the signs that we draw with ourselves.
fn is_foreign(cell: &Cell) -> bool {
    let ours = |it: char| it.is_ascii() || ('\u{2500}'..='\u{259f}').contains(&it) || it == '\u{2026}';
    !cell.symbol().chars().all(ours)
}
