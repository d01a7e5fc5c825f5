//! The `OData` options of reads. Documentation says that calls and participants support "`OData` query parameters", but
//! not which. \[unverified\]: `$select` is the one that has an effect, if the setting `odata` allows it.

use serde_json::{Map, Value};

use crate::sim::settings::OData;
use crate::sim::world::{AnswerContent, WorldAnswer};

/// Applies the query options of a read to its answer.
pub(in crate::sim::server) fn with_selection(query: Option<&str>, setting: OData, answer: WorldAnswer) -> WorldAnswer {
    let options = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let options: Vec<_> = options.filter(|(name, _)| name.starts_with('$')).collect();
    if options.is_empty() || answer.status != 200 {
        return answer;
    }
    match setting {
        OData::Ignored => answer,
        OData::Refused => WorldAnswer::error(400, "invalidRequest", "Query options are not supported here."),
        OData::Select => {
            let selected = options.iter().filter(|(name, _)| name.eq_ignore_ascii_case("$select"));
            let names: Vec<&str> = selected.flat_map(|(_, names)| names.split(',').map(str::trim)).collect();
            if names.is_empty() || names.contains(&"*") { answer } else { with_only(&names, answer) }
        }
    }
}

fn with_only(names: &[&str], mut answer: WorldAnswer) -> WorldAnswer {
    if let AnswerContent::Entity { body: Value::Object(members), .. } = &mut answer.content {
        match members.get_mut("value") {
            Some(Value::Array(items)) => {
                items.iter_mut().filter_map(Value::as_object_mut).for_each(|it| keep(names, it));
            }
            _ => keep(names, members),
        }
    }
    answer
}

/// Keeps the named members, and annotations.
fn keep(names: &[&str], members: &mut Map<String, Value>) {
    members.retain(|member, _| member.starts_with('@') || names.contains(&member.as_str()));
}
