//! Tests of acts whose stamps the relay refuses, against a gate that checks them as the relay does.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use url::Url;

use super::*;
use crate::floor::{Act, Ticket};
use crate::graph::ParticipantId;

/// A gate with a relay's own time.
struct FakeGate {
    start: &'static str,
    began: Instant,
    /// The answer to requests for the time; `None` for a relay that tells it.
    refuses_time: Option<StatusCode>,
    /// What was asked, in order: `time`, or an act with whether it has a stamp.
    asked: Mutex<Vec<&'static str>>,
}

/// The gate's time at the beginning of a test, in milliseconds.
const AT: i64 = 100_000;

impl FakeGate {
    fn now(&self) -> i64 {
        AT + i64::try_from(self.began.elapsed().as_millis()).unwrap()
    }

    fn answer(&self, request: &Request) -> Response {
        if request.uri().path() == TIME_PATH {
            self.asked.lock().push("time");
            let stamp = RelayStamp { ms: self.now(), start: self.start.into() };
            return self.refuses_time.map_or_else(|| axum::Json(stamp).into_response(), IntoResponse::into_response);
        }
        let stamp = request.headers().get(PRESSED_HEADER).map(|it| it.to_str().unwrap().parse::<RelayStamp>().unwrap());
        self.asked.lock().push(if stamp.is_some() { "stamped" } else { "bare" });
        let status = match stamp {
            Some(stamp) if &*stamp.start != self.start || self.now() - stamp.ms > 5_000 => 412,
            Some(stamp) if stamp.ms - self.now() > 1_000 => 400,
            Some(_) | None => 200,
        };
        StatusCode::from_u16(status).unwrap().into_response()
    }
}

/// A client, its gate, and the answers to its acts.
struct Bench {
    gate: Arc<FakeGate>,
    client: GateClient,
    events: mpsc::Receiver<Event>,
    clock: Clock,
}

impl Bench {
    async fn new(refuses_time: Option<StatusCode>) -> Self {
        let asked = Mutex::default();
        let gate = Arc::new(FakeGate { start: "now", began: instant(), refuses_time, asked });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let answer = |State(gate): State<Arc<FakeGate>>, request: Request| async move { gate.answer(&request) };
        let router = Router::new().fallback(answer).with_state(Arc::clone(&gate));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let (sender, events) = mpsc::channel(8);
        let (relay, clock) = (RelayAccess { url, token: "t".to_owned().into(), trust: None }, Clock::system());
        let known = (relay, RelayClock::default());
        let client = GateClient::new(known, clock.clone(), sender, CancellationToken::new());
        Self { gate, client, events, clock }
    }

    /// A heartbeat of this start, from a relay whose time is this far apart from the gate's.
    fn hears(&self, start: &str, apart: i64) {
        let stamp = RelayStamp { ms: self.gate.now() + apart, start: start.into() };
        self.client.relay_clock.add_stamp(&stamp, instant());
    }

    /// Sends an act whose key is pressed now, and returns its answer.
    async fn act(&mut self) -> GateAnswer {
        let call = CallId::new("c").unwrap();
        let action = Act::Mute.action(call, ParticipantId::new("bob")).unwrap();
        let now = self.clock.now();
        self.client.send(&ActToSend { ticket: Ticket("t".into()), action, pressed: now, turn: now });
        let answered = tokio::time::timeout(Duration::from_mins(1), self.events.recv()).await.unwrap().unwrap();
        let Event::Answered(_, answer) = answered else { panic!("{answered:?}") };
        answer
    }

    fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.gate.asked.lock())
    }
}

fn status(answer: &GateAnswer) -> u16 {
    let GateAnswer::Replied { status, .. } = answer else { panic!("{answer:?}") };
    *status
}

#[tokio::test]
async fn after_a_refused_stamp_the_next_act_asks_for_the_time_and_is_sent() {
    for (case, start, apart, refusal) in [
        ("the relay was started again", "before", 0, 412),
        ("the relay's clock stood still", "now", 4_000, 400),
        ("our clock stood still", "now", -20_000, 412),
    ] {
        let mut bench = Bench::new(None).await;
        bench.hears(start, apart);
        assert_eq!(status(&bench.act().await), refusal, "{case}");
        assert_eq!(bench.asked(), ["stamped"], "{case}: nothing is sent twice");
        assert_eq!(status(&bench.act().await), 200, "{case}");
        assert_eq!(bench.asked(), ["time", "stamped"], "{case}");
        assert_eq!(status(&bench.act().await), 200, "{case}");
        assert_eq!(bench.asked(), ["stamped"], "{case}: the answer counts like a heartbeat");
    }
}

#[tokio::test]
async fn an_act_goes_without_a_stamp_only_to_a_relay_that_has_no_time() {
    let mut bench = Bench::new(Some(StatusCode::NOT_FOUND)).await;
    assert_eq!(status(&bench.act().await), 200);
    assert_eq!(bench.asked(), ["time", "bare"]);
    let mut bench = Bench::new(Some(StatusCode::UNAUTHORIZED)).await;
    assert_eq!(status(&bench.act().await), 401);
    assert_eq!(bench.asked(), ["time"]);
    let mut bench = Bench::new(Some(StatusCode::BAD_GATEWAY)).await;
    let GateAnswer::Lost { sent: false, error } = bench.act().await else { panic!("it may have been sent") };
    assert!(error.contains("the relay's time cannot be read (status 502)"), "{error}");
    assert_eq!(bench.asked(), ["time"]);
}
