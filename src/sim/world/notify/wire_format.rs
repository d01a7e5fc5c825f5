//! Chooses among equivalent JSON forms of notifications and answers. The settings of the group `wire` select among the
//! documented and observed forms (graph-contract.md, "The envelope"). The meaning stays the same.

use serde_json::{Map, Value, json};

use crate::sim::settings::{
    Casing, Collections, IdCasing, LeadingSlash, LegacyResource, OperationIds, ResultCodes, RosterAddress, SimSettings,
    StatusCasing, SubcodeKey,
};

use crate::sim::world::api::answer::{AnswerContent, WorldAnswer};
use crate::sim::world::faults::fault_rng::{FaultDraw, FaultRng};
use crate::sim::world::rng::RandomStream;

/// The form of one notification or answer.
pub(in crate::sim::world) struct WireFormat<'a> {
    settings: &'a SimSettings,
    fault_rng: &'a FaultRng,
    nth: u64,
}

impl<'a> WireFormat<'a> {
    /// Chooses the form of the nth notification or answer.
    pub(in crate::sim::world) const fn new(settings: &'a SimSettings, fault_rng: &'a FaultRng, nth: u64) -> Self {
        Self { settings, fault_rng, nth }
    }

    /// Spells an id for a path in a notification.
    pub(in crate::sim::world) fn spell(&self, id: &str) -> String {
        let bare = match self.settings.id_casing {
            IdCasing::Dashed => false,
            IdCasing::Bare => true,
            IdCasing::Mixed => self.coin(FaultDraw::IdCasing),
        };
        if bare { id.replace('-', "").to_uppercase() } else { id.to_owned() }
    }

    /// Rewrites a notification into this form.
    pub(in crate::sim::world) fn apply(&self, notification: &mut Value) {
        let Value::Object(item) = notification else { return };
        let path = self.address(item);
        if let Some(data) = item.get_mut("resourceData") {
            self.data(data, &path);
        }
        if self.settings.unknown_members > 0.0 {
            let mut chance = self.fault_rng.at(FaultDraw::Unknown, self.nth);
            add_unknown_members(item, self.settings.unknown_members, &mut chance);
        }
    }

    /// Rewrites the statuses of an answer's operations.
    pub(in crate::sim::world) fn apply_to_answer(&self, answer: &mut WorldAnswer) {
        let AnswerContent::Entity { body, .. } = &mut answer.content else { return };
        match body.get_mut("value") {
            Some(Value::Array(items)) => items.iter_mut().for_each(|it| self.status(it, FaultDraw::AnsweredStatus)),
            _ => self.status(body, FaultDraw::AnsweredStatus),
        }
    }

    fn coin(&self, draw: FaultDraw) -> bool {
        self.fault_rng.hits(draw, self.nth, 0.5)
    }

    fn one_of<T: Copy>(&self, draw: FaultDraw, first: T, others: &[T]) -> T {
        self.fault_rng.one_of(draw, self.nth, (first, others))
    }

    /// Rewrites an item's address, and returns it without its leading slash.
    fn address(&self, item: &mut Map<String, Value>) -> String {
        let Some(Value::String(url)) = item.get("resourceUrl") else { return String::new() };
        let mut path = url.trim_start_matches('/').to_owned();
        let slash = match self.settings.leading_slash {
            LeadingSlash::Documented => url.starts_with('/'),
            LeadingSlash::Always => true,
            LeadingSlash::Never => false,
            LeadingSlash::Mixed => self.coin(FaultDraw::Slash),
        };
        let malformed = match self.settings.roster_address {
            RosterAddress::Participants => false,
            RosterAddress::Malformed => true,
            RosterAddress::Mixed => self.coin(FaultDraw::RosterAddress),
        };
        if let Some(call) = path.strip_suffix("/participants").filter(|_| malformed) {
            path = format!("{call}/operations/participants");
        }
        let legacy = match self.settings.legacy_resource {
            LegacyResource::Mixed => self.one_of(
                FaultDraw::Legacy,
                LegacyResource::Absent,
                &[LegacyResource::Beside, LegacyResource::Instead],
            ),
            chosen @ (LegacyResource::Absent | LegacyResource::Beside | LegacyResource::Instead) => chosen,
        };
        item.insert("resourceUrl".into(), json!(if slash { format!("/{path}") } else { path.clone() }));
        if legacy != LegacyResource::Absent {
            let tail = path.strip_prefix("communications").unwrap_or(&path);
            item.insert("resource".into(), json!(format!("/app{tail}")));
        }
        if legacy == LegacyResource::Instead {
            item.remove("resourceUrl");
        }
        path
    }

