//! Choosing and running a command of the palette, with the words after its name.

use crossterm::event::KeyEvent;

use crate::desk::board::columns::PaneSort;
use crate::desk::board::filter::Filter;
use crate::desk::command::{Command, ModalCommand};
use crate::desk::export::clip::ExportFormat;
use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::input::suggest::nearest;
use crate::desk::input::text_input::TextInput;
use crate::desk::modal::ModalOutcome;
use crate::desk::modal::palette::{MatchRank, Palette};
use crate::desk::update::acts::force::force;
use crate::desk::update::export::export;
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
    let chosen = palette.chosen.min(fitting.len().saturating_sub(1));
    match meant {
        Some(Command::Back) => return ModalOutcome::CLOSE,
        Some(Command::InModal(ModalCommand::Previous)) => palette.chosen = chosen.saturating_sub(1),
        Some(Command::InModal(ModalCommand::Next)) => {
            palette.chosen = (chosen + 1).min(fitting.len().saturating_sub(1));
        }
        Some(Command::InModal(ModalCommand::Complete)) => {
            if let Some(key) = fitting.get(chosen) {
                palette.line = TextInput::of(&format!("{} {}", key.name, palette.rest()));
                palette.chosen = 0;
            }
        }
        Some(Command::InModal(ModalCommand::Accept)) => match fitting.get(chosen) {
            Some(key) if palette.fit(key) == Some(MatchRank::Sentence) && palette.chosen == 0 => {
                palette.error = Some(format!("{:?} is no command. {}: {}", palette.name(), key.name, key.help));
                palette.line = TextInput::of(&format!("{} {}", key.name, palette.rest()));
            }
            Some(key) => match run_with_words(desk, key, palette.rest()) {
                Ok(effects) => return ModalOutcome::Close(effects),
                Err(error) => palette.error = Some(error),
            },
            None => palette.error = Some(unknown_command(palette.name())),
        },
        Some(_) | None => {
            palette.line.press(key);
            (palette.chosen, palette.error) = (0, None);
        }
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
        (_, "") => return Ok(invoke(desk, key)),
        (_, text) => return Err(format!("{} takes no words after it, but got {text:?}", key.name)),
    }
    Ok(Vec::new())
}
