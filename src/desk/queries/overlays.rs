//! The rows of what lies over the panes: lanes of a timeline, minutes of the last hour, keys of the help.

use crate::desk::Desk;
use crate::desk::input::key_table::{KEYS, KeyBinding};
use crate::desk::modal::help::HelpView;
use crate::desk::modal::timeline::{TimelineLane, TimelineView};
use crate::floor::{FloorCall, MinuteSample, Operation, Person};

impl Desk {
    /// The keys that the search finds, by key, name, sentence, pane and what they need.
    pub fn help_keys<'a>(&'a self, help: &'a HelpView) -> impl Iterator<Item = &'static KeyBinding> + 'a {
        KEYS.iter().filter(move |key| {
            let pane = key.on.name();
            help.matches(&format!("{} {} {} {pane}", self.input.keymap.shown(key), key.name, key.help))
        })
    }

    /// The floor's last hour, as it is shown: oldest minute first.
    #[must_use]
    pub fn hour(&self) -> Vec<Option<MinuteSample>> {
        self.floor().hour(self.shown_at())
    }

    /// Whose lanes the story of a call has, below the call's own: as in the participants pane without filter and sort.
    #[must_use]
    pub fn lanes<'a>(&self, call: &'a FloorCall) -> Vec<&'a Person> {
        let mut people: Vec<&Person> = call.people.values().collect();
        people.sort_by_key(|it| (it.left.is_some(), call.is_own_participant(&it.id), it.joined.at, it.ordinal, &it.id));
        people
    }

    /// What was asked in a call, as far as the floor has it; oldest first.
    #[must_use]
    pub fn asked_in(&self, call: &FloorCall) -> Vec<&Operation> {
        self.floor().operations().filter(|it| it.call == call.id).collect()
    }

    /// The selected lane of a story.
    pub(in crate::desk) fn selected_lane<'a>(
        &'a self,
        telling: &TimelineView,
        call: &'a FloorCall,
    ) -> TimelineLane<'a> {
        TimelineLane::of(call, telling.lane.as_ref().and_then(|it| call.people.get(it)), &self.asked_in(call))
    }
}
