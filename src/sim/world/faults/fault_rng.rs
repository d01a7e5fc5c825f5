//! Random decisions about faults and spellings.
//!
//! A draw depends only on the seed, on the kind of decision, and on the number of earlier decisions of that kind. So
//! switching on one fault changes neither ids and delays nor other faults.

use std::collections::BTreeMap;

use crate::sim::world::rng::RandomStream;

/// A kind of decision. Each kind has its own random stream.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim::world) enum FaultDraw {
    /// Whether a notification is lost.
    Drop,
    /// Whether it is sent twice.
    Repeat,
    /// Whether it is delayed, and for how long.
    Reorder,
    /// Whether it is an hour late.
    HourLate,
    /// Whether the last notification of a call is suppressed.
    End,
    /// Whether an operation never finishes.
    Finish,
    /// Whether a webhook has a wrong signature.
    Signature,
    /// The ids of a webhook.
    PostIds,
    /// The spelling of ids in a resource address.
    IdCasing,
    /// Whether a resource address begins with a slash.
    Slash,
    /// Whether the legacy address member is present.
    Legacy,
    /// The form of a roster's address.
    RosterAddress,
    /// Which ids an operation carries.
    OperationIds,
    /// Whether result codes are strings.
    ResultCodes,
    /// The name of a subcode.
    SubcodeKey,
    /// The spelling of a status in a notification.
    Status,
    /// The spelling of a status in an answer.
    AnsweredStatus,
    /// The spelling of a call's state.
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
        // The world itself uses the lower stream numbers.
        (kind << 32) | detail as u64
    }
}

/// The random decisions of a world.
#[derive(Debug)]
pub(in crate::sim::world) struct FaultRng {
    seed: u64,
    /// The number of decisions of each kind. Bounded: the kinds are constants of the program.
    decided: BTreeMap<&'static str, u64>,
}

impl FaultRng {
    /// Creates the decisions for a seed.
    pub(in crate::sim::world) const fn new(seed: u64) -> Self {
        Self { seed, decided: BTreeMap::new() }
    }

    /// Counts a decision of a kind, and returns its number, starting at 1.
    pub(in crate::sim::world) fn next(&mut self, kind: &'static str) -> u64 {
        let decided = self.decided.entry(kind).or_default();
        *decided += 1;
        *decided
    }

    /// Returns the random stream of draw `nth`.
    pub(in crate::sim::world) fn at(&self, draw: FaultDraw, nth: u64) -> RandomStream {
        RandomStream::at(self.seed, draw.stream(), nth)
    }

    /// Returns whether draw `nth` falls below probability `share`.
    pub(in crate::sim::world) fn hits(&self, draw: FaultDraw, nth: u64, share: f64) -> bool {
        self.at(draw, nth).share(share)
    }

    /// Chooses one of the values for draw `nth`.
    pub(in crate::sim::world) fn one_of<T: Copy>(&self, draw: FaultDraw, nth: u64, (first, others): (T, &[T])) -> T {
        let all: Vec<T> = std::iter::once(first).chain(others.iter().copied()).collect();
        self.at(draw, nth).pick(&all).copied().unwrap_or(first)
    }
}
