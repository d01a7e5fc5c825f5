//! The last line: the keys that work now, from the key table.

use ratatui::layout::Rect;

use crate::desk::{Command, Desk, KEYS, KeyBinding, Modal, ModalKind, Pane, Risk, called, offered};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::theme::Theme;

/// The column that the line begins at.
const LEFT: usize = 2;

/// The hints of the keys that work in the open modal, or else in the pane. On the board they begin with the name that
/// the keys act on; the keys that always work are at the right. If not all fit, the last of the others are dropped.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let theme = ctx.theme;
    let width = usize::from(area.width);
    let mut row = RowBuilder::default().to(LEFT);
    let (mut hints, always) = match (ctx.desk.modal(), ctx.desk.modal().kind()) {
        (Modal::None, _) => {
            if let Some(name) = target_name(ctx.desk) {
                row = row.text(&name, theme.title).gap(if width >= 100 { 3 } else { 2 });
            }
            let hints = hints_of_pane(ctx.desk);
            let (hints, mut always): (Vec<_>, Vec<_>) = hints.into_iter().partition(|it| !it.always());
            always.sort_by_key(|it| ALWAYS.iter().position(|other| *other == it.key.command));
            (hints, always)
        }
        (_, Some(kind)) => (hints_of_modal(ctx.desk, kind), Vec::new()),
        (_, None) => (Vec::new(), Vec::new()),
    };
    // If there is little room, only quit keeps its word.
    let short = width < 100;
    let right = always.iter().map(|it| it.width(short && it.key.command != Command::Quit)).sum::<usize>();
    while row.used() + hints.iter().map(|it| it.width(false)).sum::<usize>() + right > width {
        let Some(least) = hints.iter().rposition(|it| it.key.command != Command::Back) else { break };
        hints.remove(least);
    }
    for hint in &hints {
        row = hint.draw(row, &theme, false);
    }
    row = row.to(width.saturating_sub(right));
    for hint in &always {
        row = hint.draw(row, &theme, short && hint.key.command != Command::Quit);
    }
    row.draw(ctx.buffer, area, 0, None);
}

/// Who the keys act on: the marked people, or the selected person in a pane of people; untrusted text.
fn target_name(desk: &Desk) -> Option<String> {
    match (desk.pane(), desk.marked_in_call()) {
        (Pane::Waiting | Pane::Participants, 0) => {}
        (Pane::Waiting | Pane::Participants, 1) => return Some("the marked one".to_owned()),
        (Pane::Waiting | Pane::Participants, marked) => return Some(format!("the {marked} marked")),
        (Pane::Calls | Pane::Operations | Pane::Events, _) => return None,
    }
    if desk.pane() == Pane::Waiting {
        desk.selected_waiting()?;
    }
    let name = DisplayText::clean(&called(desk.person()?));
    Some(name.fit(name.width().min(24)).trim_end().to_owned())
}

/// The hints of the keys of a pane that do something now: first the way to the acts, then the acts, then the keys that
/// show more. A read-only desk and the calls show no acts.
fn hints_of_pane(desk: &Desk) -> Vec<KeyHint> {
    let pane = desk.pane();
    let no_acts = desk.read_only() || desk.link().is_viewer() || pane == Pane::Calls;
    let works = |key: &KeyBinding| {
        let shown = !key.hint.is_empty() && key.works_in(pane) && (key.risk == Risk::Safe || !no_acts);
        shown && offered(desk, key.command).is_ok()
    };
    let hint = |key: &'static KeyBinding| {
        let hint = KeyHint { key, words: words_on_board(desk, key)?, press: desk.keymap().first(key), on: true };
        Some(hint).filter(|it| !it.press.is_empty())
    };
    let mut hints: Vec<KeyHint> = KEYS.iter().filter(|it| works(it)).filter_map(hint).collect();
    hints.sort_by_key(|it| rank(desk, it.key));
    hints
}

/// The word for a key on the board as it is now; `None` if another key's hint says the same.
fn words_on_board(desk: &Desk, key: &KeyBinding) -> Option<String> {
    let pane = desk.pane();
    let deeper = matches!(pane, Pane::Participants | Pane::Operations);
    if key.command == Command::Open && deeper {
        return None;
    }
    if key.command == Command::Reread && !desk.link().is_live() {
        return Some("try now".to_owned());
    }
    if key.command != Command::GoIn {
        return Some(key.hint.to_owned());
    }
    if deeper {
        return Some("details".to_owned());
    }
    if pane == Pane::Events || (pane == Pane::Waiting && desk.selected_waiting().is_none()) {
        return None;
    }
    Some(format!("call {}", desk.call()?.number.0))
}

/// The place of a key's hint among the others.
fn rank(desk: &Desk, key: &KeyBinding) -> u8 {
    if key.command == Command::Reread && !desk.link().is_live() {
        0
    } else if key.command == Command::GoIn && desk.pane() == Pane::Calls {
        1
    } else if matches!(key.command, Command::ToggleSelf | Command::Undo | Command::Retry) {
        // They act on the application or an earlier act, not on the person whom the line names.
        6
    } else if key.risk > Risk::Safe {
        2
    } else if matches!(key.command, Command::Mark | Command::Timeline | Command::Evidence) {
        3
    } else if key.command == Command::NextAlert {
        4
    } else if key.command == Command::GoIn {
        5
    } else {
        7
    }
}

/// The hints of the keys of an overlay that have an effect on what is selected in it.
fn hints_of_modal(desk: &Desk, kind: ModalKind) -> Vec<KeyHint> {
    let wanted = KeyBinding::of_modal(kind).filter(|(key, words)| !words.is_empty() && desk.has_effect(key.command));
    let hint = |(key, words): (&'static KeyBinding, &str)| {
        let press = desk.keymap().first_in(kind, key);
        KeyHint { key, words: words.to_owned(), press, on: offered(desk, key.command).is_ok() }
    };
    wanted.map(hint).filter(|it| !it.press.is_empty()).collect()
}

/// The commands at the right, in their order.
const ALWAYS: [Command; 4] = [Command::Filter, Command::Palette, Command::Help, Command::Quit];

/// A key's hint in the footer.
struct KeyHint {
    key: &'static KeyBinding,
    words: String,
    press: String,
    on: bool,
}

impl KeyHint {
    /// Whether the key works in every pane; its hint is then at the right.
    fn always(&self) -> bool {
        ALWAYS.contains(&self.key.command)
    }

    /// The columns of the hint and of the gap behind it.
    fn width(&self, short: bool) -> usize {
        let words = if short { 0 } else { self.words.len() + 1 };
        DisplayText::clean(&self.press).width() + words + 2
    }

    fn draw(&self, row: RowBuilder, theme: &Theme, short: bool) -> RowBuilder {
        let (bold, plain) = if self.on { (theme.title, theme.quiet) } else { (theme.quiet, theme.quiet) };
        let row = row.text(&self.press, bold);
        if short { row.gap(2) } else { row.gap(1).text(&self.words, plain).gap(2) }
    }
}
