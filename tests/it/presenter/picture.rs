//! The picture of the README is what the program draws.

use callboard::demo::{DemoSettings, picture};
use callboard::screen::{TerminalBackground, Theme};
use callboard::sim::{Scenario, SimSettings};

/// How often the picture is drawn before it counts as out of date. The prelude is played through the real intake, so
/// that a notification may come a moment later in one run of several.
const TRIES: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_of_the_readme_is_up_to_date() {
    let theme = Theme::named("dark", TerminalBackground::Dark).unwrap();
    let shown = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/board.svg")).unwrap();
    let mut drawn = String::new();
    for _ in 0..TRIES {
        let scenario = Scenario::named(Scenario::DEFAULT).unwrap().unwrap();
        let settings = DemoSettings { scenario, seed: 42, speed: 0.0, faults: SimSettings::default() };
        drawn = picture(settings, (120, 36), &theme).await.unwrap();
        if drawn == shown {
            return;
        }
    }
    let differs = drawn.lines().zip(shown.lines()).find(|(one, other)| one != other);
    panic!("assets/board.svg is out of date; draw it again with `callboard picture > assets/board.svg`: {differs:?}");
}
