//! What each grey, hue and bold says, in the `dark` theme: on a live board, on one without a line, and behind a question.

use callboard::desk::Event;
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use callboard::screen::{TerminalBackground, Theme, paint};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::screens::busy;
use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, ME, person};

fn dark() -> Theme {
    Theme::named("dark", TerminalBackground::Dark).unwrap()
}

/// A painted board.
struct Picture(Buffer);

impl Picture {
    fn of(story: &Story, theme: &Theme) -> Self {
        let area = Rect::new(0, 0, 120, 36);
        let mut buffer = Buffer::empty(area);
        paint(&mut buffer, area, &story.desk, theme);
        Self(buffer)
    }

    fn row(&self, row: u16) -> &[Cell] {
        let width = usize::from(self.0.area.width);
        &self.0.content[usize::from(row) * width..][..width]
    }

    /// The cells of the first place with this text, by rows.
    fn cells(&self, text: &str) -> &[Cell] {
        let letters: Vec<String> = text.chars().map(|it| it.to_string()).collect();
        let rows = (0..self.0.area.height).map(|it| self.row(it));
        let mut places = rows.flat_map(|row| row.windows(letters.len()));
        let found = places.find(|it| it.iter().map(Cell::symbol).eq(letters.iter().map(String::as_str)));
        found.unwrap_or_else(|| panic!("{text:?} is not drawn"))
    }

    /// Asserts that a text is drawn in the colour of a style, and bold or not.
    fn has(&self, text: &str, style: Style, bold: bool) -> &Self {
        for cell in self.cells(text).iter().filter(|it| it.symbol() != " ") {
            assert_eq!(Some(cell.fg), style.fg, "{text}");
            assert_eq!(cell.modifier.contains(Modifier::BOLD), bold, "{text}");
        }
        self
    }
}

/// A busy board with the presenter's notes, whose line broke; Waiting is focused.
fn frozen() -> Story {
    let mut story = busy();
    story.press("w").line_breaks("gone").after(12_000);
    story
}

#[test]
fn counts_and_operators_are_facts() {
    let theme = dark();
    let mut story = busy();
    story.press("w g");
    let picture = Picture::of(&story, &theme);
    picture.has("Waiting", theme.title, true).has("Calls", theme.facts, true);
    for row in [3, 9] {
        let count =
            picture.row(row).iter().find(|it| it.symbol().parse::<u8>().is_ok_and(|number| number != 1)).unwrap();
        assert_eq!(Some(count.fg), theme.facts.fg, "row {row}");
    }
    picture.has("notifications", theme.facts, false);
    picture.has("dana", theme.facts, false).has(" (you), ", theme.quiet, false).has("lee   ", theme.facts, false);
}

#[test]
fn only_a_release_in_progress_is_bright_among_the_reasons() {
    let theme = dark();
    let mut story = busy();
    story.press("w g j");
    Picture::of(&story, &theme).has("on hold by you", theme.facts, false);
    story.press("r y").accepted();
    Picture::of(&story, &theme).has("release asked, op", theme.text, false);
    story.press("k");
    Picture::of(&story, &theme).has("release asked, op", theme.facts, false);
}

#[test]
fn a_selected_row_has_no_text_in_the_grey_of_labels() {
    let theme = dark();
    for keys in ["1 g", "2 g", "3 g", "w g", ":"] {
        let mut story = busy();
        story.press(keys);
        let picture = Picture::of(&story, &theme);
        let chosen: Vec<&Cell> = picture.0.content.iter().filter(|it| Some(it.bg) == theme.selected.bg).collect();
        assert!(chosen.len() > 20, "{keys}: nothing is selected");
        let quiet = chosen.iter().find(|it| it.symbol() != " " && Some(it.fg) == theme.quiet.fg);
        assert!(quiet.is_none(), "{keys}: {quiet:?}");
    }
}

