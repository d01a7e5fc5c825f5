//! Records which members Graph's types request from a text, and the value and state of each.
//!
//! After a fault the text is read again with the faulty place left out, so that one wrong member does
//! not hide the others.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::position::TextPosition;
use super::{InspectedMember, KeptReason, MemberState, PathStep, ReadType};
use crate::graph::{MASK, ResourceId, is_secret};

/// The kind of value that a type requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestedType<'a> {
    /// A text, a number, a flag.
    Value,
    /// A list of values.
    List,
    /// An object of this type.
    Entity(&'a str),
    /// One of several forms.
    Choice(&'a str),
    /// A text with a meaning in Graph: an id, or a word of an open enum.
    Named(&'a str),
}

/// One reading of one text, and of the texts within it.
#[derive(Debug)]
pub(super) struct ReadLog<'t> {
    document: &'t str,
    start: TextPosition,
    inner: RefCell<ReadLogState>,
}

#[derive(Debug, Default)]
struct ReadLogState {
    path: Vec<PathStep>,
    /// The byte of the document at which the current text begins.
    base: usize,
    /// The memory address of that text, from which the position of a value in it follows.
    address: usize,
    members: Vec<InspectedMember>,
    /// The members that are ids or open enums, and the words that each accepts.
    named: BTreeMap<usize, &'static str>,
    known: BTreeMap<Vec<PathStep>, usize>,
    left_out: BTreeSet<Vec<PathStep>>,
    raws: Vec<RawJson>,
    faults: Vec<ReadFault>,
}

/// Raw JSON that a type keeps and parses later.
#[derive(Debug)]
struct RawJson {
    path: Vec<PathStep>,
    from: usize,
    to: usize,
    opened: bool,
}

#[derive(Debug)]
struct ReadFault {
    path: Vec<PathStep>,
    offset: usize,
    says: String,
}

/// The maximum number of bytes of a recorded value.
const MAX_VALUE: usize = 4_096;

/// Returns the byte at a line and column of the JSON reader.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    before + column.saturating_sub(1)
}

/// A reader's position before it opened another text.
#[derive(Debug)]
pub(super) struct ReaderPlace {
    path: Vec<PathStep>,
    base: usize,
    address: usize,
}

impl<'t> ReadLog<'t> {
    /// Creates an empty log of a document that begins at `start`.
    pub(super) fn new(document: &'t str, start: TextPosition) -> Self {
        Self { document, start, inner: RefCell::default() }
    }
}

