//! Two thousand consoles that take nothing of a large floor: they cost the relay little memory, and nobody else anything.

use std::path::Path;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{Place, figure, start};
use crate::e2e::processes::{Server, callboard};
use crate::relay::attacks::site::good_token;

/// How many calls with how many people the floor has.
const CALLS: usize = 2_000;
const PEOPLE: usize = 6;
/// How many consoles read nothing, if the system allows so many connections.
const SILENT: usize = 2_000;
/// How much more memory the relay may need for them, in KiB.
const MOST_KIB: u64 = 64 * 1_024;

/// The memory of a process, in KiB.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The roster of one call, as a notification.
fn roster(call: usize) -> Value {
    let person = |nth: usize| {
        json!({ "@odata.type": "#microsoft.graph.participant", "id": format!("person-{call}-{nth}"), "isMuted": false,
            "info": { "identity": { "user": { "id": format!("user-{call}-{nth}"), "displayName": format!("Person {nth}") } } } })
    };
    json!({ "changeType": "updated", "resourceUrl": format!("/communications/calls/call-{call}/participants"),
        "resourceData": (0..PEOPLE).map(person).collect::<Vec<_>>() })
}

async fn fill(relay: &Server) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let items: Vec<Value> = (0..CALLS).map(roster).collect();
    for some in items.chunks(200) {
        let sent = http.post(relay.says("intake")).bearer_auth(good_token()).json(&json!({ "value": some }));
        assert_eq!(sent.send().await.unwrap().status(), 202);
    }
    while figure(relay, "journal_folded").await < figure(relay, "journal_head").await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A console that asks for the floor; the system keeps little for it.
async fn console(relay: &Server, token: &str) -> WebSocketStream<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let address = relay.says("relay").strip_prefix("http://").unwrap().parse().unwrap();
    let stream = socket.connect(address).await.unwrap();
    let mut request = relay.says("feed").into_client_request().unwrap();
    request.headers_mut().insert("Authorization", format!("Bearer {token}").parse().unwrap());
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    socket.send(Message::text(r#"{"type":"start"}"#)).await.unwrap();
    socket
}

/// Reads the whole floor, and returns the bytes of its text.
async fn whole_floor(mut console: WebSocketStream<TcpStream>) -> usize {
    let mut bytes = 0;
    let reading = async {
        while let Some(Ok(message)) = console.next().await {
            let frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
            bytes += frame["piece"].as_str().map_or(0, str::len);
            if frame["type"] == "caughtUp" {
                return;
            }
        }
        panic!("the relay closed the connection");
    };
    tokio::time::timeout(Duration::from_mins(2), reading).await.unwrap();
    bytes
}

fn operator(journal: &Path, name: &str) -> String {
    let words = ["relay", "operator", "add", name, "--role", "viewer", "--journal", journal.to_str().unwrap()];
    callboard(&words).trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_viewers_cost_little_memory_and_others_get_their_floor() {
    if !cfg!(target_os = "linux") {
        return crate::support::outside::skipped("the memory of a process is read from /proc");
    }
    let place = Place::new().await;
    let journal = place.folder.path().join("journal");
    let (silent, other) = (operator(&journal, "silent"), operator(&journal, "other"));
    let limits = [
        "consoles=4000",
        "consoles-per-token=4000",
        "consoles-per-operator=4000",
        "connections-per-address=4000",
        "stall-seconds=3600",
        "snapshots-per-minute=1000000",
        "snapshots-burst=1000000",
        "snapshot-seconds=3600",
    ];
    let mut words = place.words(&journal, &[]);
    words.extend(limits.iter().flat_map(|it| ["--limit".to_owned(), (*it).to_owned()]));
    let relay = start(&words);
    fill(&relay).await;
    // What one console costs is paid already.
    let size = whole_floor(console(&relay, &other).await).await;
    assert!(size > 2 * 1_024 * 1_024, "the floor is larger than the buffers of a connection: {size}");
    let idle = resident(relay.id());
    let descriptors = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    let count = SILENT.min(usize::try_from(descriptors.saturating_sub(300) / 2).unwrap_or(SILENT));
    let opening = futures_util::stream::iter(0..count).map(|_| console(&relay, &silent)).buffer_unordered(32);
    let held: Vec<_> = opening.collect().await;
    let most = u64::try_from(count).unwrap() * MOST_KIB / u64::try_from(SILENT).unwrap();
    assert_eq!(whole_floor(console(&relay, &other).await).await, size);
    let now = resident(relay.id());
    eprintln!("{count} silent viewers of a floor of {size} bytes: {idle} KiB before, {now} KiB with them");
    assert_eq!(figure(&relay, "consoles").await, i64::try_from(count).unwrap());
    assert!(now <= idle + most, "{} KiB more for {count} silent viewers", now - idle);
    drop(held);
    assert!(relay.terminate());
}
