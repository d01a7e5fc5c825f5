//! The help: the keys from the key table, by what they do, and the legend of the signs.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::legend::LEGEND;
use crate::desk::{Desk, HelpView, KeyBinding, KeyContext, KeyGroup, Pane, offered};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::shown_of;
use crate::screen::text::DisplayText;

/// The widest help; longer lines are hard to read.
const WIDEST: u16 = 100;
/// The columns of a key or a sign.
const KEY: usize = 18;
/// The first column of keys and signs, below their heading.
const LEFT: usize = 3;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, help: &HelpView) {
    let here = ctx.desk.pane();
    let theme = ctx.theme;
    let room = usize::from(area.width.min(WIDEST)).saturating_sub(LEFT + KEY + 4);
    let mut rows: Vec<RowBuilder> = Vec::new();
    for group in KeyGroup::ALL {
        rows.extend(with_heading(group.name(), key_rows(ctx, (help, group), room), theme.focus));
    }
    let signs = LEGEND.iter().filter(|it| help.search().matches(&it.text()));
    let signs = signs.flat_map(|it| lines(it.signs, it.meaning, (theme.title, theme.text), room)).collect();
    rows.extend(with_heading("Signs", signs, theme.focus));
    if rows.is_empty() {
        rows.push(RowBuilder::default().gap(1).text("no key and no sign matches", theme.warning));
    }
    let total = rows.len();
    let searched = help.search().words();
    let title = match (help.search().is_typing(), searched) {
        (true, _) => format!("Keys with: {searched}_"),
        (false, "") => format!("Keys in {}, what works there first", pane_title(ctx.desk, here)),
        (false, _) => format!("Keys with {searched}"),
    };
    let inner = ctx.open_sheet(area, &title, total);
    let height = usize::from(inner.height);
    let scroll = ctx.first_line(help.scroll(), (total, height));
    if total > height {
        ctx.note_on_rule(inner, &shown_of(scroll, height, total));
    }
    for (at, row) in rows.into_iter().skip(scroll).take(height).enumerate() {
        row.draw(ctx.buffer, inner, at, None);
    }
}

/// The name of a pane as its rule shows it: that of the people is their call.
fn pane_title(desk: &Desk, pane: Pane) -> String {
    match desk.call().filter(|_| pane == Pane::Participants) {
        Some(call) => format!("Call {}", call.number.0),
        None => pane.name().to_owned(),
    }
}

/// The keys of a group that match the search: first those that work here and now.
fn key_rows(ctx: &RenderContext<'_>, (help, group): (&HelpView, KeyGroup), room: usize) -> Vec<RowBuilder> {
    let theme = &ctx.theme;
    let mut keys: Vec<&KeyBinding> = ctx.desk.help_keys(help).filter(|it| it.group == group).collect();
    keys.sort_by_key(|it| !works_now(ctx, it));
    let row = |key: &'static KeyBinding| {
        let on = match key.on {
            KeyContext::Everywhere => String::new(),
            KeyContext::Pane(_) if key.works_in(ctx.desk.pane()) => String::new(),
            KeyContext::Pane(_) | KeyContext::Modal(_) => format!(" ({})", key.on.name()),
        };
        let off = offered(ctx.desk, key.command).err().map(|it| format!(" Off: {it}.")).unwrap_or_default();
        let style = if works_now(ctx, key) { theme.text } else { theme.quiet };
        let shown = ctx.desk.keymap().shown(key);
        let shown = if shown.is_empty() { format!(":{}", key.name) } else { shown };
        lines(&shown, &format!("{}{on}{off}", key.help), (theme.title, style), room)
    };
    keys.into_iter().flat_map(row).collect()
}

fn works_now(ctx: &RenderContext<'_>, key: &KeyBinding) -> bool {
    key.works_in(ctx.desk.pane()) && offered(ctx.desk, key.command).is_ok()
}

/// The rows of a group below its name; nothing, if it has no rows.
fn with_heading(name: &str, rows: Vec<RowBuilder>, style: Style) -> Vec<RowBuilder> {
    if rows.is_empty() {
        return rows;
    }
    std::iter::once(RowBuilder::default().gap(1).text(name, style)).chain(rows).collect()
}

fn lines(key: &str, text: &str, styles: (Style, Style), room: usize) -> Vec<RowBuilder> {
    let wrapped = DisplayText::clean(text).wrap(room);
    let row = |(at, line): (usize, String)| {
        let key = if at == 0 { key } else { "" };
        RowBuilder::default().gap(LEFT).cell(key, KEY, styles.0).gap(1).text(line.trim_end(), styles.1)
    };
    wrapped.into_iter().enumerate().map(row).collect()
}
