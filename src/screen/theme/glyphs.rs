//! Replacements for our drawing characters, for terminals and fonts without them. Each is one cell wide,
//! so the layout stays.

use ratatui::buffer::Buffer;

use super::GlyphSet;

/// Our drawing characters, and what the Linux console and ASCII have instead.
const SIGNS: [(&str, &str, &str); 21] = [
    ("\u{fffd}", "\u{fffd}", "?"),
    ("\u{2026}", "\u{2026}", "."),
    ("\u{2500}", "\u{2500}", "-"),
    ("\u{2501}", "\u{2550}", "="),
    ("\u{2502}", "\u{2502}", "|"),
    ("\u{252c}", "\u{252c}", "+"),
    ("\u{2534}", "\u{2534}", "+"),
    ("\u{2550}", "\u{2550}", "="),
    ("\u{254c}", "-", "."),
    ("\u{258c}", "\u{258c}", ">"),
    ("\u{2591}", "\u{2591}", ":"),
    ("\u{2581}", "\u{2591}", "_"),
    ("\u{2582}", "\u{2591}", "."),
    ("\u{2583}", "\u{2591}", "-"),
    ("\u{2584}", "\u{2584}", "-"),
    ("\u{2585}", "\u{2584}", "="),
    ("\u{2586}", "\u{2584}", "+"),
    ("\u{2587}", "\u{2588}", "#"),
    ("\u{2588}", "\u{2588}", "#"),
    ("\u{b7}", "\u{b7}", "."),
    ("\u{2592}", "\u{2592}", "o"),
];

/// Replaces our drawing characters in a buffer by those of a set.
pub(in crate::screen) fn replace(buffer: &mut Buffer, set: GlyphSet) {
    if set == GlyphSet::Blocks {
        return;
    }
    for cell in &mut buffer.content {
        if let Some((_, console, ascii)) = SIGNS.iter().find(|(sign, ..)| *sign == cell.symbol()) {
            cell.set_symbol(if set == GlyphSet::Ascii { ascii } else { console });
        }
    }
}
