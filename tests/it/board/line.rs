//! Tests of what the board says while it is not known what has happened: before the first board, and without a line.

use callboard::protocol::{FeedEvent, HelloFrame};
use callboard::screen::{TerminalBackground, Theme, paint};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::History;

/// The message line, with the style of its last letter.
fn message(story: &Story) -> (String, ratatui::style::Style) {
    let area = Rect::new(0, 0, 120, 36);
    let theme = Theme::named("dark", TerminalBackground::Dark).unwrap();
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, &story.desk, &theme);
    let text: String = (0..120).map(|x| buffer[(x, 34)].symbol().to_owned()).collect();
    let last = u16::try_from(text.trim_end().chars().count()).unwrap().saturating_sub(1);
    (text.trim().to_owned(), buffer[(last, 34)].style())
}

#[test]
fn before_the_first_board_nothing_is_said_that_is_not_known() {
    let mut story = Story::dark(History::seated());
    let claims = ["nobody waits", "on hold", "0 calls", "muted", "Calls 0", "no operation yet", "no calls"];
    let knows_nothing = |story: &Story| {
        for (columns, rows) in [(80, 24), (120, 36), (200, 60)] {
            let screen = story.screen(columns, rows);
            for claim in claims {
                assert!(!screen.contains(claim), "{claim:?} at {columns}x{rows}:\n{screen}");
            }
            assert!(screen.matches("not known yet").count() >= 2, "{screen}");
        }
    };
    knows_nothing(&story);
    story.fed(FeedEvent::Connecting);
    knows_nothing(&story);
    story.line_breaks("the relay is not there").after(2_000);
    knows_nothing(&story);
    let now = story.floor_now();
    story.fed(FeedEvent::Hello(HelloFrame { operator: "dana".into(), now, ..HelloFrame::default() }));
    knows_nothing(&story);
    let floor = Box::new(story.floor().clone());
    story.fed(FeedEvent::Snapshot(floor)).fed(FeedEvent::CaughtUp);
    story.shows("nobody waits too long").shows("0 on hold").shows("1 call").hides("not known yet");
    // A board that stands still is still known.
    story.line_breaks("gone").after(2_000).shows("0 on hold").shows("nobody waits");
}

#[test]
fn what_graph_had_accepted_gets_no_verdict_without_a_line() {
    let mut story = Story::seated();
    story.bob_held().press("r y").accepted().line_breaks("the relay did not answer within 10 s");
    let said = "op 2  release Bob: Graph accepted it before the line went; the proof shows when it is back";
    let (text, style) = message(&story);
    assert_eq!(text, said);
    let theme = Theme::named("dark", TerminalBackground::Dark).unwrap();
    assert_ne!(style.fg, theme.warning.fg);
    assert_ne!(style.fg, theme.bad.fg);
    let narrow = story.screen(80, 24);
    assert!(narrow.contains("op 2  release Bob: Graph accepted it; the proof shows with the line  "), "{narrow}");
    // The limit of a release passes, and the console tries again: it is still not known.
    story.after(15_000);
    assert_eq!(message(&story).0, said);
    story.fed(FeedEvent::Connecting).after(1_000);
    let (text, again) = message(&story);
    assert_eq!((text.as_str(), again.fg), (said, style.fg));
    assert!(!story.screen(120, 36).contains("UNCONFIRMED"), "{}", story.screen(120, 36));
}

#[test]
fn an_act_without_an_answer_says_so_without_a_line_and_other_news_is_not_covered() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").line_breaks("the relay closed the line");
    assert_eq!(message(&story).0, "mute: sent before the line went; its row shows the answer when it is back");
    let mut story = Story::seated();
    story.selects("Bob").press("m y").journalled().line_breaks("the relay closed the line");
    assert_eq!(message(&story).0, "op 1  mute Bob: sent before the line went; the answer shows when it is back");
    let mut story = Story::seated();
    story.bob_held().line_breaks("the relay closed the line");
    assert_eq!(message(&story).0, "the relay closed the line", "a proved act does not cover the reason");
    let mut story = Story::seated();
    story.bob_held().press("r y").accepted().fed(FeedEvent::Refused("ask for a new token".into()));
    assert_eq!(message(&story).0, "ask for a new token", "no line comes back by itself");
}
