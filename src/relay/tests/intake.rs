//! Tests of webhooks: journalled ones, refused ones, and the notes after an outage.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::feed::Console;
use super::*;

#[tokio::test]
async fn a_thousand_notifications_of_one_post_are_journalled_in_order() {
    let bench = Bench::new().await;
    let items: Vec<String> = (0..1_000).map(|it| call_item(&format!("call-{it}"), "established")).collect();
    let answer = bench.post(Some("m1"), envelope(&items)).await;
    assert_eq!(answer.status(), 202);
    let entries = bench.entries().await;
    let kept: Vec<&str> = entries
        .iter()
        .filter_map(|it| if let Fact::Notification(it) = &it.fact { Some(it.item().get()) } else { None })
        .collect();
    assert_eq!(kept, items);
}

#[tokio::test]
async fn an_invalid_item_does_not_affect_its_batch() {
    let bench = Bench::new().await;
    let items = [call_item("a", "established"), r#"{"changeType":"updated"}"#.into(), call_item("b", "established")];
    assert_eq!(bench.post(None, envelope(&items)).await.status(), 202);
    let entries = bench.entries().await;
    assert_eq!(notifications(&entries), 2);
    let bad = entries.iter().find_map(|it| if let Fact::Rejected(it) = &it.fact { Some(it.clone()) } else { None });
    assert_eq!(bad.map(|it| (it.text.to_string(), it.index)), Some((items[1].clone(), Some(1))));
}

#[tokio::test]
async fn a_body_without_an_envelope_is_noted_and_refused() {
    let bench = Bench::new().await;
    for body in ["no json at all", r#"{"value":7}"#] {
        assert_eq!(bench.post(None, body).await.status(), 400);
    }
    assert_eq!(bench.post(None, vec![0xff_u8, 0xfe]).await.status(), 400);
    let rejected = bench.entries().await.iter().filter(|it| matches!(it.fact, Fact::Rejected(_))).count();
    assert_eq!(rejected, 3);
    assert_eq!(bench.post(None, r#"{"value":[]}"#).await.status(), 202);
}

#[tokio::test]
async fn a_recorders_bare_item_is_a_notification() {
    let bench = Bench::new().await;
    let body = r##"{"@odata.type":"#microsoft.graph.participantJoiningNotification","call":{"@odata.type":"#microsoft.graph.call","id":"rec-1"}}"##;
    assert_eq!(bench.post(None, body).await.status(), 202);
    assert_eq!(notifications(&bench.entries().await), 1);
}

#[tokio::test]
async fn a_repeat_is_dropped_only_with_the_same_message_id() {
    let bench = Bench::new().await;
    let body = envelope(&[call_item("a", "established")]);
    for (message, kept) in [(Some("m1"), 1), (Some("m1"), 1), (Some("m2"), 2), (None, 3), (None, 4)] {
        assert_eq!(bench.post(message, body.clone()).await.status(), 202);
        assert_eq!(notifications(&bench.entries().await), kept, "{message:?}");
    }
}

#[tokio::test]
async fn bodies_over_four_mebibytes_are_refused() {
    let bench = Bench::new().await;
    let answer = bench.post(None, vec![b' '; 4 * 1_024 * 1_024 + 1]).await;
    assert_eq!(answer.status(), 413);
    assert_eq!(post_in_chunks(&bench, 5).await, "HTTP/1.1 413 Payload Too Large");
    assert_eq!(notifications(&bench.entries().await), 0);
}

/// Posts this many mebibytes without a `Content-Length`; returns the answer's first line.
async fn post_in_chunks(bench: &Bench, mebibytes: usize) -> String {
    let address = bench.relay.ready().relay.strip_prefix("http://").unwrap().to_owned();
    let (reader, mut writer) = tokio::net::TcpStream::connect(&address).await.unwrap().into_split();
    let token = graph::token();
    let head = format!(
        "POST /notifications HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let writing = tokio::spawn(async move {
        writer.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("100000\r\n{}\r\n", " ".repeat(1_024 * 1_024));
        for _ in 0..mebibytes {
            // The relay closes the connection before the last one.
            if writer.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
        writer
    });
    let line = BufReader::new(reader).lines().next_line().await.unwrap().unwrap();
    drop(writing.await.unwrap());
    line
}

#[tokio::test]
async fn refusals_are_counted_by_reason() {
    let bench = Bench::new().await;
    let request = bench.http.post(&bench.relay.ready().intake).body("{}");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.text().await.unwrap(), "refused: no bearer token\n");
    let counted = |entries: &[Entry]| {
        entries.iter().any(
            |it| matches!(&it.fact, Fact::Noted(Noted::Refused { reason, count: 1 }) if &**reason == "no bearer token"),
        )
    };
    bench.until("note of the refusal", counted).await;
}

#[tokio::test]
async fn a_busy_journal_refuses_webhooks_and_the_gap_is_noted_later() {
    let bench = Bench::new().await;
    bench.journal.refuses.send_replace(true);
    let answer = bench.post(None, envelope(&[call_item("a", "established")])).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(notifications(&bench.entries().await), 0);
    bench.journal.refuses.send_replace(false);
    bench.until("gap", |entries| entries.iter().any(|it| matches!(it.fact, Fact::Noted(Noted::Gap { .. })))).await;
}

#[tokio::test]
async fn a_webhook_that_a_full_disk_refuses_is_one_gap() {
    let bench = Bench::new().await;
    bench.journal.is_full.send_replace(true);
    assert_eq!(bench.post(None, envelope(&[call_item("a", "established")])).await.status(), 503);
    bench.journal.is_full.send_replace(false);
    // All notes queued before the answer are written in one batch.
    let gaps = |it: &[Entry]| {
        notes(it, |noted| if let Noted::Gap { reason, .. } = noted { Some(reason.to_string()) } else { None })
    };
    let entries = bench.until("gap", |it| !gaps(it).is_empty()).await;
    assert_eq!(gaps(&entries), ["the journal could not take a webhook"]);
}

#[tokio::test]
async fn forged_webhooks_make_calls_doubtful_at_most_once_a_minute() {
    let bench = Bench::new().await;
    *bench.graph.state().keyless.lock().unwrap() = true;
    let strange = graph::sign(&serde_json::json!({ "alg": "RS256", "kid": "key-9" }), &graph::claims());
    let gaps =
        |entries: &[Entry]| entries.iter().filter(|it| matches!(it.fact, Fact::Noted(Noted::Gap { .. }))).count();
    for round in 1..=3 {
        let request = bench.http.post(&bench.relay.ready().intake).bearer_auth(&strange).body("{}");
        assert_eq!(request.send().await.unwrap().status(), 503);
        // Notes are written in order: once this refusal is noted, the gap was noted or held back.
        let request = bench.http.post(&bench.relay.ready().intake).body("{}");
        assert_eq!(request.send().await.unwrap().status(), 401);
        let refused = |it: &Entry| matches!(it.fact, Fact::Noted(Noted::Refused { .. }));
        let entries = bench
            .until("note", |entries| gaps(entries) > 0 && entries.iter().filter(|it| refused(it)).count() == round)
            .await;
        assert_eq!(gaps(&entries), 1);
    }
}

#[tokio::test]
async fn webhooks_with_a_new_key_are_deferred_and_their_calls_re_read() {
    let pause = |it: &mut RelaySettings| it.tuning.unknown_keys = Duration::from_secs(2);
    let bench = Bench::set_up(pause).await;
    let mut ada = Console::connect(&bench, OPERATOR, None);
    ada.until("caught up").await;
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    let readings = |entries: &[Entry]| entries.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count();
    bench.until("reading of the call and its people", |it| readings(it) == 2).await;
    let rolled = graph::sign(&serde_json::json!({ "alg": "RS256", "kid": graph::ROLLED }), &graph::claims());
    // The first webhook causes a fetch, which does not list the key yet; the second comes too early for another fetch.
    let put_off = loop {
        let sent = bench.http.post(&bench.relay.ready().intake).bearer_auth(&rolled).body("{\"value\":[]}");
        let answer = sent.send().await.unwrap();
        if answer.status() != 401 {
            break answer;
        }
    };
    let after: u64 = put_off.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(put_off.status() == 503 && (1..=3).contains(&after), "{} {after}", put_off.status());
    *bench.graph.state().rolled.lock().unwrap() = true;
    let reasons = |entries: &[Entry]| {
        notes(entries, |it| match it {
            Noted::Gap { reason, .. } | Noted::Refused { reason, .. } => Some(reason.to_string()),
            Noted::RelayStarted
            | Noted::AttemptStarted { .. }
            | Noted::ForwardFailed { .. }
            | Noted::Graph { .. }
            | Noted::ClockMoved(_)
            | Noted::CallersRefused { .. }
            | Noted::ReadFailed { .. } => None,
        })
    };
    let missed = "webhooks came with a signing key that was not known yet";
    let entries = bench.until("reading again", |it| reasons(it).contains(&missed.into()) && readings(it) == 4).await;
    assert!(reasons(&entries).contains(&"a signing key that may be new".to_owned()), "operators see the note");
    ada.until_at(entries.last().unwrap().cursor).await;
    assert!(!ada.seen.iter().any(|it| it == "refusing true"), "the journal refuses nothing: {:?}", ada.seen);
}

#[tokio::test]
async fn invented_key_ids_cost_their_address_its_connection_and_a_genuine_new_key_works() {
    let bench = Bench::set_up(|it| {
        it.tuning.unknown_keys = Duration::from_secs(2);
        (it.net.limits.failures_burst, it.net.limits.failures_per_minute) = (3, 0);
    })
    .await;
    let send = async |kid: &str| {
        let token = graph::sign(&serde_json::json!({ "alg": "RS256", "kid": kid }), &graph::claims());
        let sent = bench.http.post(&bench.relay.ready().intake).bearer_auth(token).body("{\"value\":[]}");
        let answer = sent.send().await.unwrap();
        let closes = answer.headers().get("connection").is_some_and(|it| it == "close");
        (answer.status().as_u16(), answer.headers().contains_key("retry-after"), closes)
    };
    let flood = async {
        // After the next fetch of the keys the relay knows that the key ids are invented.
        let mut put_off = Vec::new();
        while put_off.len() < 6 {
            let (status, later, closes) = send("made-up").await;
            if status == 503 {
                assert!(later, "the answer has Retry-After");
                put_off.push(closes);
            }
        }
        assert_eq!(put_off, [false, false, false, true, true, true]);
        bench.until_counted(r#"callboard_refusals_total{reason="newKey"} 3"#).await;
        bench.until_counted(r#"callboard_refusals_total{reason="newKeyRate"} 3"#).await;
        // Webhooks signed by a known key are accepted from there as before.
        assert_eq!(bench.post(None, envelope(&[call_item("a", "established")])).await.status(), 202);
        // The same is true for the platform's new key after the next fetch of the keys.
        *bench.graph.state().rolled.lock().unwrap() = true;
        loop {
            match send(graph::ROLLED).await {
                (202, ..) => break,
                other => assert_eq!(other, (503, true, true), "it is never refused"),
            }
        }
        assert_eq!(send(graph::ROLLED).await, (202, false, false));
    };
    tokio::time::timeout(Duration::from_mins(1), flood).await.unwrap();
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_address_changes_nothing() {
    let bench = Bench::new().await;
    let url = format!("{}/", bench.relay.ready().intake);
    let body = envelope(&[call_item("a", "established")]);
    let answer = bench.http.post(url).bearer_auth(graph::token()).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    bench.until("call", |entries| entries.iter().any(|it| matches!(it.fact, Fact::Notification(_)))).await;
}

#[tokio::test]
async fn a_path_below_the_intake_is_served_and_another_is_named() {
    let bench = Bench::new().await;
    let post = async |path: &str, token: Option<String>| {
        let url = format!("{}{path}", bench.relay.ready().relay);
        let asked = bench.http.post(url).body(envelope(&[call_item(&path.replace('/', "-"), "established")]));
        let asked = if let Some(token) = token { asked.bearer_auth(token) } else { asked };
        asked.send().await.unwrap().status().as_u16()
    };
    for path in ["/notifications/shard-7", "/notifications/a/b"] {
        assert_eq!(post(path, Some(graph::token())).await, 202, "{path}");
        assert_eq!(post(path, None).await, 401, "{path}");
    }
    assert_eq!(notifications(&bench.entries().await), 2);
    for (path, token) in [("/api/calls", None), ("/notification", Some("not.a.token".to_owned()))] {
        assert_eq!(post(path, token).await, 404, "{path}");
    }
    assert_eq!(post("/api/calls", Some(graph::token())).await, 404);
    let paths = |entries: &[Entry]| {
        let noted = |it: &Noted| if let Noted::Refused { reason, .. } = it { Some(reason.to_string()) } else { None };
        notes(entries, noted).iter().filter(|it| it.contains("a path that the relay does not have")).count()
    };
    bench.until("note", |it| paths(it) == 1).await;
}

#[tokio::test]
async fn a_byte_order_mark_means_nothing_and_a_list_is_no_envelope() {
    let bench = Bench::new().await;
    let item = |call| call_item(call, "established");
    for (body, kept, status) in [
        (format!("[{},{}]", item("a"), item("b")), 0, 400),
        (format!("\u{feff}{}", envelope(&[item("c")])), 1, 202),
        (format!("\u{feff}{}", item("d")), 1, 202),
        ("[]".to_owned(), 0, 400),
        (format!(" [[{}]]", item("f")), 0, 400),
        (r#"["updated","/communications/calls/x",null,{"id":"x"}]"#.to_owned(), 0, 400),
        (format!("{{\"value\":{}}}", item("g")), 0, 400),
    ] {
        let before = notifications(&bench.entries().await);
        assert_eq!(bench.post(None, body.clone()).await.status(), status, "{body}");
        assert_eq!(notifications(&bench.entries().await) - before, kept, "{body}");
    }
}
