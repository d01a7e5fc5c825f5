//! What stays where it is: the columns of the panes through ten busy minutes, and the rows after a key.

use callboard::desk::Event;
use callboard::floor::Act;
use callboard::screen::{Theme, paint};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ME, but, person};

/// A generator of numbers that are the same in every run (a linear congruential one, with Knuth's factors).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }
}

/// Who is in the call of the floor that is played, and how.
#[derive(Clone, Default)]
struct Guest {
    here: bool,
    muted: bool,
    lobby: bool,
    /// The direction of the main audio.
    direction: &'static str,
}

/// A floor on which something happens every second: people come, wait, are muted and leave; calls begin, ring and end.
struct BusyFloor {
    story: Story,
    dice: Dice,
    guests: Vec<Guest>,
    calls: u64,
}

const NAMES: [&str; 12] = [
    "Ada Byrne",
    "Bob",
    "Maximiliane von Hohenstein-Wolfenbüttel",
    "+44 20 7946 1188",
    "Li",
    "陳偉",
    "Chen Wei",
    "E. Fox",
    "Support desk of the northern region",
    "Ng",
    "Dee Ruiz",
    "Ruth Lange",
];

impl BusyFloor {
    fn new(seed: u64) -> Self {
        Self { story: Story::seated(), dice: Dice(seed), guests: vec![Guest::default(); NAMES.len()], calls: 0 }
    }

    fn second(&mut self) {
        self.story.after(1_000);
        for _ in 0..=self.dice.below(3) {
            match self.dice.below(6) {
                0 | 1 => self.someone_changes(),
                2 | 3 => self.a_call_changes(),
                4 => self.someone_acts(),
                _ => {}
            }
        }
        self.story.catches_up();
    }

    fn someone_changes(&mut self) {
        let at = usize::try_from(self.dice.below(NAMES.len() as u64)).unwrap();
        let guest = &mut self.guests[at];
        *guest = Guest {
            here: !self.dice.one_in(4),
            muted: self.dice.one_in(3),
            direction: if self.dice.one_in(3) { "inactive" } else { "sendReceive" },
            lobby: self.dice.one_in(5),
        };
        let mut people: Vec<Value> = vec![person(ME, "Callboard")];
        for (at, guest) in self.guests.iter().enumerate().filter(|(_, it)| it.here) {
            let so = json!({
                "isMuted": guest.muted, "isInLobby": guest.lobby, "mediaStreams": {"direction": guest.direction},
            });
            people.push(but(person(&format!("66660000-0000-0000-0000-{at:012}"), NAMES[at]), &so));
        }
        self.story.history.roster(&people);
    }

    fn a_call_changes(&mut self) {
        let begins = self.calls < 6 || self.dice.one_in(3);
        let number = if begins { self.calls } else { self.dice.below(self.calls) };
        self.calls += u64::from(begins);
        let subject = "Support / a subject that is long ".repeat(usize::try_from(number % 3).unwrap());
        let states = ["incoming", "establishing", "established", "established", "terminating", "terminated"];
        let state = states[usize::try_from(self.dice.below(6)).unwrap()];
        let change = match (begins, state) {
            (true, _) => "created",
            (false, "terminated") => "deleted",
            (false, _) => "updated",
        };
        self.story.history.notified(&json!({
            "changeType": change, "resourceUrl": format!("/communications/calls/77770000-0000-0000-0000-{number:012}"),
            "resourceData": {"state": state, "subject": format!("{subject}{number}"), "chatInfo": {"threadId": "19:x@thread.v2"}},
        }));
    }

    fn someone_acts(&mut self) {
        let ticket = format!("ticket {}", self.story.history.now().0 + i64::try_from(self.dice.below(999)).unwrap());
        let at = self.dice.below(NAMES.len() as u64);
        let acts = [Act::Mute, Act::Hold, Act::Release, Act::Remove];
        let act = acts[usize::try_from(self.dice.below(4)).unwrap()];
        self.story.history.asked(&ticket, act, Some(&format!("66660000-0000-0000-0000-{at:012}")));
        let status = [200, 202, 403][usize::try_from(self.dice.below(3)).unwrap()];
        self.story.history.replied(&ticket, status, &json!({"id": ticket, "status": "running"}));
    }
}

