//! The help: the keys from the key table, and the meaning of the signs.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{HelpView, KeyContext, offered};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;

/// The signs and their meanings.
const SIGNS: &[(&str, &str)] = &[
    (">=04:12", "The start was not seen: at least this long."),
    ("! !!", "Somebody has waited too long; far too long."),
    ("?", "There has been no news of the call for a while."),
    ("~", "The row may be wrong; the relay reads the call again."),
    ("name^", "The text contained unsafe characters, which were removed."),
    ("CONFIRMED", "After the act, the call itself shows the change."),
    ("UNCONFIRMED", "Graph accepted the act, but the call has not shown the change in time."),
];

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, help: &HelpView) {
    let here = ctx.desk.pane();
    let theme = ctx.theme;
    let room = usize::from(area.width.min(100)).saturating_sub(2 + KEY + 3);
    let mut rows: Vec<RowBuilder> = Vec::new();
    for key in ctx.desk.help_keys(help) {
        let on = match key.on {
            KeyContext::Everywhere => String::new(),
            KeyContext::Pane(pane) if pane == here => String::new(),
            KeyContext::Pane(_) | KeyContext::Modal(_) => format!(" ({})", key.on.name()),
        };
        let off = match offered(ctx.desk, key.command) {
            Ok(()) => String::new(),
            Err(reason) => format!(" Off: {reason}."),
        };
        let style = if off.is_empty() && key.works_in(here) { theme.text } else { theme.quiet };
        let shown = ctx.desk.keymap().shown(key);
        let shown = if shown.is_empty() { format!(":{}", key.name) } else { shown };
        rows.extend(lines(&shown, &format!("{}{on}{off}", key.help), (theme.title, style), room));
    }
    let signs = SIGNS.iter().filter(|(sign, text)| help.matches(&format!("{sign} {text}"))).collect::<Vec<_>>();
    if !rows.is_empty() && !signs.is_empty() {
        rows.push(RowBuilder::default());
    }
    rows.extend(signs.iter().flat_map(|(sign, text)| lines(sign, text, (theme.title, theme.text), room)));
    if rows.is_empty() {
        rows.push(RowBuilder::default().gap(1).text("no key and no sign matches", theme.warning));
    }
    let total = rows.len();
    let searched = help.searched();
    let title = match (help.is_typing(), searched) {
        (true, _) => format!("Keys with: {searched}_"),
        (false, "") => format!("Keys in {}", here.name()),
        (false, _) => format!("Keys with {searched}"),
    };
    let inner = ctx.open_box(area, &title, total);
    let height = usize::from(inner.height);
    let scroll = help.scroll().min(total.saturating_sub(height));
    for (at, row) in rows.into_iter().skip(scroll).take(height).enumerate() {
        row.draw(ctx.buffer, inner, at, None);
    }
}

const KEY: usize = 14;

fn lines(key: &str, text: &str, styles: (Style, Style), room: usize) -> Vec<RowBuilder> {
    let wrapped = DisplayText::clean(text).wrap(room);
    let row = |(at, line): (usize, String)| {
        let key = if at == 0 { key } else { "" };
        RowBuilder::default().gap(1).cell(key, KEY, styles.0).gap(1).text(line.trim_end(), styles.1)
    };
    wrapped.into_iter().enumerate().map(row).collect()
}
