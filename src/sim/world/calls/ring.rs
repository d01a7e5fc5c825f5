//! Incoming calls that a client answers, rejects or redirects (graph-contract.md, "Endpoints" and "States of a call";
//! rows 5 to 7). Only calls planned with `answeredBy = "client"` come here: the bot of a scenario answers its own
//! calls.

use serde_json::Value;

use crate::graph::{CallId, CallState, Modality};
use crate::sim::scenario::PersonAction;
use crate::time::Timestamp;

use super::call::LiveCall;
use super::call_body::{abstract_types, app_hosted, callback, callback_at, identity_of, modality};
use super::lifecycle::KEPT;
use super::member::{CallMember, Presence};
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer, WorldRequest};
use crate::sim::world::api::body::{json_object, required};
use crate::sim::world::api::permission::{MEDIA, require_any_role};
use crate::sim::world::state::World;

/// The most targets of one redirect.
const MOST_TARGETS: usize = 25;
/// The allowed ringing times, in seconds.
const TIMEOUT: std::ops::RangeInclusive<i64> = 15..=90;

/// Answers an incoming call.
pub(in crate::sim::world) fn answer(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    ask: &WorldRequest<'_>,
) -> Result<WorldAnswer, Refusal> {
    let raw = json_object(ask.body)?;
    abstract_types(&raw)?;
    let capacity = capacity(&raw)?;
    let accepted = raw.get("acceptedModalities").and_then(Value::as_array).cloned().unwrap_or_default();
    for one in &accepted {
        modality(&Modality::parse(one.as_str().unwrap_or_default()), "acceptedModalities")?;
    }
    let asked =
        serde_json::from_value(raw).map_err(|error| Refusal::invalid(format!("The answer does not read: {error}.")))?;
    let address = callback(&asked)?;
    if asked.media_config.is_none() {
        return Err(Refusal::missing("mediaConfig"));
    }
    if accepted.is_empty() {
        return Err(Refusal::missing("acceptedModalities"));
    }
    if app_hosted(&asked) {
        require_any_role(ask.caller, MEDIA)?;
    }
    let live = ringing(world.calls.find(call)?)?;
    live.state = CallState::Establishing;
    live.callback = Some(address.clone());
    live.facts.callback_uri = Some(address);
    live.facts.media_config = asked.media_config;
    live.facts.call_options = asked.call_options;
    live.lifetime.kept_until = Some(now + KEPT);
    let coming: Vec<_> = live.roster.members.iter().filter(|it| it.presence == Presence::Expected).collect();
    let own_time = |it: &CallMember| live.recorder.as_ref().is_some_and(|recorder| recorder.awaits(&it.id));
    let coming = coming.into_iter().filter(|it| it.id != live.roster.me && !own_time(it));
    let comes = |it: &CallMember| if it.waits { PersonAction::Lobby } else { PersonAction::Join };
    let coming: Vec<_> = coming.map(|it| (it.id.clone(), comes(it))).collect();
    if let (Some(recorder), Some(capacity)) = (&mut live.recorder, capacity) {
        recorder.capacity = capacity;
    }
    let first = now + world.soon(40, 120);
    let there = first + world.soon(300, 900);
    world.agenda.plan(first, ScheduledEvent::Establish(call.clone()));
    world.agenda.plan(there, ScheduledEvent::Established(call.clone()));
    world.agenda.plan(now + KEPT, ScheduledEvent::KeepAliveCheck(call.clone()));
    for (who, comes) in coming {
        world.agenda.plan(there, ScheduledEvent::Person(call.clone(), who, comes));
    }
    Ok(WorldAnswer::empty(202))
}

/// Rejects an incoming call.
pub(in crate::sim::world) fn reject(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    ask: &WorldRequest<'_>,
) -> Result<WorldAnswer, Refusal> {
    let raw = json_object(ask.body)?;
    let reason = raw.get("reason").filter(|it| !it.is_null());
    let known = |said: &str| ["none", "busy", "forbidden"].iter().any(|it| said.eq_ignore_ascii_case(it));
    if !reason.is_none_or(|it| it.as_str().is_some_and(known)) {
        return Err(Refusal::invalid("reason is none, busy or forbidden."));
    }
    let address = elsewhere(&raw)?;
    ringing(world.calls.find(call)?)?;
    turn_away(world, now, call, address, false);
    Ok(WorldAnswer::empty(202))
}

/// Redirects an incoming call to other people.
pub(in crate::sim::world) fn redirect(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let raw = json_object(body)?;
    let targets = required(&raw, "targets")?.as_array().map(Vec::as_slice).unwrap_or_default();
    if targets.is_empty() || targets.len() > MOST_TARGETS {
        return Err(Refusal::invalid(format!("targets names between 1 and {MOST_TARGETS} people.")));
    }
    for target in targets {
        identity_of(target, "targets")?;
    }
    let timeout = raw.get("timeout").filter(|it| !it.is_null());
    if timeout.is_some_and(|it| it.as_i64().is_none_or(|it| !TIMEOUT.contains(&it))) {
        return Err(Refusal::invalid("timeout is a number of seconds between 15 and 90."));
    }
    let address = elsewhere(&raw)?;
    ringing(world.calls.find(call)?)?;
    turn_away(world, now, call, address, true);
    Ok(WorldAnswer::empty(202))
}

fn turn_away(world: &mut World, now: Timestamp, call: &CallId, address: Option<Box<str>>, redirected: bool) {
    let Some(live) = world.calls.get_mut(call) else { return };
    live.state = CallState::Terminated;
    if let Some(address) = address {
        live.callback = Some(address.clone());
        live.facts.callback_uri = Some(address);
    }
    world.notify_turned_away(now, call, redirected);
    world.calls.remove(call);
}

/// How many people under a recording policy a client records. \[unverified\]: the range of the number.
fn capacity(raw: &Value) -> Result<Option<usize>, Refusal> {
    match raw.get("participantCapacity").filter(|it| !it.is_null()) {
        None => Ok(None),
        Some(given) => match given.as_i64().map(usize::try_from) {
            Some(Ok(given)) if given > 0 => Ok(Some(given)),
            _ => Err(Refusal::invalid("participantCapacity is a number of people, at least 1.")),
        },
    }
}

/// The new address of notifications, if a body names one.
fn elsewhere(raw: &Value) -> Result<Option<Box<str>>, Refusal> {
    match raw.get("callbackUri").filter(|it| !it.is_null()) {
        Some(address) => callback_at(address.as_str().unwrap_or_default()).map(Some),
        None => Ok(None),
    }
}

/// \[unverified\]: what answering a call that does not ring gets is not documented.
fn ringing(live: &mut LiveCall) -> Result<&mut LiveCall, Refusal> {
    if live.state == CallState::Incoming && live.lifetime.rings {
        Ok(live)
    } else {
        Err(Refusal::new(409, "conflict", format!("The call is {} and waits for no answer.", live.state)))
    }
}
