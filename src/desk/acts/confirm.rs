//! An act that waits for its confirmation: its target, its texts, and the key that decides.

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::acts::arming::Arming;
use crate::desk::acts::bulk_confirm::BulkConfirm;
use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_table::ModalKind;
use crate::desk::input::keymap::Keymap;
use crate::desk::input::search_text::search_text;
use crate::desk::input::text_input::TextInput;
use crate::desk::vocab::{ActTarget, Motion};
use crate::floor::{Act, Asked, OperationNumber, Ticket};
use crate::graph::{CallId, ExactRequest, GraphAction, ParticipantId};
use crate::time::Timestamp;

/// The most lines of a sheet beside the names, to scroll through.
const LINES: usize = 30;

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
    scroll: usize,
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
    calls: Vec<CallId>,
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
            scroll: 0,
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
        self.scroll
    }

    /// Scrolls the sheet; the drawing stops it at the end of the text.
    fn scroll_by(&mut self, motion: Motion) {
        let last = self.many.as_ref().map_or(LINES, |it| LINES + it.most_lines());
        let to = match motion {
            Motion::Down => self.scroll + 1,
            Motion::Up => self.scroll.saturating_sub(1),
            Motion::First => 0,
            Motion::Last => last,
            Motion::PageDown | Motion::HalfDown => self.scroll + 5,
            Motion::PageUp | Motion::HalfUp => self.scroll.saturating_sub(5),
        };
        self.scroll = to.min(last);
    }

    /// Handles a key that came at `wall`, with its command.
    pub(in crate::desk) fn press(
        &mut self,
        (key, meant): (KeyEvent, Option<Command>),
        wall: Timestamp,
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
            self.scroll_by(motion);
            self.arming.touch(wall);
            return ConfirmDecision::Open;
        }
        if self.typed.is_some() && self.arming.awaits_drawing() {
            // Text typed before the confirm was on the screen does not answer it.
            return ConfirmDecision::Open;
        }
        match (self.typed.as_mut(), meant) {
            (Some(typed), _) => {
                let (decision, note) = typed.press(key, meant, keys);
                self.note = note;
                decision
            }
            (None, Some(Command::InModal(ModalCommand::Yes))) if self.arming.answer(wall) => ConfirmDecision::Yes,
            (None, Some(Command::InModal(ModalCommand::Yes))) => ConfirmDecision::Open,
            (None, _) => ConfirmDecision::No,
        }
    }
}

impl TypedWord {
    fn press(&mut self, key: KeyEvent, meant: Option<Command>, keys: &Keymap) -> (ConfirmDecision, Option<String>) {
        match meant {
            Some(Command::InModal(ModalCommand::Accept)) if self.matches() => (ConfirmDecision::Yes, None),
            Some(Command::InModal(ModalCommand::Accept)) => (ConfirmDecision::Open, Some(self.how_to_answer(keys))),
            Some(_) | None => {
                self.line.press(key);
                (ConfirmDecision::Open, None)
            }
        }
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
