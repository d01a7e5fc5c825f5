//! The findings as text for a person, with a mark before each member that is not understood: at most 80 columns where words allow, and without control characters.

use unicode_width::UnicodeWidthStr as _;

use super::{BrokenJson, InspectedItem, InspectedMember, MemberCounts, MemberState, PathStep, ReadType, TextFinding};
use crate::screen::DisplayText;

/// The width of the page, in columns.
const WIDTH: usize = 80;
/// The column at which values begin.
const VALUES: usize = 36;
/// The deepest indentation, in steps.
const DEEPEST: usize = 10;

/// Returns a finding as lines of text.
#[must_use]
pub fn page(found: &TextFinding) -> String {
    let mut out = Vec::new();
    match found {
        TextFinding::Item(item) => push_item(&mut out, item),
        TextFinding::Broken(broken) => push_broken(&mut out, broken),
    }
    out.push(String::new());
    out.join("\n")
}

/// Returns the counts as one or two lines.
#[must_use]
pub fn summary(count: &MemberCounts) -> String {
    let MemberCounts { members, understood, kept, wrong, unused, broken, items } = count;
    let all = items + broken;
    let line = format!("{members} members: {understood} understood, {kept} kept but not understood, {wrong} wrong");
    match (unused, broken) {
        (0, 0) => line,
        (unused, 0) => format!("{line}\n{unused} of {all} could not be fully used"),
        (0, broken) => format!("{line}\n{broken} of {all} are not JSON"),
        (unused, broken) => format!("{line}\n{unused} of {all} could not be fully used, {broken} are not JSON"),
    }
}

fn push_item(out: &mut Vec<String>, item: &InspectedItem) {
    push_wrapped(out, 0, &format!("Line {}: {}.", item.line, item.kind));
    for says in &item.says {
        push_wrapped(out, 2, says);
    }
    if !item.members.is_empty() {
        out.push(String::new());
    }
    for member in item.members.iter().filter(|it| has_line(it)) {
        push_member(out, member);
    }
}

/// Returns whether a member has a line: the item itself has none, nor has a list whose items have theirs; a fault
/// always has one.
fn has_line(member: &InspectedMember) -> bool {
    let is_list_with_items = member.read_as == ReadType::List && member.value.as_deref() != Some("0");
    matches!(member.state, MemberState::Wrong { .. }) || !(member.path.is_empty() || is_list_with_items)
}

fn push_member(out: &mut Vec<String>, member: &InspectedMember) {
    let mark = match member.state {
        MemberState::Understood | MemberState::Annotation => ' ',
        MemberState::Kept(_) => '?',
        MemberState::Wrong { .. } => '!',
    };
    // The members of the item itself are not indented.
    let depth = member.path.iter().filter(|it| matches!(it, PathStep::Member(_))).count().saturating_sub(1);
    let label = DisplayText::clean(&label(&member.path));
    let indent = "  ".repeat(depth.min(DEEPEST));
    let head = format!("{mark} {indent}{}", label.as_str());
    let description = description(member).wrap(WIDTH - VALUES);
    let mut description = description.iter().map(|it| it.trim_end());
    if head.width() < VALUES {
        let pad = " ".repeat(VALUES - head.width());
        out.push(format!("{head}{pad}{}", description.next().unwrap_or_default()).trim_end().to_owned());
    } else {
        let head = label.wrap(WIDTH - 2 - indent.len());
        out.extend(head.iter().map(|it| format!("{mark} {indent}{}", it.trim_end())));
    }
    out.extend(description.map(|it| format!("{}{it}", " ".repeat(VALUES))));
}

/// Returns the label of a path: its last member, and the list indices after it, such as `targets[0]`.
fn label(path: &[PathStep]) -> String {
    let from = path.iter().rposition(|it| matches!(it, PathStep::Member(_))).unwrap_or_default();
    path.get(from..).unwrap_or_default().iter().fold(String::new(), |label, step| match step {
        PathStep::Member(name) => name.clone(),
        PathStep::Item(at) => format!("{label}[{at}]"),
    })
}

/// Returns a member's value, its type and the remark on it, or its fault.
fn description(member: &InspectedMember) -> DisplayText {
    let InspectedMember { read_as, value, state, note, .. } = member;
    let visible =
        |it: &String| if it.is_empty() { "\"\"".to_owned() } else { DisplayText::clean(it).as_str().to_owned() };
    let value = value.as_ref().map(visible);
    let text = match (state, value) {
        (MemberState::Wrong { says, line, column }, _) => format!("WRONG: {says} (line {line}, column {column})"),
        (MemberState::Kept(reason), Some(value)) => format!("{reason}: {value}"),
        (MemberState::Kept(reason), None) => reason.to_string(),
        (MemberState::Annotation, value) => value.unwrap_or_default(),
        (MemberState::Understood, Some(value)) => match read_as {
            ReadType::List => format!("list of {value}"),
            ReadType::Null => value,
            ReadType::Named(_) | ReadType::Json | ReadType::Annotation | ReadType::UnknownMember => {
                format!("{value} ({read_as})")
            }
        },
        (MemberState::Understood, None) => format!("({read_as})"),
    };
    let text = note.as_ref().map_or_else(|| text.clone(), |note| format!("{text}; {note}"));
    DisplayText::clean(&text)
}

fn push_broken(out: &mut Vec<String>, broken: &BrokenJson) {
    let BrokenJson { line, column, says, excerpt, caret, advice } = broken;
    push_wrapped(out, 0, &format!("Line {line}, column {column}: not JSON: {says}."));
    if !excerpt.is_empty() {
        out.push(format!("  {excerpt}"));
        out.push(format!("  {}^", " ".repeat(*caret)));
    }
    push_wrapped(out, 2, advice);
}

fn push_wrapped(out: &mut Vec<String>, indent: usize, text: &str) {
    let lines = DisplayText::clean(text).wrap(WIDTH - indent);
    out.extend(lines.iter().map(|it| format!("{}{}", " ".repeat(indent), it.trim_end())));
}
