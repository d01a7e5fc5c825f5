//! The line to the relay: whether the board can be trusted, our name and role, and the other operators.
//!
//! Knows no socket; the console reports what happened.

use crate::graph::CallId;
use crate::protocol::{ConnectedOperator, FeedEvent, HelloFrame, Role};
use crate::time::{Millis, Timestamp};

/// The state of the line to the relay, and the names that the relay sent.
#[derive(Debug, Default)]
pub struct RelayLink {
    state: LinkState,
    frozen_at: Option<Timestamp>,
    /// When something last came over the line: a heartbeat, entries, or the end of catching up. The board is no newer
    /// than this, however late the silence is noticed.
    heard_at: Timestamp,
    names: LinkNames,
    role: Role,
    refusing: Option<Timestamp>,
    ahead: Millis,
    act_lifetime: Option<Millis>,
}

/// The time until an act expires at a relay that does not tell it, in wall time.
const ACT_LIFETIME: Millis = Millis::seconds(5);

/// The relay's label and the names of the operators; untrusted text.
#[derive(Debug, Clone, Default)]
pub(super) struct LinkNames {
    /// The relay's label.
    pub(super) label: String,
    /// Our name at the relay.
    pub(super) operator: String,
    /// The other operators that are connected.
    pub(super) others: Vec<ConnectedOperator>,
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
    /// Returns the state of the line.
    #[must_use]
    pub const fn state(&self) -> &LinkState {
        &self.state
    }

    /// Returns when the board stopped following the floor; ages stand still from then on. `None` while it follows.
    #[must_use]
    pub const fn frozen_at(&self) -> Option<Timestamp> {
        self.frozen_at
    }

    /// Returns the relay's label; untrusted text.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.names.label
    }

    /// Returns our name at the relay; empty until the relay has sent it.
    #[must_use]
    pub fn operator(&self) -> &str {
        &self.names.operator
    }

    /// Returns whether a name is ours.
    pub(super) fn is_own(&self, by: &str) -> bool {
        self.names.operator == by
    }

    /// Returns our role at the relay.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Returns the other operators that are connected.
    #[must_use]
    pub fn others(&self) -> &[ConnectedOperator] {
        &self.names.others
    }

    /// Returns since when the relay cannot write its journal: notifications are lost, and nobody can act.
    #[must_use]
    pub const fn refusing(&self) -> Option<Timestamp> {
        self.refusing
    }

    /// Returns how far the relay's floor time is ahead of ours.
    #[must_use]
    pub const fn ahead(&self) -> Millis {
        self.ahead
    }

    /// Returns the time from a key press until its act expires at the relay, in wall time.
    #[must_use]
    pub fn act_lifetime(&self) -> Millis {
        self.act_lifetime.unwrap_or(ACT_LIFETIME)
    }

    /// Replaces the names that the relay gave, and returns those.
    pub(super) fn rename(&mut self, by: impl FnOnce(&LinkNames) -> LinkNames) -> LinkNames {
        let names = by(&self.names);
        std::mem::replace(&mut self.names, names)
    }

    /// Names the other operators who have a call selected, in words; `None` if nobody has it selected.
    #[must_use]
    pub fn looking_at(&self, call: &CallId) -> Option<String> {
        let mut names: Vec<&str> = self
            .names
            .others
            .iter()
            .filter(|it| it.looking.as_ref() == Some(call))
            .map(|it| it.operator.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        Some(match names.split_last()? {
            (last, []) => format!("{last} looks at this call"),
            (last, others) => format!("{} and {last} look at this call", others.join(", ")),
        })
    }

    /// Applies a feed event to the state; `now` is floor time.
    pub(super) fn hear(&mut self, feed: &FeedEvent, now: Timestamp) {
        match feed {
            FeedEvent::Connecting => self.stop(LinkState::Connecting, now),
            FeedEvent::Hello(HelloFrame { label, operator, role, now: theirs, act_expires_seconds, .. }) => {
                self.names.label.clone_from(label);
                self.names.operator.clone_from(operator);
                self.role = *role;
                self.act_lifetime = act_expires_seconds.map(|it| Millis::seconds(it.into()));
                self.set(*theirs, now);
                self.state = LinkState::Filling;
                self.refusing = None;
            }
            FeedEvent::Reset(_) => {
                self.heard_at = now;
                self.stop(LinkState::Filling, now);
            }
            FeedEvent::Snapshot(_) | FeedEvent::History(_) | FeedEvent::Past(_) | FeedEvent::TimeLeapt => {}
            FeedEvent::Entries(_) => self.heard_at = now,
            FeedEvent::CaughtUp => {
                self.state = LinkState::Live;
                self.frozen_at = None;
                self.heard_at = now;
            }
            FeedEvent::Heartbeat(theirs) => {
                let before = self.ahead;
                self.set(*theirs, now);
                self.heard_at = now + Millis(self.ahead.0.saturating_sub(before.0));
            }
            FeedEvent::Refusing(since) => self.refusing = *since,
            FeedEvent::Presence(operators) => {
                let operator = &self.names.operator;
                self.names.others = operators.iter().filter(|it| it.operator != *operator).cloned().collect();
            }
            FeedEvent::Down { reason, retry_at } => {
                self.names.others.clear();
                self.refusing = None;
                self.stop(LinkState::Down { reason: reason.clone(), retry_at: *retry_at }, now);
            }
            FeedEvent::Refused(reason) => {
                self.heard_at = now;
                self.stop(LinkState::Refused(reason.clone()), now);
            }
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

    /// Returns whether there has been a complete board on this line. Before the first one, nothing is known.
    #[must_use]
    pub fn has_board(&self) -> bool {
        self.is_live() || self.frozen_at.is_some()
    }

    fn stop(&mut self, state: LinkState, now: Timestamp) {
        if self.is_live() {
            self.frozen_at = Some(self.heard_at.min(now));
        }
        self.state = state;
    }

    /// Follows the relay's clock. A difference below a second comes from the line's delay, not from the clock.
    fn set(&mut self, theirs: Timestamp, now: Timestamp) {
        let ours = now - self.ahead;
        let ahead = Millis(theirs.0.saturating_sub(ours.0));
        if (ahead.0 - self.ahead.0).abs() >= 1_000 {
            self.ahead = ahead;
        }
    }
}
