//! The calls pane: one row a call, the worst wait first.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::Row;
use super::{Brush, DisplayText};
use crate::desk::{Pane, window};
use crate::floor::{Alert, Call, CallKind, Doubt};
use crate::moment::Moment;

pub(super) fn draw(brush: &mut Brush<'_>, area: Rect) {
    let desk = brush.desk;
    let count = desk.floor().call_count();
    let live = desk.floor().statistics().calls;
    let title = format!("Calls: {live} live of {count}");
    let inner = brush.pane(area, Some(Pane::Calls), &title, "! next alert");
    if count == 0 {
        let empty = if desk.link().is_live() { "no calls" } else { "no calls yet" };
        Row::default().gap(1).text(empty, brush.theme.quiet).draw(brush.buffer, inner, 0, None);
        return;
    }
    let top = usize::from(inner.height > 8);
    let height = usize::from(inner.height).saturating_sub(top);
    let selected = desk.call().map(|it| it.id.clone());
    let rows = window(desk.calls(), |it| Some(&it.id) == selected.as_ref(), height);
    brush.hidden(area, count.saturating_sub(rows.len()));
    let cells: Vec<Cells> = rows.iter().map(|it| Cells::of(brush, it)).collect();
    let columns = Columns::of(inner, &cells);
    if top > 0 {
        columns.head(brush.theme.quiet).draw(brush.buffer, inner, 0, None);
    }
    for (at, (call, cells)) in rows.into_iter().zip(cells).enumerate() {
        let is_selected = Some(&call.id) == selected.as_ref();
        let style = is_selected.then(|| brush.selection(Pane::Calls));
        columns.row(brush, &cells, is_selected).draw(brush.buffer, inner, at + top, style);
    }
}

/// What a row says.
struct Cells {
    number: String,
    sign: &'static str,
    state: String,
    title: String,
    note: Option<String>,
    people: String,
    held: String,
    age: String,
    alert: Alert,
    text: Style,
}

/// How wide each column is: as wide as what is shown in it, so that the subject has the rest.
struct Columns {
    number: usize,
    state: usize,
    title: usize,
    people: usize,
    held: usize,
    age: usize,
}

const SIGN: usize = 3;

impl Columns {
    fn of(inner: Rect, cells: &[Cells]) -> Self {
        let widest = |of: fn(&Cells) -> &str, least: usize| {
            cells.iter().map(|it| DisplayText::clean(of(it)).width()).max().unwrap_or_default().max(least)
        };
        let number = widest(|it| &it.number, 2);
        let state = widest(|it| &it.state, 11).min(16) + 1;
        let people = widest(|it| &it.people, 3) + 1;
        let held = widest(|it| &it.held, 5) + 1;
        let age = widest(|it| &it.age, 5) + 1;
        let title = usize::from(inner.width).saturating_sub(2 + number + 1 + SIGN + state + people + held + age);
        Self { number, state, title, people, held, age }
    }

    fn head(&self, style: Style) -> Row {
        Row::default()
            .gap(2)
            .right("#", self.number, style)
            .gap(1)
            .cell("!", SIGN, style)
            .cell("STATE", self.state, style)
            .cell("SUBJECT", self.title, style)
            .right("PPL", self.people, style)
            .right("HELD", self.held, style)
            .right("AGE", self.age, style)
    }

    fn row(&self, brush: &Brush<'_>, cells: &Cells, selected: bool) -> Row {
        let alert = brush.theme.alert(cells.alert);
        // The note only where it leaves the subject whole; the sign says the same in short.
        let noted = cells.note.as_ref().map(|it| format!("{} ({it})", cells.title));
        let noted = noted.filter(|it| DisplayText::clean(it).width() <= self.title);
        Row::default()
            .cell(if selected { ">" } else { "" }, 2, cells.text)
            .right(&cells.number, self.number, cells.text)
            .gap(1)
            .cell(cells.sign, SIGN, alert)
            .cell(&cells.state, self.state, cells.text)
            .cell(noted.as_ref().unwrap_or(&cells.title), self.title, cells.text)
            .right(&cells.people, self.people, cells.text)
            .right(&cells.held, self.held, alert)
            .right(&cells.age, self.age, cells.text)
    }
}

impl Cells {
    fn of(brush: &Brush<'_>, call: &Call) -> Self {
        let now = brush.desk.shown_at();
        let alert = brush.desk.limits().call(call, now);
        let people = if call.people.is_empty() { call.parties.len() } else { call.present().count() };
        let title = call.title();
        let one_to_one = call.kind == CallKind::OneToOne && !title.starts_with("1:1");
        Self {
            number: call.number.0.to_string(),
            sign: if alert == Alert::None && call.doubt.is_some() { "~" } else { alert.sign() },
            state: call.state.to_string(),
            title: if one_to_one { format!("1:1 {title}") } else { title },
            note: note(brush, call, alert),
            people: people.to_string(),
            held: held(call, now),
            age: call.began.age(call.ended.unwrap_or(now)),
            alert,
            text: if call.is_live() { brush.theme.text } else { brush.theme.quiet },
        }
    }
}

/// The age of the oldest hold, after the number of people on hold where it is more than one.
fn held(call: &Call, now: Moment) -> String {
    let Some(since) = call.oldest_hold() else { return "-".to_owned() };
    let age = since.age(now);
    match call.present().filter(|it| it.hold.is_some()).count() {
        0 | 1 => age,
        count => format!("{count}x {age}"),
    }
}

/// What is odd about a call, in a few words.
fn note(brush: &Brush<'_>, call: &Call, alert: Alert) -> Option<String> {
    if alert == Alert::Quiet {
        let silence = brush.desk.shown_at().since(call.heard);
        return Some(format!("quiet {silence}"));
    }
    call.doubt.filter(|_| call.is_live()).map(|doubt| doubt_word(doubt).to_owned())
}

/// Why a call may be shown wrong, in a few words.
pub(super) const fn doubt_word(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::FirstSight => "not read yet",
        Doubt::PartialRoster => "roster may be partial",
        Doubt::UnknownSelf => "own participant unknown",
        Doubt::Nameless => "somebody has no id",
        Doubt::Gap => "notifications may be missing",
    }
}
