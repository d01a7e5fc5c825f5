//! Validates a parsed scenario: names must resolve, times must be consistent, and calls must be possible in Graph.

use std::collections::BTreeSet;

use crate::sim::settings::SimSettings;
use crate::time::Millis;

use super::acts::ScenarioAct;
use super::document::Scenario;
use super::plan::{Answerer, CallPlan, PersonKind, PlannedCallKind, PlannedDirection};
use super::steps::ScenarioStep;

/// An error in a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// It is not TOML, or a member is unknown, missing or of the wrong kind; the text shows the line.
    #[error("the scenario cannot be read: {0}")]
    Text(String),
    /// It parses, but is inconsistent.
    #[error("the scenario is not valid at {place}: {what}")]
    Sense {
        /// The member, for example `calls[2] "Support / Acme", people[0] "Ada Byrne"`.
        place: String,
        /// The mistake, and what is expected.
        what: String,
    },
}

/// Validates a scenario.
pub(super) fn scenario(scenario: &Scenario) -> Result<(), ScenarioError> {
    require(scenario.prelude.0 >= 0, "prelude", || "a prelude is a duration; write it without a minus".into())?;
    let mut subjects = BTreeSet::new();
    for (at, plan) in scenario.calls.iter().enumerate() {
        let place = format!("calls[{at}] {:?}", plan.subject);
        require(subjects.insert(plan.subject.as_str()), &place, || "another call has this subject".into())?;
        call(plan, &place)?;
        within(scenario.prelude, plan, &place)?;
    }
    for (at, act) in scenario.acts.iter().enumerate() {
        self::act(scenario, act, &format!("acts[{at}]"))?;
    }
    for (at, step) in scenario.steps.iter().enumerate() {
        self::step(scenario, step, at)?;
    }
    if let Some(traffic) = &scenario.traffic {
        let spans = [traffic.every, traffic.lasts, traffic.stirs];
        require(spans.iter().all(|it| it.0 >= 100), "traffic", || "every, lasts and stirs are at least 100ms".into())?;
    }
    Ok(())
}

/// Validates one call.
pub(super) fn call(plan: &CallPlan, place: &str) -> Result<(), ScenarioError> {
    require(!plan.subject.trim().is_empty(), place, || "a call needs a subject".into())?;
    require(plan.answered.0 > 0, place, || "answered must be longer than 0".into())?;
    require(plan.ends.is_none_or(|it| it > plan.at), place, || "the call ends before it begins".into())?;
    let rings = plan.answered_by == Answerer::Client;
    require(!rings || plan.direction == PlannedDirection::Incoming, place, || {
        "only an incoming call can be answered".into()
    })?;
    let recorder = plan.people.iter().any(|it| it.recorded);
    require(!rings || recorder || plan.people.iter().all(|it| it.joins.is_none()), place, || {
        "people join when the client answers the call; leave joins out".into()
    })?;
    require(!recorder || (rings && plan.kind != PlannedCallKind::OneToOne), place, || {
        "a recorded person needs an incoming group call or meeting that a recorder answers: write answeredBy = \"client\"".into()
    })?;
    let first = plan.people.iter().find(|it| it.recorded);
    require(first.is_none_or(|it| it.joins.is_none()), place, || {
        "the first recorded person is in the call from the start; leave their joins out".into()
    })?;
    let humans = plan.people.len();
    require(plan.kind != PlannedCallKind::OneToOne || humans == 1, place, || {
        format!("a oneToOne call has exactly one person, not {humans}")
    })?;
    let group = plan.kind == PlannedCallKind::Group && plan.direction == PlannedDirection::Outgoing;
    require(!group || humans >= 2, place, || {
        "a group call that the application places needs at least two people".into()
    })?;
    let mut names = BTreeSet::new();
    for (at, person) in plan.people.iter().enumerate() {
        let place = format!("{place}, people[{at}] {:?}", person.name);
        require(names.insert(person.name.as_str()), &place, || "another person of the call has this name".into())?;
        let number = person.name.strip_prefix('+').is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
        require(person.kind != PersonKind::Phone || number, &place, || {
            "a phone's name is its number in E.164, like +442079461188".into()
        })?;
        let early = person.joins.is_some_and(|it| it < plan.at) || person.events.iter().any(|it| it.at < plan.at);
        require(!early, &place, || "an event is before the start of the call".into())?;
    }
    Ok(())
}

