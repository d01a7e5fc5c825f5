//! Tests of the floor's last hour: its law and its display.

use callboard::floor::MINUTES;
use callboard::time::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::timeline::roster;
use crate::floor::laws::{step, told};
use crate::support::desk_driver::Story;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_hour_has_at_least_the_current_counts_and_every_proof(steps in prop::collection::vec(step(), 1..80)) {
        let history = told(&steps);
        prop_assume!(!history.entries.is_empty());
        let hour = history.floor.hour(history.floor.at());
        prop_assert_eq!(hour.len(), MINUTES);
        let last = hour.last().unwrap().clone().unwrap();
        let stands = history.floor.statistics();
        prop_assert!(last.live >= stands.calls && last.held >= stands.held && last.muted >= stands.muted);
        let unknown = hour.iter().take_while(|it| it.is_none()).count();
        prop_assert!(hour.iter().skip(unknown).all(Option::is_some), "no hole in it");
        // A clock that is set back makes the past older, by whole minutes.
        let moves = history.floor.wall_moves().iter().filter(|(_, by)| by.0 < 0);
        let older: i64 = moves.map(|(_, by)| 60_000 - by.0).sum();
        if history.floor.at() < Timestamp(3_500_000 - older) {
            let proofs: usize = hour.iter().flatten().map(callboard::floor::MinuteSample::proofs).sum();
            prop_assert_eq!(proofs > 0, stands.proof_p50.is_some());
        }
    }
}

#[test]
fn minutes_without_entries_repeat_the_counts() {
    let mut story = Story::seated();
    story.bob_held();
    let held = story.floor().statistics().held;
    assert_eq!(held, 1);
    let hour = story.floor().hour(Timestamp(story.floor().at().0 + 5 * 60_000));
    let last: Vec<(usize, usize)> = hour.iter().rev().take(5).flatten().map(|it| (it.live, it.held)).collect();
    assert_eq!(last, [(1, 1); 5]);
}

/// Calls come and go, somebody is held, and proofs take their time, over half an hour.
pub(crate) fn half_an_hour() -> Story {
    let mut story = Story::seated();
    for round in 0..10_i64 {
        let id = format!("00000000-0000-0000-0000-0000000001{round:02}");
        story.history.later(180_000).notified(&json!({
            "changeType": "created", "resourceUrl": format!("/communications/calls/{id}"),
            "resourceData": {"state": "established"},
        }));
        roster(&mut story.history, &json!({"isMuted": round % 3 == 1}));
        story.catches_up();
        if round % 4 == 2 {
            story
                .press("1")
                .selects("Ada")
                .press("H y")
                .accepted()
                .after(100 * round)
                .notice("startHoldMusicOperation");
            story.after(50_000).selects("Ada").press("r y").accepted().notice("stopHoldMusicOperation");
        }
    }
    story.after(4_000);
    story
}

#[test]
fn a_minute_without_a_proof_has_no_latency() {
    let mut story = half_an_hour();
    story.press("V").shows("(now), at most 11 calls, 0 on hold, 0 muted; no proof").hides("p50");
    // Back to the minute of the last release.
    let says = |story: &Story| story.screen(80, 24).lines().find(|it| it.contains(", at most ")).unwrap().to_owned();
    let mut read = Vec::new();
    for _ in 0..40 {
        story.press("Left");
        read.push(says(&story));
    }
    assert!(read.iter().any(|it| it.contains("1 on hold") && it.contains("1 proof after 1.1 s")), "{read:#?}");
    assert!(read.iter().any(|it| it.contains("0 on hold") && it.contains("no proof")), "{read:#?}");
    // It stops where the board began, and a chosen minute stays when time goes on.
    assert_eq!(read[38], read[39]);
    let chosen = says(&story);
    story.after(120_000);
    assert_eq!(says(&story), chosen);
    story.press("Esc").hides("last 60 minutes");
}
