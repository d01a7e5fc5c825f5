//! Explains how callboard reads a text: its kind, the type of each member, and what is not understood.
//!
//! It decodes with the same types and code as the relay and the floor, and records what they do, so its findings match
//! the board. It knows no files, networks or terminals.

mod broken;
pub(super) mod command;
mod finding;
mod finding_text;
mod kind;
mod member_log;
mod position;
mod reading;
#[cfg(test)]
mod tests;
mod watch;

use serde::Serialize;
use serde_json::value::RawValue;

pub use self::broken::BrokenJson;
pub use self::finding::{InspectedItem, InspectedMember, KeptReason, MemberState, PathStep, ReadType};
pub use self::finding_text::{page, summary};
pub use self::kind::JsonKind;
use self::position::TextPosition;
use self::reading::read;
use crate::graph::BYTE_ORDER_MARK;

/// One finding in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextFinding {
    /// An item that is JSON.
    Item(InspectedItem),
    /// A place where it is not JSON.
    Broken(BrokenJson),
}

/// How many items and members there were, and how each was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberCounts {
    /// Items that are JSON.
    #[serde(rename = "things")]
    pub items: usize,
    /// Items that cannot be used.
    pub unused: usize,
    /// Places that are not JSON.
    pub broken: usize,
    /// Members of objects, at any depth.
    pub members: usize,
    /// The members that are understood.
    pub understood: usize,
    /// The members that are kept but not understood.
    pub kept: usize,
    /// The members and list items of the wrong kind.
    pub wrong: usize,
}

/// Inspects a text and passes each finding to `give`. The text is one JSON value, a list of values, or a
/// value on each line.
pub fn inspect(text: &str, give: &mut dyn FnMut(TextFinding)) {
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    let start = TextPosition { line: 1, column: 1 };
    let error = match serde_json::from_str::<&RawValue>(text) {
        Ok(whole) => return value(whole.get(), start.after(text, whole.get()), give),
        Err(error) => error,
    };
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
    let is_json = |line: &str| serde_json::from_str::<&RawValue>(line).is_ok();
    let first_line_is_json = lines.peek().is_some_and(|(_, line)| is_json(line));
    // An object that begins a line is not inside one that spans lines, because those are indented.
    let has_object_line = || text.lines().skip(1).any(|line| line.starts_with('{') && is_json(line));
    if !first_line_is_json && !has_object_line() {
        return give(TextFinding::Broken(BrokenJson::at(text, start, &error)));
    }
    for (at, line) in lines {
        let start = TextPosition { line: at + 1, column: 1 };
        match serde_json::from_str::<&RawValue>(line) {
            Ok(whole) => value(whole.get(), start.after(line, whole.get()), give),
            Err(error) => give(TextFinding::Broken(BrokenJson::at(line, start, &error))),
        }
    }
}

/// Inspects one JSON value: an item, a list of items, or a captured message around an item.
fn value(text: &str, start: TextPosition, give: &mut dyn FnMut(TextFinding)) {
    let kind = JsonKind::of(text);
    let list = (kind == JsonKind::List).then(|| serde_json::from_str(text).unwrap_or_default());
    let items: Vec<&RawValue> = list.unwrap_or_default();
    if !items.is_empty() {
        let mut rest = text;
        let mut start = start;
        for (index, item) in items.into_iter().map(RawValue::get).enumerate() {
            start = start.after(rest, item);
            rest = rest.get(item.as_ptr().addr().saturating_sub(rest.as_ptr().addr())..).unwrap_or_default();
            let mut found = read(JsonKind::of(item), item, start);
            if index == 0 {
                let remark = "the first item of a list; the relay refuses a list as the body of a webhook";
                found.says.insert(0, remark.to_owned());
            }
            give(TextFinding::Item(found));
        }
    } else if kind == JsonKind::Captured {
        let body = kind::body_of(text);
        let (body, start) = body.map_or(("null", start), |it| (it, start.after(text, it)));
        let mut item = read(JsonKind::of(body), body, start);
        item.says.insert(0, "the body of a captured message".to_owned());
        give(TextFinding::Item(item));
    } else {
        give(TextFinding::Item(read(kind, text, start)));
    }
}

impl MemberCounts {
    /// Counts a finding.
    pub fn add(&mut self, found: &TextFinding) {
        let item = match found {
            TextFinding::Broken(_) => {
                self.broken += 1;
                return;
            }
            TextFinding::Item(item) => item,
        };
        self.items += 1;
        self.unused += usize::from(!item.used);
        for member in &item.members {
            let is_named = matches!(member.path.last(), Some(PathStep::Member(_)));
            self.members += usize::from(is_named);
            match member.state {
                MemberState::Understood | MemberState::Annotation => self.understood += usize::from(is_named),
                MemberState::Kept(_) => self.kept += usize::from(is_named),
                MemberState::Wrong { .. } => self.wrong += 1,
            }
        }
    }

    /// Returns the exit code: 0 if everything can be used, 1 if something cannot, 2 if something is not JSON.
    #[must_use]
    pub const fn code(&self) -> u8 {
        if self.broken > 0 {
            2
        } else if self.wrong > 0 || self.unused > 0 {
            1
        } else {
            0
        }
    }
}