/// The letters of each row of a screen, a cell each.
fn cells(story: &Story, (columns, rows): (u16, u16)) -> Vec<Vec<String>> {
    let area = Rect::new(0, 0, columns, rows);
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, &story.desk, &Theme::mono());
    buffer.content.chunks(columns.into()).map(|row| row.iter().map(|it| it.symbol().to_owned()).collect()).collect()
}

fn found(row: &[String], word: &str, from: usize) -> Option<usize> {
    let letters: Vec<String> = word.chars().map(String::from).collect();
    (from..row.len().saturating_sub(letters.len() - 1)).find(|at| row[*at..*at + letters.len()] == letters[..])
}

/// A pane at one size: the key and name on its rule, its first column, where its headings begin, and the columns,
/// counted from its first, that are blank on each of its rows because no cell has them.
struct Placed {
    title: &'static str,
    left: usize,
    headings: &'static [(&'static str, usize)],
    gaps: &'static [usize],
}

const NARROW: &[Placed] = &[
    Placed { title: "w Waiting", left: 0, headings: &[], gaps: &[7, 8, 31, 54] },
    Placed {
        title: "1 Calls",
        left: 0,
        headings: &[("STATE", 41), ("IN", 57), ("WAIT", 60), ("MUTED", 66), ("MIN", 75)],
        gaps: &[7, 8, 40, 54, 55, 59, 64, 65, 71, 72, 78, 79],
    },
    Placed {
        title: "2 Call ",
        left: 0,
        headings: &[("MIC", 41), ("WAITS", 60), ("MIN", 75)],
        gaps: &[4, 5, 6, 7, 8, 38, 39, 40, 65, 66, 67, 78, 79],
    },
    Placed { title: "3 Operations", left: 0, headings: &[("PROOF", 41)], gaps: &[1, 2, 7, 8, 15, 40] },
];

const WIDE: &[Placed] = &[
    Placed { title: "w Waiting", left: 0, headings: &[], gaps: &[7, 8, 37, 71, 72, 95, 119] },
    Placed {
        title: "1 Calls",
        left: 0,
        headings: &[("STATE", 30), ("IN", 43), ("WAIT", 46), ("MUTED", 51), ("MIN", 57)],
        gaps: &[7, 8, 29, 45, 50, 56],
    },
    Placed {
        title: "2 Call ",
        left: 62,
        headings: &[("MIC", 94), ("WAITS", 109), ("MIN", 116)],
        gaps: &[4, 24, 31, 52, 57],
    },
    Placed { title: "3 Operations", left: 0, headings: &[("PROOF", 41)], gaps: &[1, 2, 7, 8, 15, 40] },
    Placed { title: "4 Floor", left: 62, headings: &[], gaps: &[0, 1, 14, 15] },
];

/// The rows of a pane below its rule: down to the next rule, the first blank row, or the message.
fn rows_below(cells: &[Vec<String>], rule: usize, left: usize, width: usize) -> Vec<Vec<String>> {
    // The last two rows are the message and the keys.
    let cells = &cells[..cells.len() - 2];
    let part = |row: &Vec<String>| row[left..(left + width).min(row.len())].to_vec();
    let goes_on = |row: &Vec<String>| {
        row.iter().any(|it| it != " ")
            && row[2..5].concat() != "op "
            && !matches!(row[0].as_str(), "\u{2500}" | "\u{2501}")
    };
    cells[rule + 1..].iter().map(part).take_while(goes_on).collect()
}

