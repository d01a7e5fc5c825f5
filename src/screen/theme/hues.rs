//! The themes' colours, as data.
//!
//! These themes define every colour in RGB, including the background, so that their contrast is known and tested.

use ratatui::style::Color;

/// The colours of a theme.
pub(super) struct ThemeColours {
    /// The background, that of the selected row, and that of a sheet.
    pub(super) grounds: [Color; 3],
    /// Names and what is happening, facts, and labels and what is normal.
    pub(super) words: [Color; 3],
    pub(super) line: Color,
    /// The focused pane.
    pub(super) focus: Color,
    pub(super) good: Color,
    pub(super) warning: Color,
    pub(super) bad: Color,
    /// The bar of a wait within its limits.
    pub(super) calm: Color,
    /// The text of chips, on the colours of their level.
    pub(super) chip_text: Color,
    /// The two greys of a board without a line, and of the board behind a question.
    pub(super) stale: [Color; 2],
}

const fn rgb(hex: u32) -> Color {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color::Rgb(red, green, blue)
}

pub(super) const DARK: ThemeColours = ThemeColours {
    grounds: [rgb(0x11_14_1a), rgb(0x1a_29_42), rgb(0x1a_1f_2a)],
    words: [rgb(0xee_f1_f6), rgb(0xb3_bc_cb), rgb(0x81_8b_9d)],
    line: rgb(0x39_41_4f),
    focus: rgb(0x6c_ac_ff),
    good: rgb(0x6f_d3_9a),
    warning: rgb(0xf5_c0_4a),
    bad: rgb(0xff_55_66),
    calm: rgb(0x7b_86_9a),
    chip_text: rgb(0x11_14_1a),
    stale: [rgb(0x81_8b_9d), rgb(0x76_7f_90)],
};

pub(super) const LIGHT: ThemeColours = ThemeColours {
    grounds: [rgb(0xfb_fb_f9), rgb(0xe4_ee_fe), rgb(0xf0_f1_f3)],
    words: [rgb(0x14_18_20), rgb(0x3c_45_54), rgb(0x54_5d_6c)],
    line: rgb(0xc4_c9_d2),
    focus: rgb(0x0b_57_c8),
    good: rgb(0x0d_6b_3a),
    warning: rgb(0x8a_50_00),
    bad: rgb(0xb3_15_26),
    calm: rgb(0x70_7a_8a),
    chip_text: rgb(0xff_ff_ff),
    stale: [rgb(0x54_5d_6c), rgb(0x6a_72_80)],
};

pub(super) const HIGH_CONTRAST: ThemeColours = ThemeColours {
    grounds: [rgb(0x00_00_00), rgb(0x00_2a_4c), rgb(0x14_14_14)],
    words: [rgb(0xff_ff_ff), rgb(0xff_ff_ff), rgb(0xd8_d8_d8)],
    line: rgb(0x8c_8c_8c),
    focus: rgb(0x5a_e6_ff),
    good: rgb(0x5a_ff_5a),
    warning: rgb(0xff_eb_3c),
    bad: rgb(0xff_8c_8c),
    calm: rgb(0xd8_d8_d8),
    chip_text: rgb(0x00_00_00),
    stale: [rgb(0xd8_d8_d8), rgb(0xb4_b4_b4)],
};

/// The palette of Okabe and Ito, which is distinguishable with every kind of colour vision.
pub(super) const COLOUR_BLIND: ThemeColours = ThemeColours {
    grounds: [rgb(0x00_00_00), rgb(0x0c_20_2f), rgb(0x17_17_17)],
    words: [rgb(0xeb_eb_eb), rgb(0xc8_c8_c8), rgb(0x9b_9b_9b)],
    line: rgb(0x46_46_46),
    focus: rgb(0x56_b4_e9),
    good: rgb(0x00_9e_73),
    warning: rgb(0xf0_e4_42),
    bad: rgb(0xf0_70_18),
    calm: rgb(0x96_96_96),
    chip_text: rgb(0x00_00_00),
    stale: [rgb(0x9b_9b_9b), rgb(0x8c_8c_8c)],
};

/// The levels of the 6 x 6 x 6 cube of the 256 colours.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of the colours 16 to 255, which every terminal of 256 colours has alike; a palette colour stays.
pub(super) fn nearest_of_256(colour: Color) -> Color {
    nearest_of_256_if(colour, |_| true)
}

/// The nearest of the colours 16 to 255 that has as much contrast with a text as the colour itself, or more.
pub(super) fn nearest_ground_of_256(colour: Color, text: Color) -> Color {
    let (Color::Rgb(red, green, blue), Color::Rgb(text_red, text_green, text_blue)) = (colour, text) else {
        return nearest_of_256(colour);
    };
    let own = lightness([red, green, blue]);
    let text_is_lighter = lightness([text_red, text_green, text_blue]) > own;
    nearest_of_256_if(colour, |it| if text_is_lighter { lightness(it) <= own } else { lightness(it) >= own })
}

/// The weighted sum of a colour's parts, to compare two colours of the same kind.
fn lightness([red, green, blue]: [u8; 3]) -> u32 {
    2_126 * u32::from(red) + 7_152 * u32::from(green) + 722 * u32::from(blue)
}

fn nearest_of_256_if(colour: Color, suits: impl Fn([u8; 3]) -> bool) -> Color {
    let Color::Rgb(red, green, blue) = colour else { return colour };
    let cube = (0_u8..216).map(|at| {
        let level = |it: u8| LEVELS.get(usize::from(it)).copied().unwrap_or_default();
        (16 + at, [level(at / 36), level(at / 6 % 6), level(at % 6)])
    });
    let greys = (0_u8..24).map(|at| (232 + at, [8 + 10 * at; 3]));
    let away = |it: &[u8; 3]| -> u32 {
        it.iter().zip([red, green, blue]).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    cube.chain(greys)
        .filter(|(_, it)| suits(*it))
        .min_by_key(|(_, it)| away(it))
        .map_or(colour, |(index, _)| Color::Indexed(index))
}
