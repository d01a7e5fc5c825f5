//! Tests of the presenter's notes and the settings panel: keys, requests to the control API, and the screen.

use callboard::desk::{ControlRequest, Effect, Event, GateAnswer, Modal, Pane, StepDirection};
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use serde_json::{Value, json};

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{BOB, ME, person};

/// A presentation of three steps, at this step.
fn stage(step: usize, seen: bool) -> Value {
    let mut steps = vec![
        json!({ "number": 1, "title": "The floor", "notes": "Every line is a live call.", "press": "j and k", "expects": [] }),
        json!({
            "number": 2, "title": "Back from hold",
            "notes": "Bob has been on hold four minutes. Watch PROOF: it fills in only when the service tells us so, \
                      and never before, because an answer is not a proof.",
            "press": "select Bob; press r, then y",
            "expects": [{ "what": "Bob is off hold", "seen": seen }],
        }),
    ];
    steps.push(json!({ "number": 3, "title": "The end\u{1b}[2J", "notes": "Thank you.", "press": "bow" }));
    json!({ "scenario": "short", "title": "A short play", "step": step, "steps": steps })
}

fn settings(dropped: f64) -> Value {
    json!([
        { "name": "dropNotifications", "value": dropped, "default": 0, "kind": "share", "evidence": "rehearsal",
          "group": "fault", "help": "The share of notifications that never leave." },
        { "name": "holdAnswer", "value": "running", "default": "running", "kind": "choice",
          "choices": ["running", "completed"], "evidence": "documented", "group": "open",
          "help": "How a hold and a release answer: newer pages say running, older ones completed, and a client has \
                   to take both, because nobody knows which of them a tenant will meet." },
        { "name": "notificationDelayMs", "value": 500, "default": 0, "kind": "number", "least": 0, "most": 86_400_000,
          "unit": "ms", "evidence": "rehearsal", "group": "fault", "help": "How long notifications are late." },
        { "name": "idCasing", "value": "dashed", "default": "dashed", "kind": "choice", "choices": ["dashed", "bare"],
          "evidence": "documented", "group": "wire", "help": "How paths in notifications spell ids." },
        { "name": "roles", "value": ["Calls.Initiate.All", "Calls.AccessMedia.All"], "default": ["Calls.Initiate.All"],
          "kind": "list", "evidence": "documented", "group": "open", "help": "The permissions that new tokens carry." },
    ])
}

/// The control API answers a request.
fn answers(story: &mut Story, wish: ControlRequest, body: &Value) {
    story.happens(Event::SimulatorAnswered(wish, GateAnswer::Replied { status: 200, body: body.to_string() }));
}

fn refuses(story: &mut Story, wish: ControlRequest, said: &str) {
    let body = json!({ "error": said }).to_string();
    story.happens(Event::SimulatorAnswered(wish, GateAnswer::Replied { status: 400, body }));
}

/// The control has answered what a desk asks at first.
pub(crate) fn told(story: &mut Story) {
    story.after(1_000);
    answers(story, ControlRequest::Stage, &stage(2, false));
    answers(story, ControlRequest::Settings, &settings(0.0));
    story.effects.clear();
}

pub(crate) fn presenting() -> Story {
    let mut story = Story::on_stage(false);
    told(&mut story);
    story
}

/// Returns the requests to the control API since the last call.
fn wishes(story: &mut Story) -> Vec<ControlRequest> {
    let asked = std::mem::take(&mut story.effects);
    asked.into_iter().filter_map(|it| if let Effect::AskSimulator(wish) = it { Some(wish) } else { None }).collect()
}

/// Returns the same without reads.
fn changes(story: &mut Story) -> Vec<ControlRequest> {
    wishes(story).into_iter().filter(|it| !matches!(it, ControlRequest::Stage | ControlRequest::Settings)).collect()
}

#[test]
fn without_a_simulator_its_keys_say_why_they_are_disabled() {
    let mut story = Story::seated();
    for key in [".", ",", "D", "F", "B"] {
        story.press(key).shows(": only with a simulator, which this board does not have");
    }
    assert!(wishes(&mut story).is_empty());
    story.press("1 PgDn").hides("only with a simulator").hides("faults set").hides("only on this screen");
}

