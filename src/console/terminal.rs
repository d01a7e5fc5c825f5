//! Takes the terminal, draws on it and restores it.
//!
//! A frame is one buffered write inside a synchronized update, and contains only the cells that differ from the frame
//! before. This file knows nothing of what it draws.

mod modes;
mod output;

use std::io;

use base64::Engine as _;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, size};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::output::TerminalOutput;
use crate::desk::{Desk, Event, Motion, NoticeMethod, ScrollExtent};
use crate::screen::{DisplayText, DrawnFrame, Theme, changes, has_room, paint};

/// A terminal that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the terminal cannot be drawn on; run this command in a terminal, with input and output not redirected")]
pub struct TerminalError(#[from] io::Error);

/// The terminal that a console draws on.
///
/// Invariant: while it lives the terminal is in raw mode on the alternate screen, except between
/// [`Self::suspend`] and [`Self::resume`]; when it is dropped, or the program panics, the terminal is as it was.
pub(super) struct TerminalScreen {
    output: TerminalOutput,
    /// Sequences that are written before the next frame.
    pending: Vec<u8>,
    shown: Buffer,
    next: Buffer,
    /// Whether the next frame is written whole, on a cleared screen.
    whole: bool,
    suspended: bool,
    theme: Theme,
    mouse: bool,
    /// What the last frame shows.
    frame: DrawnFrame,
}

/// The cursor to its home; two drawing characters, whose width the report of the cursor shows (6n); the background
/// colour (OSC 11); and last the device attributes (c), which every terminal answers, so that the answer ends the wait.
const QUESTIONS: &str = "\u{1b}[H\u{2500}\u{2585}\u{1b}[6n\u{1b}]11;?\u{1b}\\\u{1b}[c";

impl TerminalScreen {
    /// The maximum bytes of sequences that wait for a terminal that accepts no output.
    const PENDING_BYTES: usize = 256 * 1024;

    /// Takes the terminal, and its mouse if `mouse` is set.
    pub(super) fn open(theme: &Theme, mouse: bool) -> Result<Self, TerminalError> {
        let mut screen = Self {
            output: TerminalOutput::start()?,
            pending: modes::take(mouse)?,
            shown: Buffer::default(),
            next: Buffer::default(),
            whole: true,
            suspended: false,
            theme: *theme,
            mouse,
            frame: DrawnFrame::default(),
        };
        screen.resize()?;
        Ok(screen)
    }

    /// Asks the terminal what it can show; the answers come as [`super::input::TerminalReply`]. The first frame covers
    /// what the questions drew.
    pub(super) fn ask(&mut self) -> Result<(), TerminalError> {
        self.pending.extend_from_slice(QUESTIONS.as_bytes());
        self.flush()
    }

    /// Restores the terminal while the process is stopped.
    pub(super) fn suspend(&mut self) {
        self.suspended = true;
        modes::restore();
    }

    /// Sets up the terminal again after a stop, whether or not [`Self::suspend`] came before; the next frame is drawn
    /// whole. Sequences that were still to be sent are dropped, because the new setup contains them.
    pub(super) fn resume(&mut self) -> Result<(), TerminalError> {
        self.suspended = false;
        self.pending = modes::take(self.mouse)?;
        self.resize()
    }

    /// The terminal's size as an event; `None` while the terminal has no size.
    pub(super) fn size(&self) -> Option<Event> {
        let area = self.shown.area;
        (!area.is_empty()).then_some(Event::Resized(area.width, area.height))
    }

    /// Whether frames reach the terminal and a board fits, so that an open question is visible.
    pub(super) fn has_room(&self) -> bool {
        !self.suspended && has_room(self.shown.area)
    }

    /// How much of the open overlay's text the last frame shows; `None` without such an overlay.
    pub(super) const fn extent(&self) -> Option<ScrollExtent> {
        self.frame.extent()
    }

    /// The event for a click or wheel step on a pane of the last frame; `None` outside the panes.
    pub(super) fn mouse_event(&self, moved: MouseEvent) -> Option<Event> {
        let (pane, picked) = self.frame.at((moved.column, moved.row))?;
        match moved.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Event::Clicked(pane, picked.cloned())),
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

    /// Changes the colours from the next frame; returns whether the drawing characters change to ASCII.
    pub(super) fn set_theme(&mut self, theme: &Theme) -> bool {
        let turns_ascii = theme.is_ascii() && !self.theme.is_ascii();
        self.theme = *theme;
        turns_ascii
    }

    /// Reads the terminal's size; the next frame is drawn whole.
    pub(super) fn resize(&mut self) -> Result<(), TerminalError> {
        let (columns, rows) = size()?;
        self.shown = Buffer::empty(Rect::new(0, 0, columns, rows));
        self.next = self.shown.clone();
        self.whole = true;
        Ok(())
    }

    /// Makes the next frame be drawn whole.
    pub(super) fn redraw(&mut self) {
        self.shown.reset();
        self.whole = true;
    }

    /// Completes when the terminal has accepted everything written.
    pub(super) async fn idle(&self) {
        self.output.idle().await;
    }

    /// Draws a desk; writes nothing when no cell has changed, and while there is no screen to draw on. Returns `false`
    /// if the terminal has not accepted the previous frame yet; then the caller must draw later.
    ///
    /// Fails when the terminal cannot be written, or a panic has restored it: it is not ours any more.
    pub(super) fn draw(&mut self, desk: &Desk) -> Result<bool, TerminalError> {
        let area = self.next.area;
        if self.suspended || area.is_empty() {
            self.frame = DrawnFrame::default();
            return Ok(true);
        }
        if !self.output.is_idle() {
            return Ok(false);
        }
        if !modes::is_taken() {
            return Err(io::Error::other("the terminal was restored after a panic").into());
        }
        self.next.reset();
        self.frame = paint(&mut self.next, area, desk, &self.theme);
        let changes = changes(&self.shown, &self.next);
        if self.whole || !changes.is_empty() {
            queue!(self.pending, BeginSynchronizedUpdate)?;
            let mut backend = CrosstermBackend::new(&mut self.pending);
            if self.whole {
                backend.clear()?;
            }
            for run in changes {
                backend.draw(run.into_iter())?;
            }
            queue!(self.pending, EndSynchronizedUpdate)?;
        }
        self.whole = false;
        std::mem::swap(&mut self.shown, &mut self.next);
        self.flush()?;
        Ok(true)
    }

    /// Hands over pending sequences, if the terminal accepts them now.
    fn flush(&mut self) -> Result<(), TerminalError> {
        if !self.pending.is_empty() && self.output.is_idle() {
            self.output.send(std::mem::take(&mut self.pending))?;
        }
        Ok(())
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
        let queued = self.write_sequence(&sequence)?;
        Ok((!queued).then(|| "nothing was copied: the terminal takes no output".to_owned()))
    }

    /// Rings the bell or shows a desktop notification (OSC 9), depending on the method.
    pub(super) fn notify(&mut self, notice: NoticeMethod, text: &str) -> Result<(), TerminalError> {
        let queued = match notice {
            NoticeMethod::Off => true,
            NoticeMethod::Bell => self.write_sequence("\u{7}")?,
            NoticeMethod::Osc9 => self.write_sequence(&notification(text))?,
        };
        if !queued {
            tracing::debug!("a notice was dropped: the terminal takes no output");
        }
        Ok(())
    }

    /// Writes a control sequence outside a frame, or queues it for the next frame. Returns `false` if the queue is
    /// full, because the terminal accepts no output.
    fn write_sequence(&mut self, sequence: &str) -> Result<bool, TerminalError> {
        if self.pending.len() + sequence.len() > Self::PENDING_BYTES {
            return Ok(false);
        }
        self.pending.extend_from_slice(sequence.as_bytes());
        self.flush()?;
        Ok(true)
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
        modes::restore();
    }
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
            let mut screen = TerminalScreen::open(&Theme::default(), true).unwrap();
            screen.ask().unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(screen.idle());
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
