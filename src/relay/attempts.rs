//! What may be repeated towards Graph, and when: pure. It is told what became of a try and says what comes next.

use std::time::Duration;

use super::outbound::{NoReply, Reply};
use crate::floor::Act;

/// What comes after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It is over: this outcome stands.
    Stop,
    /// Another try, after a wait.
    Again(Duration),
    /// Another try at once, with a new token.
    NewToken,
    /// The outcome is unknown: another try only if the roster shows that it has not happened.
    AskRoster,
    /// The outcome is unknown: another try only if no notification with our ticket comes.
    AwaitNotice,
}

/// What was tried already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tried {
    /// How many tries, the last one included.
    pub(super) tries: u8,
    /// Since the first try began.
    pub(super) elapsed: Duration,
    /// Whether a new token was taken.
    pub(super) renewed: bool,
    /// Whether a try with unknown outcome was repeated.
    pub(super) repeated_unknown: bool,
}

/// The most tries of one act.
pub(super) const MOST_TRIES: u8 = 4;
/// The longest that an act is tried: a late mute is harmful, the person may have unmuted meanwhile.
pub(super) const BUDGET: Duration = Duration::from_secs(10);

/// What comes after a try of an act.
pub(super) fn next(act: Act, tried: Tried, outcome: &Result<Reply, NoReply>) -> Next {
    let next = wanted(act, tried, outcome);
    let wait = if let Next::Again(wait) = next { wait } else { Duration::ZERO };
    if next != Next::Stop && (tried.tries >= MOST_TRIES || tried.elapsed + wait >= BUDGET) { Next::Stop } else { next }
}

fn wanted(act: Act, tried: Tried, outcome: &Result<Reply, NoReply>) -> Next {
    match outcome {
        Err(NoReply::NotSent(_)) => Next::Again(pause(tried)),
        Err(NoReply::NoToken(_)) => Next::Stop,
        Err(NoReply::Sent(_)) => unknown(act, tried),
        Ok(reply) => match (reply.status, reply.retry_after) {
            (401, _) if !tried.renewed => Next::NewToken,
            (429 | 503, Some(after)) => Next::Again(after),
            (429, None) => Next::Again(Duration::from_secs(1)),
            (500 | 502 | 503 | 504, _) => unknown(act, tried),
            _ => Next::Stop,
        },
    }
}

/// It was sent, and nobody says what became of it.
fn unknown(act: Act, tried: Tried) -> Next {
    match act {
        Act::Mute | Act::MuteSelf | Act::UnmuteSelf => Next::AskRoster,
        Act::Release if !tried.repeated_unknown => Next::AwaitNotice,
        Act::Release | Act::Hold => Next::Stop,
        Act::Remove | Act::HangUp => Next::Again(pause(tried)),
    }
}

/// Whether a reply leaves open what happened: it stands for no answer.
pub(super) fn is_unknown(outcome: &Result<Reply, NoReply>) -> bool {
    match outcome {
        Ok(reply) => matches!(reply.status, 500 | 502 | 504) || (reply.status == 503 && reply.retry_after.is_none()),
        Err(NoReply::Sent(_)) => true,
        Err(NoReply::NotSent(_) | NoReply::NoToken(_)) => false,
    }
}

fn pause(tried: Tried) -> Duration {
    Duration::from_millis(200).saturating_mul(1 << tried.tries.min(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "an outcome, as `next` takes it")]
    fn replied(status: u16, retry_after: Option<u64>) -> Result<Reply, NoReply> {
        let retry_after = retry_after.map(Duration::from_secs);
        Ok(Reply { status, location: None, retry_after, body: String::new() })
    }

    const ACTS: [Act; 7] =
        [Act::Mute, Act::MuteSelf, Act::UnmuteSelf, Act::Hold, Act::Release, Act::Remove, Act::HangUp];

    fn once() -> Tried {
        Tried { tries: 1, ..Tried::default() }
    }

    #[test]
    fn what_was_not_sent_or_is_asked_for_later_may_always_be_repeated() {
        for act in ACTS {
            assert!(matches!(next(act, once(), &Err(NoReply::NotSent(String::new()))), Next::Again(_)), "{act}");
            assert_eq!(next(act, once(), &replied(429, Some(2))), Next::Again(Duration::from_secs(2)), "{act}");
            assert_eq!(next(act, once(), &replied(503, Some(2))), Next::Again(Duration::from_secs(2)), "{act}");
            assert_eq!(next(act, once(), &replied(401, None)), Next::NewToken, "{act}");
            let renewed = Tried { renewed: true, ..once() };
            assert_eq!(next(act, renewed, &replied(401, None)), Next::Stop, "{act}");
            for status in [200, 202, 204, 400, 403, 404, 409] {
                assert_eq!(next(act, once(), &replied(status, None)), Next::Stop, "{act} {status}");
            }
        }
    }

    #[test]
    fn what_was_sent_without_an_answer_is_repeated_only_where_that_is_harmless() {
        for outcome in [Err(NoReply::Sent(String::new())), replied(500, None), replied(502, None), replied(504, None)] {
            assert_eq!(next(Act::Mute, once(), &outcome), Next::AskRoster);
            assert_eq!(next(Act::UnmuteSelf, once(), &outcome), Next::AskRoster);
            assert_eq!(next(Act::Hold, once(), &outcome), Next::Stop);
            assert_eq!(next(Act::Release, once(), &outcome), Next::AwaitNotice);
            let twice = Tried { repeated_unknown: true, ..once() };
            assert_eq!(next(Act::Release, twice, &outcome), Next::Stop);
            assert!(matches!(next(Act::Remove, once(), &outcome), Next::Again(_)));
            assert!(is_unknown(&outcome));
        }
        assert!(!is_unknown(&replied(503, Some(1))));
    }

    #[test]
    fn four_tries_or_ten_seconds_are_the_end() {
        let not_sent = Err(NoReply::NotSent(String::new()));
        let fourth = Tried { tries: 4, ..Tried::default() };
        let late = Tried { elapsed: BUDGET, ..once() };
        for tried in [fourth, late] {
            assert_eq!(next(Act::Mute, tried, &not_sent), Next::Stop);
            assert_eq!(next(Act::Mute, tried, &replied(401, None)), Next::Stop);
        }
        assert_eq!(next(Act::Mute, once(), &replied(429, Some(10))), Next::Stop);
    }
}