#[test]
fn the_header_shows_the_current_scenario() {
    let played = |scenario: &str, seed: u64| {
        let mut stage = stage(2, false);
        (stage["scenario"], stage["seed"]) = (json!(scenario), json!(seed));
        stage
    };
    let mut story = Story::on_stage(false);
    let now = story.history.now();
    let greets = |label: &str| HelloFrame {
        label: label.into(),
        operator: "dana".into(),
        role: Role::Operator,
        now,
        ..HelloFrame::default()
    };
    story
        .fed(FeedEvent::Hello(greets("SIMULATOR opened seed 7")))
        .fed(FeedEvent::CaughtUp)
        .shows("SIMULATOR opened seed 7");
    story.after(1_000);
    answers(&mut story, ControlRequest::Stage, &played("short", 42));
    story.shows("SIMULATOR short seed 42").hides("opened").press("B y");
    answers(&mut story, ControlRequest::Restart, &played("short", 43));
    // Somebody else switches, while no notes are shown.
    story.shows("SIMULATOR short seed 43").press("D");
    answers(&mut story, ControlRequest::Stage, &played("short", 43));
    wishes(&mut story);
    story.after(6_000);
    assert!(wishes(&mut story).contains(&ControlRequest::Stage));
    answers(&mut story, ControlRequest::Stage, &played("empty", 44));
    story.shows("SIMULATOR empty seed 44").after(6_000);
    refuses(&mut story, ControlRequest::Stage, "not now");
    story.hides("SIMULATOR empty").hides("seed 44").hides("opened").after(6_000);
    answers(&mut story, ControlRequest::Stage, &stage(2, false));
    story.shows("SIMULATOR short  ");
    // A label may say no more than that it is one.
    story.fed(FeedEvent::Hello(greets("SIMULATOR"))).fed(FeedEvent::CaughtUp).shows("SIMULATOR short  ");
    // A tenant's label is the relay's to say.
    story.fed(FeedEvent::Hello(greets("SIMULATORS inc"))).fed(FeedEvent::CaughtUp).shows("SIMULATORS inc  ");
    story.fed(FeedEvent::Hello(greets("contoso"))).fed(FeedEvent::CaughtUp).shows("contoso").hides("SIMULATOR");
}

#[test]
fn a_presenter_steps_forward_and_back_and_sees_observations() {
    let mut story = Story::on_stage(false);
    story.after(1_000).shows("the scenario is being read");
    assert_eq!(wishes(&mut story), [ControlRequest::Stage, ControlRequest::Settings]);
    story.after(1_000);
    assert_eq!(wishes(&mut story), [], "one read at a time");
    answers(&mut story, ControlRequest::Stage, &stage(1, false));
    story.shows("Step 1 of 3: The floor").shows("SAY    Every line is a live call.").shows(". next   , back");
    story.hides("not seen yet").press(".");
    assert_eq!(changes(&mut story), [ControlRequest::Step(StepDirection::Next)]);
    answers(&mut story, ControlRequest::Step(StepDirection::Next), &stage(2, false));
    story.shows("Step 2 of 3: Back from hold").shows("not seen yet");
    // What was being read when the step was asked for is older than it.
    answers(&mut story, ControlRequest::Stage, &stage(1, false));
    story.shows("Step 2 of 3").after(1_000);
    assert_eq!(wishes(&mut story), [ControlRequest::Stage]);
    answers(&mut story, ControlRequest::Stage, &stage(2, true));
    story.shows("SEEN").hides("not seen yet").press(",");
    assert_eq!(changes(&mut story), [ControlRequest::Step(StepDirection::Previous)]);
    refuses(&mut story, ControlRequest::Step(StepDirection::Previous), "this is the first step");
    story.shows("the simulator says: this is the first step").shows("Step 2 of 3");
}

/// Goes to a step that selects a person of a call, and returns the story before the answer.
fn stepping(story: &mut Story, person: &str) -> Value {
    let call = story.desk.calls().next().unwrap().clone();
    let id = &call.people.iter().find(|it| &*it.name == person).unwrap().id;
    let mut stage = stage(2, false);
    stage["steps"][1]["select"] = json!({ "callId": call.id, "participantId": id });
    story.press("1 .");
    stage
}

const NEXT: ControlRequest = ControlRequest::Step(StepDirection::Next);

#[test]
fn a_step_selects_its_call_and_person() {
    let mut story = presenting();
    let stage = stepping(&mut story, "Bob");
    answers(&mut story, NEXT, &stage);
    assert_eq!(story.desk.pane(), Pane::Participants);
    story.shows("Step 2 of 3").press("m").shows("Mute Bob?").press("Esc");
    // A key between the step and its answer leaves the selection with the hand.
    story.selects("Ada");
    let stage = stepping(&mut story, "Bob");
    story.press("2 j");
    let before = (story.desk.pane(), story.desk.selected_participant().cloned());
    answers(&mut story, NEXT, &stage);
    assert_eq!((story.desk.pane(), story.desk.selected_participant().cloned()), before);
    // A report that nobody stepped for selects nothing.
    story.selects("Ada");
    let before = story.desk.selected_participant().cloned();
    story.after(1_000);
    answers(&mut story, ControlRequest::Stage, &stage);
    assert_eq!(story.desk.selected_participant().cloned(), before);
}

