//! How the screen looks, as the command line says it.

use clap::{Args, ValueEnum};

use crate::screen::Theme;

/// How the screen looks.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Looks {
    /// The colours. `NO_COLOR` in the environment means none, whichever is given.
    #[arg(long, value_enum, default_value_t)]
    theme: Colours,
    /// Borders and signs of ASCII only, in any theme.
    #[arg(long)]
    ascii_borders: bool,
}

/// The colours of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Colours {
    /// Colours of the terminal's own palette.
    #[default]
    Default,
    /// Light on black, each pair with a contrast of at least 4.5 to 1.
    HighContrast,
    /// Colours that people of every kind of colour vision tell apart.
    ColourBlind,
    /// No colour; bold, dim and reverse only.
    Mono,
    /// The default colours, with borders and signs of ASCII only.
    Ascii,
}

impl Looks {
    /// The theme, after a look at `NO_COLOR`.
    pub(super) fn theme(self) -> Theme {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
        self.with(no_colour)
    }

    fn with(self, no_colour: bool) -> Theme {
        let value = self.theme.to_possible_value();
        let chosen = value.and_then(|it| Theme::named(it.get_name())).unwrap_or_default();
        let theme = if no_colour { Theme::mono() } else { chosen };
        if self.ascii_borders || chosen.is_ascii() { theme.in_ascii() } else { theme }
    }
}

#[cfg(test)]
mod tests {
    use clap::builder::PossibleValue;

    use super::*;

    #[test]
    fn every_theme_has_a_name_on_the_command_line_and_no_colour_wins() {
        let names: Vec<_> = Colours::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        assert_eq!(names.iter().map(PossibleValue::get_name).collect::<Vec<_>>(), Theme::NAMES);
        for theme in Colours::value_variants() {
            let looks = Looks { theme: *theme, ascii_borders: false };
            let name = theme.to_possible_value().unwrap();
            assert_eq!(Some(looks.with(false)), Theme::named(name.get_name()));
            assert_eq!(looks.with(true).in_ascii(), Theme::mono().in_ascii());
            assert_eq!(looks.with(true).is_ascii(), *theme == Colours::Ascii);
            assert!(Looks { ascii_borders: true, ..looks }.with(true).is_ascii());
        }
    }
}
