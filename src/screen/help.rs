//! The help: the key table, and what the signs mean.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::Row;
use super::{Brush, DisplayText};
use crate::desk::{KEYS, On};

/// What the signs mean.
const SIGNS: &[(&str, &str)] = &[
    (">=04:12", "The begin was not seen: at least this long."),
    ("! !!", "Somebody waits too long; far too long."),
    ("?", "Nothing was heard of the call for a while."),
    ("~", "What is shown may be wrong; the relay reads the call again."),
    ("name^", "The text held signs that no terminal should be shown; they were taken out."),
    ("CONFIRMED", "The call itself said so, after the act was asked."),
    ("UNCONFIRMED", "Graph accepted it, and the call has not said so in time."),
];

pub(super) fn draw(brush: &mut Brush<'_>, area: Rect, scroll: usize) {
    let here = brush.desk.pane();
    let theme = brush.theme;
    let room = usize::from(area.width.min(100)).saturating_sub(2 + KEY + 3);
    let mut rows: Vec<Row> = Vec::new();
    for key in KEYS {
        let on = match key.on {
            On::Everywhere => String::new(),
            On::Pane(pane) if pane == here => String::new(),
            On::Pane(pane) => format!(" ({})", pane.name()),
        };
        let off = match (key.offered)(brush.desk) {
            Ok(()) => String::new(),
            Err(reason) => format!(" Off: {reason}."),
        };
        let style = if off.is_empty() && key.works_in(here) { theme.text } else { theme.quiet };
        rows.extend(lines(
            &brush.desk.keymap().shown(key),
            &format!("{}{on}{off}", key.help),
            (theme.title, style),
            room,
        ));
    }
    rows.push(Row::default());
    rows.extend(SIGNS.iter().flat_map(|(sign, text)| lines(sign, text, (theme.title, theme.text), room)));
    let total = rows.len();
    let title = format!("Keys in {}: j k scroll, any other key closes", here.name());
    let inner = brush.overlay(area, &title, total);
    let height = usize::from(inner.height);
    let scroll = scroll.min(total.saturating_sub(height));
    for (at, row) in rows.into_iter().skip(scroll).take(height).enumerate() {
        row.draw(brush.buffer, inner, at, None);
    }
}

const KEY: usize = 13;

fn lines(key: &str, text: &str, styles: (Style, Style), room: usize) -> Vec<Row> {
    let wrapped = DisplayText::clean(text).wrap(room);
    let row = |(at, line): (usize, String)| {
        let key = if at == 0 { key } else { "" };
        Row::default().gap(1).cell(key, KEY, styles.0).gap(1).text(line.trim_end(), styles.1)
    };
    wrapped.into_iter().enumerate().map(row).collect()
}
