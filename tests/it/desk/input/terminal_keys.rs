//! The keys and events that concern the terminal alone: they change nothing at the desk.

use callboard::desk::{Effect, Event, Keymap, SettingsUpdate};

use crate::support::desk_driver::Story;

#[test]
fn redraw_and_suspend_work_over_everything_and_change_nothing() {
    for presses in ["1", "2 g m", "2 g X", "?", "? /", ":", "/", "1 Enter", "1 i", "w", "S", "V", "F", "B"] {
        let mut story = Story::on_stage(false);
        story.bob_held().press(presses);
        story.happens(Event::TerminalWarned("the terminal sent 2 bytes".into()));
        let before = format!("{:?} {:?}", story.desk.modal(), story.desk.message());
        for (press, effect) in [("ctrl-l", Effect::Redraw), ("ctrl-z", Effect::Suspend)] {
            story.effects.clear();
            story.press(press);
            assert_eq!(story.effects, [effect], "{press} after {presses}");
            assert_eq!(
                format!("{:?} {:?}", story.desk.modal(), story.desk.message()),
                before,
                "{press} after {presses}"
            );
        }
        // The hold of Bob that the story begins with.
        story.has_sent(1);
    }
}

#[test]
fn keys_of_the_settings_win_and_letters_stay_text() {
    let wishes = [("help", vec!["ctrl-l".to_owned()]), ("suspend", vec!["Z".to_owned()])];
    let keymap = Keymap::with(wishes).unwrap();
    let mut story = Story::seated();
    let setup = callboard::desk::DeskSetup { keymap, ..callboard::desk::DeskSetup::default() };
    let setup = Some(Box::new(setup));
    story.happens(Event::SettingsChanged(SettingsUpdate { setup, said: String::new(), warning: false }));
    story.effects.clear();
    story.press("ctrl-l").shows("Keys in").press("Esc");
    assert!(!story.effects.contains(&Effect::Redraw), "the press is the help's now");
    story.press("/").types("Zoe").shows("Zoe");
    assert!(!story.effects.contains(&Effect::Suspend), "a letter is typed");
    story.press("Esc Z");
    assert!(story.effects.contains(&Effect::Suspend));
}

#[test]
fn what_the_terminal_does_is_said() {
    let mut story = Story::seated();
    story.happens(Event::TerminalWarned("ignored 2 bytes from the terminal that are not a key".into()));
    story.shows("ignored 2 bytes");
}