#[test]
fn the_header_says_in_white_that_there_is_no_line() {
    let theme = dark();
    let mut story = frozen();
    let [first, second] = theme.stale;
    let bright = |story: &Story| {
        let picture = Picture::of(story, &theme);
        picture.has("SIMULATOR", theme.title, true).has("NO LINE", theme.title, true);
        picture.has("acts are off", theme.text, false).has("dana (you)", second, false).has(" UTC", second, false);
        let clock = picture.row(0).iter().filter(|it| Some(it.fg) == theme.text.fg && it.symbol() == ":").count();
        assert_eq!(clock, 2, "the time");
        picture.has("1 too long", first, false).has("1 long", first, false).has(" on hold", second, false);
    };
    bright(&story);
    story.press(":").types("force mute").press("Enter");
    assert!(story.desk.modal().asks());
    bright(&story);
}

#[test]
fn only_what_is_wrong_is_bold_in_the_band() {
    let story = frozen();
    let bold = |theme: &Theme| -> String {
        let picture = Picture::of(&story, theme);
        let bold = picture.row(2).iter().filter(|it| it.modifier.contains(Modifier::BOLD));
        bold.map(Cell::symbol).collect::<String>().trim().to_owned()
    };
    for name in ["dark", "light", "mono"] {
        assert_eq!(bold(&Theme::named(name, TerminalBackground::Dark).unwrap()), "NO LINE for 0:12", "{name}");
    }
    // Thin words have too little contrast on the red of some palette.
    assert!(bold(&Theme::default()).contains("acts are off"));
    let band = dark().chips[1].bg;
    assert!(Picture::of(&story, &dark()).row(2).iter().all(|it| Some(it.bg) == band), "the band reaches both edges");
}

#[test]
fn a_board_without_a_line_has_two_greys_no_bold_and_a_blue_cursor() {
    let theme = dark();
    let [first, second] = theme.stale.map(|it| it.fg.unwrap());
    let picture = Picture::of(&frozen(), &theme);
    let mut selected = 0;
    for y in 3..34 {
        for cell in picture.row(y).iter().filter(|it| it.symbol() != " ") {
            assert!(!cell.modifier.contains(Modifier::BOLD), "row {y}: {cell:?}");
            let known = [Some(first), Some(second), theme.line.fg, theme.focus.fg].contains(&Some(cell.fg));
            assert!(known, "row {y}: {cell:?}");
            if Some(cell.bg) == theme.sheet.bg {
                selected += 1;
                assert!(cell.fg == first || ["\u{258c}", "\u{2502}"].contains(&cell.symbol()), "row {y}: {cell:?}");
            }
        }
    }
    assert!(selected > 20, "no row is selected");
    picture.has("\u{2501} w", theme.focus, false).has("Waiting", theme.stale[0], false);
    picture.has("Calls", theme.stale[1], false).has("CONFIRMED", theme.stale[1], false);
}

#[test]
fn the_notes_are_grey_without_a_line() {
    let theme = dark();
    let mut story = super::gallery::presenting_after("D D");
    let at = |story: &Story| {
        let picture = Picture::of(story, &theme);
        ["SAY", "DO "].map(|it| picture.cells(it)[0].fg)
    };
    assert_eq!(at(&story).map(Some), [theme.quiet.fg; 2]);
    story.line_breaks("gone").after(2_000);
    assert_eq!(at(&story).map(Some), [theme.stale[1].fg; 2]);
}

#[test]
fn the_card_leaves_it_to_the_band_that_acts_are_off() {
    let mut story = busy();
    story.selects("Bob").line_breaks("gone").after(2_000);
    let screen = story.screen(120, 36);
    assert!(screen.contains("lee") || screen.contains("Bob, "), "{screen}");
    assert!(!screen.contains("  off  ") && !screen.contains("m mute"), "{screen}");
}

#[test]
fn a_card_shows_all_acts_or_none() {
    let mut story = busy();
    story.happens(Event::Resized(120, 30)).selects("Bob");
    let mut seen = [false; 2];
    for rows in 24..48 {
        let screen = story.screen(120, rows);
        let shown = ["m mute     one way", "X remove   asks", "H hold     not now"].map(|it| screen.contains(it));
        assert!(shown[0] == shown[1] && shown[1] == shown[2], "{rows} rows\n{screen}");
        seen[usize::from(shown[0])] = true;
    }
    assert_eq!(seen, [true; 2], "there is room in large terminals only");
}

