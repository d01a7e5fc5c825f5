//! Tests of clicks and wheel steps: what is meant is what was drawn.

use callboard::desk::{ClickedRow, Event, Motion, Pane, ParticipantRef, RowId};
use callboard::graph::{CallId, ParticipantId};
use callboard::screen::{Theme, paint};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::json;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::ADA;

fn who(story: &Story, id: &str) -> ClickedRow {
    ClickedRow::Who(story.desk.call().unwrap().id.clone(), ParticipantRef::Person(ParticipantId::new(id).unwrap()))
}

#[test]
fn a_click_selects_but_not_under_a_modal() {
    let mut story = Story::seated();
    let ada = who(&story, ADA);
    story.happens(Event::Clicked(Pane::Participants, Some(ada.clone())));
    assert_eq!(
        (story.desk.pane(), story.desk.person().map(|it| it.id.clone())),
        (Pane::Participants, ParticipantId::new(ADA))
    );
    story.selects("Bob").press("2 m").shows("nothing is sent yet");
    let chosen = story.desk.selected_participant().cloned();
    for pane in Pane::ALL {
        story.happens(Event::Clicked(pane, None));
        story.happens(Event::Wheeled(pane, Motion::Down));
    }
    story.happens(Event::Clicked(Pane::Participants, Some(ada)));
    assert_eq!(story.desk.selected_participant().cloned(), chosen);
    story.has_sent(0).shows("nothing is sent yet");
}

#[test]
fn a_click_reaches_the_row_that_was_drawn_also_when_the_rows_have_moved_since() {
    let mut story = Story::seated();
    let area = Rect::new(0, 0, 120, 36);
    let mut buffer = Buffer::empty(area);
    let frame = paint(&mut buffer, area, &story.desk, &Theme::default());
    let line = |name: &str, story: &Story| {
        let screen = story.screen(120, 36);
        let found = screen.lines().position(|it| it.chars().skip(64).collect::<String>().contains(name));
        u16::try_from(found.unwrap()).unwrap()
    };
    let row = line("Ada", &story);
    assert_eq!(frame.at((70, row)), Some((Pane::Participants, Some(&who(&story, ADA)))));
    // Ada goes down, because Bob is in the lobby now.
    story.roster(&json!({"isInLobby": true})).after(30_000);
    assert_ne!(line("Ada", &story), row);
    let (pane, clicked) = frame.at((70, row)).unwrap();
    story.happens(Event::Clicked(pane, clicked.cloned()));
    assert_eq!(story.desk.person().map(|it| it.id.clone()), ParticipantId::new(ADA));
    assert_eq!(frame.at((70, 35)), None, "the footer is no pane");
}

#[test]
fn a_click_on_what_has_gone_selects_nothing_else() {
    let call = Story::seated().desk.call().unwrap().id.clone();
    for gone in [
        who(&Story::seated(), "00000000-0000-0000-0000-0000000000aa"),
        ClickedRow::Who(call, ParticipantRef::Party(9)),
        ClickedRow::Call(CallId::new("00000000-0000-0000-0000-0000000000bb").unwrap()),
        ClickedRow::Row(RowId::Bulk(77)),
    ] {
        let mut story = Story::seated();
        let before = (story.selects("Bob").desk.selected_participant().cloned(), story.desk.selected_row().cloned());
        story.happens(Event::Clicked(Pane::Participants, Some(gone.clone())));
        let after = (story.desk.selected_participant().cloned(), story.desk.selected_row().cloned());
        assert_eq!(before, after, "{gone:?}");
        story.shows("what you clicked is no longer on the board");
    }
}