impl ReadLog<'_> {
    /// Moves to the place of a text in the document; returns the reader's position before.
    pub(super) fn open(&self, text: &str) -> ReaderPlace {
        let mut inner = self.inner.borrow_mut();
        let address = text.as_ptr().addr();
        let within = address.checked_sub(self.document.as_ptr().addr()).filter(|it| *it <= self.document.len());
        let same = |raw: &RawJson| match within {
            Some(from) => raw.from == from && raw.to == from + text.len(),
            // A copy of raw JSON that was recorded before.
            None => self.document.get(raw.from..raw.to) == Some(text),
        };
        let found = inner.raws.iter().position(|it| !it.opened && same(it));
        let found = found.or_else(|| inner.raws.iter().rposition(same));
        let place = found.and_then(|at| inner.raws.get_mut(at)).map(|raw| {
            raw.opened = true;
            (raw.path.clone(), raw.from)
        });
        let (path, base) = place.unwrap_or_else(|| (inner.path.clone(), within.unwrap_or_default()));
        let path = std::mem::replace(&mut inner.path, path);
        let base = std::mem::replace(&mut inner.base, base);
        ReaderPlace { path, base, address: std::mem::replace(&mut inner.address, address) }
    }

    /// Returns to the position before the last text was opened.
    pub(super) fn close(&self, before: ReaderPlace) {
        let mut inner = self.inner.borrow_mut();
        let ReaderPlace { path, base, address } = before;
        (inner.path, inner.base, inner.address) = (path, base, address);
    }

    /// Records why a text could not be read, at the path where reading stopped.
    pub(super) fn fail(&self, text: &str, error: &serde_json::Error) {
        let mut inner = self.inner.borrow_mut();
        let says = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let fault = ReadFault {
            path: inner.path.clone(),
            offset: inner.base + offset(text, error.line(), error.column()),
            says: says.strip_suffix(&place).unwrap_or(&says).to_owned(),
        };
        inner.faults.push(fault);
    }

    /// Records that a type requests the value at the path; returns the record's index.
    pub(super) fn record_request(&self, requested: RequestedType<'static>, expected: &str) -> usize {
        let mut inner = self.inner.borrow_mut();
        let read_as = match requested {
            RequestedType::Value => ReadType::Named(word(expected).to_owned()),
            RequestedType::List => ReadType::List,
            RequestedType::Entity(name) | RequestedType::Choice(name) | RequestedType::Named(name) => {
                ReadType::Named(type_name(name))
            }
        };
        let (at, is_new) = inner.record();
        if let RequestedType::Named(name) = requested {
            inner.named.insert(at, name);
        }
        let keeps_its_name = requested == RequestedType::Value && inner.named.contains_key(&at);
        if let Some(member) = inner.members.get_mut(at)
            && (is_new || !keeps_its_name)
        {
            member.read_as = read_as;
            // A value that was raw JSON before is now shown by its members.
            if matches!(requested, RequestedType::Entity(_) | RequestedType::Choice(_)) {
                member.value = None;
            }
            if !matches!(member.state, MemberState::Wrong { .. }) {
                member.state = MemberState::Understood;
            }
        }
        at
    }

    /// Sets the value of a record.
    pub(super) fn record_value(&self, at: usize, value: &str) {
        let mut inner = self.inner.borrow_mut();
        let named = inner.named.get(&at).copied();
        let Some(member) = inner.members.get_mut(at) else { return };
        if !matches!(member.state, MemberState::Wrong { .. }) {
            member.state = state(named, value);
        }
        member.value = Some(shown(&member.path, value));
    }

    pub(super) fn record_null(&self, at: usize) {
        let mut inner = self.inner.borrow_mut();
        let Some(member) = inner.members.get_mut(at) else { return };
        member.value = Some("null".to_owned());
        if member.read_as.name() == Some(OPTION) {
            member.read_as = ReadType::Null;
        }
    }

    /// Sets how many items of a list were read so far.
    pub(super) fn record_count(&self, at: usize, items: usize) {
        if let Some(member) = self.inner.borrow_mut().members.get_mut(at) {
            member.value = Some(items.to_string());
        }
    }

    /// Records JSON that a type keeps unparsed.
    pub(super) fn record_raw<'de>(&self, raw: &'de RawValue) -> &'de RawValue {
        let mut inner = self.inner.borrow_mut();
        let from = inner.base + raw.get().as_ptr().addr().saturating_sub(inner.address);
        let path = inner.path.clone();
        inner.raws.push(RawJson { path, from, to: from + raw.get().len(), opened: false });
        let (at, _) = inner.record();
        if let Some(member) = inner.members.get_mut(at)
            && !matches!(member.state, MemberState::Wrong { .. })
        {
            member.state = MemberState::Kept(KeptReason::Unparsed);
            member.read_as = ReadType::Json;
            member.value = Some(shown(&member.path, raw.get()));
        }
        raw
    }

    /// Records a member that no type requests.
    pub(super) fn record_ignored(&self, raw: &RawValue) {
        let mut inner = self.inner.borrow_mut();
        let (at, is_new) = inner.record();
        if !is_new {
            return;
        }
        let Some(member) = inner.members.get_mut(at) else { return };
        let text = serde_json::from_str::<String>(raw.get());
        member.value = Some(shown(&member.path, text.as_deref().unwrap_or(raw.get())));
        let is_annotation = matches!(member.path.last(), Some(PathStep::Member(name)) if name.contains("@odata."));
        (member.state, member.read_as) = if is_annotation {
            (MemberState::Annotation, ReadType::Annotation)
        } else {
            (MemberState::Kept(KeptReason::UnknownMember), ReadType::UnknownMember)
        };
    }

    pub(super) fn enter(&self, step: PathStep) {
        self.inner.borrow_mut().path.push(step);
    }

    pub(super) fn leave(&self) {
        self.inner.borrow_mut().path.pop();
    }

    /// Returns whether the value at the path was found wrong before.
    pub(super) fn is_left_out(&self) -> bool {
        let inner = self.inner.borrow();
        inner.left_out.contains(&inner.path)
    }

    /// Marks the faulty values, which later readings leave out; returns whether there is a new one.
    pub(super) fn mark_faults(&self) -> bool {
        let mut inner = self.inner.borrow_mut();
        let mut has_new = false;
        for fault in std::mem::take(&mut inner.faults) {
            let mut path = fault.path;
            while inner.left_out.contains(&path) && path.pop().is_some() {}
            inner.path.clone_from(&path);
            let (at, _) = inner.record();
            if let Some(member) = inner.members.get_mut(at) {
                let TextPosition { line, column } = self.start.plus(self.document, fault.offset);
                member.state = MemberState::Wrong { says: fault.says, line, column };
            }
            has_new |= !path.is_empty() && inner.left_out.insert(path);
        }
        inner.path.clear();
        inner.raws.clear();
        has_new
    }

    /// Returns the records in the order of the document.
    pub(super) fn into_members(self) -> Vec<InspectedMember> {
        let ReadLogState { mut members, known, .. } = self.inner.into_inner();
        let document_order = |member: &InspectedMember| -> Vec<usize> {
            let ends = 0..=member.path.len();
            ends.filter_map(|end| known.get(member.path.get(..end)?).copied()).collect()
        };
        members.sort_by_cached_key(document_order);
        members
    }
}

