//! What a key, a paste or the wheel means while something lies over the panes.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::board::selection::moved;
use crate::desk::board::waiting::{WaitingList, WaitingPerson};
use crate::desk::command::Command;
use crate::desk::flow::acts::send::decide;
use crate::desk::flow::palette::pressed_palette;
use crate::desk::flow::panel::press_in_panel;
use crate::desk::flow::perform::{command_key, press_key};
use crate::desk::flow::presenter::restart;
use crate::desk::flow::select::{go_to, go_to_row, travel};
use crate::desk::flow::timeline::pressed_story;
use crate::desk::flow::view::{filter_as_typed, filter_by};
use crate::desk::flow::watch::touch_idle;
use crate::desk::input::text_input::TextInput;
use crate::desk::modal::details::DetailsSubject;
use crate::desk::modal::filter_prompt::FilterPrompt;
use crate::desk::modal::help::HelpView;
use crate::desk::modal::last_hour::LastHour;

use crate::desk::modal::{is_about_an_operation, scrolled};
use crate::desk::vocab::{Motion, Pane};
use crate::desk::{Desk, Effect, Modal};
use crate::floor::MINUTES;

/// Takes a key that was pressed while the list is open.
fn pressed_waiting(desk: &mut Desk, mut list: WaitingList, key: KeyEvent) {
    match desk.input.keymap.find_any(key).map(|it| it.command) {
        Some(Command::Open) => go_to_waiting(desk, list),
        Some(Command::Move(motion)) => {
            let ids: Vec<_> = desk.waiting().iter().map(WaitingPerson::id).collect();
            let next =
                moved(ids.iter(), list.selected.as_ref(), motion, desk.board.selection.page).or(ids.first()).cloned();
            list.selected = next;
            desk.modal = Modal::Waiting(list);
        }
        Some(_) | None => {}
    }
}

/// Selects on the board who is selected in the list.
fn go_to_waiting(desk: &mut Desk, list: WaitingList) {
    match list.selected {
        Some((call, person)) => go_to(desk, (call, Some(person))),
        None => desk.say("nobody waits"),
    }
}

/// Moves in a pane, which gets the keys; or scrolls what lies over the panes and can be scrolled.
pub(in crate::desk) fn wheeled(desk: &mut Desk, pane: Pane, motion: Motion) {
    touch_idle(desk);
    let scrolled = |at: usize| if motion == Motion::Up { at.saturating_sub(1) } else { at.saturating_add(1) };
    match &mut desk.modal {
        Modal::None => {
            desk.board.selection.user_selected = true;
            desk.board.selection.pane = pane;
            travel(desk, motion);
        }
        Modal::Help(help) => help.scroll = scrolled(help.scroll),
        Modal::Details(details) => details.scroll = scrolled(details.scroll),
        Modal::Evidence(exhibit) => exhibit.scroll = scrolled(exhibit.scroll),
        Modal::Confirm(_)
        | Modal::Filter(_)
        | Modal::Palette(_)
        | Modal::Waiting(_)
        | Modal::Timeline(_)
        | Modal::LastHour(_)
        | Modal::SimSettings(_)
        | Modal::Restart
        | Modal::Quit => {}
    }
}

/// Takes a key that was pressed in the line of a filter.
fn typed_filter(desk: &mut Desk, mut prompt: FilterPrompt, key: KeyEvent) {
    if key.code == KeyCode::Esc {
        filter_by(desk, prompt.pane, None);
        return desk.say("filter cleared");
    }
    if key.code != KeyCode::Enter {
        prompt.line.press(key);
        return filter_as_typed(desk, prompt);
    }
    match (&prompt.error, prompt.line.text().trim()) {
        (Some(_), _) => desk.modal = Modal::Filter(prompt),
        (None, "") => desk.say("no filter"),
        (None, text) => desk.say(format!("filter: {text}; / changes it, / and Esc clear it")),
    }
}

