//! The message line: the desk's message, or else the progress of the newest act. It has one row; a longer message
//! covers the rows above it until the next key, and moves nothing.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::operations::{act_on, message_style, status_sentence};
use crate::desk::{Command, FilterPrompt, LedgerRow, LinkState, Modal};
use crate::floor::{Operation, OperationStatus, ProofSource};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::theme::Theme;
use crate::screen::time_text::{in_seconds, within};
use crate::time::Timestamp;

/// The column that the line begins at.
const LEFT: usize = 2;
/// The maximum number of lines of a message. A longer one is cut; the details of its row show it in full.
const MOST: usize = 4;

/// A message, with the operation that it is about.
struct MessageText {
    /// `op 4`; empty if it is not about an operation.
    lead: String,
    text: String,
    style: Style,
}

/// A message, broken into its lines.
struct MessageLines {
    lead: String,
    /// A selected text before the first line.
    selected: String,
    lines: Vec<String>,
    style: Style,
}

/// Draws the message.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let said = message(ctx, area);
    let width = usize::from(area.width).saturating_sub(1);
    let height = u16::try_from(said.lines.len()).unwrap_or(1).max(1);
    let over = Rect { y: area.y.saturating_sub(height - 1), height, ..area };
    for (at, line) in said.lines.iter().enumerate() {
        let row = RowBuilder::default().to(LEFT);
        let row = if at == 0 && !said.lead.is_empty() { row.text(&said.lead, ctx.theme.quiet).gap(2) } else { row };
        let row = if at == 0 && !said.selected.is_empty() {
            row.text("/", said.style).text(&said.selected, ctx.theme.armed)
        } else {
            row
        };
        row.within(line, width, said.style).draw(ctx.buffer, over, at, None);
    }
}

/// Draws the desk's message below a question, because the question covers the usual place.
pub(in crate::screen) fn draw_below_question(ctx: &mut RenderContext<'_>, area: Rect) {
    let Some(message) = ctx.desk.message() else { return };
    let width = usize::from(area.width).saturating_sub(1);
    let style = if message.warning { ctx.theme.warning } else { ctx.theme.text };
    let row = RowBuilder::default().to(LEFT).within(&message.text, width, style);
    row.draw(ctx.buffer, area, 0, Some(ctx.theme.sheet));
}

fn message(ctx: &RenderContext<'_>, area: Rect) -> MessageLines {
    let theme = ctx.theme;
    let desk = ctx.desk;
    if let Modal::Filter(prompt) = desk.modal() {
        return filter_message(prompt, area, &theme);
    }
    let plain = |text: String, style: Style| MessageText { lead: String::new(), text, style };
    let MessageText { lead, text, style } = match (desk.message(), &desk.link().state()) {
        (Some(message), _) => plain(message.text.clone(), if message.warning { theme.warning } else { theme.text }),
        // Without a new token or role there is no line again, so this reason is always told.
        (None, LinkState::Refused(reason)) => plain(reason.clone(), theme.bad),
        (None, state) => match (interrupted(ctx, usize::from(area.width)), state) {
            (Some(interrupted), _) => interrupted,
            (None, LinkState::Down { reason, .. }) => plain(reason.clone(), theme.bad),
            (None, LinkState::Live | LinkState::Connecting | LinkState::Filling | LinkState::Refused(_)) => {
                progress(ctx)
            }
        },
    };
    if text.is_empty() {
        return MessageLines { lead, selected: String::new(), lines: Vec::new(), style };
    }
    let used = if lead.is_empty() { 0 } else { lead.len() + 2 };
    let mut lines = DisplayText::clean(&text).wrap(usize::from(area.width).saturating_sub(LEFT + 1 + used));
    if lines.len() > MOST {
        // The row marks where it cuts a long text.
        let rest = lines.split_off(MOST - 1);
        lines.push(rest.concat());
    }
    MessageLines { lead, selected: String::new(), lines, style }
}

/// The filter that is being typed, and below it its error or its completions.
fn filter_message(prompt: &FilterPrompt, area: Rect, theme: &Theme) -> MessageLines {
    let (before, after) = split(prompt.line().text(), prompt.line().cursor());
    let selected = if prompt.line().is_selected() { prompt.line().text().to_owned() } else { String::new() };
    let line = if selected.is_empty() { format!("/{before}\u{2588}{after}") } else { "\u{2588}".to_owned() };
    let said = |lines| {
        let style = if prompt.error().is_some() { theme.warning } else { theme.text };
        MessageLines { lead: String::new(), selected: selected.clone(), lines, style }
    };
    let told =
        if selected.is_empty() { prompt.advice() } else { "typing replaces it, an arrow key edits it".to_owned() };
    if told.is_empty() {
        return said(vec![line]);
    }
    let told = DisplayText::clean(&told);
    let used = DisplayText::clean(&line).width() + DisplayText::clean(&selected).width();
    let room = usize::from(area.width).saturating_sub(LEFT + 3 + used);
    if told.width() <= room {
        return said(vec![format!("{line}   {}", told.as_str())]);
    }
    // Errors and completions are never cut; they get all the lines that they need.
    let told = told.wrap(usize::from(area.width).saturating_sub(LEFT + 1));
    said(std::iter::once(line).chain(told).collect())
}

