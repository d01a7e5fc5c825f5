//! Everyone who waits, across calls: on hold and in lobbies, the longest first.

use crossterm::event::KeyEvent;

use super::selection::moved;
use crate::desk::command::Command;
use crate::desk::{Desk, Modal};
use crate::floor::{FloorCall, Person, StartTime};
use crate::graph::{CallId, ParticipantId};

/// Somebody who waits.
#[derive(Debug, Clone, Copy)]
pub struct WaitingPerson<'a> {
    /// The call.
    pub call: &'a FloorCall,
    /// Who.
    pub person: &'a Person,
    /// Since when.
    pub since: StartTime,
}

/// The list of everyone who waits, and who of them is selected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WaitingList {
    /// Who is selected: an identity, so that nobody is taken for another when the list moves.
    pub selected: Option<(CallId, ParticipantId)>,
}

impl WaitingPerson<'_> {
    /// Who it is.
    #[must_use]
    pub fn id(&self) -> (CallId, ParticipantId) {
        (self.call.id.clone(), self.person.id.clone())
    }
}

impl Desk {
    /// Everyone who waits, the longest first.
    #[must_use]
    pub fn waiting(&self) -> Vec<WaitingPerson<'_>> {
        let calls = self.floor().calls().filter(|it| it.is_live());
        let people = calls.flat_map(|call| call.present().map(move |person| (call, person)));
        let mut waiting: Vec<WaitingPerson<'_>> = people
            .filter_map(|(call, person)| {
                let since = person.hold.as_ref().map(|it| it.since).or(person.lobby)?;
                Some(WaitingPerson { call, person, since })
            })
            .collect();
        waiting.sort_by_key(|it| (it.since, it.call.number));
        waiting
    }

    /// Opens the list.
    pub(in crate::desk) fn show_waiting(&mut self) {
        let selected = self.waiting().first().map(WaitingPerson::id);
        if selected.is_none() {
            return self.say("nobody waits");
        }
        self.modal = Modal::Waiting(WaitingList { selected });
    }

    /// Takes a key that was pressed while the list is open.
    pub(in crate::desk) fn pressed_waiting(&mut self, mut list: WaitingList, key: KeyEvent) {
        match self.keymap.find_any(key).map(|it| it.command) {
            Some(Command::Open) => self.go_to_waiting(list),
            Some(Command::Move(motion)) => {
                let ids: Vec<_> = self.waiting().iter().map(WaitingPerson::id).collect();
                let next = moved(ids.iter(), list.selected.as_ref(), motion, self.page).or(ids.first()).cloned();
                list.selected = next;
                self.modal = Modal::Waiting(list);
            }
            Some(_) | None => {}
        }
    }

    /// Selects on the board who is selected in the list.
    pub(in crate::desk) fn go_to_waiting(&mut self, list: WaitingList) {
        match list.selected {
            Some((call, person)) => self.go_to((call, Some(person))),
            None => self.say("nobody waits"),
        }
    }
}
