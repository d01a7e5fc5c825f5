//! The themes: how readable every pair of colours is, who can tell them apart, and that no meaning is in a colour alone.
//!
//! Contrast is that of WCAG 2.2. The themes of 16 colours name places of the terminal's palette; six well-known ones
//! are looked at here.

use callboard::screen::{TerminalBackground, Theme, paint};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::screens::busy;
use crate::support::desk_driver::Story;

type Rgb = [f64; 3];

/// A well-known palette: its 16 colours, and its text and background where nothing is said.
struct Palette {
    name: &'static str,
    background: TerminalBackground,
    colours: [u32; 16],
    text: u32,
    back: u32,
}

const XTERM: [u32; 16] = [
    0x00_00_00, 0xcd_00_00, 0x00_cd_00, 0xcd_cd_00, 0x00_00_ee, 0xcd_00_cd, 0x00_cd_cd, 0xe5_e5_e5, 0x7f_7f_7f,
    0xff_00_00, 0x00_ff_00, 0xff_ff_00, 0x5c_5c_ff, 0xff_00_ff, 0x00_ff_ff, 0xff_ff_ff,
];
const SOLARIZED: [u32; 16] = [
    0x07_36_42,
    0xdc_32_2f,
    0x85_99_00,
    0xb5_89_00,
    0x26_8b_d2,
    0xd3_36_82,
    0x2a_a1_98,
    0xee_e8_d5,
    0x00_2b_36,
    0x00cb_4b16,
    0x58_6e_75,
    0x65_7b_83,
    0x83_94_96,
    0x6c_71_c4,
    0x93_a1_a1,
    0xfd_f6_e3,
];
const LINUX: [u32; 16] = [
    0x00_00_00, 0xaa_00_00, 0x00_aa_00, 0xaa_55_00, 0x00_00_aa, 0xaa_00_aa, 0x00_aa_aa, 0xaa_aa_aa, 0x55_55_55,
    0xff_55_55, 0x55_ff_55, 0xff_ff_55, 0x55_55_ff, 0xff_55_ff, 0x55_ff_ff, 0xff_ff_ff,
];
const CAMPBELL: [u32; 16] = [
    0x0c_0c_0c, 0xc5_0f_1f, 0x13_a1_0e, 0xc1_9c_00, 0x00_37_da, 0x88_17_98, 0x3a_96_dd, 0xcc_cc_cc, 0x76_76_76,
    0xe7_48_56, 0x16_c6_0c, 0xf9_f1_a5, 0x3b_78_ff, 0xb4_00_9e, 0x61_d6_d6, 0xf2_f2_f2,
];

const PALETTES: [Palette; 6] = [
    Palette { name: "xterm", background: TerminalBackground::Dark, colours: XTERM, text: 0xe5_e5_e5, back: 0x00_00_00 },
    Palette {
        name: "xterm, white",
        background: TerminalBackground::Light,
        colours: XTERM,
        text: 0x00_00_00,
        back: 0xff_ff_ff,
    },
    Palette {
        name: "Solarized dark",
        background: TerminalBackground::Dark,
        colours: SOLARIZED,
        text: 0x83_94_96,
        back: 0x00_2b_36,
    },
    Palette {
        name: "Solarized light",
        background: TerminalBackground::Light,
        colours: SOLARIZED,
        text: 0x65_7b_83,
        back: 0xfd_f6_e3,
    },
    Palette {
        name: "Linux console",
        background: TerminalBackground::Dark,
        colours: LINUX,
        text: 0xaa_aa_aa,
        back: 0x00_00_00,
    },
    Palette {
        name: "Windows Terminal",
        background: TerminalBackground::Dark,
        colours: CAMPBELL,
        text: 0xcc_cc_cc,
        back: 0x0c_0c_0c,
    },
];

fn hex(colour: u32) -> Rgb {
    let [_, red, green, blue] = colour.to_be_bytes();
    [red, green, blue].map(f64::from)
}

