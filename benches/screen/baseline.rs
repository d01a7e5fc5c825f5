//! The smallest program that a key moves a cursor in: a hundred rows, drawn by the same library.

use crossterm::event::{Event, KeyCode, read};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

const ROWS: u16 = 100;

/// Draws until `q` is pressed.
pub(crate) fn run() {
    let mut terminal = ratatui::init();
    let mut at: u16 = 0;
    loop {
        let drawn = terminal.draw(|frame| {
            let rows = (0..ROWS).map(|row| Line::from(format!("{} row {row}", if row == at { '>' } else { ' ' })));
            frame.render_widget(Paragraph::new(rows.collect::<Vec<_>>()), frame.area());
        });
        drawn.expect("the terminal takes a frame");
        let Event::Key(key) = read().expect("a key is read") else { continue };
        if key.code == KeyCode::Char('q') {
            break;
        }
        let step = if key.code == KeyCode::Down { 1 } else { ROWS - 1 };
        at = (at + step) % ROWS;
    }
    ratatui::restore();
}
