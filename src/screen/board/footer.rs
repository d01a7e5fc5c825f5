//! The bottom lines: the desk's message, and the keys of the focused pane.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::operations::{act_of, status_sentence};
use crate::desk::{
    Command, Desk, FilterPrompt, KEYS, KeyBinding, LedgerRow, LinkState, Modal, ModalKind, Pane, Risk, offered,
};
use crate::floor::{Operation, OperationStatus};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::theme::Theme;
use crate::screen::time_text::short_span;
use crate::time::{Millis, Timestamp};

/// Draws the message and, below it, the keys.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, said: &FooterMessage) {
    let height = usize::from(said.height());
    let width = usize::from(area.width).saturating_sub(1);
    for (at, line) in said.lines.iter().enumerate() {
        RowBuilder::default().gap(1).cell(line, width, said.style).draw(ctx.buffer, area, at, None);
    }
    if let Some(line) = ctx.unsaid.take().filter(|_| said.lines.is_empty() && *ctx.desk.modal() == Modal::None) {
        RowBuilder::default().gap(1).cell(&line, width, ctx.theme.quiet).draw(ctx.buffer, area, 0, None);
    }
    draw_keys(ctx, area, height);
}

/// The message, broken into the lines that it gets.
pub(in crate::screen) struct FooterMessage {
    lines: Vec<String>,
    style: Style,
}

impl FooterMessage {
    /// The most lines of a message. A longer one is cut; the details of its row have it in full.
    const MOST: usize = 4;

    /// The height in rows; at least one.
    pub(in crate::screen) fn height(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX).max(1)
    }
}

/// The message to show now.
pub(in crate::screen) fn message(ctx: &RenderContext<'_>, area: Rect) -> FooterMessage {
    let theme = ctx.theme;
    let desk = ctx.desk;
    if let Modal::Filter(prompt) = desk.modal() {
        return filter_message(prompt, area, &theme);
    }
    let (text, style) = match (desk.message(), desk.link().state()) {
        (Some(message), _) => (message.text.clone(), if message.warning { theme.warning } else { theme.text }),
        (None, LinkState::Down { reason, .. } | LinkState::Refused(reason)) => (reason.clone(), theme.bad),
        (None, LinkState::Live | LinkState::Connecting | LinkState::Filling) => progress_text(ctx),
    };
    if text.is_empty() {
        return FooterMessage { lines: Vec::new(), style };
    }
    // Rows must not move under a confirm, so the message keeps to one line.
    let most = if *desk.modal() == Modal::None { FooterMessage::MOST } else { 1 };
    let mut lines = DisplayText::clean(&text).wrap(usize::from(area.width).saturating_sub(2));
    if lines.len() > most {
        // The row marks where it cuts a long text.
        let rest = lines.split_off(most - 1);
        lines.push(rest.concat());
    }
    FooterMessage { lines, style }
}

/// The filter that is being typed, and below it its error or its completions.
fn filter_message(prompt: &FilterPrompt, area: Rect, theme: &Theme) -> FooterMessage {
    let (before, after) = split(prompt.line().text(), prompt.line().cursor());
    let line = format!("/{before}\u{2588}{after}");
    let told = prompt.advice();
    let style = if prompt.error().is_some() { theme.warning } else { theme.text };
    if told.is_empty() {
        return FooterMessage { lines: vec![line], style };
    }
    let told = DisplayText::clean(&told);
    let room = usize::from(area.width).saturating_sub(4 + DisplayText::clean(&line).width());
    if told.width() <= room {
        return FooterMessage { lines: vec![format!("{line}   {}", told.as_str())], style };
    }
    // Errors and completions are never cut; they get all the lines that they need.
    let told = told.wrap(usize::from(area.width).saturating_sub(2));
    FooterMessage { lines: std::iter::once(line).chain(told).collect(), style }
}

/// Splits a text before its n-th character.
fn split(text: &str, at: usize) -> (String, String) {
    let mut letters = text.chars();
    (letters.by_ref().take(at).collect(), letters.collect())
}

/// The progress of our newest act until it ends; otherwise the newest operation while it is in progress.
fn progress_text(ctx: &RenderContext<'_>) -> (String, Style) {
    let desk = ctx.desk;
    let theme = &ctx.theme;
    if let Some(progress) = desk.progress() {
        return (progress, theme.text);
    }
    if let Some(operation) = desk.followed_operation() {
        // The status comes from the live floor even while the board is paused.
        let style = theme.standing(operation.standing(desk.now()));
        return (status_text(ctx, operation, desk.now()), style);
    }
    if let Some(slip) = desk.followed_pending() {
        return (format!("{}: sent", slip.act), theme.text);
    }
    match desk.ledger().next() {
        Some(LedgerRow::Operation(operation)) if is_under_way(operation.standing(desk.shown_at())) => {
            (status_text(ctx, operation, desk.shown_at()), theme.text)
        }
        Some(_) | None => (String::new(), theme.text),
    }
}

