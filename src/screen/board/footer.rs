//! The lines at the bottom: what the desk has to say, and the keys of this pane.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::operations::{act_of, stands};
use crate::desk::{
    Command, Desk, DeskRole, FilterPrompt, KEYS, KeyBinding, LedgerRow, LinkState, Modal, ModalKind, Pane, Risk,
    offered,
};
use crate::floor::{Operation, OperationStatus};
use crate::screen::row::RowBuilder;
use crate::screen::theme::Theme;
use crate::screen::{DisplayText, RenderContext, short};
use crate::time::{Millis, Timestamp};

/// Draws what the desk says, and below it the keys.
pub(in crate::screen) fn draw(brush: &mut RenderContext<'_>, area: Rect, said: &FooterMessage) {
    let height = usize::from(said.height());
    let width = usize::from(area.width).saturating_sub(1);
    for (at, line) in said.lines.iter().enumerate() {
        RowBuilder::default().gap(1).cell(line, width, said.style).draw(brush.buffer, area, at, None);
    }
    if let Some(line) = brush.unsaid.take().filter(|_| said.lines.is_empty() && *brush.desk.modal() == Modal::None) {
        RowBuilder::default().gap(1).cell(&line, width, brush.theme.quiet).draw(brush.buffer, area, 0, None);
    }
    keys(brush, area, height);
}

/// What the desk says, in as many lines as it is given.
pub(in crate::screen) struct FooterMessage {
    lines: Vec<String>,
    style: Style,
}

impl FooterMessage {
    /// The most lines of a sentence: a longer one is cut, and stands whole in the details of its row.
    const MOST: usize = 4;

    /// How many rows it takes; one also when there is nothing to say.
    pub(in crate::screen) fn height(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX).max(1)
    }
}

/// What the desk has to say now.
pub(in crate::screen) fn said(brush: &RenderContext<'_>, area: Rect) -> FooterMessage {
    let theme = brush.theme;
    let desk = brush.desk;
    if let Modal::Filter(prompt) = desk.modal() {
        return asks(prompt, area, &theme);
    }
    let (text, style) = match (desk.message(), &desk.link().state) {
        (Some(message), _) => (message.text.clone(), if message.warning { theme.warning } else { theme.text }),
        (None, LinkState::Down { reason, .. } | LinkState::Refused(reason)) => (reason.clone(), theme.bad),
        (None, LinkState::Live | LinkState::Connecting | LinkState::Filling) => newest(brush),
    };
    if text.is_empty() {
        return FooterMessage { lines: Vec::new(), style };
    }
    // No row moves under a confirm: there it is one line.
    let most = if *desk.modal() == Modal::None { FooterMessage::MOST } else { 1 };
    let mut lines = DisplayText::clean(&text).wrap(usize::from(area.width).saturating_sub(2));
    if lines.len() > most {
        // The row cuts what is too long with its own sign.
        let rest = lines.split_off(most - 1);
        lines.push(rest.concat());
    }
    FooterMessage { lines, style }
}

/// The line of a filter that is being typed, and what is wrong with it or what could be said.
fn asks(prompt: &FilterPrompt, area: Rect, theme: &Theme) -> FooterMessage {
    let (before, after) = split(prompt.line.text(), prompt.line.cursor());
    let line = format!("/{before}\u{2588}{after}");
    let told = prompt.advice();
    let style = if prompt.error.is_some() { theme.warning } else { theme.text };
    if told.is_empty() {
        return FooterMessage { lines: vec![line], style };
    }
    let told = DisplayText::clean(&told);
    let room = usize::from(area.width).saturating_sub(4 + DisplayText::clean(&line).width());
    if told.width() <= room {
        return FooterMessage { lines: vec![format!("{line}   {}", told.as_str())], style };
    }
    // What helps to go on is never cut: it has as many lines of its own as it needs.
    let told = told.wrap(usize::from(area.width).saturating_sub(2));
    FooterMessage { lines: std::iter::once(line).chain(told).collect(), style }
}

/// A text before and after its n-th character.
fn split(text: &str, at: usize) -> (String, String) {
    let mut letters = text.chars();
    (letters.by_ref().take(at).collect(), letters.collect())
}

