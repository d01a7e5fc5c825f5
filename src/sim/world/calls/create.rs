//! Creating a call: the four documented shapes, and what Graph requires of them (graph-contract.md, "Creating a call").

use uuid::Uuid;

use crate::graph::{Call, CallDirection, CallId, CallState, EndpointType, IdentityKind, ParticipantInfo, Route};
use crate::sim::scenario::{Answerer, CallPlan, PlannedCallKind, PlannedDirection};
use crate::sim::settings::Permit;
use crate::time::{Millis, Timestamp};

use super::call_body::{abstract_types, app_hosted, callback, modality};
use super::lifecycle::KEEP_ALIVE_TIMEOUT;
use super::member::{CallMember, Presence};
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer, WorldRequest, unavailable};
use crate::sim::world::api::body::json_object;
use crate::sim::world::api::permission::{GROUP, INITIATE, JOIN_MEETING, MEDIA, require_any_role, require_tenant};
use crate::sim::world::meeting;
use crate::sim::world::state::World;

/// The maximum number of targets of a new group call.
const MAX_TARGETS: usize = 5;

/// The maximum length of a callChainId that is not a GUID, in characters.
const MAX_CHAIN_ID: usize = 128;

/// Creates a call for a client.
pub(in crate::sim::world) fn create(
    world: &mut World,
    now: Timestamp,
    ask: &WorldRequest<'_>,
) -> Result<WorldAnswer, Refusal> {
    let raw = json_object(ask.body)?;
    abstract_types(&raw)?;
    let asked: Call =
        serde_json::from_value(raw).map_err(|error| Refusal::invalid(format!("The call cannot be read: {error}.")))?;
    let callback = callback(&asked)?;
    let kind = requested_kind(&asked)?;
    check_endpoint_type(&asked)?;
    if asked.call_chain_id.as_deref().is_some_and(|it| !is_chain_id(it, world.settings.odd_call_chain_id)) {
        return Err(Refusal::invalid("callChainId is not the callChainId of a call."));
    }
    require_any_role(
        ask.caller,
        match kind {
            PlannedCallKind::OneToOne => INITIATE,
            PlannedCallKind::Group => GROUP,
            PlannedCallKind::Meeting => JOIN_MEETING,
        },
    )?;
    if app_hosted(&asked) {
        require_any_role(ask.caller, MEDIA)?;
    }
    let tenant = asked.tenant_id.clone().unwrap_or_else(|| world.application.tenant.clone());
    require_tenant(ask.caller, &tenant)?;
    if world.is_full() {
        return Ok(unavailable("There are too many calls."));
    }
    let id = place_call(world, now, kind, asked, callback)?;
    let body = world.calls.get(&id).ok_or_else(Refusal::no_call)?.printed();
    let location = Some(Route::Call(id));
    Ok(WorldAnswer { location, ..WorldAnswer::entity(201, Some("app/calls/$entity".into()), body) })
}

/// Adds the new call, and plans how it is set up and when its people join.
fn place_call(
    world: &mut World,
    now: Timestamp,
    kind: PlannedCallKind,
    asked: Call,
    callback: Box<str>,
) -> Result<CallId, Refusal> {
    let mut call = world.new_call(&client_plan(kind));
    let id = call.id.clone();
    let targets = asked.targets.iter().flatten().filter_map(|it| it.identity.clone()).collect::<Vec<_>>();
    let source = asked.source.clone().unwrap_or_else(|| ParticipantInfo {
        identity: Some(world.application_identity()),
        ..ParticipantInfo::default()
    });
    let is_guest = source.identity.as_ref().is_some_and(|it| it.guest.is_some());
    if let (Some(me), Some(who)) = (call.roster.members.first_mut(), source.identity.clone()) {
        me.identity = who;
    }
    let chain = asked.call_chain_id.clone().unwrap_or_else(|| world.ids.id::<CallId>().to_string().into());
    // Only Graph sets the other members, such as mediaState and toneInfo; a client's values are ignored.
    call.facts = Call {
        direction: Some(CallDirection::Outgoing),
        call_chain_id: Some(chain),
        callback_uri: Some(callback.clone()),
        source: Some(source),
        subject: asked.subject,
        tenant_id: asked.tenant_id,
        targets: asked.targets,
        requested_modalities: asked.requested_modalities,
        media_config: asked.media_config,
        chat_info: asked.chat_info,
        meeting_info: asked.meeting_info,
        call_options: asked.call_options,
        ringing_timeout_in_seconds: asked.ringing_timeout_in_seconds,
        ..Call::default()
    };
    call.callback = Some(callback);
    call.state = CallState::Establishing;
    call.lifetime.kept_until = Some(now + KEEP_ALIVE_TIMEOUT);
    let expected = targets.into_iter().map(|it| CallMember::expected(world.ids.id(), it)).collect::<Vec<_>>();
    for member in expected.iter().cloned() {
        call.roster.add_member(member);
    }
    if kind == PlannedCallKind::OneToOne {
        call.roster.members.iter_mut().for_each(|it| it.presence = Presence::Here);
    }
    if kind == PlannedCallKind::Meeting {
        meeting::join(world, &mut call)?;
    }
    world.calls.insert(call);
    let first = now + world.random_delay(40, 120);
    let established = first + world.random_delay(400, 1_600);
    world.agenda.plan(first, ScheduledEvent::Establish(id.clone()));
    world.agenda.plan(established, ScheduledEvent::Established(id.clone()));
    world.agenda.plan(now + KEEP_ALIVE_TIMEOUT, ScheduledEvent::KeepAliveCheck(id.clone()));
    if kind != PlannedCallKind::OneToOne {
        world.plan_joins(established, &id, &expected, is_guest);
    }
    Ok(id)
}

