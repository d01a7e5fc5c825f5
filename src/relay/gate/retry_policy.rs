//! Decides whether and when a request to Graph is repeated. Pure: it gets the outcome of an attempt and
//! returns the next step.
//!
//! Why not a library: backon and tokio-retry can only wait between two attempts. Here the next step depends on the kind
//! of act, and may be a read of the roster or a wait for a notification.

use std::time::Duration;

use crate::floor::Act;
use crate::relay::graph::request::{GraphReply, NoResponse};

/// The step after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::relay) enum NextStep {
    /// No further attempt: this outcome is final.
    Stop,
    /// Another attempt, after a wait.
    Again(Duration),
    /// Another attempt now, with a new token.
    NewToken,
    /// The outcome is unknown: after a wait, another attempt only if the roster shows that the act had no effect. The wait
    /// spares a Graph that is in trouble, and a roster that is read too soon does not show the effect.
    AskRoster(Duration),
    /// The outcome is unknown: another attempt only if no notification with the act's ticket arrives.
    AwaitNotice,
}

/// The attempts so far.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::relay) struct Attempts {
    /// Their number, including the last one.
    pub(in crate::relay) tries: u8,
    /// The time since the first one began.
    pub(in crate::relay) elapsed: Duration,
    /// Whether a new token was fetched.
    pub(in crate::relay) renewed: bool,
    /// Whether an attempt with unknown outcome was repeated.
    pub(in crate::relay) repeated_unknown: bool,
    /// Whether one of them may have taken effect, because its outcome is unknown.
    pub(in crate::relay) may_have_acted: bool,
}

impl Attempts {
    /// Records the outcome of the last attempt, and the time since the first one began.
    pub(in crate::relay) fn record(&mut self, answer: &Result<GraphReply, NoResponse>, elapsed: Duration) {
        self.elapsed = elapsed;
        self.may_have_acted |= is_unknown(answer);
    }
}

/// The maximum number of attempts of one act.
pub(in crate::relay) const MOST_TRIES: u8 = 4;
/// The time for all attempts of an act. A late mute is harmful, because the person may have unmuted in the meantime.
pub(in crate::relay) const BUDGET: Duration = Duration::from_secs(10);

/// Returns the step after an attempt of an act.
pub(in crate::relay) fn next(act: Act, tried: Attempts, outcome: &Result<GraphReply, NoResponse>) -> NextStep {
    let next = unlimited_next(act, tried, outcome);
    let wait = match next {
        NextStep::Again(wait) | NextStep::AskRoster(wait) => wait,
        NextStep::Stop | NextStep::NewToken | NextStep::AwaitNotice => Duration::ZERO,
    };
    if next != NextStep::Stop && (tried.tries >= MOST_TRIES || tried.elapsed + wait >= BUDGET) {
        NextStep::Stop
    } else {
        next
    }
}

/// Returns the step after an attempt, without the limits on attempts and time.
fn unlimited_next(act: Act, tried: Attempts, outcome: &Result<GraphReply, NoResponse>) -> NextStep {
    match outcome {
        Err(NoResponse::NotSent(_) | NoResponse::TokenAway(_)) => NextStep::Again(pause(tried)),
        // The circuit stayed open for the whole wait, or the endpoint refuses the application.
        Err(NoResponse::NoToken(_) | NoResponse::Shut { .. } | NoResponse::Expired) => NextStep::Stop,
        Err(NoResponse::Sent(_)) => unknown(act, tried),
        Ok(reply) => match (reply.status, reply.retry_after) {
            (401, _) if !tried.renewed => NextStep::NewToken,
            (429 | 503, Some(after)) => NextStep::Again(after),
            (429, None) => {
                NextStep::Again(Duration::from_secs(1).saturating_mul(1 << tried.tries.saturating_sub(1).min(4)))
            }
            (500 | 502 | 503 | 504, _) => unknown(act, tried),
            _ => NextStep::Stop,
        },
    }
}

/// Returns the step after an attempt with unknown outcome.
fn unknown(act: Act, tried: Attempts) -> NextStep {
    match act {
        Act::Mute | Act::MuteSelf | Act::UnmuteSelf => NextStep::AskRoster(pause(tried)),
        Act::Release if !tried.repeated_unknown => NextStep::AwaitNotice,
        Act::Release | Act::Hold => NextStep::Stop,
        Act::Remove | Act::HangUp => NextStep::Again(pause(tried)),
    }
}

/// Returns whether it is unknown if the act took effect.
pub(in crate::relay) fn is_unknown(outcome: &Result<GraphReply, NoResponse>) -> bool {
    match outcome {
        Ok(reply) => matches!(reply.status, 500 | 502 | 504) || (reply.status == 503 && reply.retry_after.is_none()),
        Err(NoResponse::Sent(_)) => true,
        Err(
            NoResponse::NotSent(_)
            | NoResponse::NoToken(_)
            | NoResponse::TokenAway(_)
            | NoResponse::Expired
            | NoResponse::Shut { .. },
        ) => false,
    }
}

