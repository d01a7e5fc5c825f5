//! Takes the terminal, draws on it and restores it.
//!
//! A frame is one buffered write inside a synchronized update, and contains only the cells that differ from the frame
//! before. This file knows nothing of what it draws.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, MouseButton, MouseEvent,
    MouseEventKind,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::desk::{Desk, Event, Motion, NoticeMethod};
use crate::screen::{DisplayText, Theme, changes, has_room, hit_test, paint};

/// A terminal that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the terminal cannot be drawn on; run this command in a terminal, with input and output not redirected")]
pub struct TerminalError(#[from] io::Error);

/// The terminal that a console draws on.
///
/// Invariant: while it lives the terminal is in raw mode on the alternate screen; when it is dropped, or the program
/// panics, the terminal is as it was.
pub(super) struct TerminalScreen {
    out: CrosstermBackend<BufWriter<Stdout>>,
    shown: Buffer,
    next: Buffer,
    theme: Theme,
}

/// Larger than any frame, so that a frame is a single write.
const FRAME_BYTES: usize = 1 << 20;

impl TerminalScreen {
    /// Takes the terminal, and its mouse if `mouse` is set.
    pub(super) fn open(theme: &Theme, mouse: bool) -> Result<Self, TerminalError> {
        restore_on_panic();
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut screen = Self {
            out: CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, io::stdout())),
            shown: Buffer::default(),
            next: Buffer::default(),
            theme: *theme,
        };
        // A terminal may draw a character wider than we expect; without line wrap it cannot spill into the next row.
        execute!(screen.out, EnterAlternateScreen, EnableBracketedPaste, DisableLineWrap, Hide)?;
        if mouse {
            MOUSE.store(true, Ordering::SeqCst);
            execute!(screen.out, EnableMouseCapture)?;
        }
        screen.resize()?;
        Ok(screen)
    }

    /// The terminal's size as an event.
    pub(super) fn size(&self) -> Event {
        Event::Resized(self.shown.area.width, self.shown.area.height)
    }

    /// The event for a click or wheel step on a pane; `None` outside the panes.
    pub(super) fn mouse_event(&self, desk: &Desk, moved: MouseEvent) -> Option<Event> {
        let (pane, picked) = hit_test(self.shown.area, desk, (moved.column, moved.row))?;
        match moved.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Event::Clicked(pane, picked)),
            MouseEventKind::ScrollUp => Some(Event::Wheeled(pane, Motion::Up)),
            MouseEventKind::ScrollDown => Some(Event::Wheeled(pane, Motion::Down)),
            MouseEventKind::Down(_)
            | MouseEventKind::Up(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => None,
        }
    }

    /// Changes the colours from the next frame on.
    pub(super) fn set_theme(&mut self, theme: &Theme) {
        self.theme = *theme;
    }

    /// Reads the terminal's size; the next frame is drawn whole.
    pub(super) fn resize(&mut self) -> Result<(), TerminalError> {
        let (columns, rows) = size()?;
        let area = Rect::new(0, 0, columns, rows);
        self.shown = Buffer::empty(area);
        self.next = Buffer::empty(area);
        self.out.clear()?;
        Ok(())
    }

    /// Draws a desk; writes nothing when no cell has changed. Returns whether the terminal has room for a board: an open
    /// question is on the screen then.
    ///
    /// Fails when the terminal cannot be written, or a panic has restored it: it is not ours any more.
    pub(super) fn draw(&mut self, desk: &Desk) -> Result<bool, TerminalError> {
        if !TAKEN.load(Ordering::SeqCst) {
            return Err(io::Error::other("the terminal was restored after a panic").into());
        }
        self.next.reset();
        let area = self.next.area;
        paint(&mut self.next, area, desk, &self.theme);
        let changes = changes(&self.shown, &self.next);
        if !changes.is_empty() {
            queue!(self.out, BeginSynchronizedUpdate)?;
            for run in changes {
                self.out.draw(run.into_iter())?;
            }
            queue!(self.out, EndSynchronizedUpdate)?;
            Write::flush(&mut self.out)?;
        }
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(has_room(area))
    }
}

impl TerminalScreen {
    /// The longest text that is copied, in bytes. It is about 100,000 bytes in base64,
    /// and terminals drop longer sequences.
    const CLIP_BYTES: usize = 74_991;

    /// Asks the terminal to put a text on the clipboard (OSC 52), which the terminal's settings may forbid.
    ///
    /// A text that is too long is not copied at all, because half a command is a different command;
    /// then this returns the reason.
    pub(super) fn copy(&mut self, text: &str) -> Result<Option<String>, TerminalError> {
        let Some(sequence) = clipboard(text) else {
            let (long, most) = (text.len(), Self::CLIP_BYTES);
            return Ok(Some(format!("nothing was copied: it has {long} bytes, and terminals take {most} at most")));
        };
        self.write_sequence(&sequence)?;
        Ok(None)
    }

