//! A journal that a disk has damaged: the relay does not start over it and says what to do, and then it does.

use callboard::floor::{Cursor, Fact};
use callboard::journal::{Journal as _, JournalStore};

use super::{Place, figure, start};
use crate::e2e::processes::{Server, callboard, refuses};
use crate::relay::attacks::site::{envelope, good_token};

async fn post(relay: &Server, call: &str) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = http.post(relay.says("intake")).bearer_auth(good_token()).body(envelope(call)).send().await.unwrap();
    assert_eq!(sent.status(), 202);
}

/// The cursors of the notifications about a call.
async fn about(journal: &std::path::Path, call: &str) -> Vec<Cursor> {
    let store = JournalStore::open(journal).unwrap();
    let rows = store.read(Cursor(0), 10_000).await.unwrap();
    let is =
        |fact: &Fact| matches!(fact, Fact::Notification(it) if it.item().get().contains(&format!("calls/{call}\"")));
    rows.iter().filter(|it| is(&it.entry().unwrap().fact)).map(|it| it.cursor).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_continues_from_a_salvaged_journal() {
    let place = Place::new().await;
    let journal = place.folder.path().join("journal");
    let (folder, words) = (journal.to_str().unwrap(), place.words(&journal, &[]));
    let relay = start(&words);
    for call in ["a", "b", "c"] {
        post(&relay, call).await;
    }
    assert!(relay.terminate());
    let (before, damaged, after) = (about(&journal, "a").await, about(&journal, "b").await, about(&journal, "c").await);
    assert_eq!(damaged.len(), 1);
    let file = rusqlite::Connection::open(journal.join("journal.sqlite")).unwrap();
    let damage = "UPDATE entries SET body = replace(body, 'calls/b', 'calls/x') WHERE cursor = ?1";
    file.execute(damage, [damaged[0].0.cast_signed()]).unwrap();
    drop(file);

    let said = refuses(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let named = format!("entry {} of the journal in {folder} is damaged", damaged[0]);
    assert!(said.contains(&named) && said.contains(&format!("callboard journal salvage {folder}")), "{said}");
    let said = callboard(&["journal", "salvage", folder]);
    assert!(said.contains(&format!("entry {}: its checksum is", damaged[0])), "{said}");
    assert!(said.contains("1 entries are gaps now") && said.contains("journal-damaged-"), "{said}");
    assert!(callboard(&["journal", "verify", folder]).contains("nothing is damaged"));
    assert!(callboard(&["journal", "salvage", folder]).contains("nothing was done"));

    let relay = start(&words);
    post(&relay, "d").await;
    assert!(figure(&relay, "journal_head").await > i64::try_from(after[0].0).unwrap());
    assert!(relay.terminate());
    assert_eq!((about(&journal, "a").await, about(&journal, "c").await), (before, after), "good entries stay");
    assert!(about(&journal, "b").await.is_empty() && about(&journal, "x").await.is_empty());
}
