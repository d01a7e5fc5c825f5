//! Chance behind faults and spellings: every decision has its own draw.
//!
//! A draw depends on the seed, on the decision and on how many of its kind were made before, and on nothing else: a
//! fault that is switched on shifts neither ids and delays nor other faults.

use std::collections::BTreeMap;

use crate::sim::world::rng::RandomStream;

/// A decision; each has its own stream of chance.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim::world) enum FaultDraw {
    /// Whether a notification is lost.
    Drop,
    /// Whether it leaves twice.
    Repeat,
    /// Whether, and how long, it is held back.
    Reorder,
    /// Whether it is an hour late.
    HourLate,
    /// Whether the end of a call is never notified.
    End,
    /// Whether an operation never finishes.
    Finish,
    /// Whether a webhook is signed wrongly.
    Signature,
    /// The ids of a webhook.
    PostIds,
    /// How an address spells ids.
    IdCasing,
    /// Whether an address begins with a slash.
    Slash,
    /// Whether the older address is present.
    Legacy,
    /// Which address a roster has.
    RosterAddress,
    /// Which ids an operation carries.
    OperationIds,
    /// Whether result codes are strings.
    ResultCodes,
    /// The name of a subcode.
    SubcodeKey,
    /// How a notified status is spelled.
    Status,
    /// How an answered status is spelled.
    AnsweredStatus,
    /// How a state is spelled.
    State,
    /// Which objects carry unknown members, and which members.
    Unknown,
    /// The fault of a request for a token.
    Token(u16),
    /// The fault of a request to Graph's paths.
    Answer(u16),
}

impl FaultDraw {
    const fn stream(self) -> u64 {
        let (kind, detail) = match self {
            Self::Drop => (1, 0),
            Self::Repeat => (2, 0),
            Self::Reorder => (3, 0),
            Self::HourLate => (4, 0),
            Self::End => (5, 0),
            Self::Finish => (6, 0),
            Self::Signature => (7, 0),
            Self::PostIds => (8, 0),
            Self::IdCasing => (9, 0),
            Self::Slash => (10, 0),
            Self::Legacy => (11, 0),
            Self::RosterAddress => (12, 0),
            Self::OperationIds => (13, 0),
            Self::ResultCodes => (14, 0),
            Self::SubcodeKey => (15, 0),
            Self::Status => (16, 0),
            Self::AnsweredStatus => (17, 0),
            Self::State => (18, 0),
            Self::Unknown => (19, 0),
            Self::Token(status) => (20, status),
            Self::Answer(what) => (21, what),
        };
        // Clear of the streams that the world itself draws from.
        (kind << 32) | detail as u64
    }
}

/// The draws of a world.
#[derive(Debug)]
pub(in crate::sim::world) struct FaultRng {
    seed: u64,
    /// How many decisions of each kind were made. Bounded: kinds are words of the program.
    decided: BTreeMap<&'static str, u64>,
}

impl FaultRng {
    /// The draws of a seed.
    pub(in crate::sim::world) const fn new(seed: u64) -> Self {
        Self { seed, decided: BTreeMap::new() }
    }

    /// Counts the next decision of a kind, and returns its number, from 1.
    pub(in crate::sim::world) fn next(&mut self, kind: &'static str) -> u64 {
        let decided = self.decided.entry(kind).or_default();
        *decided += 1;
        *decided
    }

    /// Returns the stream of one decision.
    pub(in crate::sim::world) fn at(&self, draw: FaultDraw, nth: u64) -> RandomStream {
        RandomStream::at(self.seed, draw.stream(), nth)
    }

    /// Whether draw `nth` falls below probability `share`.
    pub(in crate::sim::world) fn hits(&self, draw: FaultDraw, nth: u64, share: f64) -> bool {
        self.at(draw, nth).share(share)
    }

    /// Returns one of some values for draw `nth`.
    pub(in crate::sim::world) fn one_of<T: Copy>(&self, draw: FaultDraw, nth: u64, (first, others): (T, &[T])) -> T {
        let all: Vec<T> = std::iter::once(first).chain(others.iter().copied()).collect();
        self.at(draw, nth).pick(&all).copied().unwrap_or(first)
    }
}
