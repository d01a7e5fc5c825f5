//! The themes' colours, as data. `Reset` means the terminal's own.
//!
//! The default theme uses the terminal's palette and background. The others define every colour in RGB, including the
//! background, so that their contrast is known and tested.

use ratatui::style::Color;

/// The colours of a theme.
pub(super) struct ThemeColours {
    pub(super) fore: Color,
    pub(super) back: Color,
    pub(super) quiet: Color,
    pub(super) good: Color,
    /// Operations in progress, and the focused frame.
    pub(super) busy: Color,
    pub(super) warning: Color,
    pub(super) bad: Color,
    /// The text and background of the selected row; `None` means reversed.
    pub(super) selected: Option<(Color, Color)>,
    /// How far colours fade into the background on a stale board, in percent.
    pub(super) fades: u8,
}

pub(super) const NONE: ThemeColours = ThemeColours {
    fore: Color::Reset,
    back: Color::Reset,
    quiet: Color::Reset,
    good: Color::Reset,
    busy: Color::Reset,
    warning: Color::Reset,
    bad: Color::Reset,
    selected: None,
    fades: 0,
};

pub(super) const DEFAULT: ThemeColours = ThemeColours {
    quiet: Color::DarkGray,
    good: Color::Green,
    busy: Color::Cyan,
    warning: Color::Yellow,
    bad: Color::Red,
    ..NONE
};

/// Every pair has a contrast of at least 4.5, even on a stale board.
pub(super) const HIGH_CONTRAST: ThemeColours = ThemeColours {
    fore: Color::Rgb(255, 255, 255),
    back: Color::Rgb(0, 0, 0),
    quiet: Color::Rgb(200, 200, 200),
    good: Color::Rgb(90, 255, 90),
    busy: Color::Rgb(90, 230, 255),
    warning: Color::Rgb(255, 235, 60),
    bad: Color::Rgb(255, 140, 140),
    selected: Some((Color::Rgb(0, 0, 0), Color::Rgb(255, 235, 60))),
    fades: 20,
};

/// The palette of Okabe and Ito, which is distinguishable with every kind of colour vision.
pub(super) const COLOUR_BLIND: ThemeColours = ThemeColours {
    fore: Color::Rgb(235, 235, 235),
    back: Color::Rgb(0, 0, 0),
    quiet: Color::Rgb(150, 150, 150),
    good: Color::Rgb(0, 158, 115),
    busy: Color::Rgb(86, 180, 233),
    warning: Color::Rgb(240, 228, 66),
    bad: Color::Rgb(213, 94, 0),
    selected: None,
    fades: 25,
};

/// Mixes `part` percent of another colour into an RGB colour; a palette colour stays.
pub(super) fn faded(colour: Color, to: Color, part: u8) -> Color {
    let (Color::Rgb(red, green, blue), Color::Rgb(to_red, to_green, to_blue)) = (colour, to) else { return colour };
    let mix = |from: u8, to: u8| {
        let sum = u16::from(from) * u16::from(100 - part.min(100)) + u16::from(to) * u16::from(part.min(100));
        u8::try_from(sum / 100).unwrap_or(from)
    };
    Color::Rgb(mix(red, to_red), mix(green, to_green), mix(blue, to_blue))
}
