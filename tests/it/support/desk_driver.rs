//! A driver for desk tests, which read as the operator's keys and the desk's reactions.

use callboard::desk::{ActDelays, ActToSend, Desk, DeskSetup, Effect, Event, InputTime, Stamped, update};
use callboard::floor::Floor;
use callboard::graph::ParticipantId;
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use callboard::screen::{Theme, draw, paint};
use callboard::time::{Millis, Timestamp};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::journal_builder::History;

/// The delays of a console by default.
pub(crate) const DELAY: Millis = Millis(350);

/// The setup of a console by default.
pub(crate) fn console_setup() -> DeskSetup {
    DeskSetup { seed: 42, delays: ActDelays::new(DELAY, DELAY), ..DeskSetup::default() }
}

/// The time at which a test starts.
const BEGIN: i64 = 1_795_357_920_000;

/// A desk, the journal behind it, and what was sent.
pub(crate) struct Story {
    pub(crate) history: History,
    pub(crate) desk: Desk,
    pub(crate) sent: Vec<ActToSend>,
    pub(crate) effects: Vec<Effect>,
    pub(super) wall: i64,
    pub(super) told: usize,
    pub(super) line_up: bool,
    /// Whether searches for evidence break off.
    pub(crate) do_searches_fail: bool,
}

/// A key by its name.
pub(crate) fn key(name: &str) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match name {
        "Enter" => plain(KeyCode::Enter),
        "Esc" => plain(KeyCode::Esc),
        "Tab" => plain(KeyCode::Tab),
        "BackTab" => KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT),
        "Backspace" => plain(KeyCode::Backspace),
        "Down" => plain(KeyCode::Down),
        "Up" => plain(KeyCode::Up),
        "End" => plain(KeyCode::End),
        "Left" => plain(KeyCode::Left),
        "Right" => plain(KeyCode::Right),
        "PgDn" => plain(KeyCode::PageDown),
        "PgUp" => plain(KeyCode::PageUp),
        "Space" => plain(KeyCode::Char(' ')),
        _ => match (name.strip_prefix("ctrl-"), name.strip_prefix('F').and_then(|it| it.parse().ok())) {
            (Some(letter), _) => KeyEvent::new(KeyCode::Char(letter.chars().next().unwrap()), KeyModifiers::CONTROL),
            (None, Some(number)) => plain(KeyCode::F(number)),
            (None, None) => plain(KeyCode::Char(name.chars().next().unwrap())),
        },
    }
}

impl Story {
    /// Dana's desk over a call with Ada, Bob and the application; the line is live.
    pub(crate) fn seated() -> Self {
        let mut history = History::default();
        history.later(BEGIN);
        history.seat();
        Self::over(history)
    }

    pub(crate) fn over(history: History) -> Self {
        let mut story = Self::dark(history);
        let now = story.history.now();
        let greeting = HelloFrame {
            label: "SIMULATOR".into(),
            operator: "dana".into(),
            role: Role::Operator,
            now,
            ..HelloFrame::default()
        };
        story.fed(FeedEvent::Hello(greeting));
        story.fed(FeedEvent::Snapshot(Box::new(story.history.floor.clone())));
        story.told = story.history.entries.len();
        story.fed(FeedEvent::CaughtUp);
        story.line_up = true;
        story
    }

    /// Dana's desk over the same call, with a simulator's control behind it and room for everything.
    pub(crate) fn on_stage(audience: bool) -> Self {
        let mut story = Self::seated();
        let control = DeskSetup { control: true, audience, ..console_setup() };
        let desk = std::mem::replace(&mut story.desk, Desk::new(control));
        assert!(desk.control().is_none());
        let now = story.history.now();
        let greeting = HelloFrame {
            label: "SIMULATOR".into(),
            operator: "dana".into(),
            role: Role::Operator,
            now,
            ..HelloFrame::default()
        };
        story.fed(FeedEvent::Hello(greeting));
        story.fed(FeedEvent::Snapshot(Box::new(story.history.floor.clone())));
        story.fed(FeedEvent::CaughtUp).happens(Event::Resized(150, 40));
        story.effects.clear();
        story
    }

    /// A desk before its line is up.
    pub(crate) fn dark(history: History) -> Self {
        let desk = Desk::new(console_setup());
        Self {
            history,
            desk,
            sent: Vec::new(),
            effects: Vec::new(),
            wall: BEGIN,
            told: 0,
            line_up: false,
            do_searches_fail: false,
        }
    }

    pub(crate) fn happens(&mut self, event: Event) -> &mut Self {
        self.happens_late(0, event)
    }

    /// The same for an input that was read this many milliseconds ago, because the console stalled since.
    pub(crate) fn happens_late(&mut self, millis: i64, event: Event) -> &mut Self {
        let (at, wall) = (self.history.now(), Timestamp(self.wall));
        let read = InputTime { at: at - Millis(millis), wall: wall - Millis(millis) };
        let effects = update(&mut self.desk, Stamped { at, wall, read: Some(read), event });
        let mut found = Vec::new();
        for effect in &effects {
            match effect {
                Effect::Send(send) => self.sent.push((**send).clone()),
                Effect::SearchEvidence(search) => {
                    found.push(if self.do_searches_fail { search.failed() } else { search.clone().run() });
                }
                _ => {}
            }
        }
        self.effects.extend(effects);
        for found in found {
            self.happens(Event::EvidenceFound(Box::new(found)));
        }
        self
    }

    pub(crate) fn fed(&mut self, feed: FeedEvent) -> &mut Self {
        self.happens(Event::Fed(feed))
    }

