//! What a terminal shows well, as far as its answers and its environment say.

/// The lightness of a terminal's background.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TerminalBackground {
    /// White text has more contrast than black.
    Dark,
    /// Black text has more contrast than white.
    Light,
    /// The terminal gave no answer in time.
    #[default]
    Unknown,
}

impl TerminalBackground {
    /// The relative luminance at which black and white text have the same contrast (WCAG 2.2, *contrast ratio*).
    const EVEN: f64 = 0.179;

    /// The background of this red, green and blue, each from 0 to 65535.
    #[must_use]
    pub fn of_rgb(colour: [u16; 3]) -> Self {
        let [red, green, blue] = colour.map(|it| {
            let part = f64::from(it) / f64::from(u16::MAX);
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        if luminance > Self::EVEN { Self::Light } else { Self::Dark }
    }
}

/// What is known about a terminal before the first frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TerminalTraits {
    /// Whether its background is dark or light, as it answered or as the environment says.
    pub background: TerminalBackground,
    /// Whether it shows our drawing characters wrong: its locale has no UTF-8, or it draws them at another width.
    pub ascii_only: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_background_is_light_when_black_text_is_easier_to_read_on_it() {
        let of = |colour: [u16; 3]| TerminalBackground::of_rgb(colour.map(|it| it * 0x101));
        for dark in [[0, 0, 0], [0x00, 0x2b, 0x36], [0x11, 0x14, 0x1a], [0x30, 0x0a, 0x24], [0x00, 0x00, 0xff]] {
            assert_eq!(of(dark), TerminalBackground::Dark, "{dark:?}");
        }
        for light in [[0xff, 0xff, 0xff], [0xfd, 0xf6, 0xe3], [0x80, 0x80, 0x80], [0x00, 0xff, 0x00]] {
            assert_eq!(of(light), TerminalBackground::Light, "{light:?}");
        }
    }
}
