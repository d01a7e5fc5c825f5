//! Seeded chance: the same seed gives the same ids, delays and choices, in the same order.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::graph::ResourceId;
use crate::sim::scenario::{RandomTraffic, Scenario};
use crate::time::Millis;

/// One stream of chance. Draws from one stream do not shift those of another stream of the same seed.
#[derive(Debug, Clone)]
pub(super) struct RandomStream(ChaCha8Rng);

impl RandomStream {
    /// A stream of a seed, from its beginning.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream);
        Self(source)
    }

    /// A stream at its nth place. The thousand numbers from there belong to this place alone.
    pub(super) fn at(seed: u64, stream: u64, nth: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream);
        source.set_word_pos(u128::from(nth) << 10);
        Self(source)
    }

    /// A new id, in the form of a random GUID.
    pub(super) fn id<T: From<ResourceId>>(&mut self) -> T {
        let bytes: [u8; 16] = self.0.random();
        T::from(ResourceId::from_bits(uuid::Builder::from_random_bytes(bytes).into_uuid().as_u128()))
    }

    /// A number of milliseconds between two, both included.
    pub(super) fn span(&mut self, least: i64, most: i64) -> Millis {
        Millis(self.0.random_range(least..=most.max(least)))
    }

    /// A span around a mean: from half of it to one and a half.
    pub(super) fn around(&mut self, mean: Millis) -> Millis {
        self.span((mean.0 / 2).max(1), (mean.0.saturating_mul(3) / 2).max(1))
    }

    /// Whether something of this probability, between 0 and 1, happens this time.
    pub(super) fn share(&mut self, share: f64) -> bool {
        share > 0.0 && self.0.random_bool(share.clamp(0.0, 1.0))
    }

    /// One of the items; `None` of an empty list.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.0.random_range(0..items.len())) }
    }
}

/// The chance behind background calls and the people who join a client's calls.
#[derive(Debug)]
pub(super) struct BackgroundRng {
    /// Draws the people, and what they do.
    pub(super) rng: RandomStream,
    /// Whether people join the calls that clients create.
    pub(super) company: bool,
    /// Which background calls come, if any.
    pub(super) traffic: Option<RandomTraffic>,
}

impl BackgroundRng {
    /// The background of a scenario.
    pub(super) fn new(seed: u64, scenario: &Scenario) -> Self {
        Self { rng: RandomStream::new(seed, 3), company: scenario.company, traffic: scenario.traffic.clone() }
    }
}
