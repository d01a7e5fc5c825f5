//! The styles of a theme. Every colour accompanies a word, a sign or a thickness, so a theme may do without colours.
//!
//! Each colour means one thing. Blue: focused. Amber: past the first limit, or not proved in time. Red: past the second
//! limit, an act that failed, or no line. Green: proved.

mod choice;
pub(super) mod glyphs;
mod hues;
mod states;
mod terminal_traits;

use ratatui::style::{Color, Modifier, Style};

use crate::floor::{AlertLevel, OperationStatus};
pub use choice::ColourEnvironment;
use hues::ThemeColours;
pub(super) use states::thin;
pub use terminal_traits::{TerminalBackground, TerminalTraits};

/// The styles of the screen's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The background; without a colour for themes that use the terminal's own.
    pub ground: Style,
    /// Names, and what is happening.
    pub text: Style,
    /// Facts beside a name: states, numbers and reasons.
    pub facts: Style,
    /// Labels, and what is normal.
    pub quiet: Style,
    /// Titles, keys, and the names of people who wait too long.
    pub title: Style,
    /// Rules and the tracks of bars.
    pub line: Style,
    /// The focused pane: its heavy rule and the cursor.
    pub focus: Style,
    /// The selected row of the focused pane, over the styles of its cells.
    pub selected: Style,
    /// The cursor in the panes that are not focused.
    pub cursor: Style,
    /// What is proved.
    pub good: Style,
    /// Words about what is past the first limit, or not proved in time.
    pub warning: Style,
    /// Words about a failure, or about what is past the second limit.
    pub bad: Style,
    /// Waiting times past the first limit, and past the second.
    pub late: [Style; 2],
    /// Bars and signs: within the limits, past the first, past the second.
    pub bars: [Style; 3],
    /// The chips of the header: past the first limit, past the second. The second is the band's style too.
    pub chips: [Style; 2],
    /// A key that is ready to answer a question.
    pub armed: Style,
    /// A sheet over the board.
    pub sheet: Style,
    /// The characters that rules and bars are drawn with.
    pub glyphs: GlyphSet,
    /// The two greys of a board without a line, and of the board behind a question: for names and what happens, and
    /// for facts, labels and bars.
    pub stale: [Style; 2],
    /// What makes the title of a section stand out; nothing where the board is grey.
    pub emphasis: Modifier,
}

/// The characters that rules and bars are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlyphSet {
    /// Box-drawing characters and blocks in eighths.
    Blocks,
    /// The characters in the Linux console's font.
    Console,
    /// ASCII alone, for a locale without UTF-8.
    Ascii,
}

/// The base style of words, which clears modifiers that the cell had before.
const WORDS: Style = Style::new().remove_modifier(Modifier::BOLD.union(Modifier::DIM));

impl Default for Theme {
    fn default() -> Self {
        Self::sixteen(TerminalBackground::Dark)
    }
}

impl Theme {
    /// The names that [`Self::named`] accepts.
    pub const NAMES: [&str; 7] = ["default", "dark", "light", "high-contrast", "colour-blind", "mono", "ascii"];

    /// The theme of this name, on this background. `default` uses the terminal's own 16 colours, and `ascii` is the
    /// same with ASCII characters.
    #[must_use]
    pub fn named(name: &str, background: TerminalBackground) -> Option<Self> {
        Some(match name {
            "default" => Self::sixteen(background),
            "dark" => Self::of(&hues::DARK),
            "light" => Self::of(&hues::LIGHT),
            "high-contrast" => Self::of(&hues::HIGH_CONTRAST),
            "colour-blind" => Self::of(&hues::COLOUR_BLIND),
            "mono" => Self::mono(),
            "ascii" => Self::sixteen(background).in_ascii(),
            _ => return None,
        })
    }

    /// A theme without colours, for `NO_COLOR`.
    #[must_use]
    pub fn mono() -> Self {
        let plain = WORDS.fg(Color::Reset);
        let bold = plain.add_modifier(Modifier::BOLD);
        let reversed = bold.add_modifier(Modifier::REVERSED);
        let dim = plain.add_modifier(Modifier::DIM);
        Self {
            ground: Style::new(),
            text: plain,
            facts: plain,
            quiet: plain,
            title: bold,
            line: dim,
            focus: bold,
            selected: Style::new().add_modifier(Modifier::BOLD),
            cursor: plain,
            good: plain,
            warning: bold,
            bad: bold,
            late: [bold, bold],
            bars: [plain, plain, plain],
            chips: [reversed, reversed],
            armed: reversed,
            sheet: Style::new(),
            glyphs: GlyphSet::Blocks,
            stale: [plain, plain],
            emphasis: Modifier::BOLD,
        }
    }