/// Returns the pause before the next attempt: 400 ms after the first, then twice as long each time.
fn pause(tried: Attempts) -> Duration {
    Duration::from_millis(200).saturating_mul(1 << tried.tries.min(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "the parameter type of `next`")]
    fn replied(status: u16, retry_after: Option<u64>) -> Result<GraphReply, NoResponse> {
        let retry_after = retry_after.map(Duration::from_secs);
        Ok(GraphReply { status, location: None, retry_after, body: String::new() })
    }

    const ACTS: [Act; 7] =
        [Act::Mute, Act::MuteSelf, Act::UnmuteSelf, Act::Hold, Act::Release, Act::Remove, Act::HangUp];

    fn once() -> Attempts {
        Attempts { tries: 1, ..Attempts::default() }
    }

    /// The retry table, a column for each act: `w` repeat after Graph's wait, `r` repeat, `n` repeat with a new token,
    /// `?` read the roster first, `.` wait for the notification first, `-` stop.
    #[test]
    fn the_retry_table() {
        let err = |it: NoResponse| Err(it);
        let rows: [(&str, Result<GraphReply, NoResponse>, &str); 19] = [
            ("nothing was sent", err(NoResponse::NotSent(String::new())), "rrrrrrr"),
            ("no token in time", err(NoResponse::TokenAway(String::new())), "rrrrrrr"),
            ("429 with a wait", replied(429, Some(2)), "wwwwwww"),
            ("503 with a wait", replied(503, Some(2)), "wwwwwww"),
            ("429 with a wait past the budget", replied(429, Some(10)), "-------"),
            ("timeout or reset after sending", err(NoResponse::Sent(String::new())), "???-.rr"),
            ("500", replied(500, None), "???-.rr"),
            ("502", replied(502, None), "???-.rr"),
            ("503 without a wait", replied(503, None), "???-.rr"),
            ("504", replied(504, None), "???-.rr"),
            ("404", replied(404, None), "-------"),
            ("401", replied(401, None), "nnnnnnn"),
            ("refused for good", err(NoResponse::NoToken(String::new())), "-------"),
            ("Graph is not asked now", err(NoResponse::Shut { why: String::new(), wait: Duration::ZERO }), "-------"),
            ("too late after the key", err(NoResponse::Expired), "-------"),
            ("200", replied(200, None), "-------"),
            ("202", replied(202, None), "-------"),
            ("403", replied(403, None), "-------"),
            ("409", replied(409, None), "-------"),
        ];
        for (what, outcome, cells) in rows {
            let found: String = ACTS.into_iter().map(|act| sign(next(act, once(), &outcome))).collect();
            assert_eq!(found, cells, "{what}");
            let has_unknown_outcome = matches!(cells, "???-.rr");
            assert_eq!(is_unknown(&outcome), has_unknown_outcome, "{what}");
        }
        for act in ACTS {
            let renewed = Attempts { renewed: true, ..once() };
            assert_eq!(next(act, renewed, &replied(401, None)), NextStep::Stop, "{act}: a new token once");
            let waits =
                [1, 2, 3].map(|tries| next(act, Attempts { tries, ..Attempts::default() }, &replied(429, None)));
            assert_eq!(waits, [1, 2, 4].map(|it| NextStep::Again(Duration::from_secs(it))), "{act}");
        }
        let third = Attempts { tries: 3, ..Attempts::default() };
        let later = NextStep::AskRoster(Duration::from_millis(1_600));
        assert_eq!(next(Act::Mute, third, &replied(500, None)), later, "each wait is twice as long");
        let twice = Attempts { repeated_unknown: true, ..once() };
        assert_eq!(next(Act::Release, twice, &replied(500, None)), NextStep::Stop, "a release is repeated once");
        assert_eq!(next(Act::Mute, once(), &replied(429, Some(2))), NextStep::Again(Duration::from_secs(2)));
    }

    fn sign(next: NextStep) -> char {
        match next {
            NextStep::Stop => '-',
            NextStep::Again(wait) if wait == Duration::from_secs(2) => 'w',
            NextStep::Again(_) => 'r',
            NextStep::NewToken => 'n',
            NextStep::AskRoster(wait) if wait == Duration::from_millis(400) => '?',
            NextStep::AskRoster(_) => '!',
            NextStep::AwaitNotice => '.',
        }
    }

    #[test]
    fn an_act_can_be_too_late_until_an_attempt_may_have_taken_effect() {
        let mut tried = once();
        let not_done = [
            Err(NoResponse::NotSent(String::new())),
            Err(NoResponse::TokenAway(String::new())),
            replied(429, None),
            replied(503, Some(1)),
            replied(401, None),
        ];
        for answer in not_done {
            tried.record(&answer, Duration::from_secs(1));
            assert!(!tried.may_have_acted, "{answer:?}");
        }
        for unknown in [Err(NoResponse::Sent(String::new())), replied(500, None), replied(503, None)] {
            let mut tried = tried;
            tried.record(&unknown, Duration::from_secs(2));
            tried.record(&Err(NoResponse::NotSent(String::new())), Duration::from_secs(3));
            assert!(tried.may_have_acted && tried.elapsed == Duration::from_secs(3), "{unknown:?}");
        }
    }

    #[test]
    fn attempts_end_after_four_or_after_ten_seconds() {
        let not_sent = Err(NoResponse::NotSent(String::new()));
        let fourth = Attempts { tries: 4, ..Attempts::default() };
        let late = Attempts { elapsed: BUDGET, ..once() };
        for tried in [fourth, late] {
            assert_eq!(next(Act::Mute, tried, &not_sent), NextStep::Stop);
            assert_eq!(next(Act::Mute, tried, &replied(401, None)), NextStep::Stop);
        }
        assert_eq!(next(Act::Mute, once(), &replied(429, Some(10))), NextStep::Stop);
    }
}
