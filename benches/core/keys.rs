//! A key press, a changed call and a second that passes, each with its frame, on a floor of 50,000 calls of four people
//! in the default order, sorted and filtered. Prints the median and the 99th percentile.

use std::hint::black_box;
use std::time::Instant;

use callboard::desk::{Desk, DeskSetup, Event, Filter, Pane, PaneSort, Stamped, update};
use callboard::floor::Entry;
use callboard::protocol::FeedEvent;
use callboard::screen::{Theme, paint};
use callboard::time::{Millis, Timestamp};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::fold::Crowd;

const CALLS: usize = 50_000;
const TIMES: usize = 200;
/// The goal for a key press with its frame, in milliseconds.
const GOAL: f64 = 16.0;

/// A desk over the crowd, at 120x36.
struct Board {
    desk: Desk,
    crowd: Crowd,
    buffer: Buffer,
    now: Timestamp,
}

impl Board {
    fn of(setup: DeskSetup) -> Self {
        let crowd = Crowd::of(CALLS);
        let now = crowd.floor.at();
        let buffer = Buffer::empty(Rect::new(0, 0, 120, 36));
        let mut board = Self { desk: Desk::new(setup), crowd, buffer, now };
        let floor = Box::new(board.crowd.floor.clone());
        board.happens(Event::Fed(FeedEvent::Snapshot(floor)));
        board.happens(Event::Fed(FeedEvent::CaughtUp));
        board.happens(Event::Resized(120, 36));
        board
    }

    /// Handles an event 50 ms after the last one, draws, and returns the milliseconds.
    fn happens(&mut self, event: Event) -> f64 {
        self.now = self.now + Millis(50);
        let begin = Instant::now();
        black_box(update(&mut self.desk, Stamped { at: self.now, wall: self.now, read: None, event }));
        self.buffer.reset();
        let area = self.buffer.area;
        paint(black_box(&mut self.buffer), area, &self.desk, &Theme::default());
        begin.elapsed().as_secs_f64() * 1e3
    }

    fn change(&mut self) -> f64 {
        let entry: Entry = self.crowd.next_entry();
        self.happens(Event::Fed(FeedEvent::Entries(vec![entry])))
    }
}

pub(crate) fn figures() {
    let sort = |name: &str| {
        let by = callboard::desk::Column::of(Pane::Calls).find(|it| it.name == name).expect("there is such a column");
        DeskSetup { sorts: vec![(Pane::Calls, PaneSort { by, reversed: false })], ..DeskSetup::default() }
    };
    let filter = |text: &str| {
        let filter = Filter::parse(Pane::Calls, text).ok().flatten().expect("the filter is valid");
        DeskSetup { filters: vec![(Pane::Calls, filter)], ..DeskSetup::default() }
    };
    let boards = [
        ("default order", DeskSetup::default()),
        ("sorted by subject", sort("subject")),
        ("sorted by alert", sort("alert")),
        ("filtered by a name", filter("person:somebody number:7")),
        ("filtered by muted", filter("is:muted")),
    ];
    println!("\n{:<48} {:>12} {:>12}   goal", "50,000 calls of 4 people, with the frame", "median", "p99");
    for (name, setup) in boards {
        let mut board = Board::of(setup);
        // The first of these keys goes far down, so that the steps are in the middle of the list.
        board.happens(Event::Pressed(KeyEvent::from(KeyCode::End)));
        let key =
            |at: usize| Event::Pressed(KeyEvent::from(if at.is_multiple_of(3) { KeyCode::Down } else { KeyCode::Up }));
        print(&format!("{name}: k or j"), (0..TIMES).map(|at| board.happens(key(at))).collect());
        print(&format!("{name}: one changed call"), (0..TIMES).map(|_| board.change()).collect());
        print(&format!("{name}: a second passes"), (0..TIMES / 4).map(|_| board.happens(Event::Ticked)).collect());
    }
}

fn print(row: &str, mut figures: Vec<f64>) {
    figures.sort_by(f64::total_cmp);
    let (median, p99) = (figures[figures.len() / 2], figures[figures.len() * 99 / 100]);
    println!("{row:<48} {median:>9.2} ms {p99:>9.2} ms   <= {GOAL} ms");
}
