//! The actions of a presentation, its expectations, and the end of every call.

use super::*;
use crate::sim::scenario::{ExpectedObservation, Observation, PersonAction, StepCue};

const FLOOR: &str = "name = 'x'\ndescription = 'y'\nprelude = '1m'\n\
    [[calls]]\nsubject = 'A'\nkind = 'group'\nat = '-50s'\npeople = [{ name = 'Ada' }, { name = 'Bob' }]\n\
    [[calls]]\nsubject = 'B'\nkind = 'oneToOne'\nat = '-50s'\npeople = [{ name = 'Joy' }]\n";

fn cue(participant: &str, does: PersonAction, after: Millis) -> StepCue {
    StepCue { call: "A".into(), participant: participant.into(), does, after }
}

fn sees(floor: &Floor, participant: Option<&str>, is: Observation) -> bool {
    floor.world.is_visible(&ExpectedObservation { call: "A".into(), participant: participant.map(Into::into), is })
}

#[test]
fn cues_act_now_or_later_and_impossible_ones_are_reported() {
    let mut floor = Floor::started(FLOOR);
    floor.wait(Millis::seconds(30));
    let cues = [
        cue("Ada", PersonAction::Mute, Millis(0)),
        cue("Bob", PersonAction::Leave, Millis::seconds(2)),
        cue("Bob", PersonAction::Admit, Millis(0)),
        cue("Zoe", PersonAction::Mute, Millis(0)),
    ];
    assert!(sees(&floor, Some("Ada"), Observation::Unmuted) && sees(&floor, Some("Bob"), Observation::Here));
    let (impossible, leaving) = floor.world.play_cues(floor.now, &cues);
    assert_eq!(impossible, ["Bob cannot do that in A now", "Zoe is not in A"]);
    assert_eq!(person(&rosters(&leaving)[0], "Ada").unwrap()["isMuted"], json!(true));
    assert!(sees(&floor, Some("Ada"), Observation::Muted) && !sees(&floor, Some("Bob"), Observation::Gone));
    floor.wait(Millis::seconds(2));
    assert!(sees(&floor, Some("Bob"), Observation::Gone) && !sees(&floor, Some("Bob"), Observation::Lobby));
    assert!(
        sees(&floor, None, Observation::Unmuted)
            && sees(&floor, None, Observation::Free)
            && !sees(&floor, None, Observation::Ended)
    );
}

#[test]
fn end_all_ends_every_call_and_a_restart_keeps_the_application() {
    let mut floor = Floor::started(FLOOR);
    floor.wait(Millis::seconds(30));
    floor.world.set_settings(SimSettings { drop_notifications: 1.0, ..SimSettings::default() });
    let (application, before) = (floor.world.application().clone(), floor.world.call_views());
    assert_eq!(before.len(), 2);
    let ends = floor.world.end_all(floor.now);
    let ended: Vec<_> = ends.iter().map(|it| (&it.notification["changeType"], &it.call)).collect();
    assert_eq!(ended, [(&json!("deleted"), &before[0].id), (&json!("deleted"), &before[1].id)]);
    assert!(floor.world.next_due().is_none() && sees(&floor, None, Observation::Ended));
    let scenario = Scenario::parse(FLOOR).unwrap();
    floor.world.start_over(&scenario, 43, floor.now);
    assert_eq!(floor.world.settings().drop_notifications.to_bits(), 1.0_f64.to_bits(), "the settings stay");
    assert_eq!(
        (&floor.world.application().id, &floor.world.application().tenant),
        (&application.id, &application.tenant)
    );
    floor.wait(Millis::minutes(1));
    let after = floor.world.call_views();
    assert_eq!(after.iter().map(|it| &it.subject).collect::<Vec<_>>(), [&Box::from("A"), &Box::from("B")]);
    assert!(after.iter().all(|it| before.iter().all(|old| old.id != it.id)));
}
