//! A screen as an SVG picture. Rules, bars and blocks are drawn as shapes, so that the picture looks
//! alike in every font.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// The width and the height of a cell, in tenths of a pixel.
const CELL: (u32, u32) = (84, 180);
/// The baseline of a text below the top of its row, in tenths of a pixel.
const BASELINE: u32 = 136;
/// The colours of cells that name none, as in the dark theme.
const TEXT: &str = "#eef1f6";
const BACK: &str = "#11141a";

/// Draws a screen whose colours are RGB; a palette's colour is drawn as the default.
#[must_use]
pub fn svg(screen: &Buffer) -> String {
    let area = screen.area;
    let (width, height) = (u32::from(area.width) * CELL.0, u32::from(area.height) * CELL.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"ui-monospace, 'DejaVu Sans \
         Mono', Menlo, Consolas, monospace\" font-size=\"14\" role=\"img\" aria-label=\"the board of callboard\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{BACK}\"/>\n",
        pixels(width),
        pixels(height)
    );
    for (at, row) in screen.content.chunks(usize::from(area.width.max(1))).enumerate() {
        let y = u32::try_from(at).unwrap_or_default() * CELL.1;
        draw_row(&mut out, row, y);
    }
    out.push_str("</svg>\n");
    out
}

fn draw_row(out: &mut String, row: &[Cell], y: u32) {
    let same_back = |one: &Cell, other: &Cell| colours(one).1 == colours(other).1;
    for (from, run) in runs(row, same_back) {
        let back = run.first().map_or(BACK.to_owned(), |it| colours(it).1);
        if back != BACK {
            let (x, width) = (from * CELL.0, u32::try_from(run.len()).unwrap_or_default() * CELL.0);
            rect(out, (x, y), (width, CELL.1), &back);
        }
    }
    let same = |one: &Cell, other: &Cell| {
        colours(one).0 == colours(other).0
            && one.modifier.contains(Modifier::BOLD) == other.modifier.contains(Modifier::BOLD)
            && shape(one.symbol()) == shape(other.symbol())
    };
    for (from, run) in runs(row, same) {
        let Some(first) = run.first() else { continue };
        let (x, width) = (from * CELL.0, u32::try_from(run.len()).unwrap_or_default() * CELL.0);
        let fore = colours(first).0;
        match shape(first.symbol()) {
            Some(((left, top), (100, high))) => {
                rect(out, (x + left, y + top * CELL.1 / 100), (width, high * CELL.1 / 100), &fore);
            }
            Some(_) => draw_shapes(out, run, (x, y), &fore),
            None => draw_text(out, run, (x, y), (&fore, first.modifier.contains(Modifier::BOLD))),
        }
    }
}

/// Draws shapes that are narrower than their cells, one a cell.
fn draw_shapes(out: &mut String, run: &[Cell], (x, y): (u32, u32), fore: &str) {
    for (at, cell) in run.iter().enumerate() {
        let x = x + u32::try_from(at).unwrap_or_default() * CELL.0;
        let Some(((left, top), (wide, high))) = shape(cell.symbol()) else { continue };
        let (width, height) = (wide * CELL.0 / 100, high * CELL.1 / 100);
        rect(out, (x + left * CELL.0 / 100, y + top * CELL.1 / 100), (width.max(10), height.max(10)), fore);
        if cell.symbol() == "\u{252c}" {
            rect(out, (x, y + CELL.1 / 2 - 5), (CELL.0, 10), fore);
        }
    }
}

fn draw_text(out: &mut String, run: &[Cell], (x, y): (u32, u32), (fore, bold): (&str, bool)) {
    let text: String = run.iter().map(Cell::symbol).collect();
    let before = text.len() - text.trim_start().len();
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    let x = x + u32::try_from(before).unwrap_or_default() * CELL.0;
    let width = u32::try_from(text.chars().count()).unwrap_or_default() * CELL.0;
    let weight = if bold { " font-weight=\"bold\"" } else { "" };
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let element = format!(
        "<text x=\"{}\" y=\"{}\" textLength=\"{}\" xml:space=\"preserve\" fill=\"{fore}\"{weight}>{text}</text>\n",
        pixels(x),
        pixels(y + BASELINE),
        pixels(width)
    );
    out.push_str(&element);
}

fn rect(out: &mut String, (x, y): (u32, u32), (width, height): (u32, u32), fill: &str) {
    let [x, y, width, height] = [x, y, width, height].map(pixels);
    let element = format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>\n");
    out.push_str(&element);
}

/// Splits a row into runs of cells that are alike, each with the column that it begins at.
fn runs(row: &[Cell], alike: impl Fn(&Cell, &Cell) -> bool) -> Vec<(u32, &[Cell])> {
    let mut from = 0;
    let chunks = row.chunk_by(alike).map(|run| {
        let begin = from;
        from += u32::try_from(run.len()).unwrap_or_default();
        (begin, run)
    });
    chunks.collect()
}

/// The place and the size of a block or a rule in its cell, in hundredths; `None` for a text.
fn shape(symbol: &str) -> Option<((u32, u32), (u32, u32))> {
    Some(match symbol {
        "\u{2500}" => ((0, 47), (100, 6)),
        "\u{2501}" => ((0, 44), (100, 12)),
        "\u{2502}" => ((44, 0), (12, 100)),
        "\u{252c}" => ((44, 50), (12, 50)),
        "\u{254c}" => ((10, 47), (60, 6)),
        "\u{258c}" => ((0, 0), (50, 100)),
        "\u{2581}" => ((0, 88), (100, 12)),
        "\u{2582}" => ((0, 75), (100, 25)),
        "\u{2583}" => ((0, 62), (100, 38)),
        "\u{2584}" => ((0, 50), (100, 50)),
        "\u{2585}" => ((0, 37), (100, 63)),
        "\u{2586}" => ((0, 25), (100, 75)),
        "\u{2587}" => ((0, 12), (100, 88)),
        "\u{2588}" => ((0, 0), (100, 100)),
        _ => return None,
    })
}

/// The colours of a cell's text and background.
fn colours(cell: &Cell) -> (String, String) {
    let hex = |colour: Color, unsaid: &str| {
        let Color::Rgb(red, green, blue) = colour else { return unsaid.to_owned() };
        format!("#{red:02x}{green:02x}{blue:02x}")
    };
    let (fore, back) = (hex(cell.fg, TEXT), hex(cell.bg, BACK));
    if cell.modifier.contains(Modifier::REVERSED) { (back, fore) } else { (fore, back) }
}

/// Tenths of a pixel as pixels.
fn pixels(tenths: u32) -> String {
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn texts_and_bars_stand_where_their_cells_do() {
        let mut screen = Buffer::empty(Rect::new(0, 0, 8, 2));
        screen.set_string(1, 0, "a<b", Style::new().fg(Color::Rgb(255, 0, 0)).add_modifier(Modifier::BOLD));
        screen.set_string(0, 1, "\u{2587}\u{2587}", Style::new().fg(Color::Rgb(0, 255, 0)));
        let picture = svg(&screen);
        assert!(picture.contains("x=\"8.4\" y=\"13.6\" textLength=\"25.2\""), "{picture}");
        assert!(picture.contains("fill=\"#ff0000\" font-weight=\"bold\">a&lt;b</text>"), "{picture}");
        assert!(picture.contains("width=\"16.8\" height=\"15.8\" fill=\"#00ff00\"/>"), "{picture}");
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    }
}