    /// A theme of the terminal's own 16 colours.
    ///
    /// Times past a limit are chips, what is proved is white, and words about a failure are bold: no index of the 16 is
    /// a readable amber, green or red text in every well-known palette, also on a dark background. In Solarized dark
    /// the bright red (9) has a contrast of 3.3, the bright green (10) 2.8 and the bright yellow (11) 3.4, and text
    /// needs 4.5. Where the background is not known, text has the terminal's own colour.
    #[must_use]
    pub fn sixteen(background: TerminalBackground) -> Self {
        let plain = match background {
            TerminalBackground::Dark => WORDS.fg(Color::White),
            TerminalBackground::Light => WORDS.fg(Color::Black),
            TerminalBackground::Unknown => WORDS.fg(Color::Reset),
        };
        let grey = if background == TerminalBackground::Dark { WORDS.fg(Color::Gray) } else { plain };
        let bold = plain.add_modifier(Modifier::BOLD);
        let chips = [WORDS.fg(Color::Black).bg(Color::Yellow), WORDS.fg(Color::White).bg(Color::Red)]
            .map(|it| it.add_modifier(Modifier::BOLD));
        let (focus, bars) = match background {
            TerminalBackground::Dark => (Color::LightCyan, [Color::Gray, Color::LightYellow, Color::LightRed]),
            TerminalBackground::Light => (Color::Blue, [Color::Black, Color::Black, Color::Red]),
            TerminalBackground::Unknown => (Color::Reset, [Color::Reset; 3]),
        };
        let focus = WORDS.fg(focus);
        Self {
            text: plain,
            facts: grey,
            quiet: grey,
            title: bold,
            line: grey.add_modifier(Modifier::DIM),
            focus,
            cursor: grey,
            good: plain,
            late: chips,
            bars: bars.map(|it| WORDS.fg(it)),
            chips,
            armed: bold.add_modifier(Modifier::REVERSED),
            warning: bold,
            bad: bold,
            stale: [grey, grey],
            ..Self::mono()
        }
    }

    /// This theme with ASCII characters. Names keep their letters.
    #[must_use]
    pub const fn in_ascii(self) -> Self {
        Self { glyphs: GlyphSet::Ascii, ..self }
    }

    /// This theme with the characters of the Linux console.
    #[must_use]
    pub const fn for_console(self) -> Self {
        Self { glyphs: GlyphSet::Console, ..self }
    }

    /// This theme, adapted to a terminal.
    #[must_use]
    pub const fn suited_to(self, terminal: &TerminalTraits) -> Self {
        if terminal.ascii_only { self.in_ascii() } else { self }
    }

    /// Whether the theme's own characters are ASCII.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.glyphs == GlyphSet::Ascii
    }

    /// This theme for a terminal of 256 colours: each RGB colour becomes the nearest of the fixed ones. The background
    /// of a selected row is never nearer to its text than the theme's own: red would have too little contrast there.
    #[must_use]
    pub fn in_256_colours(self) -> Self {
        let near = self.each(|style| Style {
            fg: style.fg.map(hues::nearest_of_256),
            bg: style.bg.map(hues::nearest_of_256),
            ..style
        });
        let text = self.text.fg.unwrap_or_default();
        let selected = self.selected.bg.map(|it| hues::nearest_ground_of_256(it, text));
        Self { selected: Style { bg: selected, ..near.selected }, ..near }
    }

    fn of(hues: &ThemeColours) -> Self {
        let [back, selected, sheet] = hues.grounds;
        let [text, facts, quiet] = hues.words;
        let fore = |hue: Color| WORDS.fg(hue);
        let bold = |hue: Color| fore(hue).add_modifier(Modifier::BOLD);
        let chip = |hue: Color| Style::new().fg(hues.chip_text).bg(hue).add_modifier(Modifier::BOLD);
        Self {
            ground: Style::new().fg(text).bg(back),
            text: fore(text),
            facts: fore(facts),
            quiet: fore(quiet),
            title: bold(text),
            line: fore(hues.line),
            focus: fore(hues.focus),
            selected: Style::new().bg(selected),
            cursor: fore(quiet),
            good: fore(hues.good),
            warning: fore(hues.warning),
            bad: bold(hues.bad),
            late: [bold(hues.warning), bold(hues.bad)],
            bars: [hues.calm, hues.warning, hues.bad].map(fore),
            chips: [hues.warning, hues.bad].map(chip),
            armed: chip(hues.focus),
            sheet: Style::new().bg(sheet),
            glyphs: GlyphSet::Blocks,
            stale: hues.stale.map(fore),
            emphasis: Modifier::BOLD,
        }
    }

    fn each(self, change: impl Fn(Style) -> Style) -> Self {
        Self {
            ground: change(self.ground),
            text: change(self.text),
            facts: change(self.facts),
            quiet: change(self.quiet),
            title: change(self.title),
            line: change(self.line),
            focus: change(self.focus),
            selected: change(self.selected),
            cursor: change(self.cursor),
            good: change(self.good),
            warning: change(self.warning),
            bad: change(self.bad),
            late: self.late.map(&change),
            bars: self.bars.map(&change),
            chips: self.chips.map(&change),
            armed: change(self.armed),
            sheet: change(self.sheet),
            glyphs: self.glyphs,
            stale: self.stale.map(&change),
            emphasis: self.emphasis,
        }
    }

    /// The style of a waiting time or of its words.
    pub(super) const fn alert(&self, alert: AlertLevel) -> Style {
        let [long, too_long] = self.late;
        match alert {
            AlertLevel::None => self.text,
            AlertLevel::Quiet => self.facts,
            AlertLevel::Warning => long,
            AlertLevel::Critical => too_long,
        }
    }

    /// The style of an alert's bar or sign.
    pub(super) const fn bar(&self, alert: AlertLevel) -> Style {
        let [calm, long, too_long] = self.bars;
        match alert {
            AlertLevel::None | AlertLevel::Quiet => calm,
            AlertLevel::Warning => long,
            AlertLevel::Critical => too_long,
        }
    }

    pub(super) const fn standing(&self, standing: OperationStatus) -> Style {
        match standing {
            OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted => self.text,
            OperationStatus::Confirmed => self.good,
            OperationStatus::AlreadySo | OperationStatus::Left => self.facts,
            OperationStatus::Unconfirmed | OperationStatus::OutcomeUnknown => self.warning,
            OperationStatus::Failed | OperationStatus::Refused | OperationStatus::Expired => self.bad,
        }
    }
}