impl Palette {
    fn rgb(&self, colour: Color, unsaid: u32) -> Rgb {
        let indexed = |at: usize| hex(self.colours[at]);
        match colour {
            Color::Rgb(red, green, blue) => [red, green, blue].map(f64::from),
            Color::Reset => hex(unsaid),
            Color::Indexed(at @ 16..=231) => {
                let level = |it: u8| f64::from(if it == 0 { 0 } else { 55 + 40 * it });
                let at = at - 16;
                [level(at / 36), level(at / 6 % 6), level(at % 6)]
            }
            Color::Indexed(at @ 232..) => [f64::from(8 + 10 * (at - 232)); 3],
            Color::Black => indexed(0),
            Color::Red => indexed(1),
            Color::Yellow => indexed(3),
            Color::Blue => indexed(4),
            Color::Gray => indexed(7),
            Color::LightRed => indexed(9),
            Color::LightYellow => indexed(11),
            Color::LightCyan => indexed(14),
            Color::White => indexed(15),
            other => panic!("{other:?} is no colour of a theme"),
        }
    }

    /// The contrast of what is drawn in a style.
    fn seen(&self, style: Style) -> f64 {
        let fore = self.rgb(style.fg.unwrap_or(Color::Reset), self.text);
        let back = self.rgb(style.bg.unwrap_or(Color::Reset), self.back);
        contrast(fore, back)
    }
}

fn linear(colour: Rgb) -> Rgb {
    colour.map(|it| it / 255.0).map(|it| if it <= 0.04045 { it / 12.92 } else { ((it + 0.055) / 1.055).powf(2.4) })
}

