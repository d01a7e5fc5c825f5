//! Which readings are news.

use super::*;
use crate::floor::{Entry, Sum};

const PEOPLE: &str = r#"[{"id":"bob","isMuted":false,"info":{"identity":{"user":{"id":"bob"}}}}]"#;

/// The floor that these entries fold to.
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

fn heard(state: &str) -> String {
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
    let Fact::Observed(observed) = fact else { panic!("{body} is no reading") };
    *observed
}

/// Readings that know this one, from this place of the journal.
fn known(body: &str, at: u64) -> ReadCache {
    let observed = observed(body);
    let (what, text) = described(&observed);
    let readings = ReadCache::default();
    readings.keep((observed.call, what, text), Cursor(at));
    readings
}

#[test]
fn a_reading_that_says_it_again_is_no_news() {
    let floor = floor(&[heard("established"), people()]);
    assert!(floor.call(&call()).unwrap().doubt.is_none(), "or it would be news for that");
    let again = observed(&people());
    assert!(!known(&people(), 2).tell(&floor, Cursor(2), &again));
    assert!(ReadCache::default().tell(&floor, Cursor(2), &again), "nothing was read before");
    let other = observed(&people().replace("false", "true"));
    assert!(known(&people(), 2).tell(&floor, Cursor(2), &other), "it says something else");
    assert!(known(&people(), 0).tell(&floor, Cursor(2), &again), "something was heard since");
}

#[test]
fn while_an_operation_is_open_every_reading_is_news() {
    let floor = floor(&[heard("established"), people(), asked(), people()]);
    assert_eq!(floor.open_operations().count(), 1);
    assert!(known(&people(), 4).tell(&floor, Cursor(4), &observed(&people())));
}

#[test]
fn of_a_call_that_has_ended_only_its_end_is_no_news() {
    let floor = floor(&[heard("established"), people(), heard("terminated")]);
    assert!(!floor.call(&call()).unwrap().is_live());
    assert!(!ReadCache::default().tell(&floor, Cursor(3), &observed(&read(r#""gone""#))));
    assert!(known(&people(), 9).tell(&floor, Cursor(3), &observed(&people())), "it is there after all");
}

#[test]
fn while_the_floor_is_behind_the_journal_every_reading_is_news() {
    let floor = floor(&[heard("established"), people()]);
    assert!(known(&people(), 2).tell(&floor, Cursor(3), &observed(&people())));
}
