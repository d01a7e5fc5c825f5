//! The last line: the keys that work now, from the key table.

use ratatui::layout::Rect;

use crate::desk::{Command, Desk, KEYS, KeyBinding, Modal, ModalKind, Motion, Pane, Risk, called, offered, would_act};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::theme::Theme;

/// The column that the line begins at.
const LEFT: usize = 2;

/// The columns between two hints.
const GAP: usize = 2;
/// From this width the keys at the right keep their words, and groups of hints stand further apart than hints.
const WIDE: usize = 100;

/// The hints of the keys that work in the open modal, or else in the pane. On the board they begin with the name that
/// the keys act on; the keys that always work are at the right. If not all fit, the least important are dropped.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let theme = ctx.theme;
    let width = usize::from(area.width);
    let group_gap = if width >= WIDE { GAP + 1 } else { GAP };
    let mut row = RowBuilder::default().to(LEFT);
    let (mut hints, mut always) = match (ctx.desk.modal(), ctx.desk.modal().kind()) {
        (Modal::None, _) => {
            if let Some(name) = target_name(ctx.desk) {
                row = row.text(&name, theme.title).gap(group_gap);
            }
            let (hints, mut always): (Vec<_>, Vec<_>) =
                hints_of_pane(ctx.desk).into_iter().partition(|it| !it.always());
            always.sort_by_key(|it| ALWAYS.iter().position(|other| *other == it.key.command));
            (hints, always)
        }
        (_, Some(kind)) => (hints_of_modal(ctx.desk, kind), Vec::new()),
        (_, None) => (Vec::new(), Vec::new()),
    };
    // If there is little room, only quit keeps its word.
    let short = |it: &KeyHint| width < WIDE && it.key.command != Command::Quit;
    // A blank column ends the row.
    let right = |always: &[KeyHint]| always.iter().map(|it| it.width(short(it)) + GAP).sum::<usize>();
    while row.used() + total_width(&hints, group_gap) + right(&always) + usize::from(always.is_empty()) > width {
        let filter = always.iter().position(|it| width >= WIDE && it.key.command == Command::Filter);
        let Some(least) = least_important(&hints) else { break };
        match filter.filter(|_| hints.get(least).is_some_and(|it| it.worth() >= FILTER_WORTH)) {
            Some(at) => always.remove(at),
            None => hints.remove(least),
        };
    }
    for (at, hint) in hints.iter().enumerate() {
        row = hint.draw(row.gap(gap_before(&hints, at, group_gap)), &theme, false);
    }
    row = row.to((width + 1).saturating_sub(right(&always)));
    for (at, hint) in always.iter().enumerate() {
        row = hint.draw(row.gap(if at == 0 { 0 } else { GAP }), &theme, short(hint));
    }
    row.draw(ctx.buffer, area, 0, None);
}

/// The columns before the hint at this index.
fn gap_before(hints: &[KeyHint], at: usize, group_gap: usize) -> usize {
    let before = at.checked_sub(1).and_then(|it| hints.get(it));
    match before.zip(hints.get(at)) {
        None => 0,
        Some((before, hint)) if before.place.group() == hint.place.group() => GAP,
        Some(_) => group_gap,
    }
}

fn total_width(hints: &[KeyHint], group_gap: usize) -> usize {
    hints.iter().enumerate().map(|(at, it)| gap_before(hints, at, group_gap) + it.width(false)).sum()
}

/// The index of the hint that is dropped first: the last of those that are worth least. The way back stays.
fn least_important(hints: &[KeyHint]) -> Option<usize> {
    let all = hints.iter().enumerate().filter(|(_, it)| it.key.command != Command::Back);
    all.min_by_key(|(at, it)| (it.worth(), std::cmp::Reverse(*at))).map(|(at, _)| at)
}

/// Who the keys act on: the marked people, or the selected person in a pane of people; untrusted text.
fn target_name(desk: &Desk) -> Option<String> {
    // Without a line no key acts on anybody.
    if desk.link().frozen_at().is_some() {
        return None;
    }
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
/// show more. A read-only desk and the calls show no acts, and a board without a line only the keys for looking around.
fn hints_of_pane(desk: &Desk) -> Vec<KeyHint> {
    let pane = desk.pane();
    let no_acts = desk.read_only() || desk.link().is_viewer() || pane == Pane::Calls;
    let stands_still = desk.link().frozen_at().is_some();
    let works = |key: &KeyBinding| {
        let shown = !key.hint.is_empty() && key.works_in(pane) && (key.risk == Risk::Safe || !no_acts);
        shown && offered(desk, key.command).is_ok() && would_act(desk, key.command)
    };
    let hint = |key: &'static KeyBinding| {
        let press = desk.keymap().first(key);
        let hint = KeyHint { key, words: words_on_board(desk, key)?, press, on: true, place: HintPlace::of(desk, key) };
        Some(hint).filter(|it| !it.press.is_empty())
    };
    let mut hints: Vec<KeyHint> = KEYS.iter().filter(|it| works(it)).filter_map(hint).collect();
    if stands_still {
        hints.retain(|it| it.always() || it.place <= HintPlace::Look);
        hints.extend(look_around(desk));
    }
    hints.sort_by_key(|it| it.place);
    hints
}

