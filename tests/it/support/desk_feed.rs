//! What a story's desk hears of the relay: the gate's answers, the journal's new entries, and the line.

use callboard::desk::{Event, GateAnswer};
use callboard::floor::{Act, Asked, Fact, Noted, Ticket};
use callboard::protocol::{ConnectedOperator, FeedEvent, Role};
use callboard::time::{Millis, Timestamp};
use serde_json::{Value, json};

use super::desk_driver::Story;
use super::journal_builder::{ADA, BOB, ME, but, person};

const OPERATION: &str = "17e3b46c-f61d-4f4d-9635-c626ef18e6ad";

impl Story {
    /// The gate answers the last act with an error.
    pub(crate) fn answers_gate(&mut self, status: u16, body: &Value) -> &mut Self {
        let ticket = self.sent.last().unwrap().ticket.clone();
        let body = body.to_string();
        self.happens(Event::Answered(ticket, GateAnswer::Replied { status, body }))
    }

    /// Delivers the journal's new entries to the desk.
    pub(crate) fn catches_up(&mut self) -> &mut Self {
        let entries = self.history.entries[self.told..].to_vec();
        self.told = self.history.entries.len();
        self.fed(FeedEvent::Entries(entries))
    }

    /// The gate journals the last act and sends it.
    pub(crate) fn journalled(&mut self) -> &mut Self {
        self.journals(self.sent.len() - 1)
    }

    /// Does the same for the n-th act.
    pub(crate) fn journals(&mut self, at: usize) -> &mut Self {
        let send = self.sent[at].clone();
        let asked = Asked {
            ticket: send.ticket.clone(),
            by: "dana".into(),
            act: Act::of(&send.action).unwrap(),
            call: send.action.call().clone(),
            participant: send.action.participant().cloned(),
            pressed_ago: self.history.now().since(send.pressed),
            request: "POST".into(),
        };
        self.history.fact(Fact::Asked(Box::new(asked)));
        self.history.fact(Fact::Noted(Noted::AttemptStarted { ticket: send.ticket, attempt: 1 }));
        self.catches_up()
    }

    /// Graph accepts the last act.
    pub(crate) fn accepted(&mut self) -> &mut Self {
        self.after(20).journalled();
        let ticket = self.ticket();
        let (status, kind, word) = match Act::of(&self.sent.last().unwrap().action).unwrap() {
            Act::Mute | Act::MuteSelf => (200, "muteParticipantOperation", "completed"),
            Act::UnmuteSelf => (200, "unmuteParticipantOperation", "completed"),
            Act::Hold => (202, "startHoldMusicOperation", "running"),
            Act::Release => (202, "stopHoldMusicOperation", "running"),
            Act::Remove | Act::HangUp => (204, "", ""),
        };
        self.answers(&ticket, status, kind, word)
    }

    /// Graph answers the last act.
    pub(crate) fn answers(&mut self, ticket: &str, status: u16, kind: &str, word: &str) -> &mut Self {
        let body = json!({
            "@odata.type": format!("#microsoft.graph.{kind}"), "id": OPERATION, "status": word, "clientContext": ticket,
        });
        self.after(60);
        self.history.replied(ticket, status, if kind.is_empty() { &Value::Null } else { &body });
        self.catches_up()
    }

    /// The operation's own notification comes.
    pub(crate) fn notice(&mut self, kind: &str) -> &mut Self {
        let ticket = self.ticket();
        self.after(400);
        self.history.operation_said(kind, OPERATION, &ticket, "completed");
        self.catches_up()
    }

    /// A full roster comes in which this is different about Bob.
    pub(crate) fn roster(&mut self, bob: &Value) -> &mut Self {
        self.after(200);
        self.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada"), but(person(BOB, "Bob"), bob)]);
        self.catches_up()
    }

    /// Bob's hold by dana, done and proved.
    pub(crate) fn bob_held(&mut self) -> &mut Self {
        self.selects("Bob").press("H y").accepted().notice("startHoldMusicOperation")
    }

    pub(crate) fn ticket(&self) -> String {
        let Ticket(text) = &self.sent.last().unwrap().ticket;
        text.to_string()
    }

    pub(crate) fn line_breaks(&mut self, reason: &str) -> &mut Self {
        let retry_at = Timestamp(self.wall) + Millis::seconds(3);
        if self.desk.link().is_live() {
            // It was heard until now.
            self.fed(FeedEvent::Heartbeat(self.history.now()));
        }
        self.fed(FeedEvent::Down { reason: reason.into(), retry_at })
    }

    pub(crate) fn presence(&mut self, name: &str) -> &mut Self {
        let looking = self.desk.call().map(|it| it.id.clone());
        self.fed(FeedEvent::Presence(vec![ConnectedOperator { operator: name.into(), role: Role::Viewer, looking }]))
    }
}
