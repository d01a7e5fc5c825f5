//! Tests of overlays whose text is longer than the screen.

use callboard::desk::Modal;

use crate::board::screens::busy;
use crate::desk::bulk_acts::crowd;
use crate::modal::evidence;
use crate::support::desk_driver::Story;

/// How many lines of the open overlay are scrolled out above.
fn offset(what: &str, story: &Story) -> usize {
    match story.desk.modal() {
        Modal::Help(help) => help.scroll(),
        Modal::Details(details) => details.scroll(),
        Modal::Evidence(evidence) => evidence.scroll(),
        Modal::Confirm(confirm) => confirm.scroll(),
        other => panic!("{what}: {other:?} does not scroll"),
    }
}

fn opened(mut story: Story, keys: &str) -> Story {
    story.press(keys);
    story
}

/// The question whether to mute everyone of a call.
fn bulk_question() -> Story {
    let mut story = crowd();
    story.press(":").types("mark-filtered").press("Enter m");
    story
}

#[test]
fn after_the_last_line_up_moves_one_line() {
    let overlays = vec![
        ("help", opened(busy(), "?"), "End PgDn"),
        ("details", opened(busy(), "1 d"), "End PgDn"),
        ("evidence", evidence::shown(), "End PgDn"),
        // Other keys answer the question.
        ("names of a bulk act", bulk_question(), "Down Down Down Down Down Down Down Down Down Down Down Down"),
    ];
    for (what, mut story, to_the_end) in overlays {
        story.frame(60, 20).press(to_the_end).frame(60, 20);
        let last = offset(what, &story);
        let bottom = story.screen(60, 20);
        assert!((2..1_000).contains(&last), "{what}: {last} lines are scrolled out:\n{bottom}");
        // At the end every further step is without effect.
        story.press(to_the_end).press("Down").frame(60, 20);
        assert_eq!(offset(what, &story), last, "{what}");
        story.press("Up").frame(60, 20);
        assert_eq!(offset(what, &story), last - 1, "{what}");
        assert_ne!(story.screen(60, 20), bottom, "{what}");
        // A larger screen shows more, so less is scrolled out.
        story.press(to_the_end).frame(60, 21);
        assert!(offset(what, &story) < last, "{what}");
    }
}

#[test]
fn the_help_names_the_pane_as_its_rule_does_and_says_which_lines_it_shows() {
    let mut story = Story::seated();
    story.press("2 ?").frame(80, 24);
    let rule = |story: &Story| story.screen(80, 24).lines().find(|it| it.contains("Keys in")).unwrap().to_owned();
    let first = rule(&story);
    assert!(first.contains("Keys in Call 1, what works there first") && first.contains(" 1-"), "{first}");
    assert!(first.contains(" of "), "{first}");
    story.press("j").frame(80, 24);
    assert!(rule(&story).contains(" 2-"), "{}", rule(&story));
}
