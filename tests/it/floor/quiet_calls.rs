//! Tests of calls without notifications: they are marked and re-read, and end only if Graph says so.

use callboard::desk::Desk;
use callboard::floor::AlertLevel;
use callboard::screen::{Theme, paint};
use callboard::sim::SimSettings;
use callboard::time::Millis;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use serde_json::json;
use url::Url;

use crate::sim::network_faults::set;
use crate::support::harness::{call, reopening_day, seated};

/// Nobody in it waits, and the scenario leaves it alone.
const CALL: &str = "Support / Northwind";

fn screen(desk: &Desk) -> String {
    let area = Rect::new(0, 0, 120, 36);
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, desk, &Theme::default());
    let row = |cells: &[Cell]| cells.iter().map(Cell::symbol).collect::<String>();
    buffer.content.chunks(120).map(row).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_call_is_marked_read_and_ends_only_on_404() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let id = call(dana.desk(), CALL).id.clone();
    dana.select(id.clone(), None);
    // From here on no webhook arrives, and nothing happens but what is stepped.
    stage.clock.set_speed(0.0);
    stage.sim.settle().await;
    stage.sim.set_callback(Url::parse("http://127.0.0.1:9/").unwrap());

    // Quiet for longer than the board likes, but not yet for the relay.
    stage.clock.step(Millis::minutes(3));
    let there = |desk: &Desk| desk.live().call(&id).cloned().unwrap();
    dana.until(|desk| desk.limits().call(&there(desk), desk.shown_at()) == AlertLevel::Quiet).await;
    let quiet = screen(dana.desk());
    assert!(quiet.contains("; ctrl-r reads it ") && quiet.contains("quiet 3:"), "{quiet}");
    assert!(there(dana.desk()).is_live(), "silence is no end");

    // Quiet for too long: the relay reads it, and Graph has it. The reading counts as news, so it is not quiet any more.
    let before = there(dana.desk()).read;
    stage.clock.step(Millis::minutes(8));
    dana.until(|desk| there(desk).read > before).await;
    assert!(there(dana.desk()).is_live());
    stage.clock.step(Millis::minutes(3));
    dana.until(|desk| screen(desk).contains("no news for 3:00 since it was read")).await;

    // The next read gets a 404: the call has ended, and the board names the reason.
    set(&stage, &json!({ "answers404": 1.0, "faultsOn": "getCall" })).await;
    stage.clock.step(Millis::minutes(10));
    dana.until(|desk| !there(desk).is_live()).await;
    let told = screen(dana.desk());
    assert!(told.contains("the call ended: 404, Graph does not"), "{told}");
    assert!(there(dana.desk()).result.is_some_and(|it| it.contains("404")));

    // The 404 was wrong: a minute later the relay reads it again, and the call is back with its people.
    set(&stage, &json!({ "answers404": 0.0 })).await;
    stage.clock.step(Millis::minutes(1));
    dana.until(|desk| there(desk).is_live() && there(desk).doubt.is_none()).await;
    assert!(there(dana.desk()).present().count() > 1, "{:?}", there(dana.desk()));
    let lines = dana.desk().live().event_log().map(|it| it.what.to_string());
    assert!(lines.into_iter().any(|it| it == "the call is there after all: Graph's 404 was wrong"));
    stage.shut_down().await;
}