impl ReadLogState {
    /// Returns the record of the value at the path, and whether it is new.
    fn record(&mut self) -> (usize, bool) {
        if let Some(at) = self.known.get(&self.path) {
            return (*at, false);
        }
        let at = self.members.len();
        self.known.insert(self.path.clone(), at);
        let (read_as, state) = (ReadType::Named("member".to_owned()), MemberState::Understood);
        self.members.push(InspectedMember { path: self.path.clone(), read_as, value: None, state, note: None });
        (at, true)
    }
}

/// The word that the reader of an optional value gives as expected.
const OPTION: &str = "option";

/// Returns the expectation of a reader, in one word.
fn word(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" | "a text" => "text",
        "an id, or null" => "id",
        it if it.starts_with("true, false") || it == "a boolean" => "flag",
        it if it.starts_with("a whole number") => "number",
        "i64" | "u64" | "u32" | "u16" | "u8" => "number",
        it => it,
    }
}

/// Returns the name of a type as Graph writes it:
/// `#microsoft.graph.call` and `CallState|incoming|…` are `call` and `callState`.
fn type_name(name: &str) -> String {
    let name = name.strip_prefix("#microsoft.graph.").unwrap_or(name);
    let name = name.split('|').next().unwrap_or(name);
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Returns the state of a value: whether it is a word of its open enum, or an id that Graph could give.
fn state(named: Option<&str>, value: &str) -> MemberState {
    let Some(name) = named else { return MemberState::Understood };
    let mut members = name.split('|').skip(1).peekable();
    if members.peek().is_none() {
        let is_id = value.trim().is_empty() || ResourceId::new(value).is_some();
        return if is_id { MemberState::Understood } else { MemberState::Kept(KeptReason::InvalidId) };
    }
    let is_known = members.any(|it| it.eq_ignore_ascii_case(value));
    if is_known { MemberState::Understood } else { MemberState::Kept(KeptReason::UnknownWord) }
}

/// Returns the value, unless its member is a secret.
fn shown(path: &[PathStep], value: &str) -> String {
    let name = path.iter().rev().find_map(|it| match it {
        PathStep::Member(name) => Some(name),
        PathStep::Item(_) => None,
    });
    if name.is_some_and(|it| is_secret(it)) { MASK.to_owned() } else { cut(value) }
}

fn cut(text: &str) -> String {
    text.get(..text.floor_char_boundary(MAX_VALUE)).unwrap_or_default().to_owned()
}
