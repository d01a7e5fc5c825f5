//! What to know before answering a confirm, as labelled lines that follow the floor while it is open.

use crate::desk::acts::confirm::Confirm;
use crate::desk::board::display::time_of_day;
use crate::desk::board::row_values::{doubt_word, kind_word};
use crate::desk::command::Command;
use crate::desk::vocab::{ActTarget, called};
use crate::desk::{BulkItem, Desk};
use crate::floor::{Act, AlertLevel, FloorCall, HoldSource, OperationStatus, Person};
use crate::time::Timestamp;

/// The label of a doubt, the same as on the card of a person.
const NOT_SURE: &str = "not sure";

/// A labelled line of a confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmFact {
    label: &'static str,
    text: String,
    /// The text in fewer words.
    brief: Option<String>,
    strong: Option<(String, AlertLevel)>,
}

impl ConfirmFact {
    fn new(label: &'static str, text: String) -> Self {
        Self { label, text, brief: None, strong: None }
    }

    /// The same, in which a part of the text stands out.
    fn with_strong(self, part: String, level: AlertLevel) -> Self {
        Self { strong: Some((part, level)), ..self }
    }

    /// The same, which has fewer words for a small terminal.
    fn in_brief(self, brief: Option<String>) -> Self {
        Self { brief, ..self }
    }

    /// Returns the label: `who`, `now`, `then`.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        self.label
    }

    /// Returns the text; untrusted.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text in fewer words, for a small terminal; untrusted.
    #[must_use]
    pub fn brief(&self) -> Option<&str> {
        self.brief.as_deref()
    }

    /// Returns the part of the text that stands out, and how late it is.
    #[must_use]
    pub fn strong(&self) -> Option<(&str, AlertLevel)> {
        self.strong.as_ref().map(|(part, level)| (part.as_str(), *level))
    }

    /// Returns whether the line warns.
    #[must_use]
    pub fn warns(&self) -> bool {
        matches!(self.label, "marked" | "forced" | "paused" | "careful" | NOT_SURE)
    }
}

impl Desk {
    /// Returns what to know before answering a confirm.
    #[must_use]
    pub fn confirm_facts(&self, confirm: &Confirm) -> Vec<ConfirmFact> {
        let act = confirm.bound().act();
        let mut facts: Vec<ConfirmFact> =
            confirm.marked().map(|it| ConfirmFact::new("marked", it.to_owned())).into_iter().collect();
        facts.extend(confirm.forced().iter().map(|it| ConfirmFact::new("forced", it.clone())));
        if let Some(at) = self.floors.paused_at() {
            let age = self.clock.now().since(at);
            facts.push(ConfirmFact::new("paused", format!("the board is PAUSED, and {age} old")));
        }
        match confirm.many() {
            Some(many) => facts.extend(self.facts_of_many(act, many.items())),
            None => facts.extend(self.facts_of_one(act, confirm.bound().target())),
        }
        facts
    }

    /// Returns why what is known of a live call may be wrong at `now`, and what the relay or a key does about it.
    #[must_use]
    pub fn doubt_about(&self, call: &FloorCall, now: Timestamp) -> Option<String> {
        if !call.is_live() {
            return None;
        }
        if let Some(doubt) = call.doubt {
            return Some(format!("{}; the relay is reading it again", doubt_word(doubt)));
        }
        let silent = now.since(call.heard);
        if silent < self.limits().quiet {
            return None;
        }
        let press = self.keymap().shortcut_for(Command::Reread);
        let done = if call.read.is_some_and(|it| it >= call.heard) {
            " since it was read".to_owned()
        } else {
            format!("; {press} reads it")
        };
        Some(format!("no news for {silent}{done}"))
    }

    /// Returns which members of a person could not be read, as a sentence of untrusted text.
    #[must_use]
    pub fn unreadable_about(&self, person: &Person) -> Option<String> {
        let members = person.unreadable.as_ref().filter(|_| person.left.is_none())?;
        let press = self.keymap().shortcut_for(Command::Evidence);
        Some(format!("{members} in the last roster was unreadable, so this may be out of date; {press} shows it"))
    }

