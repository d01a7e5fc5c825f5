//! Sends acts and reads through the relay's gate. Each request goes out once; the gate does the retries.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio_rustls::rustls::ClientConfig;
use tokio_util::sync::CancellationToken;

use super::http;
use super::relay_access::RelayAccess;
use crate::desk::{ActToSend, Event, GateAnswer};
use crate::feed::{CaTrust, RelayClock};
use crate::graph::{CallId, ClientContext, ExactRequest, GraphAction, Method};
use crate::protocol::{PRESSED_HEADER, RelayStamp, TIME_PATH, TURN_HEADER};
use crate::time::clock::{Clock, instant};
use crate::time::{Millis, Timestamp};

/// A client of the gate, whose answers arrive as events.
pub(super) struct GateClient {
    relay: RelayAccess,
    /// The relay's own time, which stamps of key presses use.
    relay_clock: RelayClock,
    clock: Clock,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    http: Arc<OnceLock<HttpClient>>,
}

/// When a key was pressed and when its act was due to be sent, by this machine's own clock.
#[derive(Debug, Clone, Copy)]
struct PressTimes {
    pressed: Instant,
    turn: Instant,
    /// The floor time since the key press.
    ago: Millis,
}

/// An HTTP client, or the reason why it could not be built.
type HttpClient = Result<reqwest::Client, String>;

/// Carries an act's ticket, because some requests have no body.
const TICKET: HeaderName = HeaderName::from_static("callboard-ticket");
/// How long before the request the key was pressed, in milliseconds of floor time.
const PRESSED_AGO: HeaderName = HeaderName::from_static("callboard-pressed-ago");
/// The relay answers at once, and an act is late after a few seconds.
const TIME_TIMEOUT: Duration = Duration::from_secs(5);
/// The gate retries for 10 s at most, so an answer that takes longer will not come.
const TIMEOUT: Duration = Duration::from_secs(20);

impl GateClient {
    pub(super) fn new(
        (relay, relay_clock): (RelayAccess, RelayClock),
        clock: Clock,
        events: mpsc::Sender<Event>,
        stop: CancellationToken,
    ) -> Self {
        let http = Arc::new(OnceLock::new());
        // Building a client reads the system's root certificates, which must not delay the first
        // frame or the first act.
        tokio::task::spawn_blocking({
            let (http, trust) = (Arc::clone(&http), relay.trust.clone());
            move || {
                http.get_or_init(|| build_client(trust.as_ref()));
            }
        });
        Self { relay, relay_clock, clock, events, stop, http }
    }

    /// Sends an act; the answer arrives as [`Event::Answered`].
    pub(super) fn send(&self, send: &ActToSend) {
        let ticket = send.ticket.clone();
        let Some(context) = ticket.context() else { return };
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&ticket.0) {
            headers.insert(TICKET, value);
        }
        let request = send.action.request(&context);
        let prepared = self.prepare(&request);
        let press = self.key_press(send);
        let time = self.time_request();
        self.perform(async move {
            let answer = match prepared {
                Ok(prepared) => send_stamped(prepared.headers(headers), request.body, (press, time)).await,
                Err(error) => http::no_answer(false, error),
            };
            Event::Answered(ticket, answer)
        });
    }

    /// When the key of an act was pressed and its turn came, by this machine's own clock in real time.
    fn key_press(&self, send: &ActToSend) -> PressTimes {
        let (now, floor_now) = (instant(), self.clock.now());
        let speed = self.clock.speed();
        let real = |at: Timestamp| {
            let ago = floor_now.since(at).to_std();
            let ago = if speed > 0.0 { ago.div_f64(speed) } else { Duration::ZERO };
            now.checked_sub(ago).unwrap_or(now)
        };
        PressTimes { pressed: real(send.pressed), turn: real(send.turn), ago: floor_now.since(send.pressed) }
    }

    /// Reads a call from Graph, and its roster if asked. Each answer arrives as an event; the relay journals the data,
    /// which arrives over the feed.
    pub(super) fn reread(&self, call: &CallId, roster: bool) {
        let Ok(context) = ClientContext::new("") else { return };
        let people = roster.then(|| GraphAction::ListParticipants(call.clone()));
        for action in [Some(GraphAction::GetCall(call.clone())), people].into_iter().flatten() {
            let (request, call) = (action.request(&context), call.clone());
            let prepared = self.prepare(&request);
            self.perform(async move {
                let answer = match prepared {
                    Ok(prepared) => http::exchange(prepared, request.body).await,
                    Err(error) => http::no_answer(false, error),
                };
                Event::Reread(call, answer)
            });
        }
    }

    /// Sends the desk an [`Event::Ticked`] after this time, which the runtime measures; the desk compares wall times itself.
    pub(super) fn wake(&self, after: Millis) {
        let events = self.events.clone();
        let wake = async move {
            tokio::time::sleep(Duration::from_millis(after.0.try_into().unwrap_or_default())).await;
            drop(events.send(Event::Ticked).await);
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(wake));
    }

    /// Performs an exchange in the background; an event reports its result.
    fn perform(&self, exchange: impl Future<Output = Event> + Send + 'static) {
        let events = self.events.clone();
        // Without a receiver the console has ended.
        let exchange = async move { drop(events.send(exchange.await).await) };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(exchange));
    }

    /// The request for the relay's own time, and the place for its answer.
    fn time_request(&self) -> (Result<reqwest::RequestBuilder, String>, RelayClock) {
        let request = self.client().and_then(|http| {
            let url = self.relay.url.join(TIME_PATH.trim_start_matches('/')).map_err(|it| it.to_string())?;
            Ok(http.get(url).bearer_auth(self.relay.token.expose_secret()).timeout(TIME_TIMEOUT))
        });
        (request, self.relay_clock.clone())
    }

    fn client(&self) -> Result<&reqwest::Client, String> {
        self.http.get_or_init(|| build_client(self.relay.trust.as_ref())).as_ref().map_err(Clone::clone)
    }

    fn prepare(&self, request: &ExactRequest) -> Result<reqwest::RequestBuilder, String> {
        let http = self.client()?;
        let path = format!("graph/v1.0{}", request.path);
        let url = self.relay.url.join(&path).map_err(|it| it.to_string())?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
            Method::Patch => reqwest::Method::PATCH,
        };
        Ok(http.request(method, url).bearer_auth(self.relay.token.expose_secret()))
    }
}