/// The two keys that move the cursor, as one hint.
fn look_around(desk: &Desk) -> Option<KeyHint> {
    let [down, up] = [Motion::Down, Motion::Up].map(|it| KEYS.iter().find(|key| key.command == Command::Move(it)));
    let press = [down?, up?].map(|it| desk.keymap().first(it)).join(" ");
    Some(KeyHint { key: down?, words: "look around".to_owned(), press, on: true, place: HintPlace::Around })
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

/// The place of a key's hint among the others, in the order of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum HintPlace {
    /// What brings the line back.
    Reconnect,
    /// The keys that move the cursor.
    Around,
    /// The way to the acts, in the calls and on a board without a line.
    Enter,
    /// Taking somebody off hold.
    Release,
    /// The other acts on a person.
    Act,
    /// What shows more of the person or the call.
    Look,
    /// The next wait.
    Next,
    /// The call of the person.
    Call,
    /// Marks and acknowledgements.
    Mark,
    /// Acts on the application, or after an earlier act: they do not act on the person whom the line names.
    Other,
    /// All other keys.
    Rest,
}

impl HintPlace {
    fn of(desk: &Desk, key: &KeyBinding) -> Self {
        let stands_still = desk.link().frozen_at().is_some();
        if key.command == Command::Reread && !desk.link().is_live() {
            Self::Reconnect
        } else if key.command == Command::GoIn {
            if stands_still || desk.pane() == Pane::Calls { Self::Enter } else { Self::Call }
        } else if matches!(key.command, Command::ToggleSelf | Command::Undo | Command::Retry) {
            Self::Other
        } else if key.command == Command::Release {
            Self::Release
        } else if key.risk > Risk::Safe {
            Self::Act
        } else if matches!(key.command, Command::Timeline | Command::Evidence) {
            Self::Look
        } else if key.command == Command::NextAlert {
            Self::Next
        } else if matches!(key.command, Command::Mark | Command::Acknowledge) {
            Self::Mark
        } else {
            Self::Rest
        }
    }

    /// The number of its group; groups stand further apart than hints.
    const fn group(self) -> u8 {
        match self {
            Self::Reconnect => 0,
            Self::Around | Self::Enter | Self::Release | Self::Act | Self::Look => 1,
            Self::Next | Self::Call => 2,
            Self::Mark | Self::Other | Self::Rest => 3,
        }
    }

    /// What a hint is worth; those that are worth least are dropped first.
    const fn worth(self) -> u8 {
        match self {
            Self::Reconnect | Self::Enter | Self::Release => 7,
            Self::Act => 6,
            Self::Next | Self::Call | Self::Around => 5,
            Self::Look => 4,
            Self::Mark => 2,
            Self::Other => 1,
            Self::Rest => 0,
        }
    }
}

/// From this worth on, a hint stays longer than that of the filter, which `?` lists too.
const FILTER_WORTH: u8 = 3;

/// The hints of the keys of an overlay that have an effect on what is selected in it.
fn hints_of_modal(desk: &Desk, kind: ModalKind) -> Vec<KeyHint> {
    let wanted = KeyBinding::of_modal(kind).filter(|(key, words)| !words.is_empty() && desk.has_effect(key.command));
    let hint = |(key, words): (&'static KeyBinding, &str)| {
        let press = desk.keymap().first_in(kind, key);
        let on = offered(desk, key.command).is_ok();
        KeyHint { key, words: words.to_owned(), press, on, place: HintPlace::Rest }
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
    place: HintPlace,
}

impl KeyHint {
    /// Whether the key works in every pane; its hint is then at the right.
    fn always(&self) -> bool {
        ALWAYS.contains(&self.key.command)
    }

    /// What the hint is worth: the story of a call is worth more than the record of the row.
    const fn worth(&self) -> u8 {
        let worth = self.place.worth();
        if matches!(self.key.command, Command::Evidence) { worth.saturating_sub(1) } else { worth }
    }

    /// The columns of the hint.
    fn width(&self, short: bool) -> usize {
        let words = if short { 0 } else { self.words.len() + 1 };
        DisplayText::clean(&self.press).width() + words
    }

    fn draw(&self, row: RowBuilder, theme: &Theme, short: bool) -> RowBuilder {
        let (bold, plain) = if self.on { (theme.title, theme.quiet) } else { (theme.quiet, theme.quiet) };
        let row = row.text(&self.press, bold);
        if short { row } else { row.gap(1).text(&self.words, plain) }
    }
}
