//! Seeded chance: the same seed gives the same ids, delays and choices, in the same order.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::graph::ResourceId;
use crate::time::Millis;

/// One stream of chance. Streams of one seed do not disturb each other.
#[derive(Debug, Clone)]
pub(super) struct RandomStream(ChaCha8Rng);

impl RandomStream {
    /// A stream of a seed.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream);
        Self(source)
    }

    /// A stream at its nth place, of which a thousand numbers are nobody else's.
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

    /// A span of milliseconds between two, both included.
    pub(super) fn span(&mut self, least: i64, most: i64) -> Millis {
        Millis(self.0.random_range(least..=most.max(least)))
    }

    /// A span around a mean: from half of it to one and a half.
    pub(super) fn around(&mut self, mean: Millis) -> Millis {
        self.span((mean.0 / 2).max(1), (mean.0.saturating_mul(3) / 2).max(1))
    }

    /// Whether something of this share, between 0 and 1, happens this time.
    pub(super) fn share(&mut self, share: f64) -> bool {
        share > 0.0 && self.0.random_bool(share.clamp(0.0, 1.0))
    }

    /// One of the items.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.0.random_range(0..items.len())) }
    }
}
