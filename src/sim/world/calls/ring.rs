//! Incoming calls that a client answers, rejects or redirects (graph-contract.md, "Endpoints", rows 5 to 7, and "States
//! of a call"). Only calls planned with `answeredBy = "client"` ring; the scenario's bot answers the others.

use serde_json::Value;

use crate::graph::{CallId, CallState, Modality, ParticipantId};
use crate::sim::scenario::PersonAction;
use crate::sim::settings::RedirectEnd;
use crate::time::{Millis, Timestamp};

use super::call::LiveCall;
use super::call_body::{abstract_types, app_hosted, callback, callback_at, identity_of, modality};
use super::lifecycle::KEEP_ALIVE_TIMEOUT;
use super::member::{CallMember, Presence};
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer, WorldRequest};
use crate::sim::world::api::body::{json_object, required};
use crate::sim::world::api::permission::{MEDIA, require_any_role};
use crate::sim::world::state::World;

/// The maximum number of targets of one redirect.
const MAX_TARGETS: usize = 25;
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
    for item in &accepted {
        modality(&Modality::parse(item.as_str().unwrap_or_default()), "acceptedModalities")?;
    }
    let asked = serde_json::from_value(raw)
        .map_err(|error| Refusal::invalid(format!("The answer cannot be read: {error}.")))?;
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
    live.lifetime.kept_until = Some(now + KEEP_ALIVE_TIMEOUT);
    let joins = people_who_join(live);
    if let (Some(recorder), Some(capacity)) = (&mut live.recorder, capacity) {
        recorder.capacity = capacity;
    }
    let first = now + world.random_delay(40, 120);
    let established = first + world.random_delay(300, 900);
    world.agenda.plan(first, ScheduledEvent::Establish(call.clone()));
    world.agenda.plan(established, ScheduledEvent::Established(call.clone()));
    world.agenda.plan(now + KEEP_ALIVE_TIMEOUT, ScheduledEvent::KeepAliveCheck(call.clone()));
    for (who, action) in joins {
        world.agenda.plan(established, ScheduledEvent::Person(call.clone(), who, action));
    }
    Ok(WorldAnswer::empty(202))
}

/// Returns the people who join when the call is established, each with how they join. People who join a recorder's call
/// at a planned time are left out.
fn people_who_join(live: &LiveCall) -> Vec<(ParticipantId, PersonAction)> {
    let joins_later = |it: &CallMember| live.recorder.as_ref().is_some_and(|recorder| recorder.joins_later(&it.id));
    let expected = live.roster.members.iter().filter(|it| it.presence == Presence::Expected);
    let joining = expected.filter(|it| it.id != live.roster.me && !joins_later(it));
    let action = |it: &CallMember| if it.waits { PersonAction::Lobby } else { PersonAction::Join };
    joining.map(|it| (it.id.clone(), action(it))).collect()
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
    let is_reason = |text: &str| ["none", "busy", "forbidden"].iter().any(|it| text.eq_ignore_ascii_case(it));
    if !reason.is_none_or(|it| it.as_str().is_some_and(is_reason)) {
        return Err(Refusal::invalid("reason must be none, busy or forbidden."));
    }
    let address = new_callback(&raw)?;
    ringing(world.calls.find(call)?)?;
    end_unanswered(world, now, call, address, false);
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
    if targets.is_empty() || targets.len() > MAX_TARGETS {
        return Err(Refusal::invalid(format!("targets must list between 1 and {MAX_TARGETS} people.")));
    }
    for target in targets {
        identity_of(target, "targets")?;
    }
    let timeout = raw.get("timeout").filter(|it| !it.is_null());
    if timeout.is_some_and(|timeout| timeout.as_i64().is_none_or(|it| !TIMEOUT.contains(&it))) {
        return Err(Refusal::invalid("timeout must be a number of seconds between 15 and 90."));
    }
    let rings = timeout.and_then(Value::as_i64).unwrap_or(if targets.len() == 1 { 55 } else { 60 });
    let address = new_callback(&raw)?;
    ringing(world.calls.find(call)?)?;
    let ends = match world.settings.redirect_end {
        RedirectEnd::AtOnce => {
            end_unanswered(world, now, call, address, true);
            return Ok(WorldAnswer::empty(202));
        }
        RedirectEnd::Answered => world.random_delay(2_000, 8_000),
        RedirectEnd::Unanswered => Millis::seconds(rings),
    };
    let live = world.calls.find(call)?;
    live.state = CallState::Redirecting;
    set_callback(live, address);
    world.notify_state(now, call);
    world.agenda.plan(now + ends, ScheduledEvent::Redirected(call.clone()));
    Ok(WorldAnswer::empty(202))
}

/// Ends a call whose redirection has ended.
pub(in crate::sim::world) fn end_redirected(world: &mut World, at: Timestamp, call: &CallId) {
    if world.calls.get(call).is_some_and(|it| it.state == CallState::Redirecting) {
        end_unanswered(world, at, call, None, true);
    }
}

/// Ends a call that was rejected or redirected, and sends the notification of its end, to the new address if there is one.
fn end_unanswered(world: &mut World, now: Timestamp, call: &CallId, address: Option<Box<str>>, redirected: bool) {
    let Some(live) = world.calls.get_mut(call) else { return };
    live.state = CallState::Terminated;
    set_callback(live, address);
    world.suppress_end_notice(call);
    world.notify_unanswered(now, call, redirected);
    world.calls.remove(call);
}

/// Sets the address of later notifications, if there is a new one.
fn set_callback(live: &mut LiveCall, address: Option<Box<str>>) {
    if let Some(address) = address {
        live.callback = Some(address.clone());
        live.facts.callback_uri = Some(address);
    }
}

/// Reads how many people a recorder can record. \[unverified\]: the range of the number.
fn capacity(raw: &Value) -> Result<Option<usize>, Refusal> {
    match raw.get("participantCapacity").filter(|it| !it.is_null()) {
        None => Ok(None),
        Some(value) => match value.as_i64().map(usize::try_from) {
            Some(Ok(people)) if people > 0 => Ok(Some(people)),
            _ => Err(Refusal::invalid("participantCapacity must be a number of people, at least 1.")),
        },
    }
}

/// Reads the new address for notifications, if the body has one.
fn new_callback(raw: &Value) -> Result<Option<Box<str>>, Refusal> {
    match raw.get("callbackUri").filter(|it| !it.is_null()) {
        Some(address) => callback_at(address.as_str().unwrap_or_default()).map(Some),
        None => Ok(None),
    }
}

/// Requires a call that rings. \[unverified\]: the refusal of any other call.
fn ringing(live: &mut LiveCall) -> Result<&mut LiveCall, Refusal> {
    if live.state == CallState::Incoming && live.lifetime.rings {
        Ok(live)
    } else {
        Err(Refusal::new(409, "conflict", format!("The call is {} and cannot be answered.", live.state)))
    }
}
