//! Tests of the gate: permissions, the entries of acts, and retries.

use reqwest::{Method, Response};
use serde_json::Value;

use super::*;
use crate::floor::{Asked, Outcome};

async fn ask(bench: &Bench, token: &str, method: Method, path: &str, body: &str) -> Response {
    let url = format!("{}{path}", bench.relay.ready().gate);
    bench.http.request(method, url).bearer_auth(token).body(body.to_owned()).send().await.unwrap()
}

const MUTE: &str = "/communications/calls/a/participants/bob/mute";
const HOLD: &str = "/communications/calls/a/participants/bob/startHoldMusic";
const RELEASE: &str = "/communications/calls/a/participants/bob/stopHoldMusic";

/// Returns the journal's entries of acts, in order.
fn story(entries: &[Entry]) -> Vec<String> {
    let tell = |it: &Entry| match &it.fact {
        Fact::Asked(asked) => Some(format!("asked {} {}", asked.act, asked.by)),
        Fact::Noted(Noted::AttemptStarted { attempt, .. }) => Some(format!("sent {attempt}")),
        Fact::Answered(it) => Some(match &it.outcome {
            Outcome::Replied { status, .. } => format!("replied {status}"),
            Outcome::Lost { sent, .. } => format!("lost, sent {sent}"),
            Outcome::Refused { .. } => "refused".into(),
        }),
        Fact::Notification(_) | Fact::Observed(_) | Fact::Rejected(_) | Fact::Noted(_) => None,
    };
    entries.iter().filter_map(tell).collect()
}

fn asked(entries: &[Entry]) -> Asked {
    let asked = entries.iter().find_map(|it| if let Fact::Asked(it) = &it.fact { Some(it.clone()) } else { None });
    *asked.unwrap()
}

