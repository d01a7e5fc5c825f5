//! An act that waits for its confirmation: whom it names, what it says, and which key decides.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::acts::bulk_confirm::BulkConfirm;
use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_table::ModalKind;
use crate::desk::input::keymap::Keymap;
use crate::desk::input::paste_guard::BURST;
use crate::desk::input::text_input::TextInput;
use crate::desk::vocab::{ActTarget, Motion};
use crate::floor::{Act, Asked, OperationNumber, Ticket};
use crate::graph::{CallId, ExactRequest, GraphAction, ParticipantId};
use crate::time::Timestamp;

/// An act and everything that the operator sees before it is sent.
///
/// Invariant: the action, its target and its ticket are bound when the confirm opens; nothing changes them after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// What would be sent, and about whom.
    pub bound: BoundAct,
    /// The question, naming the person and the call; untrusted text.
    pub question: String,
    /// The name of the person, or of the call; untrusted text.
    pub(in crate::desk) who: String,
    /// What else is worth knowing before the answer, a line each; untrusted text.
    pub facts: Vec<String>,
    /// The rules that it passes over because it is forced, a line each; untrusted text.
    pub forced: Vec<String>,
    /// The word that must be typed, for acts that cannot be taken back.
    pub typed: Option<TypedWord>,
    /// What a key that decides nothing was answered with.
    pub note: Option<String>,
    /// Everyone it is about, if that is more than one person. The bound act is then the first one's.
    pub many: Option<BulkConfirm>,
    pub(in crate::desk) opened: Timestamp,
    /// A `y` that came faster than a hand types: it counts when nothing else comes as fast after it.
    pub(in crate::desk) early: Option<Timestamp>,
    /// Whether it was opened to be answered by itself.
    pub(in crate::desk) fast: bool,
    /// The order of the rows while it is open: no row moves under a confirm.
    pub(in crate::desk) order: FrozenOrder,
}

/// An act with everything that is bound when its confirm opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundAct {
    /// The act that was asked for.
    pub act: Act,
    /// The action that Graph would be asked to perform.
    pub action: GraphAction,
    /// The ticket, which travels as Graph's `clientContext`.
    pub ticket: Ticket,
    /// The exact request, without host and token.
    pub request: ExactRequest,
    pub(in crate::desk) target: ActTarget,
}

/// A typed confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedWord {
    /// The word that confirms whatever the name is.
    pub word: &'static str,
    /// The shown name of the person or the call, which confirms too; untrusted text.
    pub name: String,
    /// What was typed so far.
    pub line: TextInput,
}

/// What a key makes of a confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) enum ConfirmDecision {
    /// Send the act.
    Yes,
    /// Send nothing, and close.
    No,
    /// Nothing is decided.
    Open,
}

/// The order of the rows while an act is being confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct FrozenOrder {
    pub(in crate::desk) calls: Vec<CallId>,
    pub(in crate::desk) people: Vec<ParticipantId>,
    pub(in crate::desk) last: OperationNumber,
    pub(in crate::desk) pending: u64,
    pub(in crate::desk) bulk: u64,
}

impl TypedWord {
    pub(in crate::desk) fn of(word: &'static str, name: String) -> Self {
        Self { word, name, line: TextInput::default() }
    }

    /// What may be typed, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let name = if self.name.is_empty() { "" } else { " or the name as shown" };
        format!("{}{name}", self.word)
    }

    /// Whether what was typed confirms.
    #[must_use]
    pub fn matches(&self) -> bool {
        let text = self.line.text().trim();
        text == self.word || (!text.is_empty() && text == self.name.trim())
    }
}

impl Confirm {
    /// Takes a key that came at `wall`, and what it means here.
    pub(in crate::desk) fn press(
        &mut self,
        (key, meant): (KeyEvent, Option<Command>),
        wall: Timestamp,
        keys: &Keymap,
    ) -> ConfirmDecision {
        let yes = keys.shortcut_in(ModalKind::Question, Command::InModal(ModalCommand::Yes));
        let how = format!("press {yes} to confirm, Esc to leave");
        if self.early.take().is_some() {
            self.note = Some(format!("keys came faster than a hand types: {how}"));
            return ConfirmDecision::Open;
        }
        if meant == Some(Command::Back) {
            return ConfirmDecision::No;
        }
        if let (Some(Command::Move(motion)), Some(many)) = (meant, &mut self.many)
            && (self.typed.is_none() || moves_no_text(motion, key))
        {
            many.scroll_by(motion);
            return ConfirmDecision::Open;
        }
        match self.typed.as_mut() {
            Some(typed) => {
                let (decision, note) = typed.press(key);
                self.note = note;
                decision
            }
            None => self.answer(meant, wall, how),
        }
    }

    fn answer(&mut self, meant: Option<Command>, wall: Timestamp, how: String) -> ConfirmDecision {
        match meant {
            Some(Command::InModal(ModalCommand::Yes)) if wall.since(self.opened) > BURST => ConfirmDecision::Yes,
            Some(Command::InModal(ModalCommand::Yes)) => {
                self.early = Some(wall);
                ConfirmDecision::Open
            }
            Some(Command::InModal(ModalCommand::No)) => ConfirmDecision::No,
            Some(_) | None => {
                self.note = Some(how);
                ConfirmDecision::Open
            }
        }
    }
}

/// Returns whether a motion leaves a line of text alone. Letters, Enter and the keys that edit a line are always the
/// text's, even if the settings give them to a motion.
fn moves_no_text(motion: Motion, key: KeyEvent) -> bool {
    let rows = matches!(motion, Motion::Down | Motion::Up | Motion::PageDown | Motion::PageUp);
    let edits =
        matches!(key.code, KeyCode::Enter | KeyCode::Backspace | KeyCode::Delete | KeyCode::Left | KeyCode::Right);
    rows && !edits && key.code.as_char().is_none()
}

impl TypedWord {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key is the line's")]
    fn press(&mut self, key: KeyEvent) -> (ConfirmDecision, Option<String>) {
        match key.code {
            KeyCode::Enter if self.matches() => (ConfirmDecision::Yes, None),
            KeyCode::Enter => {
                let note = format!("type {}, then Enter; Esc to leave", self.words());
                (ConfirmDecision::Open, Some(note))
            }
            _ => {
                self.line.press(key);
                (ConfirmDecision::Open, None)
            }
        }
    }
}

impl Confirm {
    /// The name of the person that the act is about, or of the call; untrusted text.
    #[must_use]
    pub fn name(&self) -> String {
        self.who.clone()
    }

    /// Whether it is about the person of another's act.
    pub(in crate::desk) fn is_about(&self, asked: &Asked) -> bool {
        let same = |it: &ActTarget| it.call == asked.call && it.person() == asked.participant.as_ref();
        match &self.many {
            Some(many) => many.items.iter().any(|it| same(&it.target)),
            None => same(&self.bound.target),
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    #[test]
    fn keys_that_edit_a_line_scroll_nothing_where_a_word_is_typed() {
        let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
        assert!(moves_no_text(Motion::Down, key(KeyCode::Down)));
        for code in [KeyCode::Enter, KeyCode::Backspace, KeyCode::Delete, KeyCode::Left, KeyCode::Char('j')] {
            assert!(!moves_no_text(Motion::Down, key(code)), "{code:?}");
        }
    }
}
