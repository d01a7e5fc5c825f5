//! Snapshots of every pane, modal and state at every relevant size and in every theme, with one file for each state.
//!
//! A file contains for each size the screen, and below it the roles of the cells' styles (see [`roles`]). One further
//! file lists the style of each role and sign in each theme. Every cell of every state in every theme is compared with
//! it.

mod legend;
mod roles;
mod states;

use callboard::screen::{Background, Theme, paint};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::support::desk_driver::Story;
use legend::Legend;
pub(crate) use states::STATES;
pub(crate) use states::{marked_after, presenting_after};

const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (120, 36), (200, 60)];

/// The themes, and the plainest look of all.
fn looks() -> Vec<(&'static str, Theme)> {
    let named = Theme::NAMES.iter().map(|it| (*it, Theme::named(it, Background::Dark).unwrap()));
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

/// In every state and size, no row exceeds its pane, no border is broken, and no control character is drawn.
#[test]
fn every_frame_is_whole_in_every_state() {
    for (name, state) in STATES {
        let story = state();
        for (columns, rows) in SIZES.into_iter().chain([(61, 21), (79, 23), (109, 30), (110, 29), (133, 41)]) {
            let screen = story.screen(columns, rows);
            let lines: Vec<&str> = screen.lines().map(drawn).collect();
            assert_eq!(lines.len(), usize::from(rows), "{name} at {columns}x{rows}");
            assert!(!screen.chars().any(|it| it != '\n' && it.is_control()), "{name} at {columns}x{rows}");
            for line in lines.iter().filter(|it| it.starts_with(['│', '┌', '└'])) {
                assert!(line.ends_with(['│', '┐', '┘']), "{name} at {columns}x{rows}: {line}");
            }
            let corner = |sign: char| screen.chars().filter(|it| *it == sign).count();
            let over = !matches!(story.desk.modal(), callboard::desk::Modal::None | callboard::desk::Modal::Filter(_));
            assert!(over || corner('┌') == corner('┘'), "{name} at {columns}x{rows}:\n{screen}");
        }
    }
}
