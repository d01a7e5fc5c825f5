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
    bound: BoundAct,
    question: String,
    facts: Vec<String>,
    forced: Vec<String>,
    typed: Option<TypedWord>,
    note: Option<String>,
    many: Option<BulkConfirm>,
    /// In wall time.
    opened: Timestamp,
    /// A `y` that came faster than a hand types: it counts when nothing else comes as fast after it.
    early: Option<Timestamp>,
    /// Whether it was opened to be answered by itself.
    fast: bool,
    order: FrozenOrder,
}

/// An act with everything that is bound when its confirm opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundAct {
    act: Act,
    action: GraphAction,
    ticket: Ticket,
    request: ExactRequest,
    target: ActTarget,
}

/// A typed confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedWord {
    word: &'static str,
    name: String,
    line: TextInput,
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
    calls: Vec<CallId>,
    people: Vec<ParticipantId>,
    last: OperationNumber,
    pending: u64,
    bulk: u64,
}

impl BoundAct {
    /// An act on a target under this ticket; `None` when Graph has no such request.
    pub(in crate::desk) fn of(act: Act, target: ActTarget, ticket: Ticket) -> Option<Self> {
        let action = act.action(target.call.clone(), target.person().cloned())?;
        let request = action.request(&ticket.context()?);
        Some(Self { act, action, ticket, request, target })
    }

    /// The act that was asked for.
    #[must_use]
    pub const fn act(&self) -> Act {
        self.act
    }

    /// The action that Graph would be asked to perform.
    #[must_use]
    pub const fn action(&self) -> &GraphAction {
        &self.action
    }

    /// The ticket, which travels as Graph's `clientContext`.
    #[must_use]
    pub const fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// The exact request, without host and token.
    #[must_use]
    pub const fn request(&self) -> &ExactRequest {
        &self.request
    }

    pub(in crate::desk) const fn target(&self) -> &ActTarget {
        &self.target
    }
}

impl FrozenOrder {
    /// The rows that there are now; of the ledger, the newest operation, slip and act on many.
    pub(in crate::desk) const fn new(
        calls: Vec<CallId>,
        people: Vec<ParticipantId>,
        last: OperationNumber,
        (pending, bulk): (u64, u64),
    ) -> Self {
        Self { calls, people, last, pending, bulk }
    }

    pub(in crate::desk) fn calls(&self) -> &[CallId] {
        &self.calls
    }

    pub(in crate::desk) fn people(&self) -> &[ParticipantId] {
        &self.people
    }

    pub(in crate::desk) fn had_operation(&self, number: OperationNumber) -> bool {
        number <= self.last
    }

    pub(in crate::desk) const fn had_pending(&self, serial: u64) -> bool {
        serial <= self.pending
    }

    pub(in crate::desk) const fn had_bulk(&self, serial: u64) -> bool {
        serial <= self.bulk
    }
}

impl TypedWord {
    pub(in crate::desk) fn of(word: &'static str, name: String) -> Self {
        Self { word, name, line: TextInput::default() }
    }

    /// The shown name of the person or the call, which confirms as the word does; untrusted text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What was typed so far.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.text()
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
    /// A question about an act, with what else is worth knowing before the answer, that opens at `wall`.
    pub(in crate::desk) fn of(
        bound: BoundAct,
        (question, facts): (String, Vec<String>),
        wall: Timestamp,
        order: FrozenOrder,
    ) -> Self {
        Self {
            bound,
            question,
            facts,
            forced: Vec::new(),
            typed: None,
            note: None,
            many: None,
            opened: wall,
            early: None,
            fast: false,
            order,
        }
    }

    /// The same, answered only by a word that is typed.
    pub(in crate::desk) fn with_typed(self, typed: Option<TypedWord>) -> Self {
        Self { typed, ..self }
    }

    /// The same, forced over these rules.
    pub(in crate::desk) fn with_forced(self, forced: Vec<String>) -> Self {
        Self { forced, ..self }
    }

    /// The same about all these people; the bound act is the first one's.
    pub(in crate::desk) fn with_many(self, many: BulkConfirm) -> Self {
        Self { many: Some(many), ..self }
    }

    /// What would be sent, and about whom. Of many people it is the first one's.
    #[must_use]
    pub const fn bound(&self) -> &BoundAct {
        &self.bound
    }

    /// The question, naming the person and the call; untrusted text.
    #[must_use]
    pub fn question(&self) -> &str {
        &self.question
    }

    /// What else is worth knowing before the answer, a line each; untrusted text.
    #[must_use]
    pub fn facts(&self) -> &[String] {
        &self.facts
    }

    /// The rules that it passes over because it is forced, a line each; untrusted text.
    #[must_use]
    pub fn forced(&self) -> &[String] {
        &self.forced
    }

    /// The word that must be typed, for acts that cannot be taken back.
    #[must_use]
    pub const fn typed(&self) -> Option<&TypedWord> {
        self.typed.as_ref()
    }

    /// What a key that decides nothing was answered with.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Everyone it is about, if that is more than one person.
    #[must_use]
    pub const fn many(&self) -> Option<&BulkConfirm> {
        self.many.as_ref()
    }

    /// The order of the rows while it is open: no row moves under a confirm.
    pub(in crate::desk) const fn order(&self) -> &FrozenOrder {
        &self.order
    }

    /// Makes it one that is answered by itself when no other key follows as fast as a paste.
    pub(in crate::desk) fn pass(&mut self) {
        self.early = Some(self.opened);
        self.fast = true;
    }

    /// Whether it is answered by itself in a moment: there is nothing to read in it.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        self.fast && self.early.is_some()
    }

    /// Whether a `y` that came fast waits for keys that may follow as fast.
    pub(in crate::desk) const fn has_early_yes(&self) -> bool {
        self.early.is_some()
    }

    /// Whether a `y` that came fast counts at `wall`: nothing has followed it as fast.
    pub(in crate::desk) fn is_confirmed_early(&self, wall: Timestamp) -> bool {
        self.early.is_some_and(|at| wall.since(at) > BURST)
    }

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
    /// Whether it is about the person of another's act.
    pub(in crate::desk) fn is_about(&self, asked: &Asked) -> bool {
        let same = |it: &ActTarget| it.call == asked.call && it.person() == asked.participant.as_ref();
        match &self.many {
            Some(many) => many.items().iter().any(|it| same(it.target())),
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
