//! Tests of the frames: their spelling, and what a console does not accept.

use super::*;
use crate::floor::Noted;
use crate::protocol::limits::MAX_NAME;

#[test]
fn every_frame_of_the_relay_round_trips() {
    let hello = HelloFrame {
        protocol: 1,
        label: "SIMULATOR".into(),
        operator: "ada".into(),
        role: Role::Operator,
        epoch: "e".into(),
        oldest: Cursor(1),
        head: Cursor(9),
        heartbeat_seconds: 5,
        now: Timestamp(77),
        act_expires_seconds: Some(5),
    };
    let looking = CallId::new("c1");
    let operators = vec![ConnectedOperator { operator: "ada".into(), role: Role::Viewer, looking }];
    let stamp = Some(RelayStamp { ms: 1_234, start: "s".into() });
    let frames = [
        FeedFrame::Hello(hello),
        FeedFrame::Reset { reason: ResetReason::TooOld, cursor: Cursor(4) },
        FeedFrame::Snapshot(SnapshotPiece { part: 1, parts: 2, piece: "{\"a\":\"é\"}".into(), history: false }),
        FeedFrame::Snapshot(SnapshotPiece { part: 2, parts: 2, piece: "1".into(), history: true }),
        FeedFrame::CaughtUp { cursor: Cursor(9) },
        FeedFrame::Heartbeat { cursor: Cursor(9), now: Timestamp(78), refusing_since: None, sent: None },
        FeedFrame::Heartbeat {
            cursor: Cursor(9),
            now: Timestamp(78),
            refusing_since: Some(Timestamp(70)),
            sent: stamp,
        },
        FeedFrame::Presence { operators },
        FeedFrame::Bye { code: 1012, resumable: true, retry_after_ms: 500 },
    ];
    for frame in frames {
        let text = frame.encode();
        assert_eq!(FeedFrame::decode(&text).unwrap().encode(), text);
    }
    let beat = FeedFrame::Heartbeat { cursor: Cursor(9), now: Timestamp(8), refusing_since: None, sent: None };
    assert_eq!(beat.encode(), r#"{"type":"heartbeat","cursor":9,"now":8}"#);
}

#[test]
fn every_frame_of_the_console_round_trips() {
    let frames = [
        ConsoleFrame::Start,
        ConsoleFrame::Resume { epoch: "e".into(), after: Cursor(3), sum: Sum(0xab) },
        ConsoleFrame::Read { after: Cursor(3), count: 10 },
        ConsoleFrame::FloorAt { cursor: Cursor(3) },
        ConsoleFrame::Ack { cursor: Cursor(3) },
        ConsoleFrame::Looking { call: CallId::new("c1") },
    ];
    for frame in frames {
        assert_eq!(ConsoleFrame::decode(&frame.encode()).unwrap(), frame);
    }
    assert!(frames_text().contains(r#""sum":"00000000000000ab""#));
}

fn frames_text() -> String {
    ConsoleFrame::Resume { epoch: "e".into(), after: Cursor(3), sum: Sum(0xab) }.encode()
}

#[test]
fn an_encoded_entry_contains_the_body_unchanged() {
    let fact = Fact::Noted(Noted::Gap { reason: "says \"entry\"".into(), from: None });
    let body = fact.encode(Timestamp(12));
    for (text, asked) in [
        (encode_entry(Cursor(8), Cursor(7), Sum(5), &body), false),
        (encode_history_entry(Cursor(8), Cursor(7), Sum(5), &body), true),
    ] {
        let FeedFrame::Entry { entry, history } = FeedFrame::decode(&text).unwrap() else { panic!("{text}") };
        assert_eq!((entry.cursor, entry.after, entry.sum, entry.at), (Cursor(8), Cursor(7), Sum(5), Timestamp(12)));
        assert_eq!(history, asked);
        assert_eq!(entry.fact.encode(entry.at), body);
    }
}

#[test]
fn unknown_frames_are_tolerated_and_invalid_text_is_refused() {
    assert!(matches!(FeedFrame::decode(r#"{"type":"weather","wind":3}"#).unwrap(), FeedFrame::Unknown));
    assert!(matches!(
        FeedFrame::decode(r#"{"type":"caughtUp","cursor":1,"novel":[]}"#).unwrap(),
        FeedFrame::CaughtUp { .. }
    ));
    assert!(matches!(ConsoleFrame::decode(r#"{"type":"sing"}"#).unwrap(), ConsoleFrame::Unknown));
    assert!(FeedFrame::decode("no json").is_err());
    assert!(FeedFrame::decode(r#"{"type":"entry","cursor":1,"at":5}"#).is_err());
    assert!(FeedFrame::decode(r#"{"type":"caughtUp"}"#).is_err());
}

fn refusal(frame: &FeedFrame) -> Option<String> {
    match FeedFrame::decode(&frame.encode()) {
        Ok(_) => None,
        Err(FrameError::TooLarge(error)) => Some(error.to_string()),
        Err(FrameError::Unreadable(error)) => panic!("{error}"),
    }
}

#[test]
fn what_a_console_cannot_keep_is_refused() {
    let long = "x".repeat(MAX_NAME + 1);
    let ada = |name: &str| ConnectedOperator { operator: name.to_owned(), role: Role::Viewer, looking: None };
    let stamp = |start: &str| Some(RelayStamp { ms: 1, start: start.into() });
    let heartbeat = |start: &str| FeedFrame::Heartbeat {
        cursor: Cursor(1),
        now: Timestamp(1),
        refusing_since: None,
        sent: stamp(start),
    };
    let piece =
        |size: usize| FeedFrame::Snapshot(SnapshotPiece { part: 1, parts: 1, piece: "x".repeat(size), history: false });
    for frame in [
        FeedFrame::Hello(HelloFrame { label: "TEST".into(), ..HelloFrame::default() }),
        FeedFrame::Presence { operators: vec![ada("ada"); 2_000] },
        heartbeat("a"),
        piece(256 * 1_024),
    ] {
        assert_eq!(refusal(&frame), None);
    }
    for (frame, says) in [
        (FeedFrame::Hello(HelloFrame { label: long.clone(), ..HelloFrame::default() }), "a label of 4097 bytes"),
        (FeedFrame::Hello(HelloFrame { epoch: long.clone(), ..HelloFrame::default() }), "an epoch of 4097"),
        (FeedFrame::Presence { operators: vec![ada(&long)] }, "an operator's name of 4097 bytes"),
        (FeedFrame::Presence { operators: vec![ada("ada"); MAX_OPERATORS + 1] }, "the names of 20001 operators"),
        (heartbeat(&long), "the id of its start of 4097 bytes"),
        (piece(MAX_PIECE + 1), "a piece of a snapshot of 1048577 bytes"),
    ] {
        let why = refusal(&frame).unwrap();
        assert!(why.contains(says) && why.contains("a console accepts at most"), "{why}");
    }
}
