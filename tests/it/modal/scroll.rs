//! Tests of overlays whose text is longer than the screen.

use callboard::desk::Modal;

use crate::board::screens::busy;
use crate::desk::bulk_acts::crowd;
use crate::modal::evidence;
use crate::support::desk_driver::Story;

/// How many lines of the open overlay are scrolled out above.
fn offset(story: &Story) -> usize {
    match story.desk.modal() {
        Modal::Help(help) => help.scroll(),
        Modal::Details(details) => details.scroll(),
        Modal::Evidence(evidence) => evidence.scroll(),
        Modal::Confirm(confirm) => confirm.many().unwrap().scroll(),
        other => panic!("{other:?} does not scroll"),
    }
}

fn opened(mut story: Story, keys: &str) -> Story {
    story.press(keys);
    story
}

#[test]
fn after_the_last_line_up_moves_one_line() {
    let overlays = [
        ("help", opened(busy(), "?")),
        ("details", opened(busy(), "1 Enter")),
        ("evidence", evidence::shown()),
        ("names of a bulk act", opened(crowd(), "2 g v G m")),
    ];
    for (what, mut story) in overlays {
        story.frame(60, 20).press("End").frame(60, 20);
        let last = offset(&story);
        let bottom = story.screen(60, 20);
        assert!((2..1_000).contains(&last), "{what}: {last} lines are scrolled out:\n{bottom}");
        // At the end every further step is without effect.
        story.press("Down PgDn PgDn").frame(60, 20);
        assert_eq!((offset(&story), story.screen(60, 20)), (last, bottom.clone()), "{what}");
        story.press("Up").frame(60, 20);
        assert_eq!(offset(&story), last - 1, "{what}");
        assert_ne!(story.screen(60, 20), bottom, "{what}");
        // A larger screen shows more, so less is scrolled out.
        story.press("End").frame(60, 21);
        assert!(offset(&story) < last, "{what}");
    }
}
