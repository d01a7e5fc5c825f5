//! Running a command of the palette, with the words after it.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::board::columns::PaneSort;
use crate::desk::board::filter::Filter;
use crate::desk::command::Command;
use crate::desk::export::clip::ExportFormat;
use crate::desk::input::key_table::KeyBinding;
use crate::desk::modal::ModalOutcome;
use crate::desk::modal::palette::Palette;
use crate::desk::update::acts::force::force;
use crate::desk::update::export::export;
use crate::desk::update::perform::invoke;
use crate::desk::update::view::{choose_columns, filter_by, sort_by};
use crate::desk::{Desk, Effect};

/// Esc leaves, Tab completes, Enter runs, the arrows choose, and every other key is text.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is the line's")]
pub(in crate::desk) fn press_palette(desk: &mut Desk, palette: &mut Palette, key: KeyEvent) -> ModalOutcome {
    let fitting = palette.fitting();
    let chosen = palette.chosen(&fitting);
    match key.code {
        KeyCode::Esc => return ModalOutcome::CLOSE,
        KeyCode::Up => palette.choose_before(&fitting),
        KeyCode::Down => palette.choose_after(&fitting),
        KeyCode::Tab => {
            if let Some(key) = fitting.get(chosen) {
                palette.complete(key);
            }
        }
        KeyCode::Enter => match fitting.get(chosen) {
            Some(key) if palette.is_guess(key) => {
                palette.refuse(format!("{:?} is no command. {}: {}", palette.name(), key.name, key.help));
                palette.complete(key);
            }
            Some(key) => match run_with_words(desk, key, palette.rest()) {
                Ok(effects) => return ModalOutcome::Close(effects),
                Err(error) => palette.refuse(error),
            },
            None => palette.refuse(format!("there is no command {:?}", palette.name())),
        },
        _ => palette.press(key),
    }
    ModalOutcome::STAY
}

/// Does what a command means with the words after it.
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
        (_, text) => return Err(format!("{} takes no words, and got {text:?}", key.name)),
    }
    Ok(Vec::new())
}
