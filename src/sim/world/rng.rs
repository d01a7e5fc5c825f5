//! Seeded random numbers: the same seed gives the same ids, delays and choices, in the same order.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::graph::ResourceId;
use crate::sim::scenario::{RandomTraffic, Scenario};
use crate::time::Millis;

/// One stream of random numbers. Draws from one stream do not affect other streams of the same seed.
#[derive(Debug, Clone)]
pub(super) struct RandomStream(ChaCha8Rng);

impl RandomStream {
    /// Creates stream number `stream` of a seed.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream);
        Self(source)
    }

    /// Creates a stream that starts at its nth block. A block has 1,024 numbers, and blocks do not overlap.
    pub(super) fn at(seed: u64, stream: u64, nth: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream);
        source.set_word_pos(u128::from(nth) << 10);
        Self(source)
    }

    /// Returns a new id, in the form of a random GUID.
    pub(super) fn id<T: From<ResourceId>>(&mut self) -> T {
        let bytes: [u8; 16] = self.0.random();
        T::from(ResourceId::from_bits(uuid::Builder::from_random_bytes(bytes).into_uuid().as_u128()))
    }

    /// Returns a number of milliseconds from `least` to `most`, both inclusive.
    pub(super) fn span(&mut self, least: i64, most: i64) -> Millis {
        Millis(self.0.random_range(least..=most.max(least)))
    }

    /// Returns a duration between 0.5 and 1.5 times `mean`.
    pub(super) fn around(&mut self, mean: Millis) -> Millis {
        self.span((mean.0 / 2).max(1), (mean.0.saturating_mul(3) / 2).max(1))
    }

    /// Returns `true` with this probability, between 0 and 1.
    pub(super) fn share(&mut self, share: f64) -> bool {
        share > 0.0 && self.0.random_bool(share.clamp(0.0, 1.0))
    }

    /// Returns one of the items, or `None` if there are no items.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.0.random_range(0..items.len())) }
    }
}

/// The random numbers for background calls and for people who join clients' calls.
#[derive(Debug)]
pub(super) struct BackgroundRng {
    /// The stream that chooses people and their actions.
    pub(super) rng: RandomStream,
    /// Whether people join the calls that clients create.
    pub(super) company: bool,
    /// The background calls of the scenario, if it has any.
    pub(super) traffic: Option<RandomTraffic>,
}

impl BackgroundRng {
    /// Creates the background of a scenario.
    pub(super) fn new(seed: u64, scenario: &Scenario) -> Self {
        Self { rng: RandomStream::new(seed, 3), company: scenario.company, traffic: scenario.traffic.clone() }
    }
}
