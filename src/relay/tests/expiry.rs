//! Acts expire: one whose first request to Graph would begin too late after its key press is never sent.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use super::*;
use crate::floor::{Answered, Asked, OperationStatus, Outcome};
use crate::protocol::{PRESSED_HEADER, RelayStamp, TIME_PATH, TURN_HEADER};
use crate::time::clock::FakeMachine;

const MUTE: &str = "/communications/calls/a/participants/bob/mute";
const HOLD: &str = "/communications/calls/a/participants/bob/startHoldMusic";

impl Bench {
    /// Starts a relay that knows a call and whose acts expire after one second.
    async fn with_short_lived_acts() -> Self {
        Self::with_a_call_and(|it| it.net.limits.act_expires_seconds = 1).await
    }

    /// Starts a relay with changed settings that knows a call.
    async fn with_a_call_and(change: impl FnOnce(&mut RelaySettings)) -> Self {
        let bench = Self::set_up(change).await;
        bench.post(None, envelope(&[call_item("a", "established")])).await;
        let read = |entries: &[Entry]| entries.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count() == 2;
        bench.until("reading of the call and its people", read).await;
        bench
    }

    /// Asks the relay for its own time.
    async fn time(&self, token: &str) -> Response {
        let url = format!("{}{TIME_PATH}", self.relay.ready().relay);
        self.http.get(url).bearer_auth(token).send().await.unwrap()
    }

    /// Returns a stamp from `millis` ago.
    async fn ago(&self, millis: i64) -> RelayStamp {
        let now: RelayStamp = self.time(VIEWER).await.json().await.unwrap();
        RelayStamp { ms: now.ms - millis, ..now }
    }

    fn act(&self, path: &str, ticket: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.relay.ready().gate);
        let body = format!(r#"{{"clientContext":"{ticket}"}}"#);
        self.http.request(Method::POST, url).bearer_auth(OPERATOR).body(body)
    }
}

/// Returns the journal's entries about an act as texts, in order.
fn story(entries: &[Entry], ticket: &str) -> Vec<String> {
    let tell = |it: &Entry| {
        let (of, told) = match &it.fact {
            Fact::Asked(asked) => (&asked.ticket, "asked".to_owned()),
            Fact::Noted(Noted::AttemptStarted { ticket, attempt }) => (ticket, format!("sent {attempt}")),
            Fact::Answered(it) => (&it.ticket, told(it)),
            Fact::Notification(_) | Fact::Observed(_) | Fact::Rejected(_) | Fact::Noted(_) => return None,
        };
        (&*of.0 == ticket).then_some(told)
    };
    entries.iter().filter_map(tell).collect()
}

fn told(answered: &Answered) -> String {
    match &answered.outcome {
        Outcome::Replied { status, .. } => format!("replied {status}"),
        Outcome::Lost { sent, .. } => format!("lost, sent {sent}"),
        Outcome::Refused { expired, .. } => format!("refused, expired {expired}"),
    }
}

async fn fault(answer: Response) -> (StatusCode, String, String) {
    let status = answer.status();
    let error: Value = answer.json().await.unwrap();
    let text = |member: &str| error["error"][member].as_str().unwrap().to_owned();
    (status, text("code"), text("message"))
}

