//! Reads what is readable of a text that deviates from Graph's form.
//!
//! A member of a wrong kind is left out and named, so that it affects nothing but what derives from it. Half of a
//! surrogate pair becomes U+FFFD. A text that is read strictly costs nothing here.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use serde_path_to_error::Segment;

use super::unique_members::UniqueMembers;
use super::{ItemRejection, Notification, NotifiedResource, RejectReason, UnreadableMember, read_by};
use crate::graph::{Call, ChangeType, JsonReader, Participant, Route};

/// The most members that are left out of one text. One with more is unreadable as a whole.
const MOST: usize = 16;
/// The longest text that is read in part, in bytes, because each member that is left out takes another pass over it.
const LONGEST: usize = 256 * 1_024;
/// The most characters of a reason.
const LONGEST_REASON: usize = 160;

/// Reads a text without the members that cannot be read, and names those.
///
/// # Errors
/// The reader's error about the whole text, if nothing that can be left out makes it readable.
pub fn decode_partly<T: DeserializeOwned>(text: &str) -> Result<(T, Vec<UnreadableMember>), serde_json::Error> {
    let first = match serde_json::from_str(text) {
        Ok(read) => return Ok((read, Vec::new())),
        Err(error) => error,
    };
    if text.len() > LONGEST {
        return Err(first);
    }
    let text = without_half_pairs(text);
    // If a member appears twice, it is unclear which one counts.
    if serde_json::from_str::<UniqueMembers>(&text).is_err() {
        return Err(first);
    }
    let Ok(mut tree) = serde_json::from_str::<Value>(&text) else { return Err(first) };
    let mut unreadable: Vec<UnreadableMember> = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize(&tree) {
            Ok(read) => return Ok((read, unreadable)),
            Err(error) => error,
        };
        let why = reason(&error.inner().to_string());
        let place = leave_out(&mut tree, &steps(error.path())).filter(|_| unreadable.len() < MOST);
        match place {
            Some(place) => unreadable.push(UnreadableMember { place, why }),
            None => return Err(first),
        }
    }
}

/// Why a member could not be read, without the value: it may be a secret, and it may be long.
fn reason(said: &str) -> String {
    let told = match said.split_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => said.to_owned(),
    };
    told.chars().take(LONGEST_REASON).collect()
}

/// A step from a value to a part of it.
#[derive(Debug, Clone)]
enum Step {
    Member(String),
    Item(usize),
}

