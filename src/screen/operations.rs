//! The operations pane: what was asked, what Graph said, and what the call said afterwards.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::Row;
use super::{Brush, DisplayText, clock, short};
use crate::desk::{Pane, Row as LedgerRow, Slip, SlipState, window};
use crate::floor::{Evidence, Operation, Standing};
use crate::moment::Moment;

pub(super) fn draw(brush: &mut Brush<'_>, area: Rect) {
    let wide = area.width >= 110;
    let note = if wide { "pressed > accepted > proof in the notification stream" } else { "" };
    let inner = brush.pane(area, Some(Pane::Operations), "Operations", note);
    let top = usize::from(wide);
    let desk = brush.desk;
    let selected = desk.selected_row();
    let height = usize::from(inner.height).saturating_sub(top);
    let rows = window(desk.ledger(), |it| Some(&it.id()) == selected, height);
    brush.hidden(area, desk.ledger().count().saturating_sub(rows.len()));
    let cells = rows.iter().map(|it| match it {
        LedgerRow::Operation(operation) => Cells::of(brush, operation, wide),
        LedgerRow::Slip(slip) => Cells::of_slip(brush, slip),
    });
    let cells: Vec<Cells> = cells.collect();
    let columns = Columns::of(inner, wide, &cells);
    if wide {
        columns.head(brush.theme.quiet).draw(brush.buffer, inner, 0, None);
    }
    if rows.is_empty() {
        Row::default().gap(1).text("nothing was asked yet", brush.theme.quiet).draw(brush.buffer, inner, top, None);
    }
    for (at, (ledger, cells)) in rows.into_iter().zip(cells).enumerate() {
        let is_selected = Some(&ledger.id()) == selected;
        let style = is_selected.then(|| brush.selection(Pane::Operations));
        columns.row(brush, &cells, is_selected).draw(brush.buffer, inner, at + top, style);
    }
}

/// How wide each column is; columns of width 0 are left out.
struct Columns {
    time: usize,
    by: usize,
    act: usize,
    target: usize,
    accept: usize,
    proof: usize,
    result: usize,
}

/// What a row says.
struct Cells {
    at: Moment,
    number: String,
    by: String,
    act: String,
    target: String,
    accept: String,
    proof: String,
    result: String,
    style: Style,
}

/// Room for a result in a narrow pane.
const RESULT: usize = 26;

impl Columns {
    fn of(inner: Rect, wide: bool, cells: &[Cells]) -> Self {
        let width = usize::from(inner.width);
        // Where room is scarce the time of day goes first: what became of an act matters more.
        let time = if width < 70 { 0 } else { 9 };
        let act = cells.iter().map(|it| DisplayText::clean(&it.act).width() + 1).max().unwrap_or_default();
        let (by, act, accept, proof) = if wide { (8, 19, 7, 15) } else { (0, act.clamp(9, 22), 0, 0) };
        let fixed = 2 + time + 5 + by + act + accept + proof;
        let rest = width.saturating_sub(fixed);
        let target = if wide { (rest * 9 / 20).min(40) } else { rest.saturating_sub(RESULT).max(12).min(rest) };
        Self { time, by, act, target, accept, proof, result: rest - target }
    }

    fn head(&self, style: Style) -> Row {
        let row = Row::default().gap(2).cell("TIME", self.time, style).right("OP", 4, style).gap(1);
        let row = row.cell("BY", self.by, style).cell("ACTION", self.act, style).cell("TARGET", self.target, style);
        let row = row.right("ACCEPT", self.accept.saturating_sub(1), style).gap(1);
        row.cell("PROOF", self.proof, style).cell("RESULT", self.result, style)
    }

    fn row(&self, brush: &Brush<'_>, cells: &Cells, selected: bool) -> Row {
        let text = brush.theme.text;
        let row = Row::default().cell(if selected { ">" } else { "" }, 2, text);
        let row = row.cell(&clock(cells.at), self.time, text).right(&cells.number, 4, text).gap(1);
        let row = cell(row, &cells.by, self.by, text);
        let row = cell(row, &cells.act, self.act, text);
        let row = cell(row, &cells.target, self.target, text);
        if self.accept == 0 {
            return row.cell(&cells.result, self.result, cells.style);
        }
        let row = row.right(&cells.accept, self.accept - 1, text).gap(1);
        row.cell(&cells.proof, self.proof, text).cell(&cells.result, self.result, cells.style)
    }
}

/// A cell with an empty column after it.
fn cell(row: Row, text: &str, width: usize, style: Style) -> Row {
    if width == 0 { row } else { row.cell(text, width - 1, style).gap(1) }
}

impl Cells {
    fn of(brush: &Brush<'_>, operation: &Operation, wide: bool) -> Self {
        let now = brush.desk.shown_at();
        let standing = operation.standing(now);
        let accept = operation.accept_latency().map_or_else(|| "-".to_owned(), |it| it.0.to_string());
        Self {
            at: operation.pressed,
            number: operation.number.0.to_string(),
            by: operation.by.to_string(),
            act: if wide { operation.act.to_string() } else { act_of(brush, operation) },
            target: target(brush, operation, wide),
            accept,
            proof: proof(operation, standing),
            result: result(operation, standing, wide),
            style: brush.theme.standing(standing),
        }
    }

