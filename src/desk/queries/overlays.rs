//! What the overlays show: lanes of a timeline, minutes of the last hour, keys of the help.

use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::modal::help::HelpView;
use crate::desk::modal::scroll::ScrollExtent;
use crate::desk::modal::timeline::{TimelineLane, TimelineMark, TimelineView};
use crate::desk::presenter::sim_settings::SimSettingKind;
use crate::desk::vocab::ParticipantRef;
use crate::desk::{Arming, Desk, Modal};
use crate::floor::{Act, FloorCall, MinuteSample, Operation, OperationNumber, Person};
use crate::graph::ParticipantId;

impl Desk {
    /// Returns the timeline of the selected call, at the lane of the selected person.
    #[must_use]
    pub fn timeline_of_selection(&self) -> Option<TimelineView> {
        let call = self.board.selection.call().cloned()?;
        let lane = match self.selected_participant() {
            Some(ParticipantRef::Person(id)) => Some(id.clone()),
            Some(ParticipantRef::Party(_)) | None => None,
        };
        Some(TimelineView::at(call, lane))
    }

    /// Returns whether a command has an effect on what is selected in the open overlay.
    ///
    /// An action of the simulator has no values to step through, and some moments of a timeline name no operation.
    #[must_use]
    pub fn has_effect(&self, command: Command) -> bool {
        match (&self.modal, command) {
            (Modal::SimSettings(_), Command::InModal(ModalCommand::Take)) => true,
            (Modal::SimSettings(panel), Command::InModal(_)) => {
                let selected = self.control.as_ref().and_then(|it| it.selected(panel));
                selected.is_some_and(|it| it.kind != SimSettingKind::Action)
            }
            (Modal::Evidence(evidence), Command::Evidence) => evidence.is_part(),
            (Modal::Timeline(view), Command::InModal(ModalCommand::Take)) => self.selected_operation(view).is_some(),
            _ => true,
        }
    }

    /// The operation that the selected moment of a timeline names, while the floor has it: its own mark, or a change
    /// that it caused.
    pub(in crate::desk) fn selected_operation(&self, view: &TimelineView) -> Option<OperationNumber> {
        let call = self.floor().call(view.call())?;
        let lane = self.selected_lane(view, call);
        let number = match lane.selected(view, call)? {
            (_, TimelineMark::Asked(number)) => number,
            (at, TimelineMark::Turned(_)) => {
                lane.story.changes.iter().find(|it| it.at == at).and_then(|it| it.state.operation())?
            }
        };
        self.floor().operation(number).map(|it| it.number)
    }

    /// Returns the person of the shown call whom the open confirm is about.
    #[must_use]
    pub fn asked_about(&self) -> Option<&ParticipantId> {
        let Modal::Confirm(confirm) = &self.modal else { return None };
        let target = confirm.bound().target();
        target.person().filter(|_| confirm.many().is_none() && self.board.selection.call() == Some(&target.call))
    }

    /// Returns the act on a person that goes ahead in a moment, unless a key comes.
    #[must_use]
    pub fn going_ahead(&self, call: &FloorCall, person: &Person) -> Option<Act> {
        let Modal::Confirm(confirm) = &self.modal else { return None };
        let target = confirm.bound().target();
        let about = target.call == call.id && target.person() == Some(&person.id);
        (about && confirm.arming().goes_ahead()).then(|| confirm.bound().act())
    }

    /// Returns whether the open question has to be reported as drawn, before it takes an answer.
    #[must_use]
    pub fn awaits_drawing(&self) -> bool {
        self.modal.arming().is_some_and(Arming::awaits_drawing)
    }

    /// Returns whether something is due that goes ahead unless a key came before;
    /// it waits for [`Event::InputHandled`](crate::desk::Event::InputHandled).
    #[must_use]
    pub fn awaits_input(&self) -> bool {
        self.modal.arming().is_some_and(|it| it.is_due(self.clock.wall()))
    }

    /// Returns whether the open overlay has to be reported as drawn with this extent, because it knows another or none.
    #[must_use]
    pub fn awaits_extent(&self, extent: ScrollExtent) -> bool {
        self.modal.offset().is_some_and(|it| it.extent() != Some(extent))
    }

    /// Returns the keys that match the search, by key, name, sentence and context.
    pub fn help_keys<'a>(&'a self, help: &'a HelpView) -> impl Iterator<Item = &'static KeyBinding> + 'a {
        KEYS.iter().filter(move |key| {
            let pane = key.on.name();
            help.search().matches(&format!("{} {} {} {pane}", self.input.keymap.shown(key), key.name, key.help))
        })
    }

    /// Returns the figures of the last hour as shown, oldest minute first.
    #[must_use]
    pub fn hour(&self) -> Vec<Option<MinuteSample>> {
        self.floor().hour(self.shown_at())
    }

    /// Returns the operations of a call that the floor has, oldest first.
    #[must_use]
    pub fn asked_in(&self, call: &FloorCall) -> Vec<&Operation> {
        self.floor().operations().filter(|it| it.call == call.id).collect()
    }

    /// The selected lane of a timeline.
    pub(in crate::desk) fn selected_lane<'a>(
        &'a self,
        timeline: &TimelineView,
        call: &'a FloorCall,
    ) -> TimelineLane<'a> {
        TimelineLane::of(call, timeline.lane().and_then(|it| call.people.get(it)), &self.asked_in(call))
    }
}