#[test]
fn behind_a_question_all_but_its_target_and_the_waits_is_thin_and_grey() {
    let theme = dark();
    let mut story = busy();
    story.press("w g j r");
    let [first, second] = theme.stale;
    let picture = Picture::of(&story, &theme);
    picture.has("SIMULATOR", first, false).has("LIVE", first, false).has(", no known gaps", second, false);
    picture.has("dana", first, false).has("E. Fox", first, false).has("Calls", first, false);
    picture.has("1 too long", theme.chips[1], false).has("Chen Wei", first, false);
    // The pane keeps its heavy rule, and its cursor is white.
    picture.has("\u{2501} w", second, false).has("Bob", theme.text, false);
    assert_eq!(Some(picture.row(5)[0].fg), theme.text.fg);
    assert_eq!(Some(picture.row(5)[0].bg), theme.selected.bg);
    let time = picture.row(5).iter().find(|it| it.symbol() == ":").unwrap();
    assert!(time.modifier.contains(Modifier::BOLD), "the row of the target stays as it was: {time:?}");
    // Who else waits keeps the colour of the level, without bold.
    let fox = picture.row(4);
    let hues: Vec<Color> = [theme.late[0], theme.late[1]].iter().filter_map(|it| it.fg).collect();
    let time = fox.iter().find(|it| it.symbol() == ":").unwrap();
    assert!(hues.contains(&time.fg) && !time.modifier.contains(Modifier::BOLD), "{time:?}");
    // On the sheet, names and the answer are white; what follows is a fact, and the request a label.
    picture.has("the music stops", theme.facts, false).has("POST /", theme.quiet, false);
    picture.has("stopHoldMusic", theme.quiet, false).has("nothing is sent yet", theme.quiet, false);
}

/// A desk whose relay has this label.
fn labelled(label: &str) -> Story {
    let mut story = busy();
    let now = story.history.now();
    story
        .fed(FeedEvent::Hello(HelloFrame {
            label: label.into(),
            operator: "dana".into(),
            role: Role::Operator,
            now,
            ..HelloFrame::default()
        }))
        .fed(FeedEvent::CaughtUp);
    story
}

#[test]
fn the_header_drops_the_seed_before_it_cuts_the_scenario() {
    let story = labelled("SIMULATOR reopening-day seed 42");
    let first = |width: u16| story.screen(width, 24).lines().next().unwrap().trim_matches('"').to_owned();
    assert!(first(120).starts_with("  SIMULATOR reopening-day seed 42  "), "{}", first(120));
    for width in [60, 70, 80, 100] {
        let line = first(width);
        assert!(line.starts_with("  SIMULATOR reopening-day  "), "{line}");
        assert!(line.contains("LIVE") && line.contains("asks first") && line.contains("UTC"), "{line}");
    }
    let named = labelled("SIMULATOR the long way to seed money");
    assert!(named.screen(80, 24).contains("SIMULATOR the long way ..  "), "{}", named.screen(80, 24));
}

#[test]
fn a_small_confirm_says_in_brief_what_follows() {
    let mut story = busy();
    story.press("w g j r");
    assert!(story.screen(120, 36).contains("the music stops and Bob is back in the call; u puts the hold back"));
    let mut story = Story::seated();
    story.bob_held();
    let name = "Bartholomew Stone";
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada"), person(BOB, name)]);
    story.catches_up().press("w g r");
    let screen = story.screen(80, 24);
    let then = screen.lines().find(|it| it.contains("  then  ")).unwrap();
    assert!(then.contains("the music stops; u puts the hold back  "), "{screen}");
    // The same where not all lines fit.
    story.presence("lee");
    let screen = story.screen(80, 24);
    assert!(screen.contains("the music stops; u puts the hold back  ") && screen.contains("scroll"), "{screen}");
}