    fn of_slip(brush: &Brush<'_>, slip: &Slip) -> Self {
        let theme = &brush.theme;
        let (result, style) = match &slip.state {
            SlipState::Sending => ("SENDING".to_owned(), theme.busy),
            SlipState::Accepted => ("SENT, awaiting the journal".to_owned(), theme.busy),
            SlipState::Refused(reason) => (format!("REFUSED {reason}"), theme.bad),
            SlipState::Unknown(reason) => (format!("OUTCOME UNKNOWN {reason}"), theme.warning),
        };
        Self {
            at: slip.at,
            number: String::new(),
            by: brush.desk.link().operator.clone(),
            act: slip.act.to_string(),
            target: slip.label.clone(),
            accept: "-".to_owned(),
            proof: "-".to_owned(),
            result,
            style,
        }
    }
}

/// What was asked, after the name of who asked when that was somebody else; untrusted text.
pub(super) fn act_of(brush: &Brush<'_>, operation: &Operation) -> String {
    if *operation.by == *brush.desk.link().operator {
        operation.act.to_string()
    } else {
        format!("{}: {}", operation.by, operation.act)
    }
}

/// Whom it is about, and where there is room in which call; untrusted text.
fn target(brush: &Brush<'_>, operation: &Operation, wide: bool) -> String {
    match brush.desk.floor().call(&operation.call) {
        Some(call) if wide && operation.participant.is_some() => format!("{} / {}", operation.target, call.title()),
        Some(_) | None => operation.target.to_string(),
    }
}

fn proof(operation: &Operation, standing: Standing) -> String {
    match (standing, &operation.proof, operation.proof_latency()) {
        (_, Some(proof), Some(latency)) => format!("{:<8}{:>5}", proof.evidence.word(), latency.0),
        (Standing::Asked | Standing::Sent | Standing::Accepted, ..) => "..".to_owned(),
        (Standing::Unconfirmed, ..) => {
            let budget = operation.act.budget();
            format!("none   >{:>4}", short(budget))
        }
        (Standing::AlreadySo, ..) => "n/a".to_owned(),
        (
            Standing::Confirmed | Standing::Failed | Standing::Refused | Standing::Left | Standing::OutcomeUnknown,
            ..,
        ) => "-".to_owned(),
    }
}

fn result(operation: &Operation, standing: Standing, wide: bool) -> String {
    let reason = operation.reason().unwrap_or_default();
    let status = operation.status.map(|it| format!(" {it}")).unwrap_or_default();
    match standing {
        Standing::Asked => "ASKED".to_owned(),
        Standing::Sent if operation.tries > 1 => format!("SENT, try {}", operation.tries),
        Standing::Sent => "SENT".to_owned(),
        Standing::Accepted if wide => format!("ACCEPTED{status}, awaiting proof"),
        Standing::Accepted => "ACCEPTED, awaiting proof".to_owned(),
        Standing::Confirmed => match &operation.proof {
            Some(proof) if wide => format!("CONFIRMED{}", seen(proof.evidence)),
            Some(proof) => {
                let after = operation.proof_latency().map(short).unwrap_or_default();
                format!("CONFIRMED {} {after}", proof.evidence.word())
            }
            None => "CONFIRMED".to_owned(),
        },
        Standing::AlreadySo => "ACCEPTED was already so".to_owned(),
        Standing::Failed => format!("FAILED {reason}"),
        Standing::Refused => format!("REFUSED {reason}"),
        Standing::Left => "LEFT first".to_owned(),
        Standing::Unconfirmed => "UNCONFIRMED ctrl-r re-read".to_owned(),
        Standing::OutcomeUnknown => format!("OUTCOME UNKNOWN {reason}"),
    }
}

/// How an operation stands, in words.
pub(super) fn stands(operation: &Operation, now: Moment) -> &'static str {
    match operation.standing(now) {
        Standing::Asked => "asked, not sent yet",
        Standing::Sent => "sent, no answer yet",
        Standing::Accepted => "accepted, no proof yet",
        Standing::Confirmed if operation.proof.as_ref().is_some_and(|it| it.evidence == Evidence::Answer) => {
            "confirmed by Graph's final answer: nothing more is sent"
        }
        Standing::Confirmed => "confirmed by the call itself",
        Standing::AlreadySo => "accepted, and it was already so: there is nothing to prove",
        Standing::Failed => "failed: Graph's operation did not succeed",
        Standing::Refused => "refused",
        Standing::Left => "the person left, or the call ended, before there was proof",
        Standing::Unconfirmed => "accepted, and no proof came in time; still confirmed if it comes",
        Standing::OutcomeUnknown => "sent, and no answer came: it may or may not have happened",
    }
}

/// Which of two kinds of roster evidence was seen.
fn seen(evidence: Evidence) -> &'static str {
    use Evidence::{Answer, CallEnded, Notice, Read, Roster, RosterServerMuted};
    match evidence {
        RosterServerMuted => " (serverMuted)",
        Roster | Read | Notice | Answer | CallEnded => "",
    }
}
