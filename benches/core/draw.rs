//! Drawing a frame of a floor with many people, compared with few people. Only visible rows may cost time.

use std::hint::black_box;

use callboard::desk::{Desk, DeskSetup, Event, Stamped, update};
use callboard::protocol::FeedEvent;
use callboard::screen::{Theme, paint};
use callboard::time::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::fold::Crowd;
use crate::rounds::compare;

const CALLS: [usize; 2] = [100, 100_000];

/// A desk with a floor, and the buffer for its frames.
struct Screen {
    desk: Desk,
    buffer: Buffer,
    theme: Theme,
}

impl Screen {
    fn of(calls: usize, (columns, rows): (u16, u16)) -> Self {
        let mut desk = Desk::new(DeskSetup::default());
        let floor = Box::new(Crowd::of(calls).floor);
        let at = floor.at();
        update(
            &mut desk,
            Stamped { at, wall: Timestamp(0), read: None, event: Event::Fed(FeedEvent::Snapshot(floor)) },
        );
        update(&mut desk, Stamped { at, wall: Timestamp(0), read: None, event: Event::Fed(FeedEvent::CaughtUp) });
        Self { desk, buffer: Buffer::empty(Rect::new(0, 0, columns, rows)), theme: Theme::default() }
    }

    fn draw(&mut self) {
        self.buffer.reset();
        let area = self.buffer.area;
        paint(black_box(&mut self.buffer), area, &self.desk, &self.theme);
    }
}

#[divan::bench(args = CALLS)]
fn a_frame_at_120x36(bencher: divan::Bencher<'_, '_>, calls: usize) {
    let mut screen = Screen::of(calls, (120, 36));
    bencher.bench_local(|| screen.draw());
}

pub(crate) fn ratios() {
    for size in [(120, 36), (240, 67)] {
        let [mut few, mut many] = CALLS.map(|calls| Screen::of(calls, size));
        let row = format!("draw {}x{} over 400,000 people (vs 400)", size.0, size.1);
        compare(&row, 1.05, || few.draw(), || many.draw());
    }
}
