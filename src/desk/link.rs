//! The line to the relay as the desk knows it: whether the board can be trusted, who we are, who else is there.
//!
//! Knows no socket; the shell tells it what happened.

use crate::graph::CallId;
use crate::protocol::{ConnectedOperator, FeedEvent, HelloFrame, Role};
use crate::time::{Millis, Timestamp};

/// The line to the relay.
#[derive(Debug, Default)]
pub struct RelayLink {
    /// How it is.
    pub state: LinkState,
    /// When the board stopped following the floor: ages stand still from here on.
    pub frozen_at: Option<Timestamp>,
    /// When the line was last heard: a heartbeat, entries, or the end of catching up. Whatever is noticed later, the
    /// board is no newer than this.
    pub heard_at: Timestamp,
    /// The relay's label; untrusted text.
    pub label: String,
    /// Our name.
    pub operator: String,
    /// What we may do.
    pub role: Role,
    /// Who else is connected.
    pub others: Vec<ConnectedOperator>,
    /// Since when the relay's journal takes nothing: what arrives is lost, and nobody can act.
    pub refusing: Option<Timestamp>,
    /// How far the relay's floor time is ahead of ours.
    pub ahead: Millis,
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
    /// Who else looks at a call, in words; none when nobody does.
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

    /// Takes what the line says of itself; `now` is floor time.
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
            FeedEvent::Reset(_) => {
                self.heard_at = now;
                self.stop(LinkState::Filling, now);
            }
            FeedEvent::Snapshot(_) | FeedEvent::History(_) | FeedEvent::Past(_) => {}
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
                self.others = operators.iter().filter(|it| it.operator != self.operator).cloned().collect();
            }
            FeedEvent::Down { reason, retry_at } => {
                self.others.clear();
                self.refusing = None;
                self.stop(LinkState::Down { reason: reason.clone(), retry_at: *retry_at }, now);
            }
            FeedEvent::Refused(reason) => {
                self.heard_at = now;
                self.stop(LinkState::Refused(reason.clone()), now);
            }
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
            self.frozen_at = Some(self.heard_at.min(now));
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
