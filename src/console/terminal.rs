//! The terminal: taken, drawn on, and given back as it was found.
//!
//! A frame is one buffered write between the marks of a synchronized update, and is written only where it differs
//! from the one before. It knows nothing of what it draws.

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
use crate::screen::{DisplayText, Theme, changes, hit_test, paint};

/// A terminal that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the terminal cannot be drawn on; run this command in a terminal, with input and output not redirected")]
pub struct TerminalError(#[from] io::Error);

/// The screen of a console.
///
/// Invariant: while it lives the terminal is in raw mode on the alternate screen; when it is dropped, or the program
/// panics, the terminal is as it was.
pub(super) struct TerminalScreen {
    out: CrosstermBackend<BufWriter<Stdout>>,
    shown: Buffer,
    next: Buffer,
    theme: Theme,
}

/// Larger than any frame, so that each is one write.
const FRAME_BYTES: usize = 1 << 20;

impl TerminalScreen {
    /// Takes the terminal, with its mouse where that is wished.
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
        // Without line wrap nothing that a terminal takes for wider than we do runs on into the next row.
        execute!(screen.out, EnterAlternateScreen, EnableBracketedPaste, DisableLineWrap, Hide)?;
        if mouse {
            MOUSE.store(true, Ordering::SeqCst);
            execute!(screen.out, EnableMouseCapture)?;
        }
        screen.resize()?;
        Ok(screen)
    }

    /// The size, as an event.
    pub(super) fn size(&self) -> Event {
        Event::Resized(self.shown.area.width, self.shown.area.height)
    }

    /// What a click or a turn of the wheel means where it was; nothing beside the panes.
    pub(super) fn meant(&self, desk: &Desk, moved: MouseEvent) -> Option<Event> {
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

    /// Looks otherwise from the next frame on.
    pub(super) fn wear(&mut self, theme: &Theme) {
        self.theme = *theme;
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
        Ok(())
    }
}

impl TerminalScreen {
    /// The most bytes of a text that are copied: in base64 some 100,000, and terminals drop sequences that are longer.
    const CLIP_BYTES: usize = 74_991;

    /// Asks the terminal to put a text on the clipboard (OSC 52); whether it may is the terminal's own setting.
    ///
    /// A text that is too long is not copied at all, for half a command is another command: the reason comes back.
    pub(super) fn copy(&mut self, text: &str) -> Result<Option<String>, TerminalError> {
        let Some(sequence) = clipboard(text) else {
            let (long, most) = (text.len(), Self::CLIP_BYTES);
            return Ok(Some(format!("nothing was copied: it has {long} bytes, and terminals take {most} at most")));
        };
        self.say(&sequence)?;
        Ok(None)
    }

    /// Rings the bell, or has the terminal give a notice (OSC 9); how it looks is the terminal's own setting.
    pub(super) fn notify(&mut self, notice: NoticeMethod, text: &str) -> Result<(), TerminalError> {
        match notice {
            NoticeMethod::Off => Ok(()),
            NoticeMethod::Bell => self.say("\u{7}"),
            NoticeMethod::Osc9 => self.say(&desktop(text)),
        }
    }

    /// Writes something that is no part of a frame, while the terminal is ours.
    fn say(&mut self, sequence: &str) -> Result<(), TerminalError> {
        if TAKEN.load(Ordering::SeqCst) {
            self.out.write_all(sequence.as_bytes())?;
            Write::flush(&mut self.out)?;
        }
        Ok(())
    }
}

/// The sequence that sets the clipboard; none for a text that terminals would drop. Base64: nothing of the text is a
/// sequence itself.
fn clipboard(text: &str) -> Option<String> {
    let encoded = || base64::engine::general_purpose::STANDARD.encode(text);
    (text.len() <= TerminalScreen::CLIP_BYTES).then(|| format!("\u{1b}]52;c;{}\u{1b}\\", encoded()))
}

/// The sequence of a notice: its text is clean, so it ends nothing early and begins nothing new.
fn desktop(text: &str) -> String {
    format!("\u{1b}]9;{}\u{1b}\\", DisplayText::clean(text).as_str())
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether the terminal is ours: it is given back once.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether its mouse is ours too.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back. Nothing can be done about a terminal that is gone.
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
        let notice = desktop("callboard: \u{1b}]52;c;eA==\u{7}Ada\u{9c}\u{202e}\n is on hold");
        let text = notice.strip_prefix("\u{1b}]9;").unwrap().strip_suffix("\u{1b}\\").unwrap();
        assert!(text.contains("Ada") && text.ends_with("is on hold"), "{text:?}");
        assert!(!text.chars().any(|it| it.is_control() || it == '\u{202e}'), "{text:?}");
        assert!(desktop(&"long ".repeat(10_000)).len() < 2_000);
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
