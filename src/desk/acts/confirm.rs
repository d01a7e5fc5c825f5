//! An act that waits for its confirmation: its target, its texts, and the key that decides.

use crossterm::event::KeyEvent;

use crate::desk::acts::bulk_confirm::BulkConfirm;
use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_table::ModalKind;
use crate::desk::input::keymap::Keymap;
use crate::desk::input::paste_guard::BURST;
use crate::desk::input::text_input::TextInput;
use crate::desk::vocab::ActTarget;
use crate::floor::{Act, Asked, OperationNumber, Ticket};
use crate::graph::{CallId, ExactRequest, GraphAction, ParticipantId};
use crate::time::Timestamp;

/// An act and everything that the operator sees before it is sent.
///
/// Invariant: the action, its target and its ticket are bound when the confirm opens; nothing changes them afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// The act that a yes sends, and its target.
    pub bound: BoundAct,
    /// The question, which names the person and the call; untrusted text.
    pub question: String,
    /// What to know before answering, a line each; untrusted text.
    pub facts: Vec<String>,
    /// The rules that a forced act skips, a line each; untrusted text.
    pub forced: Vec<String>,
    /// The word to type, for acts that cannot be undone.
    pub typed: Option<TypedWord>,
    /// The reply to a key that decides nothing.
    pub note: Option<String>,
    /// Everyone it is about, for a bulk act. `bound` is then the act on the first person.
    pub many: Option<BulkConfirm>,
    pub(in crate::desk) opened: Timestamp,
    /// When a yes came faster than a hand types. It counts only if no key follows as fast.
    pub(in crate::desk) early: Option<Timestamp>,
    /// Whether FAST opened it, so that it answers itself.
    pub(in crate::desk) fast: bool,
    /// The order of the rows while it is open: no row moves under a confirm.
    pub(in crate::desk) order: FrozenOrder,
}

/// An act with everything that is bound when its confirm opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundAct {
    /// The requested act.
    pub act: Act,
    /// The action that Graph would be asked to perform.
    pub action: GraphAction,
    /// The ticket, which travels as Graph's `clientContext`.
    pub ticket: Ticket,
    /// The exact request, without host and token.
    pub request: ExactRequest,
    pub(in crate::desk) target: ActTarget,
}

/// A confirmation by a typed word or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedWord {
    /// The word that always confirms.
    pub word: &'static str,
    /// The shown name of the person or the call, which confirms too; untrusted text.
    pub name: String,
    /// The text typed so far.
    pub line: TextInput,
}

/// What a key decides about a confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) enum ConfirmDecision {
    /// Send the act.
    Yes,
    /// Send nothing, and close.
    No,
    /// Nothing; the confirm stays open.
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

    /// Returns what to type, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let name = if self.name.is_empty() { "" } else { " or the name as shown" };
        format!("{}{name}", self.word)
    }

    /// Returns whether the typed text confirms.
    #[must_use]
    pub fn matches(&self) -> bool {
        let text = self.line.text().trim();
        text == self.word || (!text.is_empty() && text == self.name.trim())
    }
}

impl Confirm {
    /// Handles a key that came at `wall`, with its command.
    pub(in crate::desk) fn press(
        &mut self,
        (key, meant): (KeyEvent, Option<Command>),
        wall: Timestamp,
        keys: &Keymap,
    ) -> ConfirmDecision {
        let how = self.how_to_answer(keys);
        if self.early.take().is_some() {
            self.note = Some(format!("keys came faster than anyone types: {how}"));
            return ConfirmDecision::Open;
        }
        if meant == Some(Command::Back) {
            return ConfirmDecision::No;
        }
        if let (Some(Command::Move(motion)), Some(many)) = (meant, &mut self.many) {
            many.scroll_by(motion);
            return ConfirmDecision::Open;
        }
        match self.typed.as_mut() {
            Some(typed) => {
                let (decision, note) = typed.press(key, meant, how);
                self.note = note;
                decision
            }
            None => self.answer(meant, wall, how),
        }
    }

    /// Names the keys that answer.
    fn how_to_answer(&self, keys: &Keymap) -> String {
        let (kind, answer) = match self.typed {
            Some(_) => (ModalKind::TypedQuestion, ModalCommand::Accept),
            None => (ModalKind::Question, ModalCommand::Yes),
        };
        let [answer, leave] = [Command::InModal(answer), Command::Back].map(|command| keys.shortcut_in(kind, command));
        match &self.typed {
            Some(typed) => format!("type {}, then {answer}; {leave} cancels", typed.words()),
            None => format!("press {answer} to confirm, {leave} to cancel"),
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

impl TypedWord {
    fn press(&mut self, key: KeyEvent, meant: Option<Command>, how: String) -> (ConfirmDecision, Option<String>) {
        match meant {
            Some(Command::InModal(ModalCommand::Accept)) if self.matches() => (ConfirmDecision::Yes, None),
            Some(Command::InModal(ModalCommand::Accept)) => (ConfirmDecision::Open, Some(how)),
            Some(_) | None => {
                self.line.press(key);
                (ConfirmDecision::Open, None)
            }
        }
    }
}

impl Confirm {
    /// Returns whether it is about the same person as another operator's act.
    pub(in crate::desk) fn is_about(&self, asked: &Asked) -> bool {
        let same = |it: &ActTarget| it.call == asked.call && it.person() == asked.participant.as_ref();
        match &self.many {
            Some(many) => many.items.iter().any(|it| same(&it.target)),
            None => same(&self.bound.target),
        }
    }
}
