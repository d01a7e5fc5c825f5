//! Tests of which readings are news.

use super::*;
use crate::floor::{Entry, Sum};

const PEOPLE: &str = r#"[{"id":"bob","isMuted":false,"info":{"identity":{"user":{"id":"bob"}}}}]"#;

/// Returns the floor that these entries fold to.
fn floor(bodies: &[String]) -> Floor {
    let mut floor = Floor::default();
    for (cursor, body) in (1..).zip(bodies) {
        let (at, fact) = Fact::decode(body).unwrap();
        floor.apply(&Entry { cursor: Cursor(cursor), after: Cursor(cursor - 1), sum: Sum(cursor), at, fact });
    }
    floor
}

fn call() -> CallId {
    CallId::new("a").unwrap()
}

fn notified(state: &str) -> String {
    format!(
        r##"{{"at":1,"notification":{{"changeType":"updated","resourceUrl":"/communications/calls/a","resourceData":{{"@odata.type":"#microsoft.graph.call","state":"{state}"}}}}}}"##
    )
}

fn read(what: &str) -> String {
    format!(r#"{{"at":2,"observed":{{"call":"a","read":{what}}}}}"#)
}

fn people() -> String {
    read(&format!(r#"{{"participants":{PEOPLE}}}"#))
}

fn asked() -> String {
    r#"{"at":3,"asked":{"ticket":"t1","by":"ada","act":"mute","call":"a","participant":"bob","request":"POST /mute"}}"#
        .to_owned()
}

fn observed(body: &str) -> Observed {
    let (_, fact) = Fact::decode(body).unwrap();
    let Fact::Observed(observed) = fact else { panic!("{body} is not a reading") };
    *observed
}

/// Returns a cache that contains this reading, journalled at this cursor.
fn known(body: &str, at: u64) -> ReadCache {
    let observed = observed(body);
    let (what, text) = described(&observed);
    let readings = ReadCache::default();
    readings.keep((observed.call, what, text), Cursor(at));
    readings
}

#[test]
fn an_equal_reading_is_not_news() {
    let floor = floor(&[notified("established"), people()]);
    assert!(floor.call(&call()).unwrap().doubt.is_none(), "a doubtful call would make it news");
    let again = observed(&people());
    assert!(!known(&people(), 2).differs(&floor, Cursor(2), &again));
    assert!(ReadCache::default().differs(&floor, Cursor(2), &again), "nothing was read before");
    let other = observed(&people().replace("false", "true"));
    assert!(known(&people(), 2).differs(&floor, Cursor(2), &other), "the reading is different");
    assert!(known(&people(), 0).differs(&floor, Cursor(2), &again), "a notification arrived since");
}

#[test]
fn every_reading_is_news_while_an_operation_is_open() {
    let floor = floor(&[notified("established"), people(), asked(), people()]);
    assert_eq!(floor.open_operations_on(&CallId::new("a").unwrap()).count(), 1);
    assert!(known(&people(), 4).differs(&floor, Cursor(4), &observed(&people())));
}

#[test]
fn a_repeated_end_of_an_ended_call_is_not_news() {
    let floor = floor(&[notified("established"), people(), notified("terminated")]);
    assert!(!floor.call(&call()).unwrap().is_live());
    assert!(!ReadCache::default().differs(&floor, Cursor(3), &observed(&read(r#""gone""#))));
    assert!(known(&people(), 9).differs(&floor, Cursor(3), &observed(&people())), "the call has not ended");
}

#[test]
fn every_reading_is_news_while_the_floor_is_behind() {
    let floor = floor(&[notified("established"), people()]);
    assert!(known(&people(), 2).differs(&floor, Cursor(3), &observed(&people())));
}