#[test]
fn a_step_selects_whoever_arrives_after_its_answer() {
    let mut story = presenting();
    let mut stage = stepping(&mut story, "Bob");
    stage["steps"][1]["select"]["participantId"] = json!("late");
    answers(&mut story, NEXT, &stage);
    assert_eq!(story.desk.pane(), Pane::Calls);
    story.history.roster(&[person(ME, "Callboard"), person(BOB, "Bob"), person("late", "Dee")]);
    story.catches_up();
    assert_eq!(story.desk.pane(), Pane::Participants);
    story.press("m").shows("Mute Dee?");
}

#[test]
fn a_filter_that_hides_what_a_step_selects_is_named() {
    let mut story = presenting();
    let stage = stepping(&mut story, "Bob");
    story.press("2 /").types("ada").press("Enter").press(".");
    answers(&mut story, NEXT, &stage);
    story.shows("the filter ada hides what this step is about");
}

#[test]
fn the_panel_opens_where_it_was_left_and_has_a_search() {
    let mut story = presenting();
    story.press("F G Esc F");
    let selected = |story: &Story| {
        let Modal::SimSettings(panel) = story.desk.modal() else { panic!("the panel is closed") };
        story.desk.control().unwrap().selected(panel).map(|it| it.name.clone())
    };
    assert_eq!(selected(&story).as_deref(), Some("notificationDelayMs"));
    story.press("0");
    let wanted = ControlRequest::Set { name: "notificationDelayMs".into(), value: json!(0) };
    assert!(changes(&mut story).contains(&wanted));
    story.press("/").types("never leave").shows("Simulator settings with: never leave_").shows("dropNotifications");
    story.hides("holdAnswer").press("Enter").shows("Simulator settings with never leave");
    assert_eq!(selected(&story).as_deref(), Some("dropNotifications"));
    story.press("/").types(" zzz").shows("no setting matches").press("Enter l 0").shows("no setting matches");
    story.press("/ Esc").shows("holdAnswer").press("Esc F");
    assert_eq!(selected(&story).as_deref(), Some("dropNotifications"));
}

#[test]
fn presets_stand_first_in_plain_words_and_are_no_further_faults() {
    let mut story = presenting();
    let preset = json!({ "name": "cutLine", "title": "The line to Graph is cut", "value": true, "default": false,
                         "kind": "preset", "group": "preset", "help": "It sets cutBefore." });
    let mut listed = settings(0.0);
    listed.as_array_mut().unwrap().push(preset);
    story.press("F").after(6_000);
    answers(&mut story, ControlRequest::Settings, &listed);
    let screen = story.shows("2 changed").screen(120, 36);
    let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text} in\n{screen}"));
    assert!(at("in plain words") < at("The line to Graph is cut") && at("The line to Graph is cut") < at("open: what"));
    changes(&mut story);
    let set = |value: bool| ControlRequest::Set { name: "cutLine".into(), value: json!(value) };
    story.press("g Enter Enter l l");
    assert_eq!(changes(&mut story), [set(false), set(true)], "l switches on what is off only");
    story.shows("cutLine: it is on").press("h");
    assert_eq!(changes(&mut story), [set(false)]);
}

#[test]
fn an_outdated_report_is_ignored_after_a_step() {
    let mut story = presenting();
    story.after(1_000);
    assert_eq!(wishes(&mut story), [ControlRequest::Stage]);
    story.press(".").after(6_000);
    assert_eq!(
        wishes(&mut story),
        [ControlRequest::Step(StepDirection::Next)],
        "nothing is read while a step is under way"
    );
    answers(&mut story, ControlRequest::Step(StepDirection::Next), &stage(3, false));
    answers(&mut story, ControlRequest::Stage, &stage(2, false));
    story.shows("Step 3 of 3").shows("the last step   , back").hides("\u{1b}");
}

#[test]
fn notes_are_shown_if_there_is_room_and_d_toggles_them() {
    let mut story = presenting();
    story.shows("SAY").press("D").hides("SAY").press("D").shows("SAY");
    story.happens(Event::Resized(80, 24));
    assert!(story.screen(80, 24).contains("only on this screen"), "asked for, they are in every terminal");
    let mut story = presenting();
    story.happens(Event::Resized(80, 24));
    assert!(!story.screen(80, 24).contains("only on this screen"));
    story.press("D");
    assert!(story.screen(80, 24).contains("only on this screen"));
    let mut story = presenting();
    answers(&mut story, ControlRequest::Stage, &json!({ "scenario": "empty", "step": 0, "steps": [] }));
    story.hides("only on this screen").press("D").shows("mpty has no steps").hides("being read");
}

