//! The sanitiser, which makes untrusted text safe to draw.
//!
//! Names, subjects, error messages and labels come from outside. A control sequence must not reach the terminal, a
//! direction override must not reverse a line, a zero-width character must not make two names look alike, and a flood
//! of combining marks must not paint over other rows. Right-to-left letters stay. Knows nothing of desks and floors.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Text that may be drawn; only the sanitiser makes it.
///
/// Invariant: no control, no direction control, no invisible letter, no variation selector; at most [`DisplayText::GRAPHEMES`] clusters of at
/// most 12 characters, of which at most 4 are combining marks; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayText {
    text: String,
    altered: bool,
    /// Whether every character takes one column by itself; see [`is_plain`].
    plain: bool,
}

/// The replacement for characters that cannot be shown.
const REPLACEMENT: char = '\u{FFFD}';

/// The sanitiser's treatment of a character.
enum CharAction {
    Stays,
    Space,
    Replaced,
    Removed,
    /// Removed, without a mark, because the text says the same without it.
    Dropped,
}

/// The end of a text that was cut.
const CUT: &str = "..";

impl DisplayText {
    /// The maximum number of bytes of a text that are read.
    pub const BYTES: usize = 4_096;
    /// The maximum number of grapheme clusters that are kept.
    pub const GRAPHEMES: usize = 256;
    /// The mark after a text from which characters were removed.
    pub const MARK: char = '^';

    const MARKS: usize = 4;
    const CHARACTERS: usize = 12;

    /// Sanitises a text.
    #[must_use]
    pub fn clean(raw: &str) -> Self {
        // Only a short text is looked through.
        let is_short =
            raw.len() <= Self::GRAPHEMES || raw.len() <= Self::BYTES && raw.chars().count() <= Self::GRAPHEMES;
        if !raw.is_empty() && is_short && is_plain(raw) && !raw.contains("  ") && raw.trim() == raw {
            return Self { text: raw.to_owned(), altered: false, plain: true };
        }
        let capped = raw.get(..raw.floor_char_boundary(Self::BYTES)).unwrap_or_default();
        let mut altered = capped.len() < raw.len();
        let visible = without_invisible(capped, &mut altered);
        let mut text = String::with_capacity(visible.len());
        for (at, cluster) in visible.trim().graphemes(true).enumerate() {
            if at == Self::GRAPHEMES {
                altered = true;
                break;
            }
            push_cluster(&mut text, cluster, &mut altered);
        }
        if text.is_empty() {
            text.push(REPLACEMENT);
            altered = true;
        }
        Self { plain: is_plain(&text), text, altered }
    }

    /// The sanitised text, without the mark.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether anything but white space and the choice of an emoji's form was removed or replaced.
    #[must_use]
    pub const fn altered(&self) -> bool {
        self.altered
    }

    /// The width in columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns() + usize::from(self.altered)
    }

    fn columns(&self) -> usize {
        if self.plain { self.text.chars().count() } else { self.text.width() }
    }

    /// The text in exactly `width` columns, cut with `..` if it is longer; an altered text ends with [`Self::MARK`].
    #[must_use]
    pub fn fit(&self, width: usize) -> String {
        let mark = usize::from(self.altered).min(width);
        let room = width - mark;
        let full = self.columns();
        let mut used = 0;
        let mut out = String::with_capacity(width);
        let cut = if full > room { CUT.len().min(room) } else { 0 };
        let limit = room - cut;
        if self.plain {
            used = full.min(limit);
            out.extend(self.text.chars().take(used));
        } else {
            for cluster in self.text.graphemes(true) {
                let columns = cluster.width();
                if used + columns > limit {
                    break;
                }
                out.push_str(cluster);
                used += columns;
            }
        }
        out.extend(CUT.chars().take(cut));
        used += cut;
        if mark > 0 {
            out.push(Self::MARK);
            used += 1;
        }
        out.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
        out
    }

    /// The text as lines of at most `width` columns, broken after white space if possible.
    #[must_use]
    pub fn wrap(&self, width: usize) -> Vec<String> {
        let width = width.max(2);
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut used = 0;
        for word in self.text.split_inclusive(' ') {
            let columns = word.trim_end().width();
            if used > 0 && used + columns > width && columns <= width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            for cluster in word.graphemes(true) {
                if used + cluster.width() > width {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                    if cluster == " " {
                        continue;
                    }
                }
                line.push_str(cluster);
                used += cluster.width();
            }
        }
        lines.push(line);
        lines
    }
}

/// Whether every character takes one column by itself: printable ASCII, and the drawing characters of the board. Most
/// texts are, and need no search for clusters and widths.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().all(|it| matches!(it, ' '..='~' | '\u{2500}'..='\u{259f}'))
}

/// The text without invisible characters, with each run of white space as one space, and each run of control characters
/// as one replacement.
fn without_invisible(raw: &str, altered: &mut bool) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut before: Option<char> = None;
    for (at, letter) in raw.char_indices() {
        let next = raw.get(at + letter.len_utf8()..).and_then(|it| it.chars().next());
        let joins = before.is_some_and(|it| !it.is_ascii()) && next.is_some_and(|it| !it.is_ascii());
        let kept = match action_of(letter, joins) {
            CharAction::Stays => letter,
            CharAction::Space => ' ',
            CharAction::Replaced => {
                *altered = true;
                REPLACEMENT
            }
            CharAction::Removed => {
                *altered = true;
                continue;
            }
            // After an ASCII letter it chooses no form: it only makes two names differ. In a keycap it does.
            CharAction::Dropped => {
                *altered |= before.is_none_or(|it| it.is_ascii()) && next != Some('\u{20E3}');
                continue;
            }
        };
        let repeats = before == Some(kept) && (kept == ' ' || kept == REPLACEMENT);
        if !repeats {
            out.push(kept);
        }
        before = Some(kept);
    }
    out
}

