//! The command palette: every command of the key table by its name, some with words after it.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::board::columns::PaneSort;
use crate::desk::board::filter::Filter;
use crate::desk::command::Command;
use crate::desk::export::clip::ExportFormat;
use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::input::text_input::TextInput;
use crate::desk::{Desk, Effect, Modal, Pane, Risk};

/// A command in the making.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// What was typed.
    pub line: TextInput,
    /// Which of the commands that fit is chosen.
    pub chosen: usize,
    /// Why the last Enter did nothing.
    pub error: Option<String>,
}

/// What of a command was typed, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MatchRank {
    Name,
    Beginning,
    Part,
    /// Words that only its sentence has: it may say the opposite.
    Sentence,
}

impl Palette {
    /// The commands that what was typed may mean: those that begin so, then those that have it in them or in their
    /// sentence.
    #[must_use]
    pub fn fitting(&self) -> Vec<&'static KeyBinding> {
        let mut fitting: Vec<_> = KEYS.iter().filter_map(|key| Some((self.fit(key)?, key))).collect();
        fitting.sort_by_key(|(fit, _)| *fit);
        fitting.into_iter().map(|(_, key)| key).collect()
    }

    /// How well a command fits what was typed, if it does.
    fn fit(&self, key: &KeyBinding) -> Option<MatchRank> {
        let typed = self.name().to_lowercase();
        match () {
            () if key.name == typed => Some(MatchRank::Name),
            () if key.name.starts_with(&typed) => Some(MatchRank::Beginning),
            () if key.name.contains(&typed) => Some(MatchRank::Part),
            () if key.help.to_lowercase().contains(&typed) => Some(MatchRank::Sentence),
            () => None,
        }
    }

    /// The first word.
    fn name(&self) -> &str {
        self.line.text().split_whitespace().next().unwrap_or_default()
    }

    /// What stands after the first word.
    fn rest(&self) -> &str {
        self.line.text().trim_start().split_once(' ').map_or("", |(_, rest)| rest.trim())
    }
}

impl Desk {
    /// Takes a key that was pressed in the palette.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key is the line's")]
    pub(in crate::desk) fn pressed_palette(&mut self, mut palette: Palette, key: KeyEvent) -> Vec<Effect> {
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
                Some(key) => return self.run(key, palette),
                None => palette.error = Some(format!("there is no command {:?}", palette.name())),
            },
            _ => {
                palette.line.press(key);
                (palette.chosen, palette.error) = (0, None);
            }
        }
        self.modal = Modal::Palette(palette);
        Vec::new()
    }

    fn run(&mut self, key: &'static KeyBinding, mut palette: Palette) -> Vec<Effect> {
        let rest = palette.rest().to_owned();
        let done = match (key.command, rest.as_str()) {
            (Command::Filter, text) if !text.is_empty() => Filter::parse(self.pane, text)
                .map(|filter| {
                    self.filter_by(self.pane, filter);
                    self.say(format!("filter: {text}"));
                })
                .map_err(|it| it.to_string()),
            (Command::Sort, text) if !text.is_empty() => {
                PaneSort::parse(self.pane, text).map(|sort| self.sort_by(sort))
            }
            (Command::Export, text) if !text.is_empty() => match ExportFormat::parse(text) {
                Ok(form) => return self.export(form),
                Err(error) => Err(error),
            },
            (Command::Columns, text) => self.choose_columns(text),
            (Command::Force, text) => self.force(text),
            (_, "") => return self.invoke(key),
            (_, text) => Err(format!("{} takes no words, and got {text:?}", key.name)),
        };
        if let Err(error) = done {
            palette.error = Some(error);
            self.modal = Modal::Palette(palette);
        }
        Vec::new()
    }

    /// Does what a key means, if it is offered. Acts weigh the rule again and keep the refusal in the ledger.
    pub(in crate::desk) fn invoke(&mut self, key: &'static KeyBinding) -> Vec<Effect> {
        match (key.offered)(self) {
            Err(reason) if key.risk == Risk::Safe => {
                self.warn(format!("{}: {reason}", key.name));
                Vec::new()
            }
            Ok(()) | Err(_) => self.perform(key.command),
        }
    }

    fn choose_columns(&mut self, list: &str) -> Result<(), String> {
        let pane = self.pane;
        if list.is_empty() {
            let all: Vec<_> = crate::desk::Column::of(pane).map(|it| it.name).collect();
            return Err(format!("shown: {}; there are {}", self.view.columns.list(pane), all.join(", ")));
        }
        self.view.columns.choose(pane, list)?;
        self.say(format!("{} show {}", pane.name(), self.view.columns.list(pane)));
        Ok(())
    }

    /// The commands work on the selection; a person's where one is selected.
    pub(in crate::desk) fn ask_palette(&mut self, begun: &str) {
        self.modal = Modal::Palette(Palette { line: TextInput::of(begun), ..Palette::default() });
        if self.pane == Pane::Calls && self.selected_participant.is_none() {
            self.settle();
        }
    }
}