#[test]
fn an_audience_sees_no_notes_and_a_clicker_steps() {
    let mut story = Story::on_stage(true);
    told(&mut story);
    story.hides("only on this screen").hides("SAY").press("PgDn PgUp .");
    let steps = [StepDirection::Next, StepDirection::Previous, StepDirection::Next].map(ControlRequest::Step);
    assert_eq!(changes(&mut story), steps);
    answers(&mut story, ControlRequest::Step(StepDirection::Next), &stage(2, false));
    story.shows("step 2 of 3: Back from hold").hides("Watch PROOF");
    let mut story = presenting();
    story.press("PgDn");
    assert_eq!(changes(&mut story), [], "without an audience it is a page");
}

#[test]
fn a_restart_is_confirmed_first() {
    let mut story = presenting();
    story.press("B").shows("ends every call").press("n");
    assert_eq!(changes(&mut story), []);
    story.press("B y").shows("every call ends");
    assert_eq!(changes(&mut story), [ControlRequest::Restart]);
    answers(&mut story, ControlRequest::Restart, &stage(1, false));
    story.shows("restarted with new calls; step 1 of 3");
}

#[test]
fn the_panel_groups_changes_and_resets_settings() {
    let mut story = presenting();
    story.shows("2 faults set").press("F").shows("2 changed");
    let screen = story.screen(120, 36);
    let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text} in\n{screen}"));
    assert!(at("open: what") < at("holdAnswer") && at("holdAnswer") < at("wire: how"));
    assert!(
        at("wire: how") < at("idCasing") && at("idCasing") < at("fault: what") && at("fault: what") < at("dropNot")
    );
    story.effects.clear();
    let set = |name: &str, value: Value| ControlRequest::Set { name: name.into(), value };
    story.press("Enter");
    assert_eq!(changes(&mut story), [set("holdAnswer", json!("completed"))]);
    story.shows("default running").press("G 0");
    assert_eq!(changes(&mut story), [set("notificationDelayMs", json!(0))]);
    story.press("k l l h");
    let shares = [0.01, 0.02, 0.01].map(|it| set("dropNotifications", json!(it)));
    assert_eq!(changes(&mut story), shares);
    story.press("g j Space").shows("roles: this value can only be set with --set or POST /sim/faults");
    assert_eq!(changes(&mut story), []);
    story.press("Esc").hides("Simulator settings:");
}

#[test]
fn a_refused_change_is_reported_and_reverted() {
    let mut story = presenting();
    story.press("F");
    answers(&mut story, ControlRequest::Settings, &settings(0.0));
    story.press("Enter").shows("default running");
    story.effects.clear();
    answers(&mut story, ControlRequest::Settings, &settings(0.0));
    story.shows("default running");
    let wish = ControlRequest::Set { name: "holdAnswer".into(), value: json!("completed") };
    refuses(&mut story, wish, "these settings do not read");
    assert_eq!(wishes(&mut story), [ControlRequest::Settings]);
    answers(&mut story, ControlRequest::Settings, &settings(0.0));
    story.shows("these settings do not read").hides("default running").press("j").hides("do not read");
}

#[test]
fn a_failed_control_request_is_shown_in_box_and_panel() {
    let mut story = presenting();
    story.press("F").after(1_000);
    let lost = || GateAnswer::Lost { sent: false, error: "connection refused".into() };
    story
        .happens(Event::SimulatorAnswered(ControlRequest::Stage, lost()))
        .happens(Event::SimulatorAnswered(ControlRequest::Settings, lost()));
    story.shows("the control does not answer: connection refused").press("Esc");
    story.shows("the control does not answer: connection refused").after(1_000);
    assert!(wishes(&mut story).contains(&ControlRequest::Stage), "it is asked again");
    let garbage = GateAnswer::Replied { status: 200, body: "{}".into() };
    story.happens(Event::SimulatorAnswered(ControlRequest::Stage, garbage)).shows("cannot read the presentation");
}

#[test]
fn the_footer_offers_only_the_keys_that_change_the_selected_setting() {
    let mut story = presenting();
    story.press("F");
    let listed = json!([
        { "name": "delay", "value": 5, "default": 0, "kind": "number", "least": 0, "most": 9, "group": "open", "help": "d" },
        { "name": "roll", "value": null, "default": null, "kind": "action", "post": "keys/roll", "group": "action", "help": "r" },
    ]);
    answers(&mut story, ControlRequest::Settings, &listed);
    let footer = |story: &Story| story.screen(150, 40).lines().last().unwrap().to_owned();
    assert!(footer(&story).contains("h previous  l next  Enter do or change  0 default"), "{}", footer(&story));
    story.press("j");
    assert!(footer(&story).contains("Enter do or change"), "{}", footer(&story));
    for words in ["h previous", "l next", "0 default"] {
        assert!(!footer(&story).contains(words), "{}", footer(&story));
    }
}
