//! Tests of the themes: the contrast of every pair of colours, colour blindness, and no meaning by colour alone.
//!
//! Contrast is that of WCAG 2.2. The default theme uses palette colours, for which these tests assume xterm's default
//! palette on black. A terminal may have a different palette.

use callboard::screen::{Theme, paint};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::screens::busy;
use crate::support::desk_driver::Story;

type Rgb = [f64; 3];

/// xterm's palette, and its white on black where nothing is said.
fn rgb(colour: Color, unsaid: Rgb) -> Rgb {
    match colour {
        Color::Rgb(red, green, blue) => [red, green, blue].map(f64::from),
        Color::Reset => unsaid,
        Color::DarkGray => [127.0; 3],
        Color::Green => [0.0, 205.0, 0.0],
        Color::Cyan => [0.0, 205.0, 205.0],
        Color::Yellow => [205.0, 205.0, 0.0],
        Color::Red => [205.0, 0.0, 0.0],
        other => panic!("{other:?} is no colour of a theme"),
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

/// The contrast of what is written in a style.
fn seen(style: Style) -> f64 {
    let fore = rgb(style.fg.unwrap_or(Color::Reset), [229.0; 3]);
    let back = rgb(style.bg.unwrap_or(Color::Reset), [0.0; 3]);
    contrast(fore, back)
}

/// Every style of a theme as it is drawn: plain, selected, marked, and all of it on a board that stands still.
fn pairs(theme: &Theme) -> Vec<(String, Style)> {
    let mut pairs = Vec::new();
    for (state, theme) in [("", *theme), ("stale ", theme.dimmed())] {
        let roles = [
            ("text", theme.text),
            ("quiet", theme.quiet),
            ("title", theme.title),
            ("good", theme.good),
            ("busy", theme.busy),
            ("warning", theme.warning),
            ("bad", theme.bad),
            ("focus", theme.focus),
            ("title in focus", theme.focus.add_modifier(Modifier::BOLD)),
        ];
        for (role, style) in roles {
            let plain = theme.ground.patch(style);
            pairs.push((format!("{state}{role}"), plain));
            pairs.push((format!("{state}{role}, selected"), plain.patch(theme.selected)));
            pairs.push((format!("{state}{role}, marked"), plain.patch(theme.marked)));
        }
    }
    pairs
}

#[test]
fn every_pair_of_colours_is_legible() {
    for (name, least) in [("high-contrast", 4.5), ("colour-blind", 3.0), ("default", 3.0), ("ascii", 3.0)] {
        let theme = Theme::named(name).unwrap();
        let mut graded: Vec<_> = pairs(&theme).into_iter().map(|(role, style)| (seen(style), role)).collect();
        graded.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (worst, role) = &graded[0];
        eprintln!("{name}: {} pairs, the least contrast is {worst:.2} ({role})", graded.len());
        assert!(*worst >= least, "{name}: {role} has {worst:.2}, at least {least} is wanted");
    }
    assert!(seen(Style::new().fg(Color::Rgb(119, 119, 119)).bg(Color::Rgb(255, 255, 255))) < 4.5);
    assert!((contrast([255.0; 3], [0.0; 3]) - 21.0).abs() < 1e-9);
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
fn only_checked_pairs_of_colours_are_used() {
    for name in Theme::NAMES {
        let theme = Theme::named(name).unwrap();
        let pair = |style: Style| (style.fg.unwrap_or(Color::Reset), style.bg.unwrap_or(Color::Reset));
        let known: Vec<_> = pairs(&theme).into_iter().map(|(_, style)| pair(style)).collect();
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
fn every_colour_is_accompanied_by_a_word_or_sign() {
    let words = |buffer: &Buffer| buffer.content.iter().map(Cell::symbol).collect::<String>();
    for (scene, story) in scenes() {
        for size in [(60, 20), (80, 24), (120, 36), (200, 60)] {
            let mono = painted(&story, &Theme::mono(), size);
            assert!(mono.content.iter().all(|it| (it.fg, it.bg) == (Color::Reset, Color::Reset)), "{scene}");
            for name in ["default", "high-contrast", "colour-blind"] {
                let theme = Theme::named(name).unwrap();
                assert_eq!(words(&painted(&story, &theme, size)), words(&mono), "{scene} in {name}");
            }
            let ascii = painted(&story, &Theme::mono().in_ascii(), size);
            assert!(words(&ascii).is_ascii(), "{scene}: {}", words(&ascii));
        }
    }
    // A selected row also has a sign.
    assert!(words(&painted(&busy(), &Theme::mono(), (120, 36))).contains("> Bob"));
    assert!(Theme::mono().selected.add_modifier.contains(Modifier::REVERSED));
}

/// What a colour looks like to somebody who lacks one kind of cones (Machado, Oliveira, Fernandes 2009, severity 1).
fn lacking(kind: &[[f64; 3]; 3], colour: Rgb) -> Rgb {
    let light = linear(colour);
    kind.map(|row| row.iter().zip(light).map(|(part, light)| part * light).sum::<f64>().clamp(0.0, 1.0))
}

#[test]
fn states_are_distinguishable_with_every_kind_of_colour_vision() {
    const PROTAN: [[f64; 3]; 3] =
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]];
    const DEUTAN: [[f64; 3]; 3] =
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_82, 0.042_94, 0.968_881]];
    const TRITAN: [[f64; 3]; 3] =
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_9]];
    let least = |theme: &Theme, kind: &[[f64; 3]; 3]| {
        let hues = [theme.good, theme.busy, theme.warning, theme.bad].map(|it| rgb(it.fg.unwrap(), [0.0; 3]));
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
    let safe = Theme::named("colour-blind").unwrap();
    for (kind, matrix) in [("protan", PROTAN), ("deutan", DEUTAN), ("tritan", TRITAN)] {
        let (ours, default) = (least(&safe, &matrix), least(&Theme::default(), &matrix));
        eprintln!("{kind}: the closest pair of states is {ours:.2} apart; in the default theme {default:.2}");
        assert!(ours >= 0.2, "{kind}: {ours:.2}");
    }
}
