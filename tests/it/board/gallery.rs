//! Snapshots of every pane, modal and state at every relevant size and in every theme, with one file for each state.
//!
//! A file contains for each size the screen, and below it the roles of the cells' styles (see [`roles`]). One further
//! file lists the style of each role and sign in each theme. Every cell of every state in every theme
//! is compared with it.

mod legend;
mod roles;
mod states;

use callboard::screen::{TerminalBackground, Theme, paint};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::support::desk_driver::Story;
use legend::Legend;
pub(crate) use states::STATES;
pub(crate) use states::{marked_after, presenting_after};

const SIZES: [(u16, u16); 5] = [(60, 20), (80, 24), (120, 36), (160, 48), (200, 60)];

/// The themes, and the plainest look of all.
fn looks() -> Vec<(&'static str, Theme)> {
    let named = Theme::NAMES.iter().map(|it| (*it, Theme::named(it, TerminalBackground::Dark).unwrap()));
    named.chain([("mono, ascii", Theme::mono().in_ascii())]).collect()
}

fn painted(story: &Story, (columns, rows): (u16, u16), theme: &Theme) -> Buffer {
    let area = Rect::new(0, 0, columns, rows);
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, &story.desk, theme);
    // The second half of a wide letter is never sent to a terminal, so it counts like the first.
    for at in 1..buffer.content.len() {
        let before = &buffer.content[at - 1];
        if !before.symbol().is_ascii() && before.symbol().width() > 1 {
            let style = before.style();
            buffer.content[at].set_style(style);
        }
    }
    buffer
}

#[test]
fn every_state_at_every_size() {
    for (name, state) in STATES {
        let story = state();
        let screens = SIZES.map(|size| {
            let (columns, rows) = size;
            let roles = roles::told(&painted(&story, size, &roles::theme()));
            format!("{columns}x{rows}\n{}\n{roles}", story.screen(columns, rows))
        });
        insta::assert_snapshot!(*name, screens.join("\n"));
    }
}

#[test]
fn every_state_at_every_size_in_every_look() {
    let looks = looks();
    let mut legend = Legend::of(looks.iter().map(|(name, _)| *name).collect());
    for (name, state) in STATES {
        let story = state();
        for size in SIZES {
            let roles = painted(&story, size, &roles::theme());
            let looked: Vec<Buffer> = looks.iter().map(|(_, theme)| painted(&story, size, theme)).collect();
            legend.compare(&format!("{name} at {size:?}"), &roles, &looked);
        }
    }
    insta::assert_snapshot!("looks", legend.told());
}

/// A row as it was drawn, without what the backend says of wide letters.
fn drawn(line: &str) -> &str {
    line.split("\" Hidden by").next().unwrap().trim_matches('"')
}

/// In every state, at every size and in every look, nothing is drawn outside of the area that the board has, every
/// section's rule is whole, and no control character is drawn.
#[test]
fn every_frame_is_whole_in_every_state() {
    for (name, state) in STATES {
        let story = state();
        for (columns, rows) in SIZES.into_iter().chain([(61, 21), (79, 23), (109, 30), (110, 29), (133, 41)]) {
            let screen = story.screen(columns, rows);
            let lines: Vec<&str> = screen.lines().map(drawn).collect();
            assert_eq!(lines.len(), usize::from(rows), "{name} at {columns}x{rows}");
            assert!(!screen.chars().any(|it| it != '\n' && it.is_control()), "{name} at {columns}x{rows}");
            // A rule begins with a dash and a space, and what stands on it keeps a space to the left of each dash.
            for line in lines.iter().filter(|it| it.starts_with(['\u{2500}', '\u{2501}'])) {
                let letters: Vec<char> = line.chars().collect();
                for pair in letters.windows(2) {
                    let dash = |it: char| matches!(it, '\u{2500}' | '\u{2501}');
                    let apart = |it: char| dash(it) || matches!(it, ' ' | '\u{252c}' | '\u{2591}' | '\u{2588}');
                    let touches = dash(pair[0]) != dash(pair[1]) && !(apart(pair[0]) && apart(pair[1]));
                    assert!(!touches, "{name} at {columns}x{rows}: {line}");
                }
            }
        }
    }
}

#[test]
fn nothing_is_drawn_outside_of_the_board_in_any_look() {
    const MARGIN: u16 = 2;
    for (name, state) in STATES {
        let story = state();
        for (columns, rows) in [(60, 20), (80, 24), (120, 36), (160, 48), (200, 60)] {
            for (look, theme) in looks() {
                let around = Rect::new(0, 0, columns + 2 * MARGIN, rows + 2 * MARGIN);
                let area = Rect::new(MARGIN, MARGIN, columns, rows);
                let mut buffer = Buffer::filled(around, ratatui::buffer::Cell::new("@"));
                paint(&mut buffer, area, &story.desk, &theme);
                let outside = around.positions().filter(|it| !area.contains(*it));
                let odd: Vec<_> = outside.filter(|it| buffer[*it].symbol() != "@").collect();
                assert_eq!(odd, [], "{name} at {columns}x{rows} in {look}");
            }
        }
    }
}
