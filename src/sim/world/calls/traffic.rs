//! People who come by themselves: background calls, and company for the calls that clients create.

use crate::graph::{CallId, CallState, ParticipantId};
use crate::sim::scenario::{
    Answerer, CallPlan, PersonAction, PersonKind, PersonPlan, PlannedCallKind, PlannedDirection,
};
use crate::time::{Millis, Timestamp};

use super::call::{CallMember, Presence, identity};
use super::spawn::member_for;
use crate::sim::world::World;
use crate::sim::world::agenda::ScheduledEvent;

const FIRST: [&str; 20] = [
    "Aisha", "Ben", "Carla", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Katya", "Liam", "Maya",
    "Noor", "Omar", "Petra", "Quinn", "Rosa", "Sven", "Tara",
];
const LAST: [&str; 20] = [
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
    /// A background call comes, unless there are enough; then the next one is planned.
    pub(in crate::sim::world) fn another_call(&mut self, at: Timestamp) {
        let Some(traffic) = self.traffic.clone() else { return };
        let next = self.background.around(traffic.every);
        self.plan(at + next, ScheduledEvent::Traffic);
        let busy = self.calls.values().filter(|it| it.traffic).count();
        if busy >= traffic.most || self.is_full() {
            return;
        }
        let people = 1 + usize::try_from(self.background.span(1, 3).0).unwrap_or(1);
        let plan = CallPlan {
            subject: format!("Support / {}", self.background.pick(&SUBJECTS).copied().unwrap_or("Datum")),
            kind: PlannedCallKind::Group,
            direction: PlannedDirection::Incoming,
            at: Millis(0),
            answered: self.background.span(1_500, 9_000),
            ends: Some(Millis(10_000 + self.background.around(traffic.lasts).0)),
            answered_by: Answerer::Bot,
            clears: self.background.span(300, 2_500),
            end_subcode: 4097,
            people: (0..people).map(|_| self.passer_by()).collect(),
        };
        let id = self.cast(&plan, at);
        let first = at + plan.answered + self.background.around(traffic.stirs);
        self.live_by_chance(&id, Some(traffic.stirs));
        self.plan(first, ScheduledEvent::Stir(id));
    }

    fn passer_by(&mut self) -> PersonPlan {
        let kinds = [PersonKind::User, PersonKind::User, PersonKind::Guest, PersonKind::Phone];
        let kind = self.background.pick(&kinds).copied().unwrap_or_default();
        let name = match kind {
            PersonKind::Phone => format!("+4420794{:05}", self.background.span(0, 99_999).0),
            PersonKind::User | PersonKind::Guest | PersonKind::Application => self.name(),
        };
        PersonPlan { name, kind, joins: None, lobby: false, recorded: false, events: Vec::new(), reactions: Vec::new() }
    }

    fn name(&mut self) -> String {
        let first = self.background.pick(&FIRST).copied().unwrap_or_default();
        let last = self.background.pick(&LAST).copied().unwrap_or_default();
        format!("{first} {last}")
    }

    /// Marks a call that was just cast as one that lives by chance.
    fn live_by_chance(&mut self, id: &CallId, stirs: Option<Millis>) {
        for happening in self.agenda.values_mut().rev() {
            if let ScheduledEvent::Arrive(call) = happening
                && call.id == *id
            {
                (call.stirs, call.traffic) = (stirs, true);
                return;
            }
        }
    }

    /// Lets the people of a created call come, and two more or so where the scenario gives company.
    pub(in crate::sim::world) fn gather(&mut self, at: Timestamp, id: &CallId, invited: &[CallMember], guest: bool) {
        let mut coming: Vec<ParticipantId> = invited.iter().map(|it| it.id.clone()).collect();
        if self.company {
            let more = usize::try_from(self.background.span(2, 4).0).unwrap_or(2);
            for _ in 0..more {
                let name = self.name();
                let person = self.background.id::<CallId>().to_string();
                let member = member_for(self.background.id(), identity(PersonKind::User, &name, &person));
                coming.push(member.id.clone());
                if let Some(call) = self.live(id) {
                    call.seat(member);
                }
            }
            let first = self.background.span(8_000, 14_000);
            if let Some(call) = self.live(id) {
                call.stirs = Some(Millis::seconds(9));
            }
            self.plan(at + first, ScheduledEvent::Stir(id.clone()));
        }
        if guest && let Some(me) = self.live(id).map(|it| it.me.clone()) {
            if let Some(me) = self.live(id).and_then(|it| it.members.first_mut()) {
                me.presence = Presence::Lobby;
            }
            self.plan(at + Millis::seconds(3), ScheduledEvent::Person(id.clone(), me, PersonAction::Admit));
        }
        let mut comes = at;
        for who in coming {
            comes = comes + self.background.span(300, 1_500);
            self.plan(comes, ScheduledEvent::Person(id.clone(), who, PersonAction::Join));
        }
    }

    /// Someone does something of themselves; the last two stay.
    pub(in crate::sim::world) fn stir(&mut self, at: Timestamp, id: &CallId) {
        let Some(call) = self.live(id) else { return };
        let (Some(stirs), me, company) = (call.stirs, call.me.clone(), call.company()) else { return };
        let settled = call.state == CallState::Established;
        let people: Vec<_> = call
            .members
            .iter()
            .filter(|it| it.id != me && it.presence != Presence::Expected && !it.is_system())
            .map(|it| (it.id.clone(), it.presence, it.muted || it.server_muted, it.away))
            .collect();
        let next = self.background.around(stirs);
        self.plan(at + next, ScheduledEvent::Stir(id.clone()));
        let roll = self.background.span(0, 9).0;
        let Some((who, presence, muted, away)) = self.background.pick(&people).cloned() else { return };
        if !settled {
            return;
        }
        let does = match presence {
            Presence::Gone => PersonAction::Join,
            Presence::Lobby => PersonAction::Admit,
            Presence::Expected | Presence::Here if away => PersonAction::Resume,
            Presence::Expected | Presence::Here => match roll {
                0 if company > 2 => PersonAction::Leave,
                1 => PersonAction::Hold,
                _ if muted => PersonAction::Unmute,
                _ => PersonAction::Mute,
            },
        };
        self.person(at, id, &who, does);
    }
}
