//! The evidence modal: the record's origin, its difference from the one before, and the record itself.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{Command, EvidenceState, EvidenceView, JournalRecord};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;

/// A line: its indentation, text and style.
type EvidenceLine = (usize, String, Style);

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, evidence: &EvidenceView) {
    let theme = ctx.theme;
    let width = usize::from(area.width.min(100)).saturating_sub(4);
    let lines: Vec<EvidenceLine> = match evidence.state() {
        EvidenceState::Asking => vec![(0, "asking the relay..".to_owned(), theme.quiet)],
        EvidenceState::Failed(why) => wrapped(why, width, theme.warning),
        EvidenceState::Shown(record) => {
            let mut lines = record_lines(ctx, record, (evidence.shows_whole(), width));
            if let Some(note) = proof_note(ctx, evidence, record) {
                let notes = wrapped(&note, width, theme.quiet);
                lines.splice(0..0, notes);
            }
            lines
        }
    };
    let title = format!("Evidence of {}", DisplayText::clean(evidence.subject()).as_str());
    let inner = ctx.open_sheet(area, &title, lines.len());
    let height = usize::from(inner.height);
    let scroll = ctx.first_line(evidence.scroll(), (lines.len(), height));
    for (at, (indent, text, style)) in lines.into_iter().skip(scroll).take(height).enumerate() {
        let row = RowBuilder::default().gap(1 + indent).cell(&text, width.saturating_sub(indent), style);
        row.draw(ctx.buffer, inner, at, None);
    }
}

/// Where the proof of the newest operation on a person is, if another record is shown.
fn proof_note(ctx: &RenderContext<'_>, evidence: &EvidenceView, record: &JournalRecord) -> Option<String> {
    let person = evidence.person()?;
    let operation = ctx.desk.floor().recent_operations().find(|it| it.participant.as_ref() == Some(person))?;
    let proof = operation.proof.as_ref().filter(|it| it.cursor != record.cursor)?;
    let keymap = ctx.desk.keymap();
    let [palette, key] = [Command::Palette, Command::Evidence].map(|it| keymap.shortcut_for(it));
    let (act, number) = (operation.act, operation.number.0);
    Some(format!(
        "the proof of op {number}, {act}, is entry {}: {palette}op {number}, then {key} shows it",
        proof.cursor
    ))
}

fn record_lines(ctx: &RenderContext<'_>, record: &JournalRecord, (whole, width): (bool, usize)) -> Vec<EvidenceLine> {
    let theme = ctx.theme;
    let now = ctx.desk.shown_at();
    let ago = now.since(record.at);
    let head = format!("{}, entry {}, arrived {} ({ago} ago)", record.how, record.cursor, ctx.clock(record.at));
    let mut lines = wrapped(&head, width, theme.title);
    for text in &record.unreadable {
        lines.extend(wrapped(&format!("unreadable, left out: {text}"), width, theme.warning));
    }
    for note in &record.left_out {
        lines.extend(wrapped(note, width, theme.warning));
    }
    match record.before {
        None => {
            lines.extend(wrapped(
                "the previous record of this resource was not among those that were read",
                width,
                theme.quiet,
            ));
        }
        Some(_) if !record.is_compared => {}
        Some(before) if record.changes.is_empty() => {
            lines.extend(wrapped(
                &format!("no difference from entry {before}, the previous record"),
                width,
                theme.quiet,
            ));
        }
        Some(before) => {
            lines.extend(wrapped(
                &format!("differences from entry {before}, the previous record:"),
                width,
                theme.title,
            ));
            for (sign, text) in &record.changes {
                let style = match sign {
                    '+' => theme.good,
                    '-' => theme.bad,
                    _ => theme.quiet,
                };
                let (indent, text) = indented(text, width);
                let text = format!("{sign} {text}");
                lines.push((indent, text, style));
            }
        }
    }
    let (title, texts) = match (record.whole.is_empty(), whole) {
        (true, _) => ("the record:", &record.lines),
        (false, false) => ("their part of the record:", &record.lines),
        (false, true) => ("the whole record:", &record.whole),
    };
    lines.extend(wrapped(title, width, theme.title));
    for text in texts {
        let (indent, text) = indented(text, width);
        lines.push((indent, text, theme.text));
    }
    lines
}

/// Breaks a sentence into lines.
fn wrapped(text: &str, width: usize, style: Style) -> Vec<EvidenceLine> {
    DisplayText::clean(text).wrap(width).into_iter().map(|it| (0, it, style)).collect()
}

/// Splits the indentation from a text and limits it to the room there is.
fn indented(text: &str, width: usize) -> (usize, String) {
    let rest = text.trim_start_matches(' ');
    ((text.len() - rest.len()).min(width / 2), rest.to_owned())
}