    /// Returns the newest operation on a person that may have happened or not, as untrusted text:
    /// `your mute, op 2, is UNCONFIRMED`.
    pub(in crate::desk) fn unproved_act(&self, call: &FloorCall, person: &Person) -> Option<String> {
        let now = self.clock.now();
        let operation = self.live().newest_open_on(&call.id, &person.id, None)?;
        let standing = operation.standing(now);
        let is_open = standing.is_in_progress()
            || matches!(standing, OperationStatus::Unconfirmed | OperationStatus::OutcomeUnknown);
        let by = self.askers(&operation.by);
        let (act, number, word) = (operation.act, operation.number.0, standing.word());
        is_open.then(|| format!("{by} {act}, op {number}, has no proof: {word}"))
    }

    fn facts_of_one(&self, act: Act, target: &ActTarget) -> Vec<ConfirmFact> {
        let Some(call) = self.live().call(&target.call) else { return Vec::new() };
        let place = call.numbered_title();
        let person = target.person().and_then(|id| call.people.get(id));
        let mut facts = Vec::new();
        match person {
            Some(person) => facts.extend(self.facts_of_person(act, (call, person), &place)),
            None if act == Act::HangUp => facts.push(ConfirmFact::new("who", format!("the application, in {place}"))),
            None => {
                facts.push(ConfirmFact::new("who", format!("the application, in {place}")));
                let muted = call.own_participant().is_some_and(|it| it.muted);
                let now = if muted { "the application is muted" } else { "the others can hear the application" };
                facts.push(ConfirmFact::new("now", now.to_owned()));
            }
        }
        facts.extend(self.doubt_about(call, self.clock.now()).map(|it| ConfirmFact::new(NOT_SURE, it)));
        let unreadable = person.and_then(|it| self.unreadable_about(it));
        facts.extend(unreadable.map(|it| ConfirmFact::new(NOT_SURE, it)));
        let unproved = person.and_then(|it| self.unproved_act(call, it));
        facts.extend(unproved.map(|it| ConfirmFact::new(NOT_SURE, it)));
        let then = ConfirmFact::new("then", self.consequence(act, person));
        facts.push(then.in_brief(self.brief_consequence(act, person)));
        facts.extend(self.link.looking_at(&call.id).map(|it| ConfirmFact::new("also here", it)));
        facts.extend(self.others_acts(target).map(|it| ConfirmFact::new("also here", it)));
        facts
    }

    fn facts_of_person(&self, act: Act, (call, person): (&FloorCall, &Person), place: &str) -> Vec<ConfirmFact> {
        let name = called(person);
        let who = format!("{name}, {}, in {place}", distinct(call, person));
        let mut facts = vec![ConfirmFact::new("who", who).with_strong(name, AlertLevel::None)];
        for twin in namesakes(call, person) {
            let joined = time_of_day(twin.joined.at, self.zone());
            let text = format!("{} is another: {}, in the call since {joined}", called(twin), distinct(call, twin));
            facts.push(ConfirmFact::new("same name", text));
        }
        facts.push(self.state_of(act, person));
        facts
    }

    /// Returns what a person's state is now.
    fn state_of(&self, act: Act, person: &Person) -> ConfirmFact {
        let now = self.clock.now();
        let Some(hold) = person.hold.as_ref() else {
            let mic = match (person.muted, act) {
                (true, Act::Mute) => "muted already: Graph accepts it, but there will be no new proof",
                (true, _) => "muted",
                (false, _) => "can be heard",
            };
            let before = if person.joined.exact { "" } else { "before " };
            let since = time_of_day(person.joined.at, self.zone());
            return ConfirmFact::new("now", format!("{mic}; in the call since {before}{since}"));
        };
        let age = hold.since.age(now);
        let level = self.limits().person(person, now);
        let text = match &hold.source {
            HoldSource::Ours { operation, by } => {
                let by = self.asker(by);
                let at = time_of_day(hold.since.at, self.zone());
                format!("on hold for {age}, by {by} with op {} at {at}", operation.0)
            }
            HoldSource::Inferred => format!("perhaps on hold for {age}: inferred, main audio is inactive"),
            HoldSource::Unknown => format!("a hold was sent {age} ago, and its outcome is not known"),
        };
        ConfirmFact::new("now", text).with_strong(age, level)
    }