/// The steps to the place of an error, as far as it is known.
fn steps(path: &serde_path_to_error::Path) -> Vec<Step> {
    let step = |it: &Segment| match it {
        Segment::Map { key } => Some(Step::Member(key.clone())),
        Segment::Seq { index } => Some(Step::Item(*index)),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    path.iter().map_while(step).collect()
}

/// Leaves out the part of a tree to which these steps lead, or the nearest part around it that can be left out. Returns
/// its place; `None` if that is the whole tree.
fn leave_out(tree: &mut Value, steps: &[Step]) -> Option<String> {
    for length in (1..=steps.len()).rev() {
        let (last, before) = steps.get(..length)?.split_last()?;
        let around = before.iter().try_fold(&mut *tree, |it, step| match step {
            Step::Member(name) => it.get_mut(name),
            Step::Item(at) => it.get_mut(at),
        });
        let is_left_out = match (around, last) {
            (Some(Value::Object(members)), Step::Member(name)) => members.remove(name).is_some(),
            // The other items keep their places. An item that is empty already cannot be what is wrong.
            (Some(Value::Array(items)), Step::Item(at)) => match items.get_mut(*at) {
                Some(item) if !item.as_object().is_some_and(serde_json::Map::is_empty) => {
                    *item = Value::Object(serde_json::Map::new());
                    true
                }
                Some(_) | None => false,
            },
            _ => false,
        };
        if is_left_out {
            return Some(pointer(steps.get(..length)?));
        }
    }
    None
}

fn pointer(steps: &[Step]) -> String {
    let part = |it: &Step| match it {
        Step::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        Step::Item(at) => format!("/{at}"),
    };
    steps.iter().map(part).collect()
}

/// Replaces escapes that are half of a surrogate pair by U+FFFD. The replacement is as long, so that every place in the
/// text stays the same.
fn without_half_pairs(text: &str) -> Cow<'_, str> {
    /// The value of an escape like `\ud83d` at a place.
    fn escape(text: &str, at: usize) -> Option<u32> {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    }
    let mut out = String::new();
    let (mut at, mut kept) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|it| it.find('\\')) {
        at += found;
        let is_half = match escape(text, at) {
            Some(0xD800..=0xDBFF) if matches!(escape(text, at + 6), Some(0xDC00..=0xDFFF)) => {
                at += 12;
                continue;
            }
            Some(0xD800..=0xDFFF) => true,
            Some(_) | None => false,
        };
        if is_half {
            out.push_str(text.get(kept..at).unwrap_or_default());
            out.push_str("\\ufffd");
            kept = at + 6;
            at = kept;
        } else {
            // The escaped character is not the beginning of another escape.
            at += 2;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// Reads as far as possible, and remembers what was left out.
#[derive(Debug, Default)]
struct PartialReader(RefCell<Vec<UnreadableMember>>);

impl JsonReader for PartialReader {
    fn read<'a, T: Deserialize<'a>>(&self, text: &'a str) -> Result<T, serde_json::Error> {
        serde_json::from_str(text)
    }

    fn read_owned<T: DeserializeOwned>(&self, text: &str) -> Result<T, serde_json::Error> {
        let (read, unreadable) = decode_partly(text)?;
        self.0.borrow_mut().extend(unreadable);
        Ok(read)
    }
}

/// Reads an item that cannot be read as a whole, as far as possible.
///
/// A `changeType` of a wrong kind counts as `updated`. If nothing of the data can be read, what remains is that something
/// about the call was said.
///
/// Fails if the call that the item is about cannot be read, or the type of its data is not known.
pub(in crate::graph) fn read(item: &str) -> Option<Notification> {
    let whole = without_half_pairs(item);
    if whole.len() > LONGEST || serde_json::from_str::<UniqueMembers>(&whole).is_err() {
        return None;
    }
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&whole).ok()?;
    let mut unreadable = Vec::new();
    for name in ["changeType", "resourceUrl", "resource", "@odata.type"] {
        let is_text = |it: &RawValue| matches!(it.get().as_bytes().first(), Some(b'"' | b'n'));
        if members.get(name).is_some_and(|it| !is_text(it.as_ref())) {
            unreadable.push(UnreadableMember { place: format!("/{name}"), why: "expected a text".to_owned() });
            members.remove(name);
            if name == "changeType" {
                members.insert(name.to_owned(), RawValue::from_string("\"updated\"".to_owned()).ok()?);
            }
        }
    }
    let text = serde_json::to_string(&members).ok()?;
    let reader = PartialReader::default();
    let mut notification = match read_by(&reader, &text) {
        Ok(read) => read,
        Err(rejection) => without_data(members, &rejection)?,
    };
    let data = reader.0.into_inner();
    assign(&mut notification.resource, &data);
    unreadable
        .extend(data.into_iter().map(|it| UnreadableMember { place: format!("/resourceData{}", it.place), ..it }));
    notification.unreadable.extend(unreadable);
    Some(notification)
}

/// Reads only which call an item is about, because nothing of its data can be read.
fn without_data(mut members: BTreeMap<String, Box<RawValue>>, rejection: &ItemRejection) -> Option<Notification> {
    if !matches!(rejection.reason, RejectReason::Shape | RejectReason::Syntax)
        || members.remove("resourceData").is_none()
    {
        return None;
    }
    let path: String = ["resourceUrl", "resource"]
        .iter()
        .find_map(|name| serde_json::from_str(members.get(*name)?.get()).ok().filter(|it: &String| !it.is_empty()))?;
    let route = Route::parse(&path)?;
    let change = serde_json::from_str(members.get("changeType")?.get()).ok()?;
    Some(Notification {
        // Only for the call itself does a change say something without the data.
        change: if matches!(route, Route::Call(_)) { change } else { ChangeType::Updated },
        call: route.call()?.clone(),
        resource: NotifiedResource::Call(Box::default()),
        unreadable: vec![UnreadableMember { place: "/resourceData".to_owned(), why: reason(&rejection.detail) }],
    })
}

/// Records for each participant of a roster which of its members were left out.
fn assign(resource: &mut NotifiedResource, unreadable: &[UnreadableMember]) {
    let people = match resource {
        NotifiedResource::Roster(people) => people,
        NotifiedResource::Delta(delta) => &mut delta.participants,
        NotifiedResource::Call(part) => return assign_call(part, unreadable),
        NotifiedResource::Operation(..)
        | NotifiedResource::ContentSharing(_)
        | NotifiedResource::Joining(_)
        | NotifiedResource::Left(_) => return,
    };
    assign_people(people, unreadable);
}

/// Removes from a call what would be wrong without the unreadable members. Its parties are its source and its targets, so half of them would
/// take the other half away; and what it says of a meeting makes it a group call.
pub(in crate::graph) fn assign_call(part: &mut Call, unreadable: &[UnreadableMember]) {
    let is_in =
        |it: &UnreadableMember| ["/source", "/targets", "/meetingInfo"].iter().any(|at| it.place.starts_with(at));
    if unreadable.iter().any(is_in) {
        (part.source, part.targets) = (None, None);
    }
}

/// Records for each of these participants, a list or a single one, which of its members were left out.
pub(in crate::graph) fn assign_people(people: &mut [Participant], unreadable: &[UnreadableMember]) {
    for member in unreadable {
        let steps: Vec<&str> = member.place.split('/').skip(1).collect();
        // Of a delta roster in a list it is not known whose turn it is among all of them: each one is doubtful.
        let (at, rest) = match steps.as_slice() {
            [list, "participants", _, rest @ ..] if list.parse::<usize>().is_ok() => (None, rest),
            ["participants", at, rest @ ..] => (at.parse::<usize>().ok(), rest),
            // The roster's own members.
            ["participants" | "sequenceNumber" | "@odata.type", ..] | [_, "sequenceNumber", ..] => continue,
            [at, rest @ ..] if at.parse::<usize>().is_ok() => (at.parse().ok(), rest),
            // A participant alone, without a list.
            rest => (Some(0), rest),
        };
        let name: Box<str> = if rest.is_empty() { "everything".into() } else { rest.join("/").into() };
        match at {
            Some(at) => people.get_mut(at).into_iter().for_each(|it| it.unreadable.push(name.clone())),
            None => people.iter_mut().for_each(|it| it.unreadable.push(name.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::read as read_item;

    #[test]
    fn a_member_of_a_wrong_kind_is_left_out_and_named() {
        let text = json!([
            {"id": "p1", "isMuted": "maybe", "isInLobby": true},
            {"id": "p2", "info": {"identity": {"user": {"id": "u", "displayName": 7}}}, "mediaStreams": [8, {"label": "main-audio"}]},
            9,
        ]);
        let (people, unreadable): (Vec<Participant>, _) = decode_partly(&text.to_string()).unwrap();
        assert_eq!(people.len(), 3);
        assert_eq!((people[0].is_muted, people[0].is_in_lobby), (None, Some(true)));
        assert_eq!(people[1].media_streams.len(), 2);
        let places: Vec<&str> = unreadable.iter().map(|it| it.place.as_str()).collect();
        assert_eq!(places, ["/0/isMuted", "/1/info/identity/user/displayName", "/1/mediaStreams/0", "/2"]);
        assert!(unreadable[0].why.contains("true, false"), "{unreadable:?}");
        assert!(decode_partly::<Vec<Participant>>("7").is_err() && decode_partly::<Vec<Participant>>("[").is_err());
        // A secret of a wrong kind is not told.
        let (_, unreadable): (Call, _) = decode_partly(r#"{"meetingInfo": {"passcode": 123456}, "state": 7}"#).unwrap();
        assert!(unreadable.iter().all(|it| it.why.starts_with("expected ")), "{unreadable:?}");
        // A member that appears twice is no reason to choose one of them.
        assert!(decode_partly::<Vec<Participant>>(r#"[{"id": "p1", "isMuted": "maybe", "id": "p2"}]"#).is_err());
        let many = serde_json::to_string(&vec![7; MOST + 1]).unwrap();
        assert!(decode_partly::<Vec<Participant>>(&many).is_err(), "too much is wrong with it");
    }

    #[test]
    fn half_a_surrogate_pair_becomes_a_replacement_character() {
        for (text, name) in [
            (r#""Ada \ud83d Byrne""#, "Ada \u{fffd} Byrne"),
            (r#""\udc00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\ud83d\ude00 \\ud83d""#, "\u{1f600} \\ud83d"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
        ] {
            assert_eq!(serde_json::from_str::<String>(&without_half_pairs(text)).unwrap(), name, "{text}");
        }
        assert!(matches!(without_half_pairs("\"\\n \\u00e4 \\"), Cow::Borrowed(_)));
        let (call, unreadable): (Call, _) = decode_partly(r#"{"subject": "\ud83d"}"#).unwrap();
        assert_eq!((call.subject.as_deref(), unreadable.len()), (Some("\u{fffd}"), 0));
    }

    #[test]
    fn an_item_is_read_as_far_as_possible() {
        let item = |change: Value, data: Value| {
            json!({"changeType": change, "resourceUrl": "/communications/calls/c1/participants", "resourceData": data})
                .to_string()
        };
        let read = read_item(&item(json!("updated"), json!([{"id": "p1"}, {"id": "p2", "isMuted": "maybe"}]))).unwrap();
        let NotifiedResource::Roster(people) = &read.resource else { panic!("{read:?}") };
        assert!(people[0].unreadable.is_empty());
        assert_eq!(people[1].unreadable, ["isMuted".into()]);
        assert_eq!(read.unreadable[0].place, "/resourceData/1/isMuted");
        // One without a list, and one whose change or data says nothing.
        let read = read_item(&item(json!(7), json!({"id": "p1", "isInLobby": []}))).unwrap();
        let NotifiedResource::Roster(people) = &read.resource else { panic!("{read:?}") };
        assert_eq!(people[0].unreadable, ["isInLobby".into()]);
        assert_eq!(
            read.unreadable.iter().map(|it| &*it.place).collect::<Vec<_>>(),
            ["/changeType", "/resourceData/isInLobby"]
        );
        let read = read_item(&item(json!("deleted"), json!(7))).unwrap();
        assert_eq!((read.change, &read.resource), (ChangeType::Updated, &NotifiedResource::Call(Box::default())));
        assert_eq!(read.unreadable[0].place, "/resourceData");
        // What is not a notification of a call stays rejected.
        for item in [json!({"changeType": "updated", "resourceData": 7}).to_string(), "7".to_owned(), "[".to_owned()] {
            assert!(read_item(&item).is_err(), "{item}");
        }
    }
}
