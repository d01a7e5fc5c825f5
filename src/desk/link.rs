//! The line to the relay: whether the board can be trusted, our name and role, and the other operators.
//!
//! Knows no socket; the console reports what happened.

use crate::graph::CallId;
use crate::protocol::{ConnectedOperator, FeedEvent, HelloFrame, Role};
use crate::time::{Millis, Timestamp};

/// What the desk knows of its line to the relay.
#[derive(Debug, Default)]
pub struct RelayLink {
    /// The state of the line.
    pub state: LinkState,
    /// When the board stopped following the floor; ages stand still from then on.
    pub frozen_at: Option<Timestamp>,
    /// The relay's label; untrusted text.
    pub label: String,
    /// Our name at the relay.
    pub operator: String,
    /// Our role at the relay.
    pub role: Role,
    /// The other operators that are connected.
    pub others: Vec<ConnectedOperator>,
    /// Since when the relay cannot write its journal: notifications are lost, and nobody can act.
    pub refusing: Option<Timestamp>,
    /// How far the relay's floor time is ahead of ours.
    pub ahead: Millis,
}

/// The state of the line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LinkState {
    /// A connection is being made.
    #[default]
    Connecting,
    /// Connected, but the board is not complete yet.
    Filling,
    /// The board follows the floor.
    Live,
    /// The connection is broken.
    Down {
        /// The reason, as a sentence.
        reason: String,
        /// When the next attempt is due, in wall time.
        retry_at: Timestamp,
    },
    /// The relay refuses us, for this reason.
    Refused(String),
}

impl RelayLink {
    /// Names the others who have a call selected, in words; `None` if nobody has.
    #[must_use]
    pub fn looking_at(&self, call: &CallId) -> Option<String> {
        let mut names: Vec<&str> =
            self.others.iter().filter(|it| it.looking.as_ref() == Some(call)).map(|it| it.operator.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        Some(match names.split_last()? {
            (last, []) => format!("{last} is looking at this call"),
            (last, others) => format!("{} and {last} are looking at this call", others.join(", ")),
        })
    }

    /// Applies a feed event to the state; `now` is floor time.
    pub(super) fn hear(&mut self, feed: &FeedEvent, now: Timestamp) {
        match feed {
            FeedEvent::Connecting => self.stop(LinkState::Connecting, now),
            FeedEvent::Hello(HelloFrame { label, operator, role, now: theirs, .. }) => {
                self.label.clone_from(label);
                self.operator.clone_from(operator);
                self.role = *role;
                self.set(*theirs, now);
                self.state = LinkState::Filling;
                self.refusing = None;
            }
            FeedEvent::Reset(_) => self.stop(LinkState::Filling, now),
            FeedEvent::Snapshot(_) | FeedEvent::Entries(_) | FeedEvent::History(_) | FeedEvent::Past(_) => {}
            FeedEvent::CaughtUp => {
                self.state = LinkState::Live;
                self.frozen_at = None;
            }
            FeedEvent::Heartbeat(theirs) => self.set(*theirs, now),
            FeedEvent::Refusing(since) => self.refusing = *since,
            FeedEvent::Presence(operators) => {
                self.others = operators.iter().filter(|it| it.operator != self.operator).cloned().collect();
            }
            FeedEvent::Down { reason, retry_at } => {
                self.others.clear();
                self.refusing = None;
                self.stop(LinkState::Down { reason: reason.clone(), retry_at: *retry_at }, now);
            }
            FeedEvent::Refused(reason) => self.stop(LinkState::Refused(reason.clone()), now),
        }
    }

    /// Returns whether our role is viewer.
    #[must_use]
    pub fn is_viewer(&self) -> bool {
        self.role == Role::Viewer
    }

    /// Returns whether the board follows the floor.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == LinkState::Live
    }

    /// Returns how long the board has not followed the floor; `None` while it does, or before the first board.
    #[must_use]
    pub fn stale(&self, now: Timestamp) -> Option<Millis> {
        self.frozen_at.map(|at| now.since(at))
    }

    fn stop(&mut self, state: LinkState, now: Timestamp) {
        if self.is_live() {
            self.frozen_at = Some(now);
        }
        self.state = state;
    }

    /// Follows the relay's clock. Differences below a second are the delay of the line, not of the clock.
    fn set(&mut self, theirs: Timestamp, now: Timestamp) {
        let ours = now - self.ahead;
        let ahead = Millis(theirs.0.saturating_sub(ours.0));
        if (ahead.0 - self.ahead.0).abs() >= 1_000 {
            self.ahead = ahead;
        }
    }
}
