//! The findings as text for a person: at most 80 columns where words allow, and without control characters.

use unicode_width::UnicodeWidthStr as _;

use super::{BrokenJson, InspectedItem, InspectedMember, MemberCounts, MemberState, PathStep, TextFinding};
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
        TextFinding::Thing(thing) => of_thing(&mut out, thing),
        TextFinding::Broken(broken) => of_broken(&mut out, broken),
    }
    out.push(String::new());
    out.join("\n")
}

/// Returns the counts as one or two lines.
#[must_use]
pub fn summary(count: &MemberCounts) -> String {
    let MemberCounts { members, understood, kept, wrong, unused, broken, things } = count;
    let all = things + broken;
    let line = format!("{members} members: {understood} understood, {kept} kept but not understood, {wrong} wrong");
    match (unused, broken) {
        (0, 0) => line,
        (unused, 0) => format!("{line}\n{unused} of {all} could not be used"),
        (0, broken) => format!("{line}\n{broken} of {all} are not JSON"),
        (unused, broken) => format!("{line}\n{unused} of {all} could not be used, {broken} are not JSON"),
    }
}

fn of_thing(out: &mut Vec<String>, thing: &InspectedItem) {
    wrapped(out, 0, &format!("Line {}: {}.", thing.line, thing.kind));
    for says in &thing.says {
        wrapped(out, 2, says);
    }
    if !thing.members.is_empty() {
        out.push(String::new());
    }
    let empty_list = |it: &InspectedMember| it.read_as == "list" && it.value.as_deref() != Some("0");
    for member in thing.members.iter().filter(|it| !it.path.is_empty() || matches!(it.state, MemberState::Wrong { .. }))
    {
        if !empty_list(member) || matches!(member.state, MemberState::Wrong { .. }) {
            of_member(out, member);
        }
    }
}

fn of_member(out: &mut Vec<String>, member: &InspectedMember) {
    let mark = match member.state {
        MemberState::Understood | MemberState::Annotation => ' ',
        MemberState::Kept(_) => '?',
        MemberState::Wrong { .. } => '!',
    };
    let deep = member.path.iter().filter(|it| matches!(it, PathStep::Member(_))).count().saturating_sub(1);
    let label = DisplayText::clean(&label(&member.path));
    let indent = "  ".repeat(deep.min(DEEPEST));
    let head = format!("{mark} {indent}{}", label.as_str());
    let lines = words(member).wrap(WIDTH - VALUES);
    let mut lines = lines.iter().map(|it| it.trim_end());
    if head.width() < VALUES {
        let pad = " ".repeat(VALUES - head.width());
        out.push(format!("{head}{pad}{}", lines.next().unwrap_or_default()).trim_end().to_owned());
    } else {
        let lines = label.wrap(WIDTH - 2 - indent.len());
        out.extend(lines.iter().map(|it| format!("{mark} {indent}{}", it.trim_end())));
    }
    out.extend(lines.map(|it| format!("{}{it}", " ".repeat(VALUES))));
}

/// Returns the label of a path: its last member, and the list indices after it.
fn label(path: &[PathStep]) -> String {
    let from = path.iter().rposition(|it| matches!(it, PathStep::Member(_))).unwrap_or_default();
    path.get(from..).unwrap_or_default().iter().fold(String::new(), |label, step| match step {
        PathStep::Member(name) => name.clone(),
        PathStep::Item(at) => format!("{label}[{at}]"),
    })
}

/// Returns a member's value, its type and the remark on it, or its fault.
fn words(member: &InspectedMember) -> DisplayText {
    let InspectedMember { read_as, value, state, note, .. } = member;
    let quoted =
        |it: &String| if it.is_empty() { "\"\"".to_owned() } else { DisplayText::clean(it).as_str().to_owned() };
    let value = value.as_ref().map(quoted);
    let text = match (state, value) {
        (MemberState::Wrong { says, line, column }, _) => format!("WRONG: {says} (line {line}, column {column})"),
        (MemberState::Kept(why), Some(value)) => format!("{why}: {value}"),
        (MemberState::Kept(why), None) => (*why).to_owned(),
        (MemberState::Annotation, value) => value.unwrap_or_default(),
        (MemberState::Understood, Some(value)) if read_as == "list" => format!("list of {value}"),
        (MemberState::Understood, Some(value)) if read_as == "nothing" => value,
        (MemberState::Understood, Some(value)) => format!("{value} ({read_as})"),
        (MemberState::Understood, None) => format!("({read_as})"),
    };
    let text = note.as_ref().map_or_else(|| text.clone(), |note| format!("{text}; {note}"));
    DisplayText::clean(&text)
}

fn of_broken(out: &mut Vec<String>, broken: &BrokenJson) {
    let BrokenJson { line, column, says, excerpt, caret, advice } = broken;
    wrapped(out, 0, &format!("Line {line}, column {column}: not JSON: {says}."));
    if !excerpt.is_empty() {
        out.push(format!("  {excerpt}"));
        out.push(format!("  {}^", " ".repeat(*caret)));
    }
    wrapped(out, 2, advice);
}

fn wrapped(out: &mut Vec<String>, indent: usize, text: &str) {
    let lines = DisplayText::clean(text).wrap(WIDTH - indent);
    out.extend(lines.iter().map(|it| format!("{}{}", " ".repeat(indent), it.trim_end())));
}
