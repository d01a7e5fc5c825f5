//! An act that waits for its confirmation: its target, its texts, and the key that decides.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::acts::arming::{Arming, KeyTimes};
use crate::desk::acts::bulk_confirm::BulkConfirm;
use crate::desk::board::call_list::CallRows;
use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_table::ModalKind;
use crate::desk::input::keymap::Keymap;
use crate::desk::input::text_input::TextInput;
use crate::desk::modal::scroll::ScrollOffset;
use crate::desk::search_text::search_text;
use crate::desk::vocab::ActTarget;
use crate::floor::{Act, Asked, OperationNumber, Ticket};
use crate::graph::{ExactRequest, GraphAction, ParticipantId};

/// An act and everything that the operator sees before it is sent.
///
/// Invariant: the action, its target and its ticket are bound when the confirm opens; nothing changes them afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    bound: BoundAct,
    question: String,
    name: String,
    /// How the people are marked, if the act is about marked people or leaves some out.
    marked: Option<String>,
    forced: Vec<String>,
    typed: Option<TypedWord>,
    note: Option<String>,
    many: Option<BulkConfirm>,
    /// How many lines of the sheet are scrolled out above.
    scroll: ScrollOffset,
    arming: Arming,
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

/// A confirmation by a typed word or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedWord {
    word: &'static str,
    name: String,
    line: TextInput,
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
    calls: CallRows,
    people: Vec<ParticipantId>,
    last: OperationNumber,
    pending: u64,
    bulk: u64,
}

impl BoundAct {
    /// Makes an act on a target under this ticket; `None` if Graph has no such request.
    pub(in crate::desk) fn of(act: Act, target: ActTarget, ticket: Ticket) -> Option<Self> {
        let action = act.action(target.call.clone(), target.person().cloned())?;
        let request = action.request(&ticket.context()?);
        Some(Self { act, action, ticket, request, target })
    }

    /// Returns the requested act.
    #[must_use]
    pub const fn act(&self) -> Act {
        self.act
    }

    /// Returns the action that Graph would be asked to perform.
    #[must_use]
    pub const fn action(&self) -> &GraphAction {
        &self.action
    }

    /// Returns the ticket, which travels as Graph's `clientContext`.
    #[must_use]
    pub const fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Returns the exact request, without host and token.
    #[must_use]
    pub const fn request(&self) -> &ExactRequest {
        &self.request
    }

    pub(in crate::desk) const fn target(&self) -> &ActTarget {
        &self.target
    }
}

impl FrozenOrder {
    /// Returns the current order of the rows; of the operations pane, the newest operation, pending act and bulk act.
    pub(in crate::desk) const fn new(
        calls: CallRows,
        people: Vec<ParticipantId>,
        last: OperationNumber,
        (pending, bulk): (u64, u64),
    ) -> Self {
        Self { calls, people, last, pending, bulk }
    }

    pub(in crate::desk) const fn calls(&self) -> &CallRows {
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

    /// Returns the shown name of the person or the call, which confirms too; untrusted text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the text typed so far.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.text()
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
        let text = search_text(self.line.text().trim());
        text == search_text(self.word) || (!text.is_empty() && text == search_text(self.name.trim()))
    }
}

impl Confirm {
    /// Makes the confirm of an act, with its question and the name of the person or the call that the act is about.
    pub(in crate::desk) fn of(
        bound: BoundAct,
        (question, name): (String, String),
        arming: Arming,
        order: FrozenOrder,
    ) -> Self {
        Self {
            bound,
            question,
            name,
            marked: None,
            forced: Vec::new(),
            typed: None,
            note: None,
            scroll: ScrollOffset::default(),
            many: None,
            arming,
            order,
        }
    }

    /// The name of the person that the act is about, or of the call; untrusted text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the same confirm, which only a typed word answers.
    pub(in crate::desk) fn with_typed(self, typed: Option<TypedWord>) -> Self {
        Self { typed, ..self }
    }

    /// Returns the same confirm for a forced act that skips these rules.
    pub(in crate::desk) fn with_forced(self, forced: Vec<String>) -> Self {
        Self { forced, ..self }
    }

    /// Returns the same confirm with a line that says how the people are marked.
    pub(in crate::desk) fn with_marked(self, marked: Option<String>) -> Self {
        Self { marked, ..self }
    }

    /// Returns the same confirm about all these people; the bound act is the one on the first person.
    pub(in crate::desk) fn with_many(self, many: BulkConfirm) -> Self {
        Self { many: Some(many), ..self }
    }

    /// Returns the act that a yes sends, and its target; for a bulk act, the act on the first person.
    #[must_use]
    pub const fn bound(&self) -> &BoundAct {
        &self.bound
    }

    /// Returns the question in plain words; untrusted text.
    #[must_use]
    pub fn question(&self) -> &str {
        &self.question
    }

