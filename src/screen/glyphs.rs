//! ASCII replacements for our drawing characters, for terminals and fonts without them. Each is one cell wide, so the
//! layout stays.

use ratatui::buffer::Buffer;

/// Our non-ASCII characters and their replacements.
const SIGNS: [(&str, &str); 22] = [
    ("\u{2026}", "."),
    ("\u{fffd}", "?"),
    ("\u{b7}", "."),
    ("\u{2192}", ">"),
    ("\u{2500}", "-"),
    ("\u{2502}", "|"),
    ("\u{250c}", "+"),
    ("\u{2510}", "+"),
    ("\u{2514}", "+"),
    ("\u{2518}", "+"),
    ("\u{2581}", "_"),
    ("\u{2582}", "."),
    ("\u{2583}", ":"),
    ("\u{2584}", "-"),
    ("\u{2585}", "="),
    ("\u{2586}", "+"),
    ("\u{2587}", "*"),
    ("\u{2588}", "#"),
    ("\u{2591}", ":"),
    ("\u{2592}", "o"),
    ("\u{2593}", "%"),
    ("\u{2550}", "="),
];

/// Replaces our drawing characters in a buffer by ASCII.
pub(super) fn in_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Some((_, ascii)) = SIGNS.iter().find(|(sign, _)| *sign == cell.symbol()) {
            cell.set_symbol(ascii);
        }
    }
}