/// Splits a text before its n-th character.
fn split(text: &str, at: usize) -> (String, String) {
    let mut letters = text.chars();
    (letters.by_ref().take(at).collect(), letters.collect())
}

/// What was known of our newest act, or else of the newest operation, when the line went; `None` if its outcome was
/// known. Whatever has happened to it since is not known, so it is neither late nor proved. In a narrow terminal the
/// text is shorter, so that it covers no row above it.
fn interrupted(ctx: &RenderContext<'_>, width: usize) -> Option<MessageText> {
    let desk = ctx.desk;
    let at = desk.link().frozen_at()?;
    let style = ctx.theme.text;
    if let Some(pending) = desk.followed_pending() {
        let text = format!("{}: sent before the line went; its row shows the answer when it is back", pending.act);
        return Some(MessageText { lead: String::new(), text, style });
    }
    let newest = || match desk.ledger().next() {
        Some(LedgerRow::Operation(operation)) => Some(operation),
        Some(LedgerRow::Bulk(_) | LedgerRow::Pending(_)) | None => None,
    };
    let operation = desk.followed_operation().or_else(newest).filter(|it| is_under_way(it.standing(at)))?;
    let told = if matches!(operation.standing(at), OperationStatus::Accepted | OperationStatus::Unconfirmed) {
        [
            "Graph accepted it before the line went; the proof shows when it is back",
            "Graph accepted it; the proof shows with the line",
        ]
    } else {
        ["sent before the line went; the answer shows when it is back", "sent before the line went; no answer yet"]
    };
    let [long, short] = told.map(|told| about(ctx, operation, told, style));
    let wide = |it: &MessageText| it.lead.len() + 2 + DisplayText::clean(&it.text).width();
    Some(if LEFT + wide(&long) < width { long } else { short })
}

/// The progress of our newest act until it ends; otherwise the newest operation while it is in progress.
fn progress(ctx: &RenderContext<'_>) -> MessageText {
    let desk = ctx.desk;
    let theme = &ctx.theme;
    let plain = |text: String| MessageText { lead: String::new(), text, style: theme.text };
    if let Some(progress) = desk.progress() {
        return plain(progress);
    }
    if let Some(operation) = desk.followed_operation() {
        // The status comes from the live floor even while the board is paused.
        return status(ctx, operation, desk.now());
    }
    if let Some(pending) = desk.followed_pending() {
        return plain(format!("{}: sent", pending.act));
    }
    match desk.ledger().next() {
        Some(LedgerRow::Operation(operation)) if is_under_way(operation.standing(desk.shown_at())) => {
            status(ctx, operation, desk.shown_at())
        }
        Some(_) | None => plain(String::new()),
    }
}

fn status(ctx: &RenderContext<'_>, operation: &Operation, now: Timestamp) -> MessageText {
    let standing = operation.standing(now);
    let told = match (standing, &operation.proof, operation.proof_latency()) {
        (OperationStatus::Confirmed, Some(proof), Some(after)) => {
            format!("CONFIRMED after {}, {}", in_seconds(after), evidence_words(proof.evidence))
        }
        (failed, ..) if failed.is_failure() => {
            format!("{}, {}", standing.word(), operation.reason().unwrap_or_default())
        }
        (OperationStatus::Unconfirmed, ..) => {
            format!("UNCONFIRMED, {} re-reads the call", ctx.desk.keymap().shortcut_for(Command::Reread))
        }
        (OperationStatus::AlreadySo | OperationStatus::Left, ..) => standing.word().to_owned(),
        (OperationStatus::Accepted, ..) => {
            let after = operation.accept_latency().map(|it| format!(" {}", within(it))).unwrap_or_default();
            format!("Graph accepted it{after}, no proof yet")
        }
        _ => status_sentence(operation, now).to_owned(),
    };
    about(ctx, operation, &told, message_style(ctx, standing))
}

/// A message about an operation: its number, who asked if it was not us, the act, and this text.
fn about(ctx: &RenderContext<'_>, operation: &Operation, told: &str, style: Style) -> MessageText {
    let by = match &*operation.by {
        by if by == ctx.desk.link().operator() => String::new(),
        by => format!("{by}: "),
    };
    let text = format!("{by}{}: {told}", act_on(operation.act, &operation.target));
    MessageText { lead: format!("op {}", operation.number.0), text, style }
}

/// What showed that an operation took effect.
const fn evidence_words(evidence: ProofSource) -> &'static str {
    match evidence {
        ProofSource::RosterServerMuted | ProofSource::Roster => "by the call's roster",
        ProofSource::Read => "by a read of the call",
        ProofSource::Notice => "by Graph's notification",
        ProofSource::Answer => "by Graph's final answer",
        ProofSource::CallEnded => "by the end of the call",
    }
}

fn is_under_way(standing: OperationStatus) -> bool {
    standing.is_in_progress() || standing == OperationStatus::Unconfirmed
}