#[test]
fn no_column_moves_through_ten_busy_minutes() {
    let sizes = [((80, 24), NARROW, 80), ((120, 36), WIDE, 60), ((200, 60), WIDE, 60)];
    let mut floor = BusyFloor::new(7);
    floor.story.press("1 g");
    let mut seen = [0_usize; 3];
    for second in 0..600 {
        floor.second();
        for (at, (size, panes, width)) in sizes.into_iter().enumerate() {
            floor.story.happens(Event::Resized(size.0, size.1));
            let cells = cells(&floor.story, size);
            for pane in panes {
                let rule = cells.iter().position(|row| found(row, pane.title, pane.left) == Some(pane.left + 2));
                let rule = rule.unwrap_or_else(|| panic!("no {} at {size:?}:\n{}", pane.title, shown(&cells)));
                for (heading, column) in pane.headings {
                    let at = found(&cells[rule], &format!(" {heading} "), pane.left + 9).map(|it| it + 1);
                    let at = at.or_else(|| found(&cells[rule], heading, column - 1));
                    assert_eq!(at, Some(*column), "{heading} at {size:?}, second {second}:\n{}", shown(&cells));
                }
                let whole = if pane.title.starts_with('w') { usize::from(size.0).min(120) } else { width };
                let rows = rows_below(&cells, rule, pane.left, whole);
                // A section that is empty says so, in a text that has no columns.
                let table = rows.iter().filter(|row| !row[9..].join("").starts_with("no"));
                for row in table.filter(|_| size.1 < 48 || !pane.title.starts_with('3')) {
                    seen[at] += 1;
                    for gap in pane.gaps {
                        let blank = matches!(row[*gap].as_str(), " " | "\u{2502}");
                        assert!(
                            blank,
                            "{} has {:?} in column {gap}, second {second}:\n{}",
                            pane.title,
                            row[*gap],
                            shown(&cells)
                        );
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|it| *it > 5_000), "the floor was busy: {seen:?}");
}

fn shown(cells: &[Vec<String>]) -> String {
    cells.iter().map(|it| it.concat()).collect::<Vec<_>>().join("\n")
}

/// What stands on the rows: the calls, those who wait, and the people of the call.
fn order(story: &Story) -> (Vec<String>, Vec<String>, Vec<String>) {
    let calls = story.desk.calls().map(|it| it.id.to_string()).collect();
    let waiting = story.desk.waiting().iter().map(|it| it.person.id.to_string()).collect();
    (calls, waiting, story.desk.participants().iter().map(|it| format!("{:?}", it.id())).collect())
}

/// The rows of `before` that are still there stand in the same order in `after`, and nothing new stands above them.
fn keeps(before: &[String], after: &[String]) -> bool {
    let stayed: Vec<&String> = before.iter().filter(|it| after.contains(it)).collect();
    after.iter().take(stayed.len()).collect::<Vec<_>>() == stayed
}

#[test]
fn no_row_moves_within_a_second_and_a_half_of_a_key() {
    let mut floor = BusyFloor::new(11);
    for _ in 0..120 {
        floor.second();
    }
    let mut moved = 0;
    for round in 0..150 {
        let key = ["1", "2", "j", "k", "w"][round % 5];
        floor.story.press(key);
        let held = order(&floor.story);
        // Two changes within 1.4 s of the key.
        for _ in 0..2 {
            floor.story.after(700);
            floor.someone_changes();
            floor.a_call_changes();
            floor.story.catches_up();
            let now = order(&floor.story);
            assert!(keeps(&held.0, &now.0), "{key}: {:?}, then {:?}", held.0, now.0);
            assert!(keeps(&held.1, &now.1), "{key}: {:?}, then {:?}", held.1, now.1);
            assert!(keeps(&held.2, &now.2), "{key}: {:?}, then {:?}", held.2, now.2);
        }
        let before = order(&floor.story);
        floor.story.after(2_000);
        moved += usize::from(order(&floor.story) != before);
    }
    assert!(moved > 20, "later the rows take their places: {moved}");
}
