//! The circuit breaker for Graph, with a circuit for each cause of failure. Pure: the caller passes the time and the
//! outcome of each request.
//!
//! When its wait is over, an open circuit allows one request as a probe. An operator's act may be the probe earlier,
//! unless Graph itself set the wait. A reply that disproves the cause closes the circuit.
//!
//! Why not a library: the circuits of failsafe and recloser have one cause and one kind of caller. They support neither
//! Graph's Retry-After nor an early probe by an operator.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use super::request::{GraphReply, NoResponse};

/// The circuit of each cause of recent failures.
#[derive(Debug, Default)]
pub(in crate::relay) struct CircuitBreaker {
    circuits: BTreeMap<OpenCause, Circuit>,
}

/// The reason why a circuit is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::relay) enum OpenCause {
    /// There is no token, or Graph refuses it.
    Authentication,
    /// Graph throttles requests (429).
    Throttled,
    /// Graph can't be reached, does not answer, or answers 5xx.
    Unreachable,
}

/// The priority of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::relay) enum Priority {
    /// An operator waits for it.
    Operator,
    /// It is a background read of the relay.
    Background,
}

impl Priority {
    /// Returns the label in metrics.
    pub(in crate::relay) const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Background => "background",
        }
    }
}

/// The error for a request that an open circuit holds back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::relay) struct CircuitOpen {
    /// The reason why a circuit is open.
    pub(in crate::relay) cause: OpenCause,
    /// The reason as a sentence, with the time of the next try.
    pub(in crate::relay) words: String,
    /// The time until the next request may be sent.
    pub(in crate::relay) wait: Duration,
}

/// The circuit of one cause.
#[derive(Debug)]
struct Circuit {
    /// The number of consecutive failures.
    failures: u32,
    last_failure: LastFailure,
    /// The time of the next probe; `None` while the circuit is closed.
    until: Option<Instant>,
    /// The wait after the next failed probe.
    wait: Duration,
    /// When the current probe began, if its outcome is not known yet.
    probe: Option<Instant>,
}

/// The kind of the last failure.
#[derive(Debug, Clone, PartialEq, Eq)]
enum LastFailure {
    Answered(u16),
    Silent(String),
    NoToken(String),
}

/// The number of consecutive failures that open a circuit. A single 429 or final refusal of the token also opens it.
const FAILURES_TO_OPEN: u32 = 5;
/// The time after which a probe without an outcome no longer blocks the next one.
const PROBE_TIMEOUT: Duration = Duration::from_secs(15);
/// The shortest time between two probes by operators.
const OPERATOR_PROBE_EVERY: Duration = Duration::from_secs(1);
/// The extra wait of the relay's own reads, which gives operators priority.
const BACKGROUND_YIELD: Duration = Duration::from_millis(250);
/// The longest Retry-After that is obeyed.
const MAX_RETRY_AFTER: Duration = Duration::from_mins(5);

impl OpenCause {
    /// Every cause, for the metrics.
    pub(in crate::relay) const ALL: [Self; 3] = [Self::Authentication, Self::Throttled, Self::Unreachable];

    /// Returns the label in metrics.
    pub(in crate::relay) const fn word(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
        }
    }

    const fn first_wait(self) -> Duration {
        match self {
            Self::Authentication => Duration::from_secs(10),
            Self::Throttled | Self::Unreachable => Duration::from_secs(1),
        }
    }

    const fn longest_wait(self) -> Duration {
        match self {
            Self::Authentication => Duration::from_mins(5),
            Self::Throttled | Self::Unreachable => Duration::from_secs(30),
        }
    }
}

impl CircuitBreaker {
    /// Allows a request to be sent, as the probe of every open circuit.
    ///
    /// Fails if a circuit is open and its probe is not due.
    pub(in crate::relay) fn begin_request(&mut self, now: Instant, priority: Priority) -> Result<(), CircuitOpen> {
        if let Some(open) = self.open(now, priority) {
            return Err(open);
        }
        for circuit in self.circuits.values_mut().filter(|it| it.until.is_some()) {
            circuit.probe = Some(now);
        }
        Ok(())
    }

    /// Returns the open circuit that a request must wait for, if there is one.
    pub(in crate::relay) fn open(&self, now: Instant, priority: Priority) -> Option<CircuitOpen> {
        let open =
            self.circuits.iter().filter_map(|(cause, it)| Some((*cause, it, it.blocked_until(*cause, now, priority)?)));
        let (cause, circuit, at) = open.max_by_key(|(_, _, at)| *at)?;
        let next = circuit.until.unwrap_or(at).saturating_duration_since(now);
        let words = format!("{}; next try in {} s", circuit.words(cause), next.as_secs_f64().ceil().max(1.0));
        Some(CircuitOpen { cause, words, wait: at.saturating_duration_since(now) })
    }