    /// Returns what an act leads to.
    fn consequence(&self, act: Act, person: Option<&Person>) -> String {
        let name = person.map(called).unwrap_or_default();
        let undo = self.input.keymap.shortcut_for(Command::Undo);
        match act {
            Act::Mute => format!("nobody hears {name}; only {name} can unmute {name}"),
            Act::Release => match person.and_then(|it| it.hold.as_ref()).map(|it| &it.source) {
                Some(HoldSource::Inferred) => "a hold set on the person's own phone may not end this way".to_owned(),
                Some(HoldSource::Ours { .. } | HoldSource::Unknown) | None => {
                    format!("the music stops and {name} is back in the call; {undo} puts the hold back")
                }
            },
            Act::Hold => {
                let release = self.input.keymap.shortcut_for(Command::Release);
                format!("{name} hears music, and the others cannot hear {name}; {release} ends it")
            }
            Act::Remove => format!("{name} must be invited again to come back"),
            Act::MuteSelf => format!("the others cannot hear the application; {undo} unmutes it"),
            Act::UnmuteSelf => format!("the others hear the application; {undo} mutes it"),
            Act::HangUp => "this ends the application's own leg; in a group call, everyone else stays".to_owned(),
        }
    }

    /// Returns what an act leads to in fewer words, for a small terminal; the question names the person.
    fn brief_consequence(&self, act: Act, person: Option<&Person>) -> Option<String> {
        let name = person.map(called).unwrap_or_default();
        let key = |command| self.input.keymap.shortcut_for(command);
        let hold = person.and_then(|it| it.hold.as_ref());
        let perhaps = hold.is_some_and(|it| it.source == HoldSource::Inferred);
        match act {
            Act::Mute => Some(format!("nobody hears {name}; only they can unmute")),
            Act::Release if !perhaps => Some(format!("the music stops; {} puts the hold back", key(Command::Undo))),
            Act::Hold => Some(format!("{name} hears music and is not heard; {} ends it", key(Command::Release))),
            Act::Release | Act::Remove | Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => None,
        }
    }

    fn facts_of_many(&self, act: Act, items: &[BulkItem]) -> Vec<ConfirmFact> {
        let who = |wanted: &dyn Fn(&Person) -> bool| {
            let is = |it: &&BulkItem| self.person_of(it.target()).is_some_and(wanted);
            items.iter().filter(is).map(BulkItem::called).collect::<Vec<_>>().join(", ")
        };
        let call = items.first().and_then(|it| self.live().call(&it.target().call));
        let doubt = call.and_then(|it| self.doubt_about(it, self.clock.now()));
        let mut facts: Vec<ConfirmFact> = doubt.map(|it| ConfirmFact::new(NOT_SURE, it)).into_iter().collect();
        let mut fact = |label: &'static str, text: String| facts.push(ConfirmFact::new(label, text));
        match act {
            Act::Mute => {
                let muted = who(&|it| it.muted);
                if !muted.is_empty() {
                    fact("careful", format!("already muted, so there will be no new proof: {muted}"));
                }
                fact("then", "nobody hears them; only they can unmute themselves".to_owned());
            }
            Act::Release => {
                let inferred = who(&|person| person.hold.as_ref().is_some_and(|it| it.source == HoldSource::Inferred));
                if !inferred.is_empty() {
                    let text = "only inferred: a hold set on their own phone may not end this way";
                    fact("careful", format!("{text}: {inferred}"));
                }
                fact("then", "the music stops, and they are back in the call".to_owned());
            }
            Act::Remove => fact("then", "they must be invited again to come back".to_owned()),
            Act::Hold | Act::MuteSelf | Act::UnmuteSelf | Act::HangUp => {}
        }
        let others = |it: &BulkItem| Some(format!("{}: {}", it.called(), self.others_acts(it.target())?));
        facts.extend(items.iter().filter_map(others).take(3).map(|it| ConfirmFact::new("also here", it)));
        facts
    }
}

/// Returns the other people of a call who have the same shown name and have not left.
fn namesakes<'a>(call: &'a FloorCall, person: &'a Person) -> impl Iterator<Item = &'a Person> {
    let name = |it: &Person| called(it).trim().to_lowercase();
    let own = name(person);
    call.present().filter(move |it| it.id != person.id && name(it) == own)
}

/// Returns a person's kind, and as much of their id as distinguishes them from others with the same name.
fn distinct(call: &FloorCall, person: &Person) -> String {
    let id = person.id.0.to_string();
    let others: Vec<String> = namesakes(call, person).map(|it| it.id.0.to_string()).collect();
    let start = |length: usize| id.chars().take(length).collect::<String>();
    let short = person.id.0.short().chars().count();
    let length = (short..=id.chars().count()).find(|it| others.iter().all(|other| !other.starts_with(&start(*it))));
    let id = start(length.unwrap_or(short));
    match kind_word(person.kind) {
        "?" => id,
        kind => format!("{kind} {id}"),
    }
}