/// Returns the plan of a client's call, which has only the application in it.
const fn client_plan(kind: PlannedCallKind) -> CallPlan {
    CallPlan {
        subject: String::new(),
        kind,
        direction: PlannedDirection::Outgoing,
        at: Millis(0),
        answered: Millis(0),
        ends: None,
        answered_by: Answerer::Bot,
        clears: Millis(200),
        end_subcode: 4097,
        people: Vec::new(),
    }
}

/// Refuses an unknown `endpointType`.
fn check_endpoint_type(asked: &Call) -> Result<(), Refusal> {
    match asked.source.as_ref().and_then(|it| it.endpoint_type.as_ref()) {
        Some(EndpointType::Unknown(text)) => {
            Err(Refusal::invalid(format!("source: {text:?} is not an endpointType; use default.")))
        }
        Some(
            EndpointType::Default
            | EndpointType::Voicemail
            | EndpointType::SkypeForBusiness
            | EndpointType::SkypeForBusinessVoipPhone,
        )
        | None => Ok(()),
    }
}

/// Returns the kind of call that a body asks for, after checking the members that this kind needs.
fn requested_kind(asked: &Call) -> Result<PlannedCallKind, Refusal> {
    if asked.requested_modalities.as_ref().is_none_or(Vec::is_empty) {
        return Err(Refusal::missing("requestedModalities"));
    }
    asked.requested_modalities.iter().flatten().try_for_each(|it| modality(it, "requestedModalities"))?;
    if asked.media_config.is_none() {
        return Err(Refusal::missing("mediaConfig"));
    }
    let targets = asked.targets.as_deref().unwrap_or_default();
    if let Some(meeting) = &asked.meeting_info {
        if !targets.is_empty() {
            return Err(Refusal::invalid("A request to join a meeting must not have targets."));
        }
        let has_thread = asked.chat_info.as_ref().is_some_and(|it| it.thread_id.is_some());
        let has_organizer = meeting.organizer.as_ref().is_some_and(|it| it.principal().is_some());
        if (has_thread && has_organizer) || meeting.join_meeting_id.is_some() || meeting.token.is_some() {
            return Ok(PlannedCallKind::Meeting);
        }
        return Err(Refusal::invalid(
            "meetingInfo needs an organizer (and chatInfo a threadId), a joinMeetingId or a token.",
        ));
    }
    if asked.targets.is_none() {
        return Err(Refusal::missing("targets"));
    }
    if targets.is_empty() || targets.len() > MAX_TARGETS {
        return Err(Refusal::invalid(format!("targets must list between 1 and {MAX_TARGETS} people.")));
    }
    let kinds: Option<Vec<_>> =
        targets.iter().map(|it| it.identity.as_ref()?.principal().map(|(kind, _)| kind)).collect();
    let kinds = kinds.ok_or_else(|| Refusal::invalid("Each target needs an identity."))?;
    let instance = asked.source.as_ref().and_then(|it| it.identity.as_ref()?.application_instance.as_ref());
    if kinds.contains(&IdentityKind::Phone) && (instance.is_none() || asked.tenant_id.is_none()) {
        return Err(Refusal::invalid("A call to a telephone needs source.identity.applicationInstance and tenantId."));
    }
    let ids =
        targets.iter().filter_map(|target| target.identity.as_ref()?.principal().and_then(|(_, it)| it.id.as_deref()));
    let ids: Vec<&str> = ids.collect();
    // Documented for invitations: an identity may occur once.
    if ids.iter().enumerate().any(|(at, id)| ids.iter().skip(at + 1).any(|other| other.eq_ignore_ascii_case(id))) {
        return Err(Refusal::invalid("targets lists a person twice."));
    }
    let principals = targets.iter().filter_map(|it| it.identity.as_ref()?.principal());
    let mut phones = principals.filter(|(kind, _)| *kind == IdentityKind::Phone);
    if phones.any(|(_, it)| !it.id.as_deref().is_some_and(is_e164)) {
        return Err(Refusal::invalid("A phone's id is its number in E.164, such as +12345678901."));
    }
    Ok(if targets.len() == 1 { PlannedCallKind::OneToOne } else { PlannedCallKind::Group })
}

/// Returns whether a text is a telephone number in E.164: a plus and up to 15 digits.
fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit()) && !digits.starts_with('0')
}

/// Returns whether a text is valid as a `callChainId`: a GUID, or with `odd` any short text that fits
/// into an HTTP header.
fn is_chain_id(text: &str, odd: Permit) -> bool {
    let fits = text.len() <= MAX_CHAIN_ID && !text.is_empty() && text.bytes().all(|it| it.is_ascii_graphic());
    Uuid::parse_str(text).is_ok() || (odd == Permit::Allowed && fits)
}