#[tokio::test]
async fn the_gate_allows_listed_actions_and_explains_refusals() {
    let bench = Bench::new().await;
    let long = format!(r#"{{"clientContext":"{}"}}"#, "x".repeat(257));
    let cases = [
        ("guess", Method::POST, MUTE, "", 401, "does not know this token"),
        (VIEWER, Method::POST, MUTE, "", 403, "the role is viewer"),
        (OPERATOR, Method::POST, "/communications/calls/a/transfer", "", 403, "does not let POST"),
        (OPERATOR, Method::POST, "/communications/calls", "", 403, "does not let POST"),
        (OPERATOR, Method::PUT, MUTE, "", 403, "does not let PUT"),
        (OPERATOR, Method::GET, "/users", "", 404, "no such path"),
        (OPERATOR, Method::POST, MUTE, &long, 400, "257 characters"),
        (OPERATOR, Method::POST, MUTE, "no json", 400, "cannot be read"),
    ];
    for (token, method, path, body, status, words) in cases {
        let answer = ask(&bench, token, method, path, body).await;
        assert_eq!(answer.status(), status, "{path}");
        let error: Value = answer.json().await.unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{path}: {message}");
    }
    assert!(bench.graph.state().requests.lock().unwrap().is_empty());
    assert!(story(&bench.entries().await).is_empty());
    let read = ask(&bench, VIEWER, Method::GET, "/communications/calls/a/participants", "").await;
    assert_eq!(read.status(), 200);
}

#[tokio::test]
async fn an_act_is_recorded_before_it_is_sent_and_after_it_is_answered() {
    let bench = Bench::with_a_call().await;
    bench.graph.will_answer(202, None, r#"{"id":"op-7","status":"running","clientContext":"t-1"}"#);
    let url = format!("{}{HOLD}", bench.relay.ready().gate);
    let body = r##"{"customPrompt":{"@odata.type":"#microsoft.graph.mediaPrompt"},"clientContext":"ignored"}"##;
    let request = bench.http.post(url).bearer_auth(OPERATOR).body(body);
    let request = request.header("Callboard-Ticket", "t-1").header("Callboard-Pressed-Ago", "250");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 202);
    assert_eq!(answer.json::<Value>().await.unwrap()["id"], "op-7");
    let entries = bench.entries().await;
    assert_eq!(story(&entries), ["asked hold ada", "sent 1", "replied 202"]);
    let asked = asked(&entries);
    assert_eq!((&*asked.ticket.0, asked.pressed_ago.0), ("t-1", 250));
    let sent = r##"{"customPrompt":{"@odata.type":"#microsoft.graph.mediaPrompt"},"clientContext":"t-1"}"##;
    assert_eq!(bench.graph.acts(), [format!("POST {HOLD} {sent}")]);
    assert_eq!(&*asked.request, format!("POST {HOLD} {sent}"));

    let again = ask(&bench, OPERATOR, Method::POST, MUTE, r#"{"clientContext":"t-1"}"#).await;
    assert_eq!(again.status(), 409);
}

#[tokio::test]
async fn an_act_that_cannot_be_recorded_is_not_sent() {
    let bench = Bench::with_a_call().await;
    bench.journal.refuses.send_replace(true);
    let answer = ask(&bench, OPERATOR, Method::POST, MUTE, "").await;
    assert_eq!(answer.status(), 503);
    let error: Value = answer.json().await.unwrap();
    assert!(error["error"]["message"].as_str().unwrap().contains("nothing was sent"));
    assert!(bench.graph.acts().is_empty());
}

#[tokio::test]
async fn retry_after_and_a_refused_token_are_obeyed() {
    let bench = Bench::with_a_call().await;
    bench.graph.will_answer(429, Some("0.05"), "");
    bench.graph.will_answer(401, None, "");
    let answer = ask(&bench, OPERATOR, Method::POST, MUTE, r#"{"clientContext":"t-2"}"#).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(story(&bench.entries().await), ["asked mute ada", "sent 1", "sent 2", "sent 3", "replied 200"]);
    assert_eq!(*bench.graph.state().tokens.lock().unwrap(), 2);
}

#[tokio::test]
async fn an_unanswered_hold_is_never_repeated() {
    let bench = Bench::with_a_call().await;
    bench.graph.will_answer(502, None, "");
    assert_eq!(ask(&bench, OPERATOR, Method::POST, HOLD, "").await.status(), 502);
    assert_eq!(story(&bench.entries().await), ["asked hold ada", "sent 1", "lost, sent true"]);
}

#[tokio::test]
async fn an_unanswered_mute_is_repeated_only_if_the_roster_shows_no_mute() {
    for (muted, expected) in [
        (false, vec!["asked mute ada", "sent 1", "sent 2", "replied 200"]),
        (true, vec!["asked mute ada", "sent 1", "lost, sent true"]),
    ] {
        let bench = Bench::with_a_call().await;
        *bench.graph.state().muted.lock().unwrap() = muted;
        bench.graph.will_answer(504, None, "");
        ask(&bench, OPERATOR, Method::POST, MUTE, "").await;
        assert_eq!(story(&bench.entries().await), expected);
    }
}

#[tokio::test]
async fn an_unanswered_release_is_not_repeated_after_its_notification() {
    let bench = Bench::with_a_call().await;
    bench.graph.will_answer(500, None, "");
    let acting = ask(&bench, OPERATOR, Method::POST, RELEASE, r#"{"clientContext":"t-3"}"#);
    let notify = async {
        bench.until("try", |entries| story(entries).iter().any(|it| it == "sent 1")).await;
        let item = r##"{"changeType":"deleted","resourceUrl":"/communications/calls/a/operations/op-3","resourceData":{"@odata.type":"#microsoft.graph.stopHoldMusicOperation","status":"completed","clientContext":"t-3"}}"##;
        bench.post(None, envelope(&[item.into()])).await
    };
    let (answer, _) = tokio::join!(acting, notify);
    assert_eq!(answer.status(), 500);
    assert_eq!(story(&bench.entries().await), ["asked release hold ada", "sent 1", "lost, sent true"]);
}

const PERSON: &str = "/communications/calls/a/participants/bob";
const CALL: &str = "/communications/calls/a";

#[tokio::test]
async fn only_success_replaces_an_unknown_outcome() {
    for (method, path, second, end) in [
        (Method::POST, MUTE, 403, "lost, sent true"),
        (Method::POST, MUTE, 200, "replied 200"),
        (Method::DELETE, PERSON, 409, "lost, sent true"),
        (Method::DELETE, PERSON, 404, "replied 404"),
        (Method::DELETE, CALL, 404, "lost, sent true"),
        (Method::DELETE, CALL, 204, "replied 204"),
    ] {
        let bench = Bench::with_a_call().await;
        bench.graph.will_answer(504, None, "");
        bench.graph.will_answer(second, None, "");
        ask(&bench, OPERATOR, method.clone(), path, "").await;
        let story = story(&bench.entries().await);
        assert_eq!(story[1..], ["sent 1", "sent 2", end], "{method} {path} {second}");
    }
}

#[tokio::test]
async fn acts_need_a_known_call_but_not_a_known_participant() {
    let bench = Bench::with_a_call().await;
    for path in ["/communications/calls/z/participants/bob/mute", "/communications/calls/z/mute"] {
        let answer = ask(&bench, OPERATOR, Method::POST, path, "").await;
        assert_eq!(answer.status(), 404);
        let error: Value = answer.json().await.unwrap();
        assert_eq!(error["error"]["code"], "itemNotFound");
        assert!(error["error"]["message"].as_str().unwrap().starts_with("the relay knows no such call;"), "{error}");
    }
    assert!(story(&bench.entries().await).is_empty());
    let stranger = "/communications/calls/a/participants/just-joined/mute";
    assert_eq!(ask(&bench, OPERATOR, Method::POST, stranger, "").await.status(), 200);
    assert_eq!(bench.graph.acts(), [format!(r#"POST {stranger} {{"clientContext":"{}"}}"#, ticket(&bench).await)]);
}

async fn ticket(bench: &Bench) -> String {
    asked(&bench.entries().await).ticket.0.into()
}

#[tokio::test]
async fn an_answer_that_cannot_be_recorded_at_once_is_recorded_later() {
    let bench = Bench::with_a_call().await;
    bench.graph.will_answer(429, Some("1"), "");
    let acting = ask(&bench, OPERATOR, Method::POST, MUTE, "");
    let refusing = async {
        bench.until("try", |entries| story(entries).iter().any(|it| it == "sent 1")).await;
        bench.journal.refuses.send_replace(true);
    };
    let (answer, ()) = tokio::join!(acting, refusing);
    assert_eq!(answer.status(), 200);
    bench.journal.refuses.send_replace(false);
    bench.until("answer", |entries| story(entries).iter().any(|it| it == "replied 200")).await;
}

#[tokio::test]
async fn an_act_that_would_wait_too_long_for_graph_is_refused() {
    let bench = Bench::with_a_call().await;
    bench.graph.will_answer(429, Some("30"), "");
    assert_eq!(ask(&bench, OPERATOR, Method::POST, MUTE, "").await.status(), 429);
    let refused = ask(&bench, OPERATOR, Method::POST, HOLD, "").await;
    let after: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(refused.status() == 503 && (1..=31).contains(&after), "{} {after}", refused.status());
    let error: Value = refused.json().await.unwrap();
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("Graph asks for fewer requests (429); next try in "), "{message}");
    assert_eq!(bench.graph.acts().len(), 1);
    // Acts have priority over reads.
    let reads = bench.graph.reads("a");
    for token in [VIEWER, OPERATOR] {
        let read = ask(&bench, token, Method::GET, CALL, "").await;
        assert_eq!(read.status(), 503);
        assert!(read.text().await.unwrap().contains("Graph asks for fewer requests (429)"));
    }
    assert_eq!(bench.graph.reads("a"), reads);
    let expected = ["asked mute ada", "sent 1", "replied 429", "asked hold ada", "lost, sent false"];
    assert_eq!(story(&bench.entries().await), expected);
    bench.until("note", |it| graph_notes(it).len() == 1).await;
}

fn graph_notes(entries: &[Entry]) -> Vec<String> {
    notes(entries, |it| if let Noted::Graph { words } = it { Some(words.to_string()) } else { None })
}

#[tokio::test]
async fn graph_failures_are_noted_once_and_an_operators_act_closes_the_circuit() {
    let bench = Bench::with_a_call().await;
    bench.graph.will_fail_reads(5);
    for _ in 0..5 {
        assert_eq!(ask(&bench, VIEWER, Method::GET, CALL, "").await.status(), 502);
    }
    let entries = bench.until("note", |it| !graph_notes(it).is_empty()).await;
    assert_eq!(
        graph_notes(&entries),
        ["Graph has answered 502 to the last 5 requests; the relay sends it fewer requests"]
    );
    assert_eq!(ask(&bench, OPERATOR, Method::POST, MUTE, "").await.status(), 200);
    let entries = bench.until("second note", |it| graph_notes(it).len() == 2).await;
    assert_eq!(graph_notes(&entries)[1], "Graph answers again");
}

#[tokio::test]
async fn equal_readings_are_journalled_once() {
    let bench = Bench::with_a_call().await;
    let people = format!("{CALL}/participants");
    let observed = |entries: &[Entry]| entries.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count();
    let readings = async || {
        bench.until_folded().await;
        observed(&bench.entries().await)
    };
    // The reconciler reads too, and a reading that began before a notification may be journalled once more.
    bench.until("the reconciler's readings", |it| observed(it) >= 2).await;
    for path in [CALL, &people] {
        assert_eq!(ask(&bench, VIEWER, Method::GET, path, "").await.status(), 200);
    }
    let before = readings().await;
    for path in [CALL, &people, CALL, &people] {
        assert_eq!(ask(&bench, VIEWER, Method::GET, path, "").await.status(), 200);
    }
    assert_eq!(readings().await, before, "the same was read before");
    // The reading has changed.
    *bench.graph.state().muted.lock().unwrap() = true;
    for _ in 0..2 {
        ask(&bench, VIEWER, Method::GET, &people, "").await;
    }
    assert_eq!(readings().await, before + 1);
    // A notification about the call has arrived since.
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench.until_folded().await;
    for _ in 0..2 {
        ask(&bench, VIEWER, Method::GET, &people, "").await;
    }
    assert_eq!(readings().await, before + 2);
    // An act on the call was sent: the reading may be its proof.
    assert_eq!(ask(&bench, OPERATOR, Method::POST, MUTE, "").await.status(), 200);
    bench.until_folded().await;
    ask(&bench, VIEWER, Method::GET, &people, "").await;
    assert_eq!(readings().await, 5);
    // The call is doubtful: the reading ends that.
    bench
        .journal
        .append(vec![(Timestamp(1), Fact::Noted(Noted::Gap { reason: "test".into(), from: None }))])
        .await
        .unwrap();
    bench
        .until("reading by the reconciler", |entries| {
            entries.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count() >= 7
        })
        .await;
}

#[tokio::test]
async fn a_token_in_graphs_words_is_not_journalled() {
    let bench = Bench::with_a_call().await;
    let said =
        r#"{"error":{"code":"Forbidden","message":"Bearer app-token-1 lacks eyJhbGciOiJub25lIn0.eyJhIjoxfQ.x"}}"#;
    bench.graph.will_answer(403, None, said);
    let answer = ask(&bench, OPERATOR, Method::POST, MUTE, "").await;
    assert_eq!(answer.status(), 403);
    let answer = answer.text().await.unwrap();
    assert!(answer.contains("Bearer [token] lacks [token]"), "{answer}");
    let is_answered = |all: &[Entry]| all.iter().any(|it| matches!(it.fact, Fact::Answered(_)));
    let entries = bench.until("answer", is_answered).await;
    let journalled = format!("{entries:?}");
    assert!(journalled.contains("[token]") && !journalled.contains("app-token") && !journalled.contains("eyJ"));
}

#[tokio::test]
async fn graphs_403_is_not_counted_as_a_refused_caller() {
    let bench = Bench::set_up(|it| it.net.ops = Some("127.0.0.1:0".parse().unwrap())).await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench.until_folded().await;
    bench.graph.will_answer(403, None, "");
    assert_eq!(ask(&bench, OPERATOR, Method::POST, MUTE, "").await.status(), 403);
    assert_eq!(ask(&bench, VIEWER, Method::POST, HOLD, "").await.status(), 403);
    let ops = bench.relay.ready().ops.as_ref().unwrap();
    let figures = bench.http.get(format!("{ops}/metrics")).send().await.unwrap().text().await.unwrap();
    for line in [
        r#"callboard_gate_total{action="mute",outcome="refused"} 1"#,
        r#"callboard_gate_total{action="hold",outcome="forbidden"} 1"#,
        r#"callboard_refusals_total{reason="notAllowed"} 1"#,
    ] {
        assert!(figures.contains(line), "{line} is not in {figures}");
    }
}