    /// Rings the bell or shows a desktop notification (OSC 9), depending on the method.
    pub(super) fn notify(&mut self, notice: NoticeMethod, text: &str) -> Result<(), TerminalError> {
        match notice {
            NoticeMethod::Off => Ok(()),
            NoticeMethod::Bell => self.write_sequence("\u{7}"),
            NoticeMethod::Osc9 => self.write_sequence(&notification(text)),
        }
    }

    /// Writes a control sequence outside a frame, while the terminal is ours.
    fn write_sequence(&mut self, sequence: &str) -> Result<(), TerminalError> {
        if TAKEN.load(Ordering::SeqCst) {
            self.out.write_all(sequence.as_bytes())?;
            Write::flush(&mut self.out)?;
        }
        Ok(())
    }
}

/// The sequence that sets the clipboard; `None` for a text that terminals would drop. Base64 keeps the text from
/// containing a sequence itself.
fn clipboard(text: &str) -> Option<String> {
    let encoded = || base64::engine::general_purpose::STANDARD.encode(text);
    (text.len() <= TerminalScreen::CLIP_BYTES).then(|| format!("\u{1b}]52;c;{}\u{1b}\\", encoded()))
}

/// The sequence of a desktop notification. The text is sanitised, so it can neither end the sequence nor start another.
fn notification(text: &str) -> String {
    format!("\u{1b}]9;{}\u{1b}\\", DisplayText::clean(text).as_str())
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether the terminal is ours; it is restored once.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the mouse is captured too.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Restores the terminal. Errors are ignored: the terminal may be gone.
fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    if MOUSE.swap(false, Ordering::SeqCst) {
        drop(execute!(out, DisableMouseCapture));
    }
    drop(execute!(out, EndSynchronizedUpdate, EnableLineWrap, DisableBracketedPaste, LeaveAlternateScreen, Show));
    drop(disable_raw_mode());
}

/// Restores the terminal before a panic prints its message.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous_hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            previous_hook(panic);
        }));
    });
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::*;

    #[test]
    fn a_copy_is_whole_or_not_at_all_and_its_text_is_no_sequence() {
        let hostile = "a\u{1b}]52;c;\u{7}b";
        let sequence = clipboard(hostile).unwrap();
        let text = sequence.strip_prefix("\u{1b}]52;c;").unwrap().strip_suffix("\u{1b}\\").unwrap();
        assert_eq!(base64::engine::general_purpose::STANDARD.decode(text).unwrap(), hostile.as_bytes());
        let most = "a".repeat(TerminalScreen::CLIP_BYTES);
        let whole = clipboard(&most).unwrap();
        assert!(whole.len() <= 100_000, "{}", whole.len());
        let text = whole.strip_prefix("\u{1b}]52;c;").unwrap().strip_suffix("\u{1b}\\").unwrap();
        assert_eq!(base64::engine::general_purpose::STANDARD.decode(text).unwrap(), most.as_bytes(), "never cut");
        assert_eq!(clipboard(&format!("{most}a")), None);
    }

    #[test]
    fn a_notice_is_one_sequence_whatever_a_name_holds() {
        let notice = notification("callboard: \u{1b}]52;c;eA==\u{7}Ada\u{9c}\u{202e}\n is on hold");
        let text = notice.strip_prefix("\u{1b}]9;").unwrap().strip_suffix("\u{1b}\\").unwrap();
        assert!(text.contains("Ada") && text.ends_with("is on hold"), "{text:?}");
        assert!(!text.chars().any(|it| it.is_control() || it == '\u{202e}'), "{text:?}");
        assert!(notification(&"long ".repeat(10_000)).len() < 2_000);
    }

    const PANICS: &str = "CALLBOARD_TEST_PANICS";

    /// The child of the test below: takes the terminal, and panics.
    #[test]
    fn child_that_panics() {
        if std::env::var_os(PANICS).is_some() {
            let _screen = TerminalScreen::open(&Theme::default(), true).unwrap();
            panic!("the child fails as it was told");
        }
    }

    #[test]
    fn a_panic_gives_the_terminal_back_before_it_says_a_word() {
        let pair =
            native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "--nocapture", "console::terminal::tests::child_that_panics"]);
        command.env(PANICS, "1");
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut written = Vec::new();
        // A pseudo-terminal whose last program has ended reads as an error.
        drop(pair.master.try_clone_reader().unwrap().read_to_end(&mut written));
        assert!(!child.wait().unwrap().success());
        let text = String::from_utf8_lossy(&written);
        let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what:?} in {text:?}"));
        assert!(at("\u{1b}[?1049h") < at("\u{1b}[?1049l") && at("\u{1b}[?1049l") < at("as it was told"));
        let mut emulator = vt100::Parser::new(24, 80, 0);
        emulator.process(&written);
        let screen = emulator.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "{text:?}");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "{text:?}");
    }
}
