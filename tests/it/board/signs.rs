//! The legend of the help against the board: what is drawn is explained, and what is explained is drawn.

use std::collections::BTreeSet;

use callboard::desk::{COLUMNS, Modal};
use callboard::screen::LEGEND;

use crate::board::gallery::STATES;

/// Words in capitals that are no states: the relay's label, the zone, a bar's scale.
const NO_STATES: [&str; 3] = ["SIMULATOR", "UTC", "PROOF"];
/// What no state of the gallery draws: it lasts a moment, or needs a relay that refuses or two people of one name.
const NOT_IN_GALLERY: [&str; 12] = [
    "~",
    "live?",
    "FAILED",
    "SEEN",
    "ASKED",
    "SENDING",
    "SENT",
    "ACCEPTED",
    "EXPIRED",
    "NOT KNOWN",
    "LEFT",
    "UNCONFIRMED",
];

fn screens() -> Vec<(&'static str, String)> {
    let mut screens = Vec::new();
    for (name, state) in STATES {
        let story = state();
        if *story.desk.modal() == Modal::None {
            screens
                .extend([(80, 24), (120, 36), (200, 60)].map(|(columns, rows)| (*name, story.screen(columns, rows))));
        }
    }
    screens
}

/// The signs and words of the legend, one by one.
fn explained() -> BTreeSet<&'static str> {
    LEGEND.iter().flat_map(|it| it.signs.split(' ').chain([it.signs])).collect()
}

/// The signs in the columns of the mark and of the sign, and our drawing characters and words in capitals.
fn drawn_in(screen: &str) -> BTreeSet<String> {
    let mut drawn = BTreeSet::new();
    for line in screen.lines() {
        let cells: Vec<char> = line.trim_matches('"').chars().collect();
        if matches!(cells.first(), Some(' ' | '\u{258c}')) {
            let lead: String = cells.iter().skip(1).take(3).collect();
            drawn.extend(
                lead.split_whitespace()
                    .filter(|word| word.chars().all(|it| it.is_ascii_punctuation()))
                    .map(str::to_owned),
            );
        }
        drawn.extend(cells.iter().filter(|it| ('\u{2500}'..='\u{259f}').contains(*it)).map(ToString::to_string));
        let words = line.split(|it: char| !it.is_ascii_alphabetic());
        drawn.extend(
            words.filter(|word| word.len() > 2 && word.chars().all(|it| it.is_ascii_uppercase())).map(str::to_owned),
        );
    }
    drawn
}

#[test]
fn every_sign_and_word_of_the_board_is_in_the_legend() {
    let explained = explained();
    let letters: BTreeSet<char> = explained.iter().flat_map(|it| it.chars()).collect();
    let mut missing = BTreeSet::new();
    // Names from outside may be words in capitals.
    for (name, screen) in screens().into_iter().filter(|(name, _)| *name != "hostile") {
        for sign in drawn_in(&screen) {
            let heading = COLUMNS.iter().any(|it| it.heading == sign) || NO_STATES.contains(&sign.as_str());
            let drawing = sign.chars().all(|it| !it.is_ascii() && letters.contains(&it));
            // A word may be cut.
            let word = explained.iter().any(|it| it.starts_with(sign.as_str()));
            if !(heading || drawing || word) {
                missing.insert((sign, name));
            }
        }
    }
    assert!(missing.is_empty(), "the legend has no row for {missing:?}");
}

#[test]
fn every_sign_of_the_legend_is_drawn() {
    let screens = screens();
    // The digits of a time or a count stand for any.
    let is_drawn = |sign: &str| {
        let start = sign.trim_end_matches(|it: char| it.is_ascii_digit() || it == ':');
        screens.iter().any(|(_, screen)| screen.contains(start))
    };
    let signs = LEGEND.iter().filter(|it| it.signs.is_ascii()).flat_map(|it| match it.signs {
        phrase @ ("NO LINE" | "NOT LET IN" | "NOT KNOWN" | "READ ONLY" | "3x") => vec![phrase.trim_start_matches('3')],
        signs => signs.split(' ').collect(),
    });
    let missing: Vec<&str> = signs.filter(|it| !is_drawn(it) && !NOT_IN_GALLERY.contains(it)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
