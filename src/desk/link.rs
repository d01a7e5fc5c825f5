//! The line to the relay as the desk knows it: whether the board can be trusted, who we are, who else is there.
//!
//! Knows no socket; the shell tells it what happened.

use crate::graph::CallId;
use crate::protocol::{ConnectedOperator, FeedEvent, HelloFrame, Role};
use crate::time::{Millis, Timestamp};

/// The line to the relay.
#[derive(Debug, Default)]
pub struct RelayLink {
    state: LinkState,
    frozen_at: Option<Timestamp>,
    names: LinkNames,
    role: Role,
    refusing: Option<Timestamp>,
    ahead: Millis,
}

/// What the relay calls itself, this desk's operator and the others; untrusted text.
#[derive(Debug, Clone, Default)]
pub(super) struct LinkNames {
    /// The relay's label.
    pub(super) label: String,
    /// The operator of this desk.
    pub(super) operator: String,
    /// Who else is connected.
    pub(super) others: Vec<ConnectedOperator>,
}

/// How the line is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LinkState {
    /// A connection is being made.
    #[default]
    Connecting,
    /// Connected; not everything has come yet.
    Filling,
    /// The board follows the floor.
    Live,
    /// Broken.
    Down {
        /// Why, in words.
        reason: String,
        /// When it is tried again, in wall time.
        retry_at: Timestamp,
    },
    /// The relay does not let us in.
    Refused(String),
}

impl RelayLink {
    /// How the line is.
    #[must_use]
    pub const fn state(&self) -> &LinkState {
        &self.state
    }

    /// When the board stopped following the floor: ages stand still from here on. `None` while it follows.
    #[must_use]
    pub const fn frozen_at(&self) -> Option<Timestamp> {
        self.frozen_at
    }

    /// The relay's label; untrusted text.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.names.label
    }

    /// The name of this desk's operator; empty until the relay has said it.
    #[must_use]
    pub fn operator(&self) -> &str {
        &self.names.operator
    }

    /// Whether a name is that of this desk's operator.
    pub(super) fn is_own(&self, by: &str) -> bool {
        self.names.operator == by
    }

    /// What this desk's operator may do.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Who else is connected.
    #[must_use]
    pub fn others(&self) -> &[ConnectedOperator] {
        &self.names.others
    }

    /// Since when the relay's journal takes nothing: what arrives is lost, and nobody can act.
    #[must_use]
    pub const fn refusing(&self) -> Option<Timestamp> {
        self.refusing
    }

    /// How far the relay's floor time is ahead of ours.
    #[must_use]
    pub const fn ahead(&self) -> Millis {
        self.ahead
    }

    /// Puts these names in place of those that the relay gave, and returns the latter.
    pub(super) fn rename(&mut self, by: impl FnOnce(&LinkNames) -> LinkNames) -> LinkNames {
        let names = by(&self.names);
        std::mem::replace(&mut self.names, names)
    }

    /// Who else looks at a call, in words; none when nobody does.
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
            (last, []) => format!("{last} is looking at this call"),
            (last, others) => format!("{} and {last} are looking at this call", others.join(", ")),
        })
    }

    /// Takes what the line says of itself; `now` is floor time.
    pub(super) fn hear(&mut self, feed: &FeedEvent, now: Timestamp) {
        match feed {
            FeedEvent::Connecting => self.stop(LinkState::Connecting, now),
            FeedEvent::Hello(HelloFrame { label, operator, role, now: theirs, .. }) => {
                self.names.label.clone_from(label);
                self.names.operator.clone_from(operator);
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
                let operator = &self.names.operator;
                self.names.others = operators.iter().filter(|it| it.operator != *operator).cloned().collect();
            }
            FeedEvent::Down { reason, retry_at } => {
                self.names.others.clear();
                self.refusing = None;
                self.stop(LinkState::Down { reason: reason.clone(), retry_at: *retry_at }, now);
            }
            FeedEvent::Refused(reason) => self.stop(LinkState::Refused(reason.clone()), now),
        }
    }

    /// Whether our role only lets us look.
    #[must_use]
    pub fn is_viewer(&self) -> bool {
        self.role == Role::Viewer
    }

    /// Whether the board follows the floor.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == LinkState::Live
    }

    /// How long the board has not followed the floor; `None` while it does, or when there never was a board.
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

    /// Follows the relay's clock; differences below a second are the line's delay, not the clock's.
    fn set(&mut self, theirs: Timestamp, now: Timestamp) {
        let ours = now - self.ahead;
        let ahead = Millis(theirs.0.saturating_sub(ours.0));
        if (ahead.0 - self.ahead.0).abs() >= 1_000 {
            self.ahead = ahead;
        }
    }
}
