//! Choosing and running a command of the palette, with the words after its name.

use crossterm::event::KeyEvent;

use crate::desk::board::columns::PaneSort;
use crate::desk::board::filter::Filter;
use crate::desk::command::{Command, ModalCommand};
use crate::desk::export::clip::ExportFormat;
use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::input::suggest::nearest;
use crate::desk::modal::ModalOutcome;
use crate::desk::modal::palette::Palette;
use crate::desk::update::acts::force::force;
use crate::desk::update::export::export;
use crate::desk::update::navigate::{go_to_call, go_to_operation};
use crate::desk::update::perform::invoke;
use crate::desk::update::view::{choose_columns, filter_by, sort_by};
use crate::desk::{Desk, Effect};

/// Closes the palette, or completes, runs or selects a command; a key without a command is text.
pub(in crate::desk) fn press_palette(
    desk: &mut Desk,
    palette: &mut Palette,
    key: KeyEvent,
    meant: Option<Command>,
) -> ModalOutcome {
    let fitting = palette.fitting();
    let chosen = palette.chosen(&fitting);
    match meant {
        Some(Command::Back) => return ModalOutcome::CLOSE,
        Some(Command::InModal(ModalCommand::Previous)) => palette.choose_before(&fitting),
        Some(Command::InModal(ModalCommand::Next)) => palette.choose_after(&fitting),
        Some(Command::InModal(ModalCommand::Complete)) => {
            if let Some(key) = fitting.get(chosen) {
                palette.complete(key);
            }
        }
        Some(Command::InModal(ModalCommand::Accept)) => match fitting.get(chosen) {
            Some(key) if palette.is_guess(key) => {
                palette.refuse(format!("{:?} is no command. {}: {}", palette.name(), key.name, key.help));
                palette.complete(key);
            }
            Some(key) => match run_with_words(desk, key, palette.rest()) {
                Ok(effects) => return ModalOutcome::Close(effects),
                Err(error) => palette.refuse(error),
            },
            None => palette.refuse(unknown_command(palette.name())),
        },
        Some(_) | None => palette.press(key),
    }
    ModalOutcome::STAY
}

fn unknown_command(name: &str) -> String {
    let names = KEYS.iter().filter(|it| !it.is_of_modal()).map(|it| it.name);
    format!("there is no command {name:?}; the nearest is {:?}", nearest(names, name))
}

/// Runs a command with the words after its name.
fn run_with_words(desk: &mut Desk, key: &'static KeyBinding, words: &str) -> Result<Vec<Effect>, String> {
    let pane = desk.pane();
    match (key.command, words) {
        (Command::Filter, text) if !text.is_empty() => {
            let filter = Filter::parse(pane, text).map_err(|it| it.to_string())?;
            filter_by(desk, pane, filter);
            desk.say(format!("filter: {text}"));
        }
        (Command::Sort, text) if !text.is_empty() => sort_by(desk, PaneSort::parse(pane, text)?),
        (Command::Export, text) if !text.is_empty() => return Ok(export(desk, ExportFormat::parse(text)?)),
        (Command::Columns, text) => choose_columns(desk, text)?,
        (Command::Force, text) => force(desk, text)?,
        (Command::GoToCall, text) => go_to_call(desk, text)?,
        (Command::GoToOperation, text) => go_to_operation(desk, text)?,
        (_, "") => return Ok(invoke(desk, key)),
        (_, text) => return Err(format!("{} takes no arguments, but got {text:?}", key.name)),
    }
    Ok(Vec::new())
}
