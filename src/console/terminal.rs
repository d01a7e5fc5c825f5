//! The terminal: taken, drawn on, and given back as it was found.
//!
//! A frame is one buffered write between the marks of a synchronized update, and is written only where it differs
//! from the one before. It knows nothing of what it draws.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode, size,
};
use crossterm::{execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::desk::{Desk, Event};
use crate::screen::{Theme, paint};

/// A terminal that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the terminal cannot be drawn on; run this command in a terminal, with input and output not redirected")]
pub struct TerminalError(#[from] io::Error);

/// The screen of a console.
///
/// Invariant: while it lives the terminal is in raw mode on the alternate screen; when it is dropped, or the program
/// panics, the terminal is as it was.
pub(super) struct Screen {
    out: CrosstermBackend<BufWriter<Stdout>>,
    shown: Buffer,
    next: Buffer,
    theme: Theme,
}

/// Larger than any frame, so that each is one write.
const FRAME_BYTES: usize = 1 << 20;

impl Screen {
    /// Takes the terminal.
    pub(super) fn open(theme: &Theme) -> Result<Self, TerminalError> {
        restore_on_panic();
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut screen = Self {
            out: CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, io::stdout())),
            shown: Buffer::default(),
            next: Buffer::default(),
            theme: *theme,
        };
        execute!(screen.out, EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        screen.resize()?;
        Ok(screen)
    }

    /// The size, as an event.
    pub(super) fn size(&self) -> Event {
        Event::Resized(self.shown.area.width, self.shown.area.height)
    }

    /// Takes the terminal's size anew; the next frame is drawn whole.
    pub(super) fn resize(&mut self) -> Result<(), TerminalError> {
        let (columns, rows) = size()?;
        let area = Rect::new(0, 0, columns, rows);
        self.shown = Buffer::empty(area);
        self.next = Buffer::empty(area);
        self.out.clear()?;
        Ok(())
    }

    /// Draws a desk; writes nothing when nothing visible changed.
    ///
    /// Fails once a panic anywhere has given the terminal back: nothing is drawn on a terminal that is not ours.
    pub(super) fn draw(&mut self, desk: &Desk) -> Result<(), TerminalError> {
        if !TAKEN.load(Ordering::SeqCst) {
            return Err(io::Error::other("it was given back when a part of the program failed").into());
        }
        self.next.reset();
        let area = self.next.area;
        paint(&mut self.next, area, desk, &self.theme);
        let changes = self.shown.diff(&self.next);
        if !changes.is_empty() {
            queue!(self.out, BeginSynchronizedUpdate)?;
            self.out.draw(changes.into_iter())?;
            queue!(self.out, EndSynchronizedUpdate)?;
            Write::flush(&mut self.out)?;
        }
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether the terminal is ours: it is given back once.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back. Nothing can be done about a terminal that is gone.
fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    drop(execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, Show));
    drop(disable_raw_mode());
}

/// Gives the terminal back before a panic says a word.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told_before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            told_before(panic);
        }));
    });
}
