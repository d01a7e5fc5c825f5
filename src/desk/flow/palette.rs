//! Running a command of the palette, with the words after it.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::board::columns::PaneSort;
use crate::desk::board::filter::Filter;
use crate::desk::command::Command;
use crate::desk::export::clip::ExportFormat;
use crate::desk::flow::acts::force::force;
use crate::desk::flow::export::export;
use crate::desk::flow::perform::invoke;
use crate::desk::flow::view::{choose_columns, filter_by, sort_by};
use crate::desk::input::key_table::KeyBinding;
use crate::desk::input::text_input::TextInput;
use crate::desk::modal::palette::{MatchRank, Palette};
use crate::desk::{Desk, Effect, Modal};

/// Takes a key that was pressed in the palette.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is the line's")]
pub(in crate::desk) fn pressed_palette(desk: &mut Desk, mut palette: Palette, key: KeyEvent) -> Vec<Effect> {
    let fitting = palette.fitting();
    let chosen = palette.chosen.min(fitting.len().saturating_sub(1));
    match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Up => palette.chosen = chosen.saturating_sub(1),
        KeyCode::Down => palette.chosen = (chosen + 1).min(fitting.len().saturating_sub(1)),
        KeyCode::Tab => {
            if let Some(key) = fitting.get(chosen) {
                palette.line = TextInput::of(&format!("{} {}", key.name, palette.rest()));
                palette.chosen = 0;
            }
        }
        KeyCode::Enter => match fitting.get(chosen) {
            Some(key) if palette.fit(key) == Some(MatchRank::Sentence) && palette.chosen == 0 => {
                palette.error = Some(format!("{:?} is no command. {}: {}", palette.name(), key.name, key.help));
                palette.line = TextInput::of(&format!("{} {}", key.name, palette.rest()));
            }
            Some(key) => return run_with_words(desk, key, palette),
            None => palette.error = Some(format!("there is no command {:?}", palette.name())),
        },
        _ => {
            palette.line.press(key);
            (palette.chosen, palette.error) = (0, None);
        }
    }
    desk.modal = Modal::Palette(palette);
    Vec::new()
}

fn run_with_words(desk: &mut Desk, key: &'static KeyBinding, mut palette: Palette) -> Vec<Effect> {
    let rest = palette.rest().to_owned();
    let done = match (key.command, rest.as_str()) {
        (Command::Filter, text) if !text.is_empty() => Filter::parse(desk.board.selection.pane, text)
            .map(|filter| {
                let pane = desk.pane();
                filter_by(desk, pane, filter);
                desk.say(format!("filter: {text}"));
            })
            .map_err(|it| it.to_string()),
        (Command::Sort, text) if !text.is_empty() => {
            PaneSort::parse(desk.board.selection.pane, text).map(|sort| sort_by(desk, sort))
        }
        (Command::Export, text) if !text.is_empty() => match ExportFormat::parse(text) {
            Ok(form) => return export(desk, form),
            Err(error) => Err(error),
        },
        (Command::Columns, text) => choose_columns(desk, text),
        (Command::Force, text) => force(desk, text),
        (_, "") => return invoke(desk, key),
        (_, text) => Err(format!("{} takes no words, and got {text:?}", key.name)),
    };
    if let Err(error) = done {
        palette.error = Some(error);
        desk.modal = Modal::Palette(palette);
    }
    Vec::new()
}