fn contrast(one: Rgb, other: Rgb) -> f64 {
    let luminance = |colour| {
        let [red, green, blue] = linear(colour);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// What a style is drawn for, and so how much contrast it needs (WCAG 2.2, success criteria 1.4.3 and 1.4.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Words, which need more contrast.
    Text,
    /// Signs, bars, chips and rules that say something: shapes, with a word elsewhere.
    Sign,
    /// Rules and tracks, which say nothing.
    Decoration,
}

impl Use {
    const fn least(self) -> f64 {
        match self {
            Self::Text => 4.5,
            Self::Sign => 3.0,
            Self::Decoration => 1.0,
        }
    }
}

/// Every style of a theme as it is drawn: on the ground, on a selected row, on a sheet, behind one, and without a line.
/// Behind a sheet a selected row stays as it was, and a sheet is the same without a line.
fn pairs(theme: &Theme) -> Vec<(String, Style, Use)> {
    let mut pairs = Vec::new();
    let frozen_row = theme.without_line_on_selected_row();
    for (state, theme, over) in [
        ("", *theme, Style::new()),
        ("selected, ", theme.on_selected_row(), theme.selected),
        ("on a sheet, ", theme.on_sheet(), theme.sheet),
        ("without a line, ", theme.without_line(), Style::new()),
        ("without a line, selected, ", frozen_row, frozen_row.selected),
        ("behind, ", theme.behind_sheet(), Style::new()),
    ] {
        let [fine, long, too_long] = theme.bars;
        let roles = [
            ("text", theme.text, Use::Text),
            ("facts", theme.facts, Use::Text),
            ("quiet", theme.quiet, Use::Text),
            ("title", theme.title, Use::Text),
            ("good", theme.good, Use::Text),
            ("good, fresh", theme.good.add_modifier(Modifier::REVERSED), Use::Text),
            ("warning", theme.warning, Use::Text),
            ("bad", theme.bad, Use::Text),
            ("late", theme.late[0], chip_or_text(theme.late[0])),
            ("too late", theme.late[1], chip_or_text(theme.late[1])),
            ("long", theme.chips[0], chip_or_text(theme.chips[0])),
            ("too long", theme.chips[1], chip_or_text(theme.chips[1])),
            ("armed", theme.armed, Use::Text),
            ("focus", theme.focus, Use::Sign),
            ("cursor", theme.cursor, Use::Sign),
            ("fine bar", fine, Use::Sign),
            ("long bar", long, Use::Sign),
            ("too long bar", too_long, Use::Sign),
            ("line", theme.line, Use::Decoration),
        ];
        for (role, style, used) in roles {
            pairs.push((format!("{state}{role}"), theme.ground.patch(over).patch(style), used));
        }
    }
    pairs
}

/// A word on a ground of its own colour is a chip: a bold shape, beside which the sign says the same.
fn chip_or_text(style: Style) -> Use {
    if matches!(style.bg, Some(Color::Yellow | Color::Red)) { Use::Sign } else { Use::Text }
}

#[test]
fn every_pair_of_colours_can_be_read_in_six_palettes() {
    let names = Theme::NAMES.into_iter().filter(|it| *it != "mono");
    for (name, palette) in names.flat_map(|name| PALETTES.iter().map(move |palette| (name, palette))) {
        let theme = Theme::named(name, palette.background).unwrap();
        for (depth, theme) in [("", theme), (" in 256 colours", theme.in_256_colours())] {
            let mut worst: Option<(f64, String)> = None;
            for (role, style, used) in pairs(&theme) {
                let seen = palette.seen(style);
                assert!(
                    seen >= used.least(),
                    "{name}{depth} in {}: {role} has {seen:.2}, at least {} is wanted",
                    palette.name,
                    used.least()
                );
                if used == Use::Text && worst.as_ref().is_none_or(|it| seen < it.0) {
                    worst = Some((seen, role));
                }
            }
            let (seen, role) = worst.unwrap();
            eprintln!("{name}{depth} in {}: the least contrast of a text is {seen:.2} ({role})", palette.name);
        }
    }
    assert!((contrast([255.0; 3], [0.0; 3]) - 21.0).abs() < 1e-9);
    assert!(contrast([119.0; 3], [255.0; 3]) < 4.5);
}

#[test]
fn a_theme_of_sixteen_colours_has_no_text_in_a_colour_that_some_palette_hides() {
    for background in [TerminalBackground::Dark, TerminalBackground::Light, TerminalBackground::Unknown] {
        for (role, style, used) in pairs(&Theme::sixteen(background)) {
            let bare = style.bg.is_none() && used == Use::Text;
            let hidden = matches!(style.fg, Some(Color::DarkGray | Color::Yellow | Color::Green));
            assert!(!(bare && hidden), "{background:?}: {role} is {style:?}");
        }
    }
}

/// What stands on the screen, in the styles of its cells.
fn painted(story: &Story, theme: &Theme, (columns, rows): (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, columns, rows);
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, &story.desk, theme);
    buffer
}

/// Stories with something over the board, and one whose line is down.
pub(crate) fn scenes() -> Vec<(&'static str, Story)> {
    let over = |name, keys: &str| {
        let mut story = busy();
        story.press(keys);
        (name, story)
    };
    let mut stale = busy();
    stale.line_breaks("gone").after(1_200);
    let mut forced = busy();
    forced.line_breaks("gone").after(1_200).press(":").types("force mute").press("Enter");
    vec![
        ("forced", forced),
        ("faults", super::gallery::presenting_after("F G")),
        ("notes", super::gallery::presenting_after("D D")),
        ("bulk", super::gallery::marked_after("m")),
        ("board", busy()),
        ("calls", over("", "1").1),
        ("operations", over("", "3").1),
        over("help", "?"),
        over("confirm", "r"),
        over("typed", "X"),
        over("details", "3 Enter"),
        over("waiting", "w"),
        over("story", "S"),
        over("last hour", "V"),
        over("palette", ":"),
        over("filter", "1 /"),
        ("stale", stale),
    ]
}