    /// Returns how the people are marked, if the act is about marked people or leaves some out; untrusted text.
    #[must_use]
    pub fn marked(&self) -> Option<&str> {
        self.marked.as_deref()
    }

    /// Returns the rules that a forced act skips, a line each; untrusted text.
    #[must_use]
    pub fn forced(&self) -> &[String] {
        &self.forced
    }

    /// Returns the word to type, for acts that cannot be undone.
    #[must_use]
    pub const fn typed(&self) -> Option<&TypedWord> {
        self.typed.as_ref()
    }

    /// Returns the reply to a key that decides nothing.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Returns everyone it is about, for a bulk act.
    #[must_use]
    pub const fn many(&self) -> Option<&BulkConfirm> {
        self.many.as_ref()
    }

    /// Returns the order of the rows while it is open: no row moves under a confirm.
    pub(in crate::desk) const fn order(&self) -> &FrozenOrder {
        &self.order
    }

    /// Returns whether the confirm accepts its answer yet.
    #[must_use]
    pub const fn arming(&self) -> &Arming {
        &self.arming
    }

    pub(in crate::desk) const fn arming_mut(&mut self) -> &mut Arming {
        &mut self.arming
    }

    /// Returns how many lines of the sheet are scrolled out above, as far as they do not fit.
    #[must_use]
    pub const fn scroll(&self) -> usize {
        self.scroll.lines()
    }

    pub(in crate::desk) const fn offset(&self) -> &ScrollOffset {
        &self.scroll
    }

    pub(in crate::desk) const fn offset_mut(&mut self) -> &mut ScrollOffset {
        &mut self.scroll
    }

    /// Handles a key with its command.
    pub(in crate::desk) fn press(
        &mut self,
        (key, meant): (KeyEvent, Option<Command>),
        times: KeyTimes,
        keys: &Keymap,
    ) -> ConfirmDecision {
        if meant == Some(Command::Back) {
            return ConfirmDecision::No;
        }
        // A letter that moves elsewhere closes the confirm of one person, like any other letter.
        let is_letter = matches!(key.code, KeyCode::Char(_)) && key.modifiers.is_empty();
        if let Some(Command::Move(motion)) = meant
            && (self.many.is_some() || !is_letter)
        {
            self.scroll.travel(motion);
            self.arming.touch(times.read());
            return ConfirmDecision::Open;
        }
        if let Some(typed) = &mut self.typed {
            // Text typed before the confirm was on the screen does not answer it.
            if !self.arming.was_drawn_before(times) {
                return ConfirmDecision::Open;
            }
            let (decision, note) = typed.press((key, meant), (&mut self.arming, times), keys);
            self.note = note;
            return decision;
        }
        match meant {
            Some(Command::InModal(ModalCommand::Yes)) if self.arming.answer(times) => ConfirmDecision::Yes,
            Some(Command::InModal(ModalCommand::Yes)) => ConfirmDecision::Open,
            _ => ConfirmDecision::No,
        }
    }
}

impl TypedWord {
    /// Handles a key. The typed word counts only a moment after its last letter, because a short name may be part of a
    /// text that somebody types.
    fn press(
        &mut self,
        (key, meant): (KeyEvent, Option<Command>),
        (arming, times): (&mut Arming, KeyTimes),
        keys: &Keymap,
    ) -> (ConfirmDecision, Option<String>) {
        if meant != Some(Command::InModal(ModalCommand::Accept)) {
            self.line.press(key);
            arming.touch(times.read());
            return (ConfirmDecision::Open, None);
        }
        if !self.matches() {
            arming.touch(times.read());
            return (ConfirmDecision::Open, Some(self.how_to_answer(keys)));
        }
        if arming.answer(times) {
            return (ConfirmDecision::Yes, None);
        }
        let answer = keys.shortcut_in(ModalKind::TypedQuestion, Command::InModal(ModalCommand::Accept));
        let note = format!("that {answer} was too early and does not count; wait a moment after the last key");
        (ConfirmDecision::Open, Some(note))
    }

    /// Names the keys that answer.
    fn how_to_answer(&self, keys: &Keymap) -> String {
        let kind = ModalKind::TypedQuestion;
        let [answer, leave] =
            [Command::InModal(ModalCommand::Accept), Command::Back].map(|command| keys.shortcut_in(kind, command));
        format!("type {}, then {answer}; {leave} cancels", self.words())
    }
}

impl Confirm {
    /// Returns whether it is about the same person as another operator's act.
    pub(in crate::desk) fn is_about(&self, asked: &Asked) -> bool {
        let same = |it: &ActTarget| it.call == asked.call && it.person() == asked.participant.as_ref();
        match &self.many {
            Some(many) => many.items().iter().any(|it| same(it.target())),
            None => same(&self.bound.target),
        }
    }
}
