//! The difference between two records of the same resource. Of large rosters only the people who changed are compared, each
//! with themselves, because comparing line by line takes a time that grows with the square of the changes.

use std::collections::BTreeMap;

use serde_json::Value;
use similar::TextDiff;

use crate::desk::modal::journal_text::{PeopleList, indented, pretty};
use crate::graph;

/// The lines that differ, each with its sign, and what was left out.
type Changes = (Vec<(char, String)>, Option<String>);

/// The maximum number of lines of a record, or of a difference, that are shown.
pub(super) const LINES: usize = 2_000;

/// Returns the lines that differ, with two unchanged lines around each, and what of them was left out.
pub(super) fn changes(before: &str, after: &str) -> Changes {
    let (old, new) = (pretty(before), pretty(after));
    let is_small = |text: &str| text.lines().take(LINES + 1).count() <= LINES;
    let all = if is_small(&old) && is_small(&new) {
        line_changes(&old, &new)
    } else {
        match people_changes(before, after) {
            Some(all) => all,
            None => return (Vec::new(), Some("the records are too large to be compared line by line".to_owned())),
        }
    };
    let note = (all.len() > LINES).then(|| {
        let count = all.len();
        format!("{count} lines differ, of which the first {LINES} are here; {KEY_HINT}")
    });
    (all.into_iter().take(LINES).collect(), note)
}

/// How to see the rest of a difference.
const KEY_HINT: &str = "the evidence of a person has all that changed about them";

/// Returns the people who differ between two rosters, and the rest of the records; `None` if they are no rosters.
fn people_changes(before: &str, after: &str) -> Option<Vec<(char, String)>> {
    let (mut old, mut new) = (roster(before)?, roster(after)?);
    let mut all = line_changes(&indented(old.rest()), &indented(new.rest()));
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let mut left = Vec::new();
    for (id, person) in old.take_people() {
        left.push(id.clone());
        known.insert(id, person);
    }
    for (id, person) in new.take_people() {
        match known.remove(&id) {
            Some(same) if same == person => {}
            Some(other) => {
                all.push((' ', title(&person)));
                all.extend(line_changes(&indented(other), &indented(person)));
            }
            None => all.extend(line_changes("", &indented(person))),
        }
    }
    for person in left.iter().filter_map(|id| known.remove(id)) {
        all.extend(line_changes(&indented(person), ""));
    }
    Some(all)
}

/// Returns the id and the name of a person of a roster.
fn title(person: &Value) -> String {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let identities = person.pointer("/info/identity").and_then(Value::as_object);
    let name = identities.into_iter().flat_map(|it| it.values()).find_map(|it| it.get("displayName"));
    format!("{} {}:", text(person.get("id")), text(name)).replace(" :", ":")
}

fn roster(text: &str) -> Option<PeopleList> {
    let (value, _): (Value, _) = graph::decode_partly(text).ok()?;
    PeopleList::of(value)
}

fn line_changes(before: &str, after: &str) -> Vec<(char, String)> {
    let diff = TextDiff::from_lines(before, after);
    let groups = diff.grouped_ops(2);
    let changes = groups.iter().flatten().flat_map(|it| diff.iter_changes(it));
    let sign = |tag| match tag {
        similar::ChangeTag::Insert => '+',
        similar::ChangeTag::Delete => '-',
        similar::ChangeTag::Equal => ' ',
    };
    changes.map(|it| (sign(it.tag()), it.value().trim_end_matches('\n').to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn people(count: usize, muted: impl Fn(usize) -> bool) -> Value {
        let person =
            |at: usize| json!({"id": format!("p{at}"), "isMuted": muted(at), "info": {"name": at.to_string()}});
        (0..count).map(person).collect()
    }

    fn signs((all, note): &Changes) -> (usize, usize, Option<&str>) {
        let count = |sign: char| all.iter().filter(|it| it.0 == sign).count();
        (count('-'), count('+'), note.as_deref())
    }

    #[test]
    fn of_a_large_roster_the_people_who_changed_are_compared() {
        let before = json!({"changeType": "updated", "resourceData": people(2_000, |_| false)}).to_string();
        let after = json!({"changeType": "updated", "resourceData": people(2_000, |it| it == 1_234)}).to_string();
        let found = changes(&before, &after);
        assert_eq!(signs(&found), (1, 1, None));
        assert!(found.0.iter().any(|(_, line)| line.contains("p1234")), "{found:?}");
        assert_eq!(changes(&after, &after), (Vec::new(), None));
        // Everybody changed: only the first lines are shown, and the rest is named.
        let all = json!({"changeType": "updated", "resourceData": people(2_000, |_| true)}).to_string();
        let (lines, note) = changes(&before, &all);
        assert_eq!(lines.len(), LINES);
        assert!(note.unwrap().contains("lines differ, of which the first 2000 are here"));
        // Somebody came, and somebody left.
        let less = people(1_999, |_| false);
        assert_eq!(signs(&changes(&people(2_000, |_| false).to_string(), &less.to_string())), (7, 0, None));
    }

    #[test]
    fn a_large_text_that_is_no_roster_is_not_compared() {
        let text = |word: &str| format!("{word}\n").repeat(LINES + 1);
        let (lines, note) = changes(&text("a"), &text("b"));
        assert!(lines.is_empty() && note.unwrap().contains("too large to be compared"));
    }
}