/// Requires that no event is before the start of the prelude.
fn within(prelude: Millis, plan: &CallPlan, place: &str) -> Result<(), ScenarioError> {
    require(plan.at.0 > -prelude.0, place, || {
        format!("the call begins {} before the start, but the prelude is only {prelude} long", Millis(-plan.at.0))
    })
}

fn act(scenario: &Scenario, act: &ScenarioAct, place: &str) -> Result<(), ScenarioError> {
    known(scenario, (&act.call, act.participant.as_deref()), place)?;
    match &act.participant {
        Some(_) => require(act.act.names_participant(), place, || {
            "an act on the application must not have a participant".into()
        }),
        None => require(!act.act.names_participant(), place, || "the act needs a participant".into()),
    }
}

fn step(scenario: &Scenario, step: &ScenarioStep, at: usize) -> Result<(), ScenarioError> {
    let place = format!("steps[{at}] {:?}", step.title);
    let is_complete = [&step.title, &step.say, &step.press].iter().all(|it| !it.trim().is_empty());
    require(is_complete, &place, || "a step needs a title, say and do".into())?;
    require(at > 0 || step.events.is_empty(), &place, || {
        "the first step starts together with the scenario, so give its events to the people instead".into()
    })?;
    require(at > 0 || step.faults.is_empty(), &place, || {
        "the first step starts together with the scenario; start the simulator with --set instead of faults".into()
    })?;
    if let Err(error) = SimSettings::default().changed(&step.faults) {
        return Err(invalid(&format!("{place}, faults"), error.to_string()));
    }
    if let Some(selected) = &step.select {
        known(scenario, (&selected.call, selected.participant.as_deref()), &format!("{place}, select"))?;
    }
    for (at, cue) in step.events.iter().enumerate() {
        let place = format!("{place}, events[{at}]");
        known(scenario, (&cue.call, Some(&cue.participant)), &place)?;
        require(cue.after.0 >= 0, &place, || "an event cannot be before its step; write after without a minus".into())?;
    }
    for (at, expected) in step.expects.iter().enumerate() {
        let place = format!("{place}, expects[{at}]");
        known(scenario, (&expected.call, expected.participant.as_deref()), &place)?;
        if let Some(why) = expected.mistake() {
            return Err(invalid(&place, why.into()));
        }
    }
    Ok(())
}

/// Requires that the scenario contains this call, and the call this person.
fn known(scenario: &Scenario, (call, name): (&str, Option<&str>), place: &str) -> Result<(), ScenarioError> {
    let Some(plan) = scenario.calls.iter().find(|it| it.subject == call) else {
        return Err(invalid(place, format!("no call has the subject {call:?}")));
    };
    let there = name.is_none_or(|name| plan.people.iter().any(|it| it.name == name));
    require(there, place, || format!("{call:?} has no person named {:?}", name.unwrap_or_default()))
}

fn require(holds: bool, place: &str, what: impl FnOnce() -> String) -> Result<(), ScenarioError> {
    if holds { Ok(()) } else { Err(invalid(place, what())) }
}

