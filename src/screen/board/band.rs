//! The band: a row across the screen that says why the board, or what may be done on it, cannot be trusted now.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{Command, LinkState};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::theme::thin;

/// The text of the band: what is wrong, what that means, and what comes next.
struct Band {
    what: String,
    means: String,
    next: String,
    style: Style,
}

/// Draws the band, if there is one. Only what is wrong is bold.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let Some(Band { what, means, next, style }) = band(ctx) else { return };
    let words = thin(style);
    let width = usize::from(area.width);
    let middle = if width >= 120 { 38 } else { 29 };
    let mut row = RowBuilder::default().to(2).text(&what, style);
    let wide = |text: &str| DisplayText::clean(text).width();
    let means_at = middle.max(row.used() + 2);
    if !means.is_empty() && means_at + wide(&means) < width {
        row = row.to(means_at).text(&means, words);
    }
    if !next.is_empty() && row.used() + 2 + wide(&next) < width {
        row = row.ending(width - 1, &next, words);
    }
    RowBuilder::default().space(width, words).draw(ctx.buffer, area, 0, None);
    row.draw(ctx.buffer, area, 0, None);
}

fn band(ctx: &RenderContext<'_>) -> Option<Band> {
    let desk = ctx.desk;
    let [amber, red] = ctx.theme.chips;
    let link = desk.link();
    let retry = desk.keymap().shortcut_for(Command::Reread);
    let as_of = link.frozen_at().map(|at| format!("acts are off; the board is as of {}", ctx.clock(at)));
    if let Some(since) = link.refusing() {
        let what = format!("The relay has not been able to write its journal since {}", ctx.clock(since));
        let means = "notifications are lost, and acts are refused".to_owned();
        return Some(Band { what, means, next: String::new(), style: red });
    }
    let since = link.stale(desk.now()).map(|it| format!(" for {it}")).unwrap_or_default();
    match link.state() {
        LinkState::Live => {
            let behind = desk.behind()?;
            let plural = if behind == 1 { "" } else { "s" };
            let press = desk.keymap().shortcut_for(Command::Pause);
            let age = desk.now().since(desk.shown_at());
            let means = format!("the board is as of {}; {behind} change{plural} since", ctx.clock(desk.shown_at()));
            Some(Band { what: format!("PAUSED for {age}"), means, next: format!("{press} goes on"), style: amber })
        }
        LinkState::Refused(reason) => {
            Some(Band { what: "NOT LET IN".to_owned(), means: reason.clone(), next: String::new(), style: red })
        }
        LinkState::Down { retry_at, .. } => {
            let left = retry_at.since(desk.wall()).0.saturating_add(999) / 1_000;
            let next = format!("next try in {left} s, {retry} tries now");
            Some(Band { what: format!("NO LINE{since}"), means: as_of.unwrap_or_default(), next, style: red })
        }
        LinkState::Connecting | LinkState::Filling => {
            let means = as_of?;
            let next = if *link.state() == LinkState::Filling { "catching up" } else { "connecting" };
            Some(Band { what: format!("NO LINE{since}"), means, next: next.to_owned(), style: red })
        }
    }
}