impl PressTimes {
    /// Returns the key press and the turn in the relay's own time, or `None` if no heartbeat says that time.
    fn stamps(&self, relay_clock: &RelayClock) -> Option<(RelayStamp, RelayStamp)> {
        let now = instant();
        let (pressed, turn) = (relay_clock.at(self.pressed, now)?, relay_clock.at(self.turn, now)?);
        // A heartbeat of another start may have come in between.
        (pressed.start == turn.start).then_some((pressed, turn))
    }
}

/// Sends an act with the time of its key press; an older relay, without expiry of acts, gets it without a stamp.
async fn send_stamped(
    request: reqwest::RequestBuilder,
    body: Option<String>,
    (press, (time, relay_clock)): (PressTimes, (Result<reqwest::RequestBuilder, String>, RelayClock)),
) -> GateAnswer {
    let request = request.header(PRESSED_AGO, press.ago.0);
    let stamps = match press.stamps(&relay_clock) {
        Some(stamps) => Some(stamps),
        None => match ask_time(time, &relay_clock).await {
            Ok(asked) => asked.and_then(|asked| press.stamps(&asked)),
            Err(answer) => return answer,
        },
    };
    let Some((pressed, turn)) = stamps else { return http::exchange(request, body).await };
    let request = request.header(PRESSED_HEADER, pressed.to_string()).header(TURN_HEADER, turn.to_string());
    match http::exchange(request, body).await {
        // The relay refuses an act with a stamp if it arrives late, so a lost act cannot take effect much later.
        GateAnswer::Lost { sent: true, .. } => GateAnswer::Unanswered,
        // The relay refuses the stamp: it was started again, or it lies ahead (400), or it is too old (412). If the key
        // was pressed a moment ago, our estimate is wrong: a pause moved one of the clocks. Heartbeats from before would
        // count for up to a minute, so the next act asks for the time first. If the key press was old, that costs one
        // short request.
        answer @ GateAnswer::Replied { status: 400 | 412, .. } => {
            relay_clock.clear();
            answer
        }
        answer @ (GateAnswer::Replied { .. } | GateAnswer::Lost { .. } | GateAnswer::Unanswered) => answer,
    }
}

/// Asks the relay for its own time. Returns a clock of this answer alone, because another act may clear the common one
/// meanwhile; `None` from an older relay, which refuses the path.
///
/// Fails with the answer to the act, which is not sent.
async fn ask_time(
    time: Result<reqwest::RequestBuilder, String>,
    relay_clock: &RelayClock,
) -> Result<Option<RelayClock>, GateAnswer> {
    let failed = |why: String| http::no_answer(false, format!("the relay's time cannot be read{why}"));
    let answer = http::exchange(time.map_err(|error| http::no_answer(false, error))?, None).await;
    let received = instant();
    match answer {
        GateAnswer::Replied { status: 200, body } => {
            let stamp: RelayStamp = serde_json::from_str(&body)
                .map_err(|error| failed(format!(" ({error}); check the relay's address")))?;
            relay_clock.add_stamp(&stamp, received);
            let asked = RelayClock::default();
            asked.add_stamp(&stamp, received);
            Ok(Some(asked))
        }
        GateAnswer::Replied { status: 404, .. } => Ok(None),
        // The token is refused, as it would be for the act.
        answer @ GateAnswer::Replied { status: 401 | 403, .. } => Err(answer),
        GateAnswer::Replied { status, .. } => Err(failed(format!(" (status {status})"))),
        GateAnswer::Lost { error, .. } => Err(failed(format!(": {error}"))),
        GateAnswer::Unanswered => Err(failed(": no answer came".to_owned())),
    }
}

fn build_client(trust: Option<&CaTrust>) -> HttpClient {
    let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
    let client = match trust {
        Some(trust) => client.tls_backend_preconfigured(ClientConfig::clone(&trust.config())),
        None => client,
    };
    client.build().map_err(|it| it.to_string())
}

#[cfg(test)]
mod tests;