/// Takes a key that was pressed in the help: `/` begins to search, motions scroll, every other closes it.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is the search's, or closes the help")]
fn pressed_help(desk: &mut Desk, mut help: HelpView, key: KeyEvent) {
    match key.code {
        KeyCode::Esc if help.typing => (help.typing, help.line) = (false, TextInput::default()),
        KeyCode::Enter if help.typing => help.typing = false,
        // The arrows and pages scroll, also while letters are text.
        KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown => {
            help.scroll = scrolled(&desk.input.keymap, key, help.scroll).unwrap_or(help.scroll);
        }
        KeyCode::Char('/') if !help.typing => (help.typing, help.scroll) = (true, 0),
        _ if help.typing => {
            help.line.press(key);
            help.scroll = 0;
        }
        _ => match scrolled(&desk.input.keymap, key, help.scroll) {
            Some(scroll) => help.scroll = scroll,
            None => return,
        },
    }
    desk.modal = Modal::Help(help);
}

/// Takes a key that was pressed while the last hour is open.
fn pressed_hour(desk: &mut Desk, mut last: LastHour, key: KeyEvent) {
    let on = match (desk.input.keymap.find_any(key).map(|it| it.command), key.code) {
        (Some(Command::Move(_)), _) => return desk.modal = Modal::LastHour(last),
        (None, KeyCode::Left | KeyCode::Char('h')) => false,
        (None, KeyCode::Right | KeyCode::Char('l')) => true,
        (Some(_) | None, _) => return,
    };
    let hour = desk.hour();
    let place = last.place(&hour);
    let next = if on { (place + 1).min(MINUTES - 1) } else { place.saturating_sub(1) };
    let minute = hour.get(next).and_then(Option::as_ref);
    last.minute = match minute {
        // Of what is before nothing is known.
        None => last.minute,
        Some(_) if next + 1 == MINUTES => None,
        Some(minute) => Some(minute.begin()),
    };
    desk.modal = Modal::LastHour(last);
}

/// Takes a key that was pressed while `over` lay over the panes; it lies there again unless the key ended it. With
/// nothing there the key is a command.
pub(in crate::desk) fn pressed_over(desk: &mut Desk, over: Modal, key: KeyEvent) -> Vec<Effect> {
    match over {
        Modal::None => return command_key(desk, key),
        Modal::Confirm(mut confirm) => {
            let decision = confirm.press(key, desk.clock.wall);
            let early = confirm.early.is_some();
            let mut effects = decide(desk, *confirm, decision);
            effects.extend(early.then_some(Effect::Wake));
            return effects;
        }
        Modal::Help(help) => pressed_help(desk, help, key),
        Modal::Details(mut details) => {
            let meant = desk.input.keymap.find_any(key);
            let about = meant.filter(|it| is_about_an_operation(it.command));
            if meant.is_some_and(|it| it.command == Command::Help) {
                desk.modal = Modal::Help(HelpView::default());
            } else if let (Some(key), DetailsSubject::Row(row)) = (about, &details.of) {
                go_to_row(desk, row);
                return press_key(desk, key);
            } else if let Some(scroll) = scrolled(&desk.input.keymap, key, details.scroll) {
                details.scroll = scroll;
                desk.modal = Modal::Details(details);
            }
        }
        Modal::Evidence(mut exhibit) => {
            if let Some(scroll) = scrolled(&desk.input.keymap, key, exhibit.scroll) {
                exhibit.scroll = scroll;
                desk.modal = Modal::Evidence(exhibit);
            }
        }
        Modal::Filter(prompt) => typed_filter(desk, prompt, key),
        Modal::Palette(palette) => return pressed_palette(desk, palette, key),
        Modal::Waiting(list) => pressed_waiting(desk, list, key),
        Modal::Timeline(telling) => pressed_story(desk, telling, key),
        Modal::LastHour(last) => pressed_hour(desk, last, key),
        Modal::SimSettings(panel) => return press_in_panel(desk, panel, key),
        Modal::Restart if key.code == KeyCode::Char('y') => return restart(desk),
        Modal::Quit if key.code == KeyCode::Char('y') => return vec![Effect::Quit],
        Modal::Restart | Modal::Quit => {}
    }
    Vec::new()
}

/// Text is welcome where text is typed, but not where it would confirm.
pub(in crate::desk) fn pasted(desk: &mut Desk, text: &str) {
    let Modal::Filter(prompt) = &desk.modal else {
        return desk.warn("a paste is not a command: it was dropped");
    };
    let mut prompt = prompt.clone();
    prompt.line.paste(text);
    filter_as_typed(desk, prompt);
}