    /// Returns the worst cause of an open circuit and its description without a time, or `None` if all are closed.
    pub(in crate::relay) fn status(&self) -> Option<(OpenCause, String)> {
        let (cause, circuit) = self.circuits.iter().find(|(_, it)| it.until.is_some())?;
        Some((*cause, circuit.words(*cause)))
    }

    /// Returns whether this cause has an open circuit.
    pub(in crate::relay) fn is_open_for(&self, cause: OpenCause) -> bool {
        self.circuits.get(&cause).is_some_and(|it| it.until.is_some())
    }

    /// Records the outcome of a request.
    pub(in crate::relay) fn record(&mut self, now: Instant, outcome: &Result<GraphReply, NoResponse>) {
        if matches!(outcome, Err(NoResponse::Shut { .. })) {
            return;
        }
        let verdict = verdict(outcome);
        self.circuits.retain(|cause, circuit| {
            circuit.probe = None;
            !is_disproved(*cause, circuit, now, outcome)
        });
        let Some((cause, failure, retry_after)) = verdict else { return };
        let circuit = self.circuits.entry(cause).or_insert_with(|| Circuit {
            failures: 0,
            last_failure: failure.clone(),
            until: None,
            wait: cause.first_wait(),
            probe: None,
        });
        circuit.failures = circuit.failures.saturating_add(1);
        let opens_at_once = cause == OpenCause::Throttled || matches!(outcome, Err(NoResponse::NoToken(_)));
        circuit.last_failure = failure;
        if opens_at_once || circuit.failures >= FAILURES_TO_OPEN {
            let wait = retry_after.unwrap_or(circuit.wait).min(MAX_RETRY_AFTER);
            // A late failure must not shorten an open interval.
            circuit.until = Some(circuit.until.map_or(now + wait, |it| it.max(now + wait)));
            circuit.wait = circuit.wait.saturating_mul(2).min(cause.longest_wait());
        }
    }
}

impl Circuit {
    /// Returns the time from which this request may be sent, or `None` if it may be sent now.
    fn blocked_until(&self, cause: OpenCause, now: Instant, priority: Priority) -> Option<Instant> {
        let until = self.until?;
        let probe = self.probe.filter(|it| now.saturating_duration_since(*it) < PROBE_TIMEOUT);
        let may_probe_early = priority == Priority::Operator && cause != OpenCause::Throttled;
        let at = match (probe, priority) {
            (Some(began), _) if may_probe_early => began + OPERATOR_PROBE_EVERY,
            (Some(_), _) => now + BACKGROUND_YIELD,
            (None, Priority::Operator) if may_probe_early => return None,
            (None, Priority::Operator) => until,
            (None, Priority::Background) => until + BACKGROUND_YIELD,
        };
        (at > now).then_some(at)
    }

    fn words(&self, cause: OpenCause) -> String {
        let times =
            if self.failures == 1 { "last request".to_owned() } else { format!("last {} requests", self.failures) };
        match (&self.last_failure, cause) {
            (LastFailure::Answered(429), _) => "Graph asks for fewer requests (429)".to_owned(),
            (LastFailure::Answered(status), _) => format!("Graph has answered {status} to the {times}"),
            (LastFailure::Silent(why), _) => format!("Graph has not answered the {times} ({why})"),
            (LastFailure::NoToken(why), _) => why.clone(),
        }
    }
}

/// Returns whether an outcome closes a circuit, even if it opens another one.
fn is_disproved(cause: OpenCause, circuit: &Circuit, now: Instant, outcome: &Result<GraphReply, NoResponse>) -> bool {
    match (cause, outcome) {
        (OpenCause::Authentication, Ok(reply)) => reply.status != 401,
        (OpenCause::Authentication, Err(error)) => matches!(error, NoResponse::Sent(_) | NoResponse::NotSent(_)),
        // A reply to a request that was sent before the 429 does not shorten the wait.
        (OpenCause::Throttled, Ok(reply)) => reply.status != 429 && circuit.until.is_none_or(|it| it <= now),
        (OpenCause::Unreachable, Ok(reply)) => reply.status < 500,
        (OpenCause::Throttled | OpenCause::Unreachable, Err(_)) => false,
    }
}

/// Returns the cause of a failed outcome, with Graph's Retry-After, or `None` for a success.
fn verdict(outcome: &Result<GraphReply, NoResponse>) -> Option<(OpenCause, LastFailure, Option<Duration>)> {
    match outcome {
        Ok(reply) => match reply.status {
            401 => Some((OpenCause::Authentication, LastFailure::Answered(401), None)),
            429 => Some((OpenCause::Throttled, LastFailure::Answered(429), reply.retry_after)),
            status @ 500.. => Some((OpenCause::Unreachable, LastFailure::Answered(status), reply.retry_after)),
            _ => None,
        },
        Err(NoResponse::NoToken(why) | NoResponse::TokenAway(why)) => {
            Some((OpenCause::Authentication, LastFailure::NoToken(why.clone()), None))
        }
        Err(NoResponse::NotSent(why) | NoResponse::Sent(why)) => {
            Some((OpenCause::Unreachable, LastFailure::Silent(why.clone()), None))
        }
        Err(NoResponse::Shut { .. } | NoResponse::Expired) => None,
    }
}