fn invalid(place: &str, what: String) -> ScenarioError {
    ScenarioError::Sense { place: place.to_owned(), what }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "name = 'x'\ndescription = 'y'\nprelude = '1m'\n";

    fn error(rest: &str) -> String {
        Scenario::parse(&format!("{HEAD}{rest}")).unwrap_err().to_string()
    }

    /// Asserts that the error of each text has all of its parts.
    fn name_the_place(cases: &[(&str, Vec<&str>)]) {
        for (text, wanted) in cases {
            let message = error(text);
            for part in wanted {
                assert!(message.contains(part), "{part:?} is missing in {message:?}");
            }
        }
    }

    #[test]
    fn errors_name_the_place() {
        let cases = [
            ("[[calls]]\nsubject = 'A'\nkind = 'group'\ncolour = 'red'", vec!["line 7", "colour"]),
            ("[[calls]]\nsubject = 'A'\nkind = 'party'", vec!["line 6", "party"]),
            ("[[calls]]\nsubject = 'A'\nkind = 'group'\nat = 'soon'", vec!["line 7", "\"soon\" is not a duration"]),
            (
                "[[calls]]\nsubject = 'A'\nkind = 'group'\nat = '-2m'",
                vec!["calls[0] \"A\"", "begins 2:00 before", "only 1:00 long"],
            ),
            ("[[calls]]\nsubject = 'A'\nkind = 'oneToOne'", vec!["calls[0] \"A\"", "exactly one person"]),
            (
                "[[calls]]\nsubject = 'A'\nkind = 'group'\npeople = [{ name = 'B' }, { name = 'B' }]",
                vec!["calls[0] \"A\", people[1] \"B\"", "another person"],
            ),
            (
                "[[calls]]\nsubject = 'A'\nkind = 'group'\npeople = [{ name = 'Ada', kind = 'phone' }]",
                vec!["people[0]", "E.164"],
            ),
            ("[[acts]]\nat = 1\nby = 'lee'\nact = 'mute'\ncall = 'A'", vec!["acts[0]", "no call has the subject"]),
            (
                "[[calls]]\nsubject = 'A'\nkind = 'group'\n[[acts]]\nat = 1\nby = 'lee'\nact = 'mute'\ncall = 'A'\nparticipant = 'Zoe'",
                vec!["acts[0]", "Zoe"],
            ),
        ];
        name_the_place(&cases);
    }

    #[test]
    fn errors_in_a_step_name_the_place() {
        let cases = [
            ("[[steps]]\ntitle = 't'\nsay = 's'", vec!["line 4", "missing field `do`"]),
            ("[[steps]]\ntitle = ' '\nsay = 's'\ndo = 'd'", vec!["steps[0]", "needs a title"]),
            (
                "[[calls]]\nsubject = 'A'\nkind = 'group'\npeople = [{ name = 'B' }]\n[[steps]]\ntitle = 't'\nsay = 's'\n\
                 do = 'd'\nevents = [{ call = 'A', participant = 'B', does = 'mute' }]",
                vec!["steps[0] \"t\"", "starts together with the scenario"],
            ),
            (
                "[[calls]]\nsubject = 'A'\nkind = 'group'\n[[steps]]\ntitle = 't'\nsay = 's'\ndo = 'd'\n\
                 expects = [{ call = 'A', participant = 'Zoe', is = 'muted' }]",
                vec!["steps[0] \"t\", expects[0]", "Zoe"],
            ),
            (
                "[[calls]]\nsubject = 'A'\nkind = 'group'\n[[steps]]\ntitle = 't'\nsay = 's'\ndo = 'd'\n\
                 select = { call = 'A', participant = 'Zoe' }",
                vec!["steps[0] \"t\", select", "Zoe"],
            ),
            (
                "[[steps]]\ntitle = 't'\nsay = 's'\ndo = 'd'\nfaults = { cutLine = true }",
                vec!["steps[0] \"t\"", "--set instead of faults"],
            ),
            (
                "[[steps]]\ntitle = 't'\nsay = 's'\ndo = 'd'\n[[steps]]\ntitle = 'u'\nsay = 's'\ndo = 'd'\n\
                 faults = { cutLines = true }",
                vec!["steps[1] \"u\", faults", "no setting \"cutLines\"; the nearest is cutLine"],
            ),
            (
                "[[calls]]\nsubject = 'A'\nkind = 'group'\n[[steps]]\ntitle = 't'\nsay = 's'\ndo = 'd'\n\
                 expects = [{ call = 'A', is = 'gone' }]",
                vec!["expects[0]", "needs a participant"],
            ),
            (
                "[[calls]]\nsubject = 'A'\nkind = 'group'\n[[steps]]\ntitle = 't'\nsay = 's'\ndo = 'd'\n\
                 expects = [{ call = 'A', is = 'purple' }]",
                vec!["line 11", "purple", "muted"],
            ),
        ];
        name_the_place(&cases);
    }

    #[test]
    fn the_embedded_scenarios_are_valid() {
        for name in Scenario::names() {
            assert_eq!(Scenario::named(name).unwrap().unwrap().name, *name);
        }
        assert!(Scenario::named("nope").is_none());
    }
}
