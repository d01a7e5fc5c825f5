//! Tests of a console that does not read: it is disconnected, receives the reason if it reads again in time, and delays
//! no other console.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::feed::Console;
use super::*;
use crate::feed::ResumePoint;
use crate::floor::Floor;
use crate::protocol::{CloseCode, ConsoleFrame, FeedFrame};

/// Together these webhooks exceed the system's buffers for a connection.
const WEBHOOKS: usize = 8;
const BYTES: usize = 3 * 1_024 * 1_024;
const STALLED: &str = r#"callboard_refusals_total{reason="slowConsole"}"#;
const DEAF: &str = r#"callboard_refusals_total{reason="deafConsole"}"#;

async fn bench(goodbye_seconds: u64) -> Bench {
    Bench::set_up(|it| {
        // Longer than the delay of a reading console on a slow machine.
        it.net.limits.stall_seconds = 5;
        it.net.limits.goodbye_seconds = goodbye_seconds;
    })
    .await
}

impl Bench {
    async fn fill(&self) {
        let item = call_item("a", "established");
        let large = item.replace(r#""state""#, &format!(r#""pad":"{}","state""#, "x".repeat(BYTES)));
        for _ in 0..WEBHOOKS {
            assert_eq!(self.post(None, envelope(std::slice::from_ref(&large))).await.status(), 202);
        }
    }

    fn knows(&self, floor: &Floor) -> ResumePoint {
        ResumePoint { epoch: self.journal.epoch().to_string(), after: floor.head(), sum: floor.sum() }
    }

    /// Returns a console that requests every entry, and reads nothing.
    async fn sleeper(&self) -> WebSocketStream<TcpStream> {
        self.sleeper_with(OPERATOR).await
    }

    async fn sleeper_with(&self, token: &str) -> WebSocketStream<TcpStream> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let address = self.relay.ready().relay.strip_prefix("http://").unwrap().parse().unwrap();
        let stream = socket.connect(address).await.unwrap();
        let mut request = self.relay.ready().feed.as_str().into_client_request().unwrap();
        request.headers_mut().insert("Authorization", format!("Bearer {token}").parse().unwrap());
        let (mut socket, _) = client_async(request, stream).await.unwrap();
        let ResumePoint { epoch, after, sum } = self.knows(&Floor::default());
        socket.send(Message::text(ConsoleFrame::Resume { epoch, after, sum }.encode())).await.unwrap();
        socket
    }
}

/// Returns the frames that a console receives once it reads: the floor of all entries, `bye`, the close code.
async fn wakes(mut sleeper: WebSocketStream<TcpStream>) -> (Floor, Option<FeedFrame>, Option<u16>) {
    let (mut floor, mut bye) = (Floor::default(), None);
    let reading = async {
        loop {
            match sleeper.next().await {
                Some(Ok(Message::Text(text))) => {
                    assert!(bye.is_none(), "nothing may follow the bye: {text}");
                    let frame = FeedFrame::decode(&text).unwrap();
                    if let FeedFrame::Entry { entry, .. } = &frame {
                        assert_eq!(entry.after, floor.head());
                        floor.apply(entry);
                    }
                    bye = Some(frame).filter(|it| matches!(it, FeedFrame::Bye { .. }));
                }
                Some(Ok(Message::Close(frame))) => return frame.map(|it| it.code.into()),
                Some(Ok(other)) => panic!("{other:?}"),
                Some(Err(_)) | None => return None,
            }
        }
    };
    let code =
        tokio::time::timeout(Duration::from_mins(1), reading).await.expect("the relay must close the connection");
    (floor, bye, code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stalled_console_that_reads_again_gets_the_reason_and_resumes() {
    let bench = bench(3_600).await;
    let sleeper = bench.sleeper().await;
    bench.fill().await;
    bench.until_counted(STALLED).await;
    let head = bench.journal.head().cursor;
    let mut other = Console::connect(&bench, VIEWER, None);
    other.until("caught up").await;
    other.until_at(head).await;

    let (floor, bye, code) = wakes(sleeper).await;
    assert!(floor.head() < head, "no entries may be sent after the stall: {} of {head}", floor.head());
    let slow = CloseCode::TooSlow.number();
    let said = matches!(bye, Some(FeedFrame::Bye { code, resumable: true, retry_after_ms: 1.. }) if code == slow);
    assert!(said && code == Some(slow), "{bye:?} {code:?}");
    let mut back = Console::connect(&bench, OPERATOR, Some(bench.knows(&floor)));
    back.floor = floor;
    back.until_at(head).await;
    assert!(!back.seen.iter().any(|it| it.starts_with("reset")), "{:?}", back.seen);
    let figures = bench.http.get(format!("{}/metrics", bench.ops())).send().await.unwrap().text().await.unwrap();
    assert!(!figures.contains(DEAF), "it has received the reason");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_console_that_never_reads_again_is_cut_off_and_others_are_not_affected() {
    let bench = bench(1).await;
    let sleeper = bench.sleeper().await;
    bench.fill().await;
    let mut other = Console::connect(&bench, VIEWER, None);
    other.until("caught up").await;
    other.until_at(bench.journal.head().cursor).await;
    bench.until_counted(DEAF).await;
    let (floor, bye, code) = wakes(sleeper).await;
    let head = bench.journal.head().cursor;
    assert!(floor.head() < head && bye.is_none() && code.is_none(), "{} {bye:?} {code:?}", floor.head());
    assert_eq!(bench.post(None, envelope(&[call_item("b", "established")])).await.status(), 202);
    other.until_at(bench.journal.head().cursor).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stopping_relay_does_not_wait_for_a_stalled_console() {
    let bench = bench(3_600).await;
    let sleeper = bench.sleeper().await;
    bench.fill().await;
    bench.until_counted(STALLED).await;
    tokio::time::timeout(Duration::from_mins(1), bench.relay.stop()).await.expect("it stops");
    drop(sleeper);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revoked_token_gets_nothing_more_even_while_its_console_does_not_read() {
    use secrecy::ExposeSecret as _;
    let folder = tempfile::tempdir().unwrap();
    let token = crate::relay::operators::add(folder.path(), "ada", Role::Viewer, None).unwrap();
    let bench = Bench::set_up(|it| {
        it.operators = OperatorRegistry::beside(folder.path()).unwrap();
        // Only the revocation ends the connection.
        it.net.limits.stall_seconds = 3_600;
        it.tuning.heartbeat = Duration::from_hours(1);
    })
    .await;
    let sleeper = bench.sleeper_with(token.expose_secret()).await;
    bench.fill().await;
    let consoles = async |count: usize| bench.until_counted(&format!("callboard_consoles {count}")).await;
    consoles(1).await;
    assert_eq!(crate::relay::operators::revoke(folder.path(), "ada", None).unwrap(), 1);
    consoles(0).await;
    let (floor, bye, _) = wakes(sleeper).await;
    assert!(floor.head() < bench.journal.head().cursor && bye.is_none(), "{} {bye:?}", floor.head());
}