#[tokio::test]
async fn an_act_that_arrives_late_is_journalled_as_expired_and_never_sent() {
    let bench = Bench::with_a_call().await;
    let stamp = bench.ago(5_200).await;
    let (status, code, message) =
        fault(bench.act(MUTE, "late").header(PRESSED_HEADER, stamp.to_string()).send().await.unwrap()).await;
    assert_eq!((status.as_u16(), &*code), (412, "actExpired"));
    assert!(message.starts_with("EXPIRED: it came too late after its key press, so nothing was sent"), "{message}");
    let entries = bench.entries().await;
    assert_eq!(story(&entries, "late"), ["asked", "refused, expired true"]);
    assert!(bench.graph.acts().is_empty());
    let floor = floor_of(&entries);
    let operation = floor.operations().last().unwrap();
    assert_eq!((operation.standing(floor.at()), operation.tries), (OperationStatus::Expired, 0));
    assert!(operation.asked.0.since(operation.pressed) >= Millis(5_200), "the latency counts from the key");

    // The same act with a fresh press, and one without a stamp, are sent.
    let fresh = bench.ago(300).await;
    let answer = bench.act(MUTE, "fresh").header(PRESSED_HEADER, fresh.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(bench.act(MUTE, "bare").send().await.unwrap().status(), 200);
    let entries = bench.entries().await;
    assert_eq!(story(&entries, "fresh"), ["asked", "sent 1", "replied 200"]);
    let asked = |ticket: &str| -> Asked {
        let asked = entries.iter().filter_map(|it| if let Fact::Asked(it) = &it.fact { Some(&**it) } else { None });
        let found = asked.filter(|it| &*it.ticket.0 == ticket).last().cloned();
        found.unwrap()
    };
    assert!(asked("fresh").pressed_ago >= Millis(300) && asked("bare").pressed_ago == Millis(0));
    assert_eq!(bench.graph.acts().len(), 2);
}

#[tokio::test]
async fn one_of_many_expires_from_its_turn_and_its_latency_counts_from_the_key() {
    let bench = Bench::with_a_call().await;
    let (pressed, turn) = (bench.ago(60_000).await, bench.ago(100).await);
    let act = bench.act(MUTE, "turn").header(PRESSED_HEADER, pressed.to_string());
    assert_eq!(act.header(TURN_HEADER, turn.to_string()).send().await.unwrap().status(), 200);
    let entries = bench.entries().await;
    let ago = entries.iter().find_map(|it| if let Fact::Asked(it) = &it.fact { Some(it.pressed_ago) } else { None });
    assert!(ago.unwrap() >= Millis(60_000), "{ago:?}");
}

#[tokio::test]
async fn an_act_that_waited_at_the_gate_expires_there() {
    let bench = Bench::with_short_lived_acts().await;
    bench.graph.will_answer(429, Some("2"), "");
    let first = bench.act(MUTE, "first").send();
    let second = async {
        bench.until("first attempt", |it| story(it, "first").contains(&"sent 1".to_owned())).await;
        // Graph's answer opens the circuit, which the second act waits for.
        while bench.graph.acts().is_empty() {
            tokio::task::yield_now().await;
        }
        let stamp = bench.ago(0).await;
        bench.act(HOLD, "second").header(PRESSED_HEADER, stamp.to_string()).send().await.unwrap()
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap().status(), 200, "an act without a stamp does not expire");
    assert_eq!(fault(second).await.1, "actExpired");
    let entries = bench.entries().await;
    assert_eq!(story(&entries, "second"), ["asked", "refused, expired true"]);
    assert!(bench.graph.acts().iter().all(|it| !it.contains("startHoldMusic")), "{:?}", bench.graph.acts());
}

#[tokio::test]
async fn an_act_that_never_reached_graph_expires_at_a_later_attempt_too() {
    let bench = Bench::with_short_lived_acts().await;
    let forms = || bench.graph.state().forms.lock().unwrap().len();
    let before = forms();
    // Graph refuses the relay's token, and there is no other one.
    *bench.graph.state().declines.lock().unwrap() = Some(503);
    bench.graph.will_answer(401, None, "");
    let first = bench.act(MUTE, "first").send();
    let second = async {
        while forms() == before {
            tokio::task::yield_now().await;
        }
        let stamp = bench.ago(0).await;
        bench.act(HOLD, "second").header(PRESSED_HEADER, stamp.to_string()).send().await.unwrap()
    };
    let (first, second) = tokio::join!(first, second);
    assert_ne!(first.unwrap().status(), 200);
    assert_eq!(fault(second).await.1, "actExpired");
    assert_eq!(story(&bench.entries().await, "second").last().unwrap(), "refused, expired true");
}

#[tokio::test]
async fn after_the_machine_slept_no_attempt_follows_and_none_begins() {
    let machine = FakeMachine::at(Timestamp(1_800_000_000_000));
    let bench = Bench::with_a_call_and(|it| it.clock = machine.clock()).await;
    // Both acts wait for a second: the first for its next attempt, the other for the circuit that the answer opened.
    bench.graph.will_answer(429, Some("1"), "");
    let first = bench.act(MUTE, "first").send();
    let second = async {
        while bench.graph.acts().is_empty() {
            tokio::task::yield_now().await;
        }
        let stamp = bench.ago(0).await;
        bench.act(HOLD, "second").header(PRESSED_HEADER, stamp.to_string()).send().await.unwrap()
    };
    let sleep = async {
        bench.until("second act", |it| !story(it, "second").is_empty()).await;
        machine.pass(Millis(0), Millis::minutes(60), Millis(0));
    };
    let (first, second, ()) = tokio::join!(first, second, sleep);
    assert_eq!(first.unwrap().status(), 429, "its 10 seconds are over");
    assert_eq!(fault(second).await.1, "actExpired");
    let entries = bench.entries().await;
    assert_eq!(story(&entries, "first"), ["asked", "sent 1", "replied 429"]);
    assert_eq!(story(&entries, "second"), ["asked", "refused, expired true"]);
    assert_eq!(bench.graph.acts().len(), 1);
}

#[tokio::test]
async fn an_attempt_after_one_that_may_have_acted_is_never_too_late() {
    let bench = Bench::with_short_lived_acts().await;
    // A release without an answer is repeated when no notification has come for two seconds.
    bench.graph.will_answer(500, None, "");
    let stamp = bench.ago(0).await;
    let release = bench.act("/communications/calls/a/participants/bob/stopHoldMusic", "tried");
    let answer = release.header(PRESSED_HEADER, stamp.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(story(&bench.entries().await, "tried"), ["asked", "sent 1", "sent 2", "replied 200"]);
}

#[tokio::test]
async fn an_attempt_after_a_refusal_can_be_too_late_and_the_refusal_is_the_answer() {
    let bench = Bench::with_short_lived_acts().await;
    bench.graph.will_answer(429, Some("1.5"), "");
    let stamp = bench.ago(0).await;
    let answer = bench.act(MUTE, "tried").header(PRESSED_HEADER, stamp.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(story(&bench.entries().await, "tried"), ["asked", "sent 1", "replied 429"]);
    assert_eq!(bench.graph.acts().len(), 1, "the person may have spoken meanwhile");
}

#[tokio::test]
async fn a_stamp_of_another_start_or_of_the_future_is_refused_and_nothing_is_recorded() {
    let bench = Bench::with_a_call().await;
    let (now, ahead) = (bench.ago(0).await, bench.ago(-9_000).await);
    let other = RelayStamp { start: "another".into(), ..now.clone() };
    for (header, value, refusal, words) in [
        (PRESSED_HEADER, other.to_string(), (412, "otherStart"), "of another start of the relay"),
        (PRESSED_HEADER, ahead.to_string(), (400, "pressedAhead"), "ms ahead of the relay's"),
        (PRESSED_HEADER, "yesterday".to_owned(), (400, "invalidRequest"), "\"yesterday\" is not a time of the relay"),
        (TURN_HEADER, ahead.to_string(), (400, "pressedAhead"), "callboard-turn: the time of the key press"),
    ] {
        let answer = bench.act(MUTE, "wrong").header(header, value).send().await.unwrap();
        let (found, code, message) = fault(answer).await;
        assert_eq!((found.as_u16(), &*code), refusal, "{message}");
        assert!(message.contains(words), "{message}");
    }
    assert!(story(&bench.entries().await, "wrong").is_empty() && bench.graph.acts().is_empty());
    let (status, code, _) = fault(bench.time("nobody's").await).await;
    assert_eq!((status.as_u16(), &*code), (401, "InvalidAuthenticationToken"));
    assert!(bench.time(OPERATOR).await.json::<RelayStamp>().await.unwrap().ms >= now.ms);
}
