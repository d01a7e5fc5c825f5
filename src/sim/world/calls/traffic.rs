//! Random traffic: background calls, and people who join the calls that clients create.

use crate::graph::{CallId, CallState, ParticipantId};
use crate::sim::scenario::{
    Answerer, CallPlan, PersonAction, PersonKind, PersonPlan, PlannedCallKind, PlannedDirection,
};
use crate::time::{Millis, Timestamp};

use super::member::{CallMember, Presence, identity};
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::state::World;

const FIRST_NAMES: [&str; 20] = [
    "Aisha", "Ben", "Carla", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Katya", "Liam", "Maya",
    "Noor", "Omar", "Petra", "Quinn", "Rosa", "Sven", "Tara",
];
const LAST_NAMES: [&str; 20] = [
    "Almeida",
    "Brandt",
    "Castillo",
    "Dvorak",
    "Eriksen",
    "Fontaine",
    "Grigoryan",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okonkwo",
    "Petrov",
    "Rahman",
    "Silva",
    "Tanaka",
    "Varga",
];
const SUBJECTS: [&str; 12] = [
    "Alpine Ski House",
    "Bellows College",
    "Coho Winery",
    "Datum",
    "Fourth Coffee",
    "Humongous Insurance",
    "Lamna Healthcare",
    "Margie's Travel",
    "Proseware",
    "Relecloud",
    "Trey Research",
    "VanArsdel",
];

impl World {
    /// Starts a background call unless the maximum is reached, and plans the next one.
    pub(in crate::sim::world) fn random_call(&mut self, at: Timestamp) {
        let Some(traffic) = self.background.traffic.clone() else { return };
        let next = self.background.rng.around(traffic.every);
        self.agenda.plan(at + next, ScheduledEvent::RandomCall);
        let background_calls = self.calls.iter().filter(|it| it.lifetime.is_background).count();
        if background_calls >= traffic.most || self.is_full() {
            return;
        }
        let people = 1 + usize::try_from(self.background.rng.span(1, 3).0).unwrap_or(1);
        let plan = CallPlan {
            subject: format!("Support / {}", self.background.rng.pick(&SUBJECTS).copied().unwrap_or("Datum")),
            kind: PlannedCallKind::Group,
            direction: PlannedDirection::Incoming,
            at: Millis(0),
            answered: self.background.rng.span(1_500, 9_000),
            ends: Some(Millis(10_000 + self.background.rng.around(traffic.lasts).0)),
            answered_by: Answerer::Bot,
            clears: self.background.rng.span(300, 2_500),
            end_subcode: 4097,
            people: (0..people).map(|_| self.random_person()).collect(),
        };
        let id = self.spawn_call(&plan, at);
        let first = at + plan.answered + self.background.rng.around(traffic.stirs);
        if let Some(call) = self.agenda.arriving_mut(&id) {
            (call.lifetime.activity_every, call.lifetime.is_background) = (Some(traffic.stirs), true);
        }
        self.agenda.plan(first, ScheduledEvent::RandomActivity(id));
    }

    fn random_person(&mut self) -> PersonPlan {
        let kinds = [PersonKind::User, PersonKind::User, PersonKind::Guest, PersonKind::Phone];
        let kind = self.background.rng.pick(&kinds).copied().unwrap_or_default();
        let name = match kind {
            PersonKind::Phone => format!("+4420794{:05}", self.background.rng.span(0, 99_999).0),
            PersonKind::User | PersonKind::Guest | PersonKind::Application => self.random_name(),
        };
        PersonPlan { name, kind, joins: None, lobby: false, recorded: false, events: Vec::new(), reactions: Vec::new() }
    }

    fn random_name(&mut self) -> String {
        let first = self.background.rng.pick(&FIRST_NAMES).copied().unwrap_or_default();
        let last = self.background.rng.pick(&LAST_NAMES).copied().unwrap_or_default();
        format!("{first} {last}")
    }

    /// Plans when the people of a client's call join: those it invited, and with `company` in the scenario two to four
    /// more. An application that calls as a guest waits in the lobby first.
    pub(in crate::sim::world) fn plan_joins(
        &mut self,
        at: Timestamp,
        id: &CallId,
        invited: &[CallMember],
        as_guest: bool,
    ) {
        let mut joining: Vec<ParticipantId> = invited.iter().map(|it| it.id.clone()).collect();
        // The people of a meeting are there already if the application is in it with another call.
        let is_first_leg = self.calls.live(id).is_some_and(|it| it.roster.other_legs.is_empty());
        if self.background.company && is_first_leg {
            let more = usize::try_from(self.background.rng.span(2, 4).0).unwrap_or(2);
            for _ in 0..more {
                let name = self.random_name();
                let person = self.background.rng.id::<CallId>().to_string();
                let member = CallMember::expected(self.background.rng.id(), identity(PersonKind::User, &name, &person));
                joining.push(member.id.clone());
                if let Some(call) = self.calls.live(id) {
                    call.roster.add_member(member);
                }
            }
            let first = self.background.rng.span(8_000, 14_000);
            if let Some(call) = self.calls.live(id) {
                call.lifetime.activity_every = Some(Millis::seconds(9));
            }
            self.agenda.plan(at + first, ScheduledEvent::RandomActivity(id.clone()));
        }
        if as_guest && let Some(me) = self.calls.live(id).map(|it| it.roster.me.clone()) {
            if let Some(me) = self.calls.live(id).and_then(|it| it.roster.members.first_mut()) {
                me.presence = Presence::Lobby;
            }
            self.agenda.plan(at + Millis::seconds(3), ScheduledEvent::Person(id.clone(), me, PersonAction::Admit));
        }
        let mut joins_at = at;
        for who in joining {
            joins_at = joins_at + self.background.rng.span(300, 1_500);
            self.agenda.plan(joins_at, ScheduledEvent::Person(id.clone(), who, PersonAction::Join));
        }
    }

    /// Makes a random person of a call act, and plans the next time. Nobody leaves while two or fewer people remain.
    pub(in crate::sim::world) fn random_activity(&mut self, at: Timestamp, id: &CallId) {
        let Some(call) = self.calls.live(id) else { return };
        let (Some(interval), present) = (call.lifetime.activity_every, call.roster.people_here()) else {
            return;
        };
        let is_established = call.state == CallState::Established;
        let people: Vec<_> = call
            .roster
            .members
            .iter()
            .filter(|it| !it.is_own && it.presence != Presence::Expected && !it.is_system())
            .map(|it| (it.id.clone(), it.presence, it.muted || it.server_muted, it.away))
            .collect();
        let next = self.background.rng.around(interval);
        self.agenda.plan(at + next, ScheduledEvent::RandomActivity(id.clone()));
        let roll = self.background.rng.span(0, 9).0;
        let Some((who, presence, muted, away)) = self.background.rng.pick(&people).cloned() else { return };
        if !is_established {
            return;
        }
        let action = match presence {
            Presence::Gone => PersonAction::Join,
            Presence::Lobby => PersonAction::Admit,
            Presence::Expected | Presence::Here if away => PersonAction::Resume,
            Presence::Expected | Presence::Here => match roll {
                0 if present > 2 => PersonAction::Leave,
                1 => PersonAction::Hold,
                _ if muted => PersonAction::Unmute,
                _ => PersonAction::Mute,
            },
        };
        self.perform_action(at, id, &who, action);
    }
}