#[test]
fn nothing_is_drawn_in_a_pair_that_was_not_looked_at() {
    for name in Theme::NAMES {
        let theme = Theme::named(name, TerminalBackground::Dark).unwrap();
        let pair = |style: Style| (style.fg.unwrap_or(Color::Reset), style.bg.unwrap_or(Color::Reset));
        let known: Vec<_> = pairs(&theme).into_iter().map(|(_, style, _)| pair(style)).collect();
        for (scene, story) in scenes() {
            let buffer = painted(&story, &theme, (120, 36));
            let odd = buffer.content.iter().find(|it| !known.contains(&(it.fg, it.bg)) && it.symbol() != " ");
            assert!(odd.is_none(), "{name}, {scene}: {odd:?}");
            let bare = |it: &&Cell| theme.ground.bg.is_some_and(|ground| it.bg == Color::Reset && ground != it.bg);
            assert_eq!(buffer.content.iter().filter(bare).count(), 0, "{name}, {scene}: the ground has holes");
        }
    }
}

#[test]
fn what_a_colour_says_a_word_or_a_sign_says_too() {
    let words = |buffer: &Buffer| buffer.content.iter().map(Cell::symbol).collect::<String>();
    for (scene, story) in scenes() {
        for size in [(60, 20), (80, 24), (120, 36), (200, 60)] {
            let mono = painted(&story, &Theme::mono(), size);
            assert!(mono.content.iter().all(|it| (it.fg, it.bg) == (Color::Reset, Color::Reset)), "{scene}");
            for name in ["default", "dark", "light", "high-contrast", "colour-blind"] {
                let theme = Theme::named(name, TerminalBackground::Dark).unwrap();
                assert_eq!(words(&painted(&story, &theme, size)), words(&mono), "{scene} in {name}");
            }
            let ascii = painted(&story, &Theme::mono().in_ascii(), size);
            assert!(words(&ascii).is_ascii(), "{scene}: {}", words(&ascii));
        }
    }
    // A selected row has its sign too.
    assert!(words(&painted(&busy(), &Theme::mono(), (120, 36))).contains("\u{258c}  ! Bob"));
    assert!(Theme::mono().selected.add_modifier.contains(Modifier::BOLD));
}

/// What a colour looks like to somebody who lacks one kind of cones (Machado, Oliveira, Fernandes 2009, severity 1).
fn lacking(kind: &[[f64; 3]; 3], colour: Rgb) -> Rgb {
    let light = linear(colour);
    kind.map(|row| row.iter().zip(light).map(|(part, light)| part * light).sum::<f64>().clamp(0.0, 1.0))
}

#[test]
fn people_of_every_kind_of_colour_vision_tell_the_states_apart() {
    const PROTAN: [[f64; 3]; 3] =
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]];
    const DEUTAN: [[f64; 3]; 3] =
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_82, 0.042_94, 0.968_881]];
    const TRITAN: [[f64; 3]; 3] =
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_9]];
    let least = |theme: &Theme, kind: &[[f64; 3]; 3]| {
        let hues = [theme.good, theme.focus, theme.warning, theme.bad].map(|it| PALETTES[0].rgb(it.fg.unwrap(), 0));
        let mut least = f64::MAX;
        for (at, one) in hues.iter().enumerate() {
            for other in &hues[at + 1..] {
                let (one, other) = (lacking(kind, *one), lacking(kind, *other));
                let apart = one.iter().zip(other).map(|(a, b)| (a.sqrt() - b.sqrt()).powi(2)).sum::<f64>().sqrt();
                least = least.min(apart);
            }
        }
        least
    };
    let safe = Theme::named("colour-blind", TerminalBackground::Dark).unwrap();
    for (kind, matrix) in [("protan", PROTAN), ("deutan", DEUTAN), ("tritan", TRITAN)] {
        let (ours, default) = (least(&safe, &matrix), least(&Theme::default(), &matrix));
        eprintln!("{kind}: the closest pair of states is {ours:.2} apart; in the default theme {default:.2}");
        assert!(ours >= 0.2, "{kind}: {ours:.2}");
    }
}
