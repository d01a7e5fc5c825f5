//! Creating a call: the four documented shapes, and what Graph requires of them (graph-contract.md, "Creating a call").

use uuid::Uuid;

use crate::graph::{Call, CallDirection, CallId, CallState, EndpointType, IdentityKind, ParticipantInfo, Route};
use crate::sim::scenario::{Answerer, CallPlan, PlannedCallKind, PlannedDirection};
use crate::sim::settings::Permit;
use crate::time::{Millis, Timestamp};

use super::call_body::{abstract_types, app_hosted, callback, modality};
use super::lifecycle::KEPT;
use super::member::{CallMember, Presence};
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer, WorldRequest, unavailable};
use crate::sim::world::api::body::json_object;
use crate::sim::world::api::permission::{GROUP, INITIATE, JOIN_MEETING, MEDIA, require_any_role, require_tenant};
use crate::sim::world::state::World;

/// The most targets of a new group call.
const MOST_TARGETS: usize = 5;

/// The longest callChainId in characters, where it need not be a GUID.
const LONGEST_CHAIN: usize = 128;

/// Creates a call for a client.
pub(in crate::sim::world) fn create(
    world: &mut World,
    now: Timestamp,
    ask: &WorldRequest<'_>,
) -> Result<WorldAnswer, Refusal> {
    let raw = json_object(ask.body)?;
    abstract_types(&raw)?;
    let asked: Call =
        serde_json::from_value(raw).map_err(|error| Refusal::invalid(format!("The call does not read: {error}.")))?;
    let callback = callback(&asked)?;
    let kind = shape(&asked)?;
    endpoint(&asked)?;
    if asked.call_chain_id.as_deref().is_some_and(|it| !is_chain(it, world.settings.odd_call_chain_id)) {
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
        return Ok(unavailable("There are too many calls at a time."));
    }
    let id = place(world, now, kind, asked, callback);
    let body = world.calls.get(&id).ok_or_else(Refusal::no_call)?.printed();
    let location = Some(Route::Call(id));
    Ok(WorldAnswer { location, ..WorldAnswer::entity(201, Some("app/calls/$entity".into()), body) })
}

fn place(world: &mut World, now: Timestamp, kind: PlannedCallKind, asked: Call, callback: Box<str>) -> CallId {
    let plan = CallPlan {
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
    };
    let mut call = world.new_call(&plan);
    let id = call.id.clone();
    let targets = asked.targets.iter().flatten().filter_map(|it| it.identity.clone()).collect::<Vec<_>>();
    let source = asked.source.clone().unwrap_or_else(|| ParticipantInfo {
        identity: Some(world.application_identity()),
        ..ParticipantInfo::default()
    });
    let guest = source.identity.as_ref().is_some_and(|it| it.guest.is_some());
    if let (Some(me), Some(who)) = (call.roster.members.first_mut(), source.identity.clone()) {
        me.identity = who;
    }
    let chain = asked.call_chain_id.clone().unwrap_or_else(|| world.ids.id::<CallId>().to_string().into());
    // Members that Graph alone sets, such as mediaState or toneInfo, are not read from a body.
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
    call.lifetime.kept_until = Some(now + KEPT);
    let ids = targets.into_iter().map(|it| CallMember::expected(world.ids.id(), it)).collect::<Vec<_>>();
    for member in ids.iter().cloned() {
        call.roster.add_member(member);
    }
    if kind == PlannedCallKind::OneToOne {
        call.roster.members.iter_mut().for_each(|it| it.presence = Presence::Here);
    }
    world.calls.insert(call);
    let first = now + world.soon(40, 120);
    let there = first + world.soon(400, 1_600);
    world.agenda.plan(first, ScheduledEvent::Establish(id.clone()));
    world.agenda.plan(there, ScheduledEvent::Established(id.clone()));
    world.agenda.plan(now + KEPT, ScheduledEvent::KeepAliveCheck(id.clone()));
    if kind != PlannedCallKind::OneToOne {
        world.add_company(there, &id, &ids, guest);
    }
    id
}

/// Refuses a kind of endpoint that Graph does not know.
fn endpoint(asked: &Call) -> Result<(), Refusal> {
    match asked.source.as_ref().and_then(|it| it.endpoint_type.as_ref()) {
        Some(EndpointType::Unknown(text)) => {
            Err(Refusal::invalid(format!("source: {text:?} is no endpointType; default is.")))
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

/// Which of the four shapes a call has.
fn shape(asked: &Call) -> Result<PlannedCallKind, Refusal> {
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
            return Err(Refusal::invalid("A meeting is joined without targets."));
        }
        let thread = asked.chat_info.as_ref().is_some_and(|it| it.thread_id.is_some());
        let organized = meeting.organizer.as_ref().is_some_and(|it| it.principal().is_some());
        if (thread && organized) || meeting.join_meeting_id.is_some() || meeting.token.is_some() {
            return Ok(PlannedCallKind::Meeting);
        }
        return Err(Refusal::invalid(
            "meetingInfo needs an organizer (and chatInfo a threadId), a joinMeetingId or a token.",
        ));
    }
    if asked.targets.is_none() {
        return Err(Refusal::missing("targets"));
    }
    if targets.is_empty() || targets.len() > MOST_TARGETS {
        return Err(Refusal::invalid(format!("targets names between 1 and {MOST_TARGETS} people.")));
    }
    let kinds: Option<Vec<_>> =
        targets.iter().map(|it| it.identity.as_ref()?.principal().map(|(kind, _)| kind)).collect();
    let kinds = kinds.ok_or_else(|| Refusal::invalid("Each of targets needs an identity."))?;
    let instance = asked.source.as_ref().and_then(|it| it.identity.as_ref()?.application_instance.as_ref());
    if kinds.contains(&IdentityKind::Phone) && (instance.is_none() || asked.tenant_id.is_none()) {
        return Err(Refusal::invalid(
            "A telephone is called with a source.identity.applicationInstance and a tenantId.",
        ));
    }
    let ids = targets.iter().filter_map(|it| it.identity.as_ref()?.principal().and_then(|(_, it)| it.id.as_deref()));
    let ids: Vec<&str> = ids.collect();
    // Documented of invitations: one identity cannot be called twice.
    if ids.iter().enumerate().any(|(at, id)| ids.iter().skip(at + 1).any(|other| other.eq_ignore_ascii_case(id))) {
        return Err(Refusal::invalid("targets names somebody twice."));
    }
    let phones = targets.iter().filter_map(|it| it.identity.as_ref()?.principal());
    let phones = phones.filter(|(kind, _)| *kind == IdentityKind::Phone);
    if phones.into_iter().any(|(_, it)| !it.id.as_deref().is_some_and(is_e164)) {
        return Err(Refusal::invalid("A phone's id is its number in E.164, such as +12345678901."));
    }
    Ok(if targets.len() == 1 { PlannedCallKind::OneToOne } else { PlannedCallKind::Group })
}

/// Whether a text is a telephone number in E.164: a plus and up to 15 digits.
fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit()) && !digits.starts_with('0')
}

/// Whether a text can be the id of a chain of calls; it goes into a header, so that not every text can.
fn is_chain(text: &str, odd: Permit) -> bool {
    let fits = text.len() <= LONGEST_CHAIN && !text.is_empty() && text.bytes().all(|it| it.is_ascii_graphic());
    Uuid::parse_str(text).is_ok() || (odd == Permit::Allowed && fits)
}
