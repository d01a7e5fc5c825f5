//! Limits the log by kind: lines from the same place in the code, of which a caller or a fault may cause any number. Beyond
//! a burst, one line a second is logged, and every ten seconds it is said how many were left out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tracing::{Event, Metadata};
use tracing_subscriber::layer::{Context, Filter};

use crate::time::clock;

/// The number of lines of one kind that are logged without a pause.
const BURST: u32 = 100;
/// The time after which one more line of the kind is logged.
const REFILL: Duration = Duration::from_secs(1);
/// The time between two reports of what was left out.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);
/// The target of the reports, which are not limited.
const TARGET: &str = "callboard::log";

/// The limit; clones share their counts. By the name of each place, which holds its file and line; bounded by the places
/// in the code that log.
#[derive(Debug, Clone, Default)]
pub(super) struct LogLimit(Arc<Mutex<BTreeMap<&'static str, KindCount>>>);

#[derive(Debug)]
struct KindCount {
    metadata: &'static Metadata<'static>,
    left: u32,
    refilled: Instant,
    left_out: u64,
}

impl LogLimit {
    /// Counts a line of a kind, and returns whether it may be logged.
    fn allows(&self, metadata: &'static Metadata<'static>, now: Instant) -> bool {
        let mut kinds = self.0.lock();
        let fresh = || KindCount { metadata, left: BURST, refilled: now, left_out: 0 };
        let kind = kinds.entry(metadata.name()).or_insert_with(fresh);
        let passed = now.saturating_duration_since(kind.refilled).as_secs() / REFILL.as_secs();
        if passed > 0 {
            kind.left = u32::try_from(passed).unwrap_or(BURST).saturating_add(kind.left).min(BURST);
            kind.refilled = now;
        }
        if let Some(left) = kind.left.checked_sub(1) {
            kind.left = left;
            return true;
        }
        kind.left_out += 1;
        false
    }

    /// Takes what was left out since the last call: each kind with its number of lines.
    fn take_left_out(&self) -> Vec<(&'static Metadata<'static>, u64)> {
        let mut kinds = self.0.lock();
        let left_out = kinds.values_mut().map(|it| (it.metadata, std::mem::take(&mut it.left_out)));
        left_out.filter(|(_, count)| *count > 0).collect()
    }

    /// Reports what is left out, in a thread of its own.
    pub(super) fn start_reports(&self) -> std::io::Result<()> {
        let limit = self.clone();
        let thread = std::thread::Builder::new().name("log".to_owned());
        thread.spawn(move || {
            loop {
                std::thread::sleep(REPORT_INTERVAL);
                for (kind, lines) in limit.take_left_out() {
                    let (place, line) = (kind.target(), kind.line());
                    tracing::warn!(target: TARGET, place, line, lines, "left out lines of one kind");
                }
            }
        })?;
        Ok(())
    }
}

impl<S> Filter<S> for LogLimit {
    fn enabled(&self, _metadata: &Metadata<'_>, _context: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _context: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        metadata.target() == TARGET || self.allows(metadata, clock::instant())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tracing_subscriber::Layer as _;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_flood_of_one_kind_is_cut_and_counted_and_others_are_logged() {
        let (lines, limit) = (Lines::default(), LogLimit::default());
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(layer.with_filter(limit.clone()));
        tracing::subscriber::with_default(subscriber, || {
            for number in 0..10_000 {
                tracing::error!(number, "a console resumes from another history");
            }
            tracing::warn!("another kind");
        });
        let said = String::from_utf8(lines.0.lock().clone()).unwrap();
        let logged = said.matches("another history").count();
        assert!((100..150).contains(&logged), "{logged}");
        assert!(said.contains("another kind"));
        let left_out = limit.take_left_out();
        assert_eq!(left_out.iter().map(|(_, lines)| *lines).collect::<Vec<_>>(), [10_000 - logged as u64]);
        assert_eq!(limit.take_left_out(), []);
    }

    #[test]
    fn a_kind_is_logged_again_once_a_second_and_after_a_pause_in_full() {
        let limit = LogLimit::default();
        let kind = || tracing::error_span!("kind").metadata().unwrap();
        let subscriber = tracing_subscriber::registry();
        tracing::subscriber::with_default(subscriber, || {
            let (kind, start) = (kind(), clock::instant());
            let at = |seconds| (0..1_000).filter(|_| limit.allows(kind, start + Duration::from_secs(seconds))).count();
            assert_eq!([at(0), at(0), at(1), at(3), at(1_000)], [100, 0, 1, 2, 100]);
        });
    }
}