impl fmt::Display for CircuitOpen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Priority::{Background, Operator};

    #[expect(clippy::unnecessary_wraps, reason = "the parameter type of `record`")]
    fn replied(status: u16, after: Option<f64>) -> Result<GraphReply, NoResponse> {
        let retry_after = after.map(Duration::from_secs_f64);
        Ok(GraphReply { status, location: None, retry_after, body: String::new() })
    }

    fn after(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn five_consecutive_failures_open_the_circuit_and_a_probe_closes_it() {
        let (mut breaker, now) = (CircuitBreaker::default(), crate::time::clock::instant());
        for _ in 0..4 {
            breaker.record(now, &replied(503, None));
            assert_eq!(breaker.begin_request(now, Background), Ok(()));
        }
        breaker.record(now, &replied(200, None));
        for _ in 0..5 {
            breaker.record(now, &replied(503, None));
        }
        let open = breaker.begin_request(now, Background).unwrap_err();
        assert_eq!(open.words, "Graph has answered 503 to the last 5 requests; next try in 1 s");
        assert_eq!(breaker.status().unwrap().0, OpenCause::Unreachable);
        let later = now + after(1.3);
        assert_eq!(breaker.begin_request(later, Background), Ok(()), "the probe");
        assert!(breaker.begin_request(later, Background).is_err(), "one probe at a time");
        breaker.record(later, &replied(502, None));
        let open = breaker.begin_request(later, Background).unwrap_err();
        assert_eq!(open.words, "Graph has answered 502 to the last 6 requests; next try in 2 s");
        assert_eq!(breaker.begin_request(later + after(2.3), Background), Ok(()));
        breaker.record(later, &replied(404, None));
        assert_eq!(breaker.begin_request(later, Background), Ok(()));
        assert_eq!(breaker.status(), None);
    }

    #[test]
    fn an_operators_act_may_probe_early_unless_graph_set_the_wait() {
        let (mut breaker, now) = (CircuitBreaker::default(), crate::time::clock::instant());
        for _ in 0..5 {
            breaker.record(now, &Err(NoResponse::Sent("it took too long".into())));
        }
        assert!(breaker.begin_request(now, Background).is_err());
        assert_eq!(breaker.begin_request(now, Operator), Ok(()), "a person does not wait for the timer");
        let next = breaker.begin_request(now, Operator).unwrap_err();
        assert_eq!(next.wait, OPERATOR_PROBE_EVERY);
        assert!(next.words.starts_with("Graph has not answered the last 5 requests (it took too long)"));

        let mut throttled = CircuitBreaker::default();
        throttled.record(now, &replied(429, Some(2.128)));
        let open = throttled.begin_request(now, Operator).unwrap_err();
        assert_eq!((open.cause, open.wait), (OpenCause::Throttled, after(2.128)));
        assert_eq!(open.words, "Graph asks for fewer requests (429); next try in 3 s");
        assert_eq!(
            throttled.open(now, Background).unwrap().wait,
            after(2.128) + BACKGROUND_YIELD,
            "operators go first"
        );
        assert_eq!(throttled.begin_request(now + after(2.2), Operator), Ok(()));
    }

    #[test]
    fn a_refused_token_opens_the_circuit_and_a_lost_probe_does_not_block_it() {
        let (mut breaker, now) = (CircuitBreaker::default(), crate::time::clock::instant());
        breaker.record(now, &Err(NoResponse::NoToken("the token endpoint refuses the application".into())));
        let open = breaker.begin_request(now, Background).unwrap_err();
        assert_eq!(open.words, "the token endpoint refuses the application; next try in 10 s");
        let due = now + after(10.5);
        assert_eq!(breaker.begin_request(due, Background), Ok(()));
        assert!(breaker.begin_request(due + after(14.0), Background).is_err());
        assert_eq!(breaker.begin_request(due + PROBE_TIMEOUT, Background), Ok(()));
        breaker.record(due, &replied(503, None));
        assert_eq!(breaker.status(), None, "Graph answered, so it accepted the token");
        breaker.record(due, &Err(NoResponse::Shut { why: "open".into(), wait: Duration::ZERO }));
        assert_eq!(breaker.status(), None);
    }

    #[test]
    fn the_open_circuit_with_the_longest_wait_counts() {
        let now = crate::time::clock::instant();
        for (seconds, wait) in [(2.0, 10.0), (60.0, 60.0)] {
            let mut breaker = CircuitBreaker::default();
            breaker.record(now, &replied(429, Some(seconds)));
            breaker.record(now, &Err(NoResponse::NoToken("refused".into())));
            assert_eq!(breaker.open(now, Background).unwrap().wait, after(wait) + BACKGROUND_YIELD);
        }
    }
}