fn status_text(ctx: &RenderContext<'_>, operation: &Operation, now: Timestamp) -> String {
    let standing = operation.standing(now);
    let told = match (standing, &operation.proof, operation.proof_latency()) {
        (OperationStatus::Confirmed, Some(proof), Some(after)) => {
            format!("CONFIRMED after {} ({})", exact_span(after), proof.evidence.word())
        }
        (failed, ..) if failed.is_failure() => {
            format!("{}, {}", standing.word(), operation.reason().unwrap_or_default())
        }
        (OperationStatus::Unconfirmed, ..) => {
            format!("UNCONFIRMED, {} re-reads the call", ctx.desk.keymap().shortcut_for(Command::Reread))
        }
        (OperationStatus::AlreadySo | OperationStatus::Left, ..) => standing.word().to_owned(),
        _ => status_sentence(operation, now).to_owned(),
    };
    format!("op {} {}: {told}", operation.number.0, act_of(ctx, operation))
}

/// A latency in milliseconds below one second, such as `599 ms`, else such as `12s`.
fn exact_span(span: Millis) -> String {
    if span.0 < 10_000 { format!("{} ms", span.0) } else { short_span(span) }
}

fn is_under_way(standing: OperationStatus) -> bool {
    standing.is_in_progress() || standing == OperationStatus::Unconfirmed
}

/// The keys of the open overlay, or else of the pane. If not all fit, disabled keys are dropped first, then the last
/// ones; help, quit and the key that closes the overlay always stay.
fn draw_keys(ctx: &mut RenderContext<'_>, area: Rect, at: usize) {
    let theme = ctx.theme;
    let mut hints = match (ctx.desk.modal(), ctx.desk.modal().kind()) {
        (Modal::None, _) => hints_of_pane(ctx.desk),
        (_, Some(kind)) => hints_of_modal(ctx.desk, kind),
        (_, None) => Vec::new(),
    };
    while width(&hints) > usize::from(area.width) {
        let off = hints.iter().rposition(|it| !it.on && !it.stays());
        let Some(least) = off.or_else(|| hints.iter().rposition(|it| !it.stays())) else { break };
        hints.remove(least);
    }
    let mut row = RowBuilder::default().gap(1);
    for hint in hints {
        let (bold, plain) = if hint.on { (theme.title, theme.text) } else { (theme.quiet, theme.quiet) };
        row = row.text(&hint.press, bold).gap(1).text(hint.words, plain).gap(2);
    }
    row.draw(ctx.buffer, area, at, None);
}

/// The keys of a pane. A read-only desk shows no acts.
fn hints_of_pane(desk: &Desk) -> Vec<KeyHint> {
    let pane = if desk.selected_participant().is_some() { Pane::Participants } else { desk.pane() };
    let looks = desk.read_only() || desk.link().is_viewer();
    let wanted = KEYS.iter().filter(|it| !it.hint.is_empty() && it.works_in(pane));
    let wanted = wanted.filter(|it| !desk.keymap().presses(it).is_empty());
    let wanted = wanted.filter(|it| !looks || it.risk == Risk::Safe);
    let hint = |key: &'static KeyBinding| {
        let on = offered(desk, key.command).is_ok() && key.works_in(desk.pane());
        KeyHint { key, words: key.hint, press: desk.keymap().first(key), on }
    };
    wanted.map(hint).collect()
}

/// The hints of the keys of an overlay that have an effect on what is selected in it.
fn hints_of_modal(desk: &Desk, kind: ModalKind) -> Vec<KeyHint> {
    let wanted = KeyBinding::of_modal(kind).filter(|(key, words)| !words.is_empty() && desk.has_effect(key.command));
    let hint = |(key, words)| {
        let press = desk.keymap().first_in(kind, key);
        KeyHint { key, words, press, on: offered(desk, key.command).is_ok() }
    };
    wanted.map(hint).filter(|it| !it.press.is_empty()).collect()
}

/// A key in the footer, with its word.
struct KeyHint {
    key: &'static KeyBinding,
    words: &'static str,
    press: String,
    on: bool,
}

impl KeyHint {
    fn stays(&self) -> bool {
        matches!(self.key.command, Command::Help | Command::Quit | Command::Back)
    }
}

fn width(hints: &[KeyHint]) -> usize {
    hints.iter().map(|it| it.press.chars().count() + it.words.len() + 3).sum::<usize>().saturating_sub(1)
}