    fn data(&self, data: &mut Value, path: &str) {
        if let Value::Array(items) = data
            && self.settings.collections == Collections::ByCount
            && items.len() == 1
            && let Some(only) = items.pop()
        {
            *data = only;
        }
        let kind = data.get("@odata.type").and_then(Value::as_str).unwrap_or_default().to_owned();
        if kind.ends_with("Operation") {
            self.status(data, FaultDraw::Status);
            self.ids(data, path);
        }
        if let Some(Value::String(state)) = data.get_mut("state").filter(|_| kind == "#microsoft.graph.call") {
            let pascal = match self.settings.state_casing {
                Casing::Camel => false,
                Casing::Pascal => true,
                Casing::Mixed => self.coin(FaultDraw::State),
            };
            *state = cased(state, pascal);
        }
        if let Some(Value::Object(result)) = data.get_mut("resultInfo") {
            self.result(result);
        }
    }

    fn status(&self, operation: &mut Value, draw: FaultDraw) {
        let kind = operation.get("@odata.type").and_then(Value::as_str);
        if !kind.is_some_and(|it| it.ends_with("Operation")) {
            return;
        }
        let Some(Value::String(status)) = operation.get_mut("status") else { return };
        match self.settings.status_casing {
            StatusCasing::Documented => {}
            StatusCasing::Camel => *status = cased(status, false),
            StatusCasing::Pascal => *status = cased(status, true),
            StatusCasing::Mixed => *status = cased(status, self.coin(draw)),
        }
    }

    fn ids(&self, operation: &mut Value, path: &str) {
        use OperationIds::{Both, Documented, Id, Mixed, Neither, OdataId};
        let chosen = match self.settings.operation_ids {
            Mixed => self.one_of(FaultDraw::OperationIds, Both, &[Id, OdataId, Neither]),
            chosen @ (Documented | Both | Id | OdataId | Neither) => chosen,
        };
        let Value::Object(members) = operation else { return };
        let mut member = |name: &str, wanted: bool, value: &str| {
            if wanted {
                members.entry(name).or_insert_with(|| json!(value));
            } else {
                members.remove(name);
            }
        };
        if chosen != Documented {
            member("id", matches!(chosen, Both | Id), path.rsplit('/').next().unwrap_or_default());
            member("@odata.id", matches!(chosen, Both | OdataId), path);
        }
    }

    fn result(&self, result: &mut Map<String, Value>) {
        let strings = match self.settings.result_codes {
            ResultCodes::Numbers => false,
            ResultCodes::Strings => true,
            ResultCodes::Mixed => self.coin(FaultDraw::ResultCodes),
        };
        for name in ["code", "subcode", "subCode"] {
            if let Some(code) = result.get_mut(name).filter(|it| strings && it.is_number()) {
                *code = json!(code.to_string());
            }
        }
        let key = match self.settings.subcode_key {
            SubcodeKey::Mixed => {
                self.one_of(FaultDraw::SubcodeKey, SubcodeKey::Lower, &[SubcodeKey::Camel, SubcodeKey::Absent])
            }
            chosen @ (SubcodeKey::Documented | SubcodeKey::Lower | SubcodeKey::Camel | SubcodeKey::Absent) => chosen,
        };
        let name = match key {
            SubcodeKey::Documented | SubcodeKey::Mixed => return,
            SubcodeKey::Lower => Some("subcode"),
            SubcodeKey::Camel => Some("subCode"),
            SubcodeKey::Absent => None,
        };
        let (lower, camel) = (result.remove("subcode"), result.remove("subCode"));
        if let (Some(name), Some(subcode)) = (name, lower.or(camel)) {
            result.insert(name.into(), subcode);
        }
    }
}

/// Adds undocumented members to some of the objects, including nested ones.
fn add_unknown_members(object: &mut Map<String, Value>, share: f64, chance: &mut RandomStream) {
    for (_, inner) in object.iter_mut() {
        add_unknown_members_within(inner, share, chance);
    }
    if chance.share(share) {
        let novel = [json!(null), json!(7), json!("novel"), json!([1, "two"]), json!({ "novel": true })];
        let names = ["novelMember", "@odata.novel", "NovelMember"];
        if let (Some(name), Some(value)) = (chance.pick(&names), chance.pick(&novel)) {
            object.insert((*name).to_owned(), value.clone());
        }
    }
}

fn add_unknown_members_within(value: &mut Value, share: f64, chance: &mut RandomStream) {
    match value {
        Value::Object(object) => add_unknown_members(object, share, chance),
        Value::Array(items) => items.iter_mut().for_each(|it| add_unknown_members_within(it, share, chance)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns a word with its first letter in upper case (`pascal`) or lower case.
fn cased(word: &str, pascal: bool) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|it| if pascal { it.to_ascii_uppercase() } else { it.to_ascii_lowercase() });
    first.into_iter().chain(letters).collect()
}
