//! Where a text stops being JSON: the line, the column, the line's own text, and what to do.

use serde::Serialize;

use super::position::TextPosition;
use crate::screen::DisplayText;

/// A place where a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenJson {
    /// The line, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
    /// The JSON reader's reason.
    pub says: String,
    /// The line's text around the place, cleaned.
    pub excerpt: String,
    /// The column of the excerpt where the place is, from 0.
    pub caret: usize,
    /// A sentence with the next step.
    pub advice: &'static str,
}

/// The number of characters of the line that are shown before the place, and after it.
const CONTEXT: usize = 36;

impl BrokenJson {
    /// Creates the place of an error of the JSON reader, in a text that begins at `start`.
    pub(super) fn at(text: &str, start: TextPosition, error: &serde_json::Error) -> Self {
        let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default().trim_end_matches('\r');
        let byte = line.floor_char_boundary(error.column().saturating_sub(1).min(line.len()));
        let before: Vec<char> = line.get(..byte).unwrap_or_default().chars().collect();
        let says = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let says = says.strip_suffix(&place).unwrap_or(&says).to_owned();
        let shown_before: String = before.iter().skip(before.len().saturating_sub(CONTEXT)).collect();
        let after: String = line.get(byte..).unwrap_or_default().chars().take(CONTEXT).collect();
        let (shown_before, after) = clean(shown_before.trim_start(), &after);
        let indent = if error.line() <= 1 { start.column - 1 } else { 0 };
        Self {
            line: start.line + error.line().saturating_sub(1),
            column: before.len() + 1 + indent,
            advice: advice(text, error),
            caret: unicode_width::UnicodeWidthStr::width(shown_before.as_str()),
            excerpt: format!("{shown_before}{after}"),
            says,
        }
    }
}

/// Removes control characters from the texts before and after a place; white space between them stays.
fn clean(before: &str, after: &str) -> (String, String) {
    const MARK: &str = "|";
    let (before, after) = (format!("{MARK}{before}{MARK}"), format!("{MARK}{after}{MARK}"));
    let inner = |text: &str| {
        let text = DisplayText::clean(text);
        let text = text.as_str();
        text.strip_prefix(MARK).and_then(|it| it.strip_suffix(MARK)).unwrap_or(text).to_owned()
    };
    (inner(&before), inner(&after).trim_end().to_owned())
}

fn advice(text: &str, error: &serde_json::Error) -> &'static str {
    let first = text.trim_start().chars().next();
    match first {
        None => "there is no text at all; give a notification, an answer or a record as JSON",
        _ if text.contains('\0') => "there are NUL bytes in it, which no JSON has: write the text as UTF-8, not UTF-16",
        Some('<') => "this looks like a web page or XML; give the JSON body alone",
        Some('P' | 'G' | 'H' | 'D') => "this looks like a whole HTTP message; give the JSON body alone",
        _ if error.is_eof() => "the text ends too early; check that all of it was copied",
        Some('{' | '[') => "mend the text there, or copy it again from where it came",
        Some(_) => "a notification, an answer or a record begins with {",
    }
}