/// Where the newest act of ours is, to its end; else the newest operation, while it is under way.
fn newest(brush: &RenderContext<'_>) -> (String, Style) {
    let desk = brush.desk;
    let theme = &brush.theme;
    if let Some(progress) = desk.progress() {
        return (progress, theme.text);
    }
    if let Some(operation) = desk.followed_operation() {
        // The live floor's word, also over a board that stands still.
        let style = theme.standing(operation.standing(desk.now()));
        return (standing(brush, operation, desk.now()), style);
    }
    if let Some(slip) = desk.followed_pending() {
        return (format!("{}: sent", slip.act), theme.text);
    }
    match desk.ledger().next() {
        Some(LedgerRow::Operation(operation)) if is_under_way(operation.standing(desk.shown_at())) => {
            (standing(brush, operation, desk.shown_at()), theme.text)
        }
        Some(_) | None => (String::new(), theme.text),
    }
}

fn standing(brush: &RenderContext<'_>, operation: &Operation, now: Timestamp) -> String {
    let standing = operation.standing(now);
    let told = match (standing, &operation.proof, operation.proof_latency()) {
        (OperationStatus::Confirmed, Some(proof), Some(after)) => {
            format!("CONFIRMED after {} ({})", exact(after), proof.evidence.word())
        }
        (OperationStatus::Failed | OperationStatus::Refused | OperationStatus::OutcomeUnknown, ..) => {
            format!("{}, {}", standing.word(), operation.reason().unwrap_or_default())
        }
        (OperationStatus::Unconfirmed, ..) => "UNCONFIRMED, ctrl-r re-reads the call".to_owned(),
        (OperationStatus::AlreadySo | OperationStatus::Left, ..) => standing.word().to_owned(),
        _ => stands(operation, now).to_owned(),
    };
    format!("op {} {}: {told}", operation.number.0, act_of(brush, operation))
}

/// A latency in milliseconds while they matter: `599 ms`, else `12s`.
fn exact(span: Millis) -> String {
    if span.0 < 10_000 { format!("{} ms", span.0) } else { short(span) }
}

const fn is_under_way(standing: OperationStatus) -> bool {
    match standing {
        OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted | OperationStatus::Unconfirmed => {
            true
        }
        OperationStatus::Confirmed
        | OperationStatus::AlreadySo
        | OperationStatus::Failed
        | OperationStatus::Refused
        | OperationStatus::Left
        | OperationStatus::OutcomeUnknown => false,
    }
}

/// The hints of the keys that work here: in what lies over the panes, or else in the pane. Help, quit and the way out
/// are always there; where not all fit, those that are off go first, then the last.
fn keys(brush: &mut RenderContext<'_>, area: Rect, at: usize) {
    let theme = brush.theme;
    let mut hints = match (brush.desk.modal(), brush.desk.modal().kind()) {
        (Modal::None, _) => hints_of_pane(brush.desk),
        (_, Some(kind)) if !brush.desk.modal().is_typed_in() => hints_of_modal(brush.desk, kind),
        (_, Some(_) | None) => Vec::new(),
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
    row.draw(brush.buffer, area, at, None);
}

/// The keys of a pane. A desk that only looks is offered no act at all.
fn hints_of_pane(desk: &Desk) -> Vec<KeyHint> {
    let pane = if desk.selected_participant().is_some() { Pane::Participants } else { desk.pane() };
    let looks = desk.read_only() || desk.link().role == DeskRole::Viewer;
    let wanted = KEYS.iter().filter(|it| !it.hint.is_empty() && it.works_in(pane));
    let wanted = wanted.filter(|it| !desk.keymap().presses(it).is_empty());
    let wanted = wanted.filter(|it| !looks || it.risk == Risk::Safe);
    let hint = |key: &'static KeyBinding| {
        let on = offered(desk, key.command).is_ok() && key.works_in(desk.pane());
        KeyHint { key, words: key.hint, press: desk.keymap().first(key), on }
    };
    wanted.map(hint).collect()
}

/// The keys of what lies over the panes.
fn hints_of_modal(desk: &Desk, kind: ModalKind) -> Vec<KeyHint> {
    let wanted =
        KeyBinding::of_modal(kind).filter(|(key, words)| !words.is_empty() && !desk.keymap().presses(key).is_empty());
    let hint =
        |(key, words)| KeyHint { key, words, press: desk.keymap().first(key), on: offered(desk, key.command).is_ok() };
    wanted.map(hint).collect()
}

/// A key in the footer.
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