    /// Presses keys by their names, a hand's distance apart. An open question is drawn and gets its quiet time.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for name in keys.split(' ') {
            self.after(300);
            self.happens(Event::Pressed(key(name))).reads();
        }
        self
    }

    /// Presses keys this many milliseconds apart. An open question is drawn before the next key, and nothing more.
    pub(crate) fn press_every(&mut self, millis: i64, keys: &str) -> &mut Self {
        for name in keys.split(' ') {
            self.after(millis);
            self.happens(Event::Pressed(key(name))).draws();
        }
        self
    }

    /// The open question is written to the screen.
    pub(crate) fn draws(&mut self) -> &mut Self {
        if self.desk.awaits_drawing() {
            self.happens(Event::Drawn);
        }
        self
    }

    /// The operator reads an open question, or lets pass what goes ahead by itself: the keyboard is quiet for a while.
    pub(crate) fn reads(&mut self) -> &mut Self {
        self.draws();
        if self.desk.modal().arming().is_some_and(|it| !it.is_armed(self.desk.wall())) {
            self.wall += DELAY.0;
            self.happens(Event::Ticked).goes_ahead().draws();
        }
        self
    }

    /// Types a text, a hand's distance between the letters. A question that the text answers gets its quiet time.
    pub(crate) fn types(&mut self, text: &str) -> &mut Self {
        self.types_on(text);
        if self.desk.modal().asks() { self.reads() } else { self }
    }

    /// Types a text, a hand's distance between the letters, and nothing more.
    pub(crate) fn types_on(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            self.after(120);
            self.happens(Event::Pressed(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
        }
        self
    }

    /// What is due goes ahead, because the screen has said so and no key is left to handle.
    fn goes_ahead(&mut self) -> &mut Self {
        if self.desk.modal().goes_ahead() {
            self.draws();
        }
        if self.desk.awaits_input() { self.happens(Event::InputHandled) } else { self }
    }

    /// Presses keys as fast as a paste does.
    pub(crate) fn floods(&mut self, text: &str) -> &mut Self {
        self.after(300);
        for letter in text.chars() {
            self.wall += 2;
            self.happens(Event::Pressed(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
        }
        self
    }

    /// Lets time go by; the console ticks every second.
    pub(crate) fn after(&mut self, millis: i64) -> &mut Self {
        for _ in 0..(millis - 1).max(0) / 1_000 {
            self.stands_still(1_000);
        }
        self.stands_still(millis - (millis - 1).max(0) / 1_000 * 1_000)
    }

    /// Lets time go by without an event, as while the console stalls.
    pub(crate) fn passes(&mut self, millis: i64) -> &mut Self {
        self.clocks_pass(millis, millis)
    }

    /// The present floor time.
    pub(crate) fn floor_now(&self) -> Timestamp {
        self.history.now()
    }

    /// Lets time go by without a tick before its end, as for a process that was stopped.
    pub(crate) fn stands_still(&mut self, millis: i64) -> &mut Self {
        self.passes(millis).happens(Event::Ticked).goes_ahead()
    }

    /// Lets wall time and floor time go by without any event.
    pub(crate) fn clocks_pass(&mut self, wall: i64, floor: i64) -> &mut Self {
        self.wall += wall;
        self.history.later(floor);
        self
    }

    /// Selects somebody of the selected call.
    pub(crate) fn selects(&mut self, name: &str) -> &mut Self {
        self.press("2 g");
        for _ in 0..20 {
            if self.desk.person().is_some_and(|it| &*it.name == name) {
                return self;
            }
            self.press("j");
        }
        assert_eq!(self.desk.person().map(|it| &*it.name), Some(name), "nobody of this name is in the call");
        self
    }

    /// Selects the n-th person of the selected call.
    pub(crate) fn selects_at(&mut self, at: usize) -> &mut Self {
        self.press("2 g");
        for _ in 0..at {
            self.press("j");
        }
        self
    }

    /// The screen, as lines of text.
    pub(crate) fn screen(&self, columns: u16, rows: u16) -> String {
        self.drawn(columns, rows, &Theme::default())
    }

    /// Draws a frame, and reports how much of the open overlay's text it shows, as the console does.
    pub(crate) fn frame(&mut self, columns: u16, rows: u16) -> &mut Self {
        let area = Rect::new(0, 0, columns, rows);
        let extent = paint(&mut Buffer::empty(area), area, &self.desk, &Theme::default()).extent();
        if let Some(extent) = extent.filter(|it| self.desk.awaits_extent(*it)) {
            self.happens(Event::OverlayDrawn(extent));
        }
        self
    }

    pub(crate) fn drawn(&self, columns: u16, rows: u16, theme: &Theme) -> String {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| draw(frame, &self.desk, theme)).unwrap();
        terminal.backend().to_string()
    }

    /// The board shows a text.
    pub(crate) fn shows(&mut self, text: &str) -> &mut Self {
        let screen = self.screen(150, 40);
        assert!(screen.contains(text), "{text:?} is not shown:\n{screen}");
        self
    }

    /// The board does not show a text.
    pub(crate) fn hides(&mut self, text: &str) -> &mut Self {
        let screen = self.screen(150, 40);
        assert!(!screen.contains(text), "{text:?} is shown:\n{screen}");
        self
    }

    /// Asserts the number of acts sent so far.
    pub(crate) fn has_sent(&mut self, count: usize) -> &mut Self {
        assert_eq!(self.sent.len(), count, "{:?}", self.sent);
        self
    }

    pub(crate) fn participant(&self) -> Option<&ParticipantId> {
        self.sent.last().and_then(|it| it.action.participant())
    }

    /// The floor that the journal gives.
    pub(crate) fn floor(&self) -> &Floor {
        &self.history.floor
    }
}
