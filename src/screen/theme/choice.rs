//! Which theme a terminal gets: by the setting, by what the environment says about colours, and by the background.

use super::{TerminalBackground, Theme};

/// What the environment says about a terminal's colours; each text is empty if the variable is not set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColourEnvironment {
    /// Whether `NO_COLOR` is set to a text.
    pub no_colour: bool,
    /// `TERM`, the kind of terminal.
    pub term: String,
    /// `COLORTERM`, which is `truecolor` or `24bit` if each colour can be set.
    pub colorterm: String,
    /// `COLORFGBG`, the palette's numbers of the text and of the background, as in `15;0`.
    pub colorfgbg: String,
}

/// How many colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColourDepth {
    Sixteen,
    TwoHundredFiftySix,
    TwentyFourBit,
}

impl TerminalBackground {
    /// The background that `COLORFGBG` names by its number in the palette of 16.
    #[must_use]
    pub fn of_colorfgbg(text: &str) -> Self {
        let number = text.rsplit(';').next().and_then(|it| it.trim().parse::<u8>().ok());
        match number {
            Some(0..=6 | 8) => Self::Dark,
            Some(7 | 9..=15) => Self::Light,
            Some(_) | None => Self::Unknown,
        }
    }
}

impl ColourEnvironment {
    fn depth(&self) -> ColourDepth {
        match self.colorterm.as_str() {
            "truecolor" | "24bit" => ColourDepth::TwentyFourBit,
            _ if self.term.contains("direct") => ColourDepth::TwentyFourBit,
            _ if self.term.contains("256color") => ColourDepth::TwoHundredFiftySix,
            _ => ColourDepth::Sixteen,
        }
    }

    /// Whether the terminal is the Linux console, which has 16 colours, a black background and few characters.
    fn is_linux_console(&self) -> bool {
        self.term == "linux"
    }
}

impl Theme {
    /// The setting that leaves the theme to the terminal.
    pub const AUTO: &str = "auto";

    /// The theme of a setting, or of `auto`, for a terminal.
    ///
    /// `NO_COLOR` turns colours off whatever the setting says. With `auto` a terminal gets the dark or the light theme
    /// if it has 256 colours or more and its background is known, and otherwise its own 16 colours.
    #[must_use]
    pub fn chosen(setting: &str, environment: &ColourEnvironment, background: TerminalBackground) -> Self {
        let console = environment.is_linux_console();
        // The Linux console's background is always black, so it is not asked.
        let background =
            if console && background == TerminalBackground::Unknown { TerminalBackground::Dark } else { background };
        let theme = match (setting, environment.depth(), background) {
            (Self::AUTO, ColourDepth::Sixteen, _) | (Self::AUTO, _, TerminalBackground::Unknown) => {
                Self::sixteen(background)
            }
            (Self::AUTO, _, TerminalBackground::Dark) => Self::named("dark", background).unwrap_or_default(),
            (Self::AUTO, _, TerminalBackground::Light) => Self::named("light", background).unwrap_or_default(),
            _ => Self::named(setting, background).unwrap_or_default(),
        };
        let theme = match environment.no_colour {
            true if theme.is_ascii() => Self::mono().in_ascii(),
            true => Self::mono(),
            false if environment.depth() == ColourDepth::TwentyFourBit => theme,
            false => theme.in_256_colours(),
        };
        if console && !theme.is_ascii() { theme.for_console() } else { theme }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(term: &str, colorterm: &str) -> ColourEnvironment {
        ColourEnvironment { term: term.to_owned(), colorterm: colorterm.to_owned(), ..ColourEnvironment::default() }
    }

    #[test]
    fn a_terminal_gets_what_it_can_show() {
        use TerminalBackground::{Dark, Light, Unknown};
        let named = |name: &str, background| Theme::named(name, background).unwrap();
        let full = environment("xterm-256color", "truecolor");
        let many = environment("xterm-256color", "");
        let few = environment("xterm", "");
        let console = environment("linux", "");
        let bare = ColourEnvironment { no_colour: true, ..full.clone() };
        for (setting, environment, background, theme) in [
            ("auto", &full, Dark, named("dark", Dark)),
            ("auto", &environment_of("24bit"), Light, named("light", Light)),
            ("auto", &full, Unknown, Theme::sixteen(Unknown)),
            ("auto", &many, Dark, named("dark", Dark).in_256_colours()),
            ("auto", &many, Light, named("light", Light).in_256_colours()),
            ("auto", &many, Unknown, Theme::sixteen(Unknown)),
            ("auto", &few, Dark, Theme::sixteen(Dark)),
            ("auto", &few, Light, Theme::sixteen(Light)),
            ("auto", &few, Unknown, Theme::sixteen(Unknown)),
            ("auto", &console, Unknown, Theme::sixteen(Dark).for_console()),
            ("auto", &bare, Dark, Theme::mono()),
            ("default", &full, Light, Theme::sixteen(Light)),
            ("light", &full, Dark, named("light", Dark)),
            ("light", &many, Dark, named("light", Dark).in_256_colours()),
            ("light", &bare, Dark, Theme::mono()),
            ("ascii", &bare, Dark, Theme::mono().in_ascii()),
            ("ascii", &console, Unknown, Theme::sixteen(Dark).in_ascii()),
            ("mono", &console, Unknown, Theme::mono().for_console()),
        ] {
            assert!(
                Theme::chosen(setting, environment, background) == theme,
                "{setting} {environment:?} {background:?}"
            );
        }
    }

    fn environment_of(colorterm: &str) -> ColourEnvironment {
        environment("screen", colorterm)
    }

    #[test]
    fn the_background_is_the_last_number() {
        for (text, background) in [
            ("15;0", TerminalBackground::Dark),
            ("0;15", TerminalBackground::Light),
            ("0;default;15", TerminalBackground::Light),
            ("12;8", TerminalBackground::Dark),
            ("0;7", TerminalBackground::Light),
            ("default;default", TerminalBackground::Unknown),
            ("", TerminalBackground::Unknown),
            ("0;999", TerminalBackground::Unknown),
            ("0;16", TerminalBackground::Unknown),
        ] {
            assert_eq!(TerminalBackground::of_colorfgbg(text), background, "{text}");
        }
    }
}