fn action_of(letter: char, joins: bool) -> CharAction {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, Surrogate, Unassigned};
    match letter {
        '\t' | '\n' | '\r' => return CharAction::Space,
        // Variation selectors 15 and 16 choose between the text and emoji forms of a character. Terminals disagree on
        // the width of what they choose, so the characters are drawn as they are by themselves.
        '\u{FE0E}' | '\u{FE0F}' => return CharAction::Dropped,
        '\u{200C}' | '\u{200D}' if joins => return CharAction::Stays,
        // Letters without a visible glyph.
        '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}' => {
            return CharAction::Removed;
        }
        '\u{180B}'..='\u{180F}' | '\u{FE00}'..='\u{FE0D}' | '\u{E0000}'..='\u{E0FFF}' => return CharAction::Removed,
        _ => {}
    }
    let category = letter.general_category();
    if matches!(category, Control | PrivateUse | Unassigned | Surrogate | LineSeparator | ParagraphSeparator) {
        return CharAction::Replaced;
    }
    if category == Format {
        return CharAction::Removed;
    }
    if letter.is_whitespace() { CharAction::Space } else { CharAction::Stays }
}

fn push_cluster(text: &mut String, cluster: &str, altered: &mut bool) {
    let mut marks = 0;
    for (at, letter) in cluster.chars().enumerate() {
        let mark = is_mark(letter);
        marks += usize::from(mark);
        if at == 0 && mark {
            text.push(REPLACEMENT);
            *altered = true;
        } else if at >= DisplayText::CHARACTERS || marks > DisplayText::MARKS {
            *altered = true;
        } else {
            text.push(letter);
        }
    }
}

fn is_mark(letter: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    matches!(letter.general_category(), EnclosingMark | NonspacingMark | SpacingMark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_is_cleaned() {
        let cases = [
            ("Ada Byrne", "Ada Byrne", false),
            ("  Ada \t\n  Byrne  ", "Ada Byrne", false),
            ("", "\u{FFFD}", true),
            (" \u{200B} ", "\u{FFFD}", true),
            ("\x1b[2J\x1b[31mAda", "\u{FFFD}[2J\u{FFFD}[31mAda", true),
            ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "\u{FFFD}]8;;http://x\u{FFFD}link\u{FFFD}]8;;\u{FFFD}", true),
            ("\x1b]52;c;QUJD\x07", "\u{FFFD}]52;c;QUJD\u{FFFD}", true),
            ("\x1b\x1b\u{9b}A", "\u{FFFD}A", true),
            ("Ada \u{202E}enryB", "Ada enryB", true),
            ("A\u{200B}d\u{2066}a\u{AD}", "Ada", true),
            ("A\u{200D}B", "AB", true),
            ("Ada\u{E0041}\u{E007F}", "Ada", true),
            ("line\u{2028}two", "line\u{FFFD}two", true),
            ("\u{E000}\u{E001}", "\u{FFFD}", true),
            ("דנה כהן", "דנה כהן", false),
            ("陳偉", "陳偉", false),
            ("👩\u{200D}💻", "👩\u{200D}💻", false),
            ("❤\u{FE0F} Ada", "❤ Ada", false),
            ("☎\u{FE0E}", "☎", false),
            ("🏳\u{FE0F}\u{200D}🌈", "🏳\u{200D}🌈", false),
            ("1\u{FE0F}\u{20E3}", "1\u{20E3}", false),
            ("Ada\u{FE0F}", "Ada", true),
            ("\u{FE0E}Ada", "Ada", true),
            ("e\u{301}", "e\u{301}", false),
            ("\u{301}x", "\u{FFFD}x", true),
        ];
        for (raw, shown, altered) in cases {
            let text = DisplayText::clean(raw);
            assert_eq!((text.as_str(), text.altered()), (shown, altered), "{raw:?}");
        }
    }

    #[test]
    fn floods_are_capped() {
        let zalgo = DisplayText::clean(&format!("A{}da", "\u{301}".repeat(10_000)));
        assert_eq!(zalgo.as_str().chars().filter(|it| *it == '\u{301}').count(), 4);
        let long = DisplayText::clean(&"long ".repeat(10_000));
        assert_eq!(long.as_str().graphemes(true).count(), 256);
        assert!(long.altered());
        let accents = DisplayText::clean(&"e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}".repeat(50));
        assert!(accents.as_str().graphemes(true).all(|it| it.chars().count() <= 5));
    }

    #[test]
    fn a_cell_is_as_wide_as_it_says() {
        for (raw, width, cell) in [
            ("Ada", 6, "Ada   "),
            ("Ada Byrne", 6, "Ada .."),
            ("陳偉", 6, "陳偉  "),
            ("陳偉明", 5, "陳.. "),
            ("A\u{202E}da", 6, "Ada^  "),
            ("A\u{202E}da Byrne", 6, "Ada..^"),
            ("Ada", 0, ""),
            ("Ada", 1, "."),
        ] {
            let fitted = DisplayText::clean(raw).fit(width);
            assert_eq!(fitted, cell, "{raw:?}");
            assert_eq!(fitted.width(), width, "{raw:?}");
        }
    }

    #[test]
    fn lines_break_at_spaces_and_lose_nothing() {
        let text = DisplayText::clean("POST /communications/calls/57dab8b1 and more");
        let lines = text.wrap(12);
        assert!(lines.iter().all(|it| it.trim_end().width() <= 12), "{lines:?}");
        assert_eq!(lines.concat(), text.as_str());
    }
}
