//! The way to Graph: the relay's gate. Sends each act once and says what came back; repeating is the gate's business.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio_rustls::rustls::ClientConfig;
use tokio_util::sync::CancellationToken;

use super::session::{RelayAccess, lost};
use crate::clock::Clock;
use crate::desk::{ActToSend, Event, GateAnswer};
use crate::feed::CaTrust;
use crate::graph::{CallId, ClientContext, ExactRequest, GraphAction, Method};
use crate::time::Timestamp;

/// A console's end of the gate.
pub(super) struct GateClient {
    relay: RelayAccess,
    clock: Clock,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    http: Arc<OnceLock<HttpClient>>,
}

/// A client, or why there is none.
type HttpClient = Result<reqwest::Client, String>;

/// The mark of an act, also where its request has no body.
const TICKET: HeaderName = HeaderName::from_static("callboard-ticket");
/// How long before the request the key was pressed, in milliseconds of floor time.
const PRESSED_AGO: HeaderName = HeaderName::from_static("callboard-pressed-ago");
/// After this a key that came fast was followed by nothing as fast.
const SOON: Duration = Duration::from_millis(25);
/// The gate tries for 10 s at most; an answer that takes longer will not come.
const LONGEST: Duration = Duration::from_secs(20);

impl GateClient {
    pub(super) fn new(relay: RelayAccess, clock: Clock, events: mpsc::Sender<Event>, stop: CancellationToken) -> Self {
        let http = Arc::new(OnceLock::new());
        // Making a client reads the machine's root certificates: neither the first frame nor the first act waits.
        tokio::task::spawn_blocking({
            let (http, trust) = (Arc::clone(&http), relay.trust.clone());
            move || {
                http.get_or_init(|| client(trust.as_ref()));
            }
        });
        Self { relay, clock, events, stop, http }
    }

    /// Sends an act; its answer comes as an event.
    pub(super) fn send(&self, send: &ActToSend) {
        let ticket = send.ticket.clone();
        let Some(context) = ticket.context() else { return };
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&ticket.0) {
            headers.insert(TICKET, value);
        }
        let request = send.action.request(&context);
        let pressed = Some(send.pressed);
        self.exchange(request, (headers, pressed), move |answer| Event::Answered(ticket, answer));
    }

    /// Reads a call, and its roster if it has one; each answer comes as an event, what was read by the feed.
    pub(super) fn reread(&self, call: &CallId, roster: bool) {
        let Ok(context) = ClientContext::new("") else { return };
        let people = roster.then(|| GraphAction::ListParticipants(call.clone()));
        for action in [Some(GraphAction::GetCall(call.clone())), people].into_iter().flatten() {
            let (request, call) = (action.request(&context), call.clone());
            self.exchange(request, (HeaderMap::new(), None), move |answer| Event::Reread(call, answer));
        }
    }

    /// Has the desk look again in a moment.
    pub(super) fn wake(&self) {
        let events = self.events.clone();
        let wake = async move {
            tokio::time::sleep(SOON).await;
            drop(events.send(Event::Ticked).await);
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(wake));
    }

    fn exchange(
        &self,
        request: ExactRequest,
        marks: (HeaderMap, Option<Timestamp>),
        event: impl FnOnce(GateAnswer) -> Event + Send + 'static,
    ) {
        let events = self.events.clone();
        let clock = self.clock.clone();
        let prepared = self.prepared(&request);
        let (headers, pressed) = marks;
        let exchange = async move {
            let answer = match prepared {
                Ok(prepared) => {
                    let ago = pressed.map(|it| clock.now().since(it).0);
                    let prepared = match ago {
                        Some(ago) => prepared.header(PRESSED_AGO, ago),
                        None => prepared,
                    };
                    answer(prepared.headers(headers), request.body).await
                }
                Err(error) => lost(false, error),
            };
            // The loop that would take the answer has ended: so has the console.
            drop(events.send(event(answer)).await);
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(exchange));
    }

    fn prepared(&self, request: &ExactRequest) -> Result<reqwest::RequestBuilder, String> {
        let http = self.http.get_or_init(|| client(self.relay.trust.as_ref())).as_ref().map_err(Clone::clone)?;
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

fn client(trust: Option<&CaTrust>) -> HttpClient {
    let client = reqwest::Client::builder().timeout(LONGEST).redirect(reqwest::redirect::Policy::none());
    let client = match trust {
        Some(trust) => client.tls_backend_preconfigured(ClientConfig::clone(&trust.config())),
        None => client,
    };
    client.build().map_err(|it| it.to_string())
}

/// What comes back of a request.
pub(super) async fn answer(request: reqwest::RequestBuilder, body: Option<String>) -> GateAnswer {
    let request = match body {
        Some(body) => request.header(CONTENT_TYPE, "application/json").body(body),
        None => request,
    };
    match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            match response.text().await {
                Ok(body) => GateAnswer::Replied { status, body },
                Err(error) => lost(true, error.without_url()),
            }
        }
        Err(error) => lost(!error.is_connect() && !error.is_builder(), error.without_url()),
    }
}
