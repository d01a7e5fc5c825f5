//! Creating a call: the four documented shapes, and what Graph requires of them (graph-contract.md, "Creating a call").

use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::graph::{
    Call, CallDirection, CallId, CallState, EndpointType, IdentityKind, Modality, ParticipantInfo, Route,
};
use crate::sim::scenario::{Answerer, CallPlan, PlannedCallKind, PlannedDirection};
use crate::sim::settings::Permit;
use crate::time::{Millis, Timestamp};

use super::spawn::member_for;
use crate::sim::world::World;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer, WorldRequest};
use crate::sim::world::api::operate::json_object;
use crate::sim::world::api::permission::{GROUP, INITIATE, JOIN_MEETING, MEDIA, needs, same_tenant};
use crate::sim::world::faults::request_outcome::unavailable;

/// The most people whom a group call is placed to.
const MOST_TARGETS: usize = 5;

/// The longest callChainId, where one need not be a GUID.
const LONGEST_CHAIN: usize = 128;

impl World {
    /// Creates a call for a client.
    pub(in crate::sim::world) fn create(
        &mut self,
        now: Timestamp,
        ask: &WorldRequest<'_>,
    ) -> Result<WorldAnswer, Refusal> {
        let raw = json_object(ask.body)?;
        abstract_types(&raw)?;
        let asked: Call = serde_json::from_value(raw)
            .map_err(|error| Refusal::invalid(format!("The call does not read: {error}.")))?;
        let callback = callback(&asked)?;
        let kind = shape(&asked)?;
        endpoint(&asked)?;
        if asked.call_chain_id.as_deref().is_some_and(|it| !is_chain(it, self.faults.odd_call_chain_id)) {
            return Err(Refusal::invalid("callChainId is not the callChainId of a call."));
        }
        needs(
            ask.caller,
            match kind {
                PlannedCallKind::OneToOne => INITIATE,
                PlannedCallKind::Group => GROUP,
                PlannedCallKind::Meeting => JOIN_MEETING,
            },
        )?;
        if app_hosted(&asked) {
            needs(ask.caller, MEDIA)?;
        }
        let tenant = asked.tenant_id.clone().unwrap_or_else(|| self.application.tenant.clone());
        same_tenant(ask.caller, &tenant)?;
        if self.is_full() {
            return Ok(unavailable("There are too many calls at a time."));
        }
        let id = self.place(now, kind, asked, callback);
        let body = self.calls.get(&id).ok_or_else(Refusal::no_call)?.printed();
        let location = Some(Route::Call(id));
        Ok(WorldAnswer { location, ..WorldAnswer::entity(201, Some("app/calls/$entity".into()), body) })
    }

    fn place(&mut self, now: Timestamp, kind: PlannedCallKind, asked: Call, callback: Box<str>) -> CallId {
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
        let mut call = self.call_of(&plan);
        let id = call.id.clone();
        let targets = asked.targets.iter().flatten().filter_map(|it| it.identity.clone()).collect::<Vec<_>>();
        let source = asked.source.clone().unwrap_or_else(|| ParticipantInfo {
            identity: Some(self.application_identity()),
            ..ParticipantInfo::default()
        });
        let guest = source.identity.as_ref().is_some_and(|it| it.guest.is_some());
        if let (Some(me), Some(who)) = (call.members.first_mut(), source.identity.clone()) {
            me.identity = who;
        }
        let chain = asked.call_chain_id.clone().unwrap_or_else(|| self.casting.id::<CallId>().to_string().into());
        // What is Graph's to say, such as mediaState or toneInfo, is not taken from a body.
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
        call.kept_until = Some(now + Self::KEPT);
        let ids = targets.into_iter().map(|it| member_for(self.casting.id(), it)).collect::<Vec<_>>();
        for member in ids.iter().cloned() {
            call.seat(member);
        }
        if kind == PlannedCallKind::OneToOne {
            call.members.iter_mut().for_each(|it| it.presence = super::call::Presence::Here);
        }
        self.calls.insert(id.clone(), call);
        let first = now + self.soon(40, 120);
        let there = first + self.soon(400, 1_600);
        self.plan(first, ScheduledEvent::Establish(id.clone()));
        self.plan(there, ScheduledEvent::Established(id.clone()));
        self.plan(now + Self::KEPT, ScheduledEvent::Kept(id.clone()));
        if kind != PlannedCallKind::OneToOne {
            self.gather(there, &id, &ids, guest);
        }
        id
    }
}

/// Requires the type names without which an abstract member cannot be read.
pub(in crate::sim::world) fn abstract_types(raw: &Value) -> Result<(), Refusal> {
    const MEMBERS: [(&str, &[&str]); 3] = [
        ("mediaConfig", &["serviceHostedMediaConfig", "appHostedMediaConfig"]),
        ("meetingInfo", &["organizerMeetingInfo", "joinMeetingIdMeetingInfo", "tokenMeetingInfo"]),
        ("callOptions", &["outgoingCallOptions", "incomingCallOptions"]),
    ];
    for (member, kinds) in MEMBERS {
        let Some(value) = raw.get(member).filter(|it| !it.is_null()) else { continue };
        let kind = value.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
        let name = kind.strip_prefix("#microsoft.graph.").unwrap_or_default();
        if !kinds.contains(&name) {
            let wanted = kinds.join(", ");
            return Err(Refusal::invalid(format!(
                "{member} needs an @odata.type, one of #microsoft.graph.: {wanted}."
            )));
        }
    }
    Ok(())
}

/// The address for notifications: HTTPS, or plain HTTP on this machine, which is the simulator's own allowance.
pub(in crate::sim::world) fn callback(asked: &Call) -> Result<Box<str>, Refusal> {
    callback_at(asked.callback_uri.as_deref().ok_or_else(|| Refusal::missing("callbackUri"))?)
}

/// As [`callback`], of the address alone.
pub(in crate::sim::world) fn callback_at(text: &str) -> Result<Box<str>, Refusal> {
    let url =
        Url::parse(text).map_err(|error| Refusal::invalid(format!("callbackUri {text:?} is no URL: {error}.")))?;
    if allowed_callback(&url) {
        Ok(text.into())
    } else {
        Err(Refusal::invalid("callbackUri must be an HTTPS address."))
    }
}

/// Whether notifications may go to an address.
#[must_use]
pub fn allowed_callback(url: &Url) -> bool {
    let local = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let bare = url.username().is_empty() && url.password().is_none();
    bare && (url.scheme() == "https" || (url.scheme() == "http" && local))
}

/// Whether the application handles the media itself.
pub(in crate::sim::world) fn app_hosted(asked: &Call) -> bool {
    let kind = asked.media_config.as_ref().and_then(|it| it.odata_type.as_deref());
    kind.is_some_and(|it| it.ends_with("appHostedMediaConfig"))
}

/// Refuses a kind of media that Graph does not know.
pub(in crate::sim::world) fn modality(asked: &Modality, member: &str) -> Result<(), Refusal> {
    match asked {
        Modality::Audio | Modality::Video | Modality::VideoBasedScreenSharing | Modality::Data => Ok(()),
        Modality::Unknown(text) => Err(Refusal::invalid(format!("{member}: {text:?} is no modality; audio is."))),
    }
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
