//! Sends acts and reads through the relay's gate. Each request goes out once; the gate does the retries.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio_rustls::rustls::ClientConfig;
use tokio_util::sync::CancellationToken;

use super::http;
use super::relay_access::RelayAccess;
use crate::clock::Clock;
use crate::desk::{ActToSend, Event, GateAnswer};
use crate::feed::CaTrust;
use crate::graph::{CallId, ClientContext, ExactRequest, GraphAction, Method};
use crate::time::{Millis, Timestamp};

/// A client of the gate, whose answers arrive as events.
pub(super) struct GateClient {
    relay: RelayAccess,
    clock: Clock,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    http: Arc<OnceLock<HttpClient>>,
}

/// An HTTP client, or the reason why it could not be built.
type HttpClient = Result<reqwest::Client, String>;

/// Carries an act's ticket, because some requests have no body.
const TICKET: HeaderName = HeaderName::from_static("callboard-ticket");
/// How long before the request the key was pressed, in milliseconds of floor time.
const PRESSED_AGO: HeaderName = HeaderName::from_static("callboard-pressed-ago");
/// The gate retries for 10 s at most, so an answer that takes longer will not come.
const TIMEOUT: Duration = Duration::from_secs(20);

impl GateClient {
    pub(super) fn new(relay: RelayAccess, clock: Clock, events: mpsc::Sender<Event>, stop: CancellationToken) -> Self {
        let http = Arc::new(OnceLock::new());
        // Building a client reads the system's root certificates, which must not delay the first
        // frame or the first act.
        tokio::task::spawn_blocking({
            let (http, trust) = (Arc::clone(&http), relay.trust.clone());
            move || {
                http.get_or_init(|| build_client(trust.as_ref()));
            }
        });
        Self { relay, clock, events, stop, http }
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
        let pressed = Some(send.pressed);
        self.exchange(request, (headers, pressed), move |answer| Event::Answered(ticket, answer));
    }

    /// Reads a call from Graph, and its roster if asked. Each answer arrives as an event; the relay journals the data,
    /// which arrives over the feed.
    pub(super) fn reread(&self, call: &CallId, roster: bool) {
        let Ok(context) = ClientContext::new("") else { return };
        let people = roster.then(|| GraphAction::ListParticipants(call.clone()));
        for action in [Some(GraphAction::GetCall(call.clone())), people].into_iter().flatten() {
            let (request, call) = (action.request(&context), call.clone());
            self.exchange(request, (HeaderMap::new(), None), move |answer| Event::Reread(call, answer));
        }
    }

    /// Sends the desk a [`Event::Ticked`] after 25 ms of wall time.
    pub(super) fn wake(&self, after: Millis) {
        let events = self.events.clone();
        let wake = async move {
            tokio::time::sleep(Duration::from_millis(after.0.try_into().unwrap_or_default())).await;
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
        let prepared = self.prepare(&request);
        let (headers, pressed) = marks;
        let exchange = async move {
            let answer = match prepared {
                Ok(prepared) => {
                    let ago = pressed.map(|it| clock.now().since(it).0);
                    let prepared = match ago {
                        Some(ago) => prepared.header(PRESSED_AGO, ago),
                        None => prepared,
                    };
                    http::exchange(prepared.headers(headers), request.body).await
                }
                Err(error) => http::no_answer(false, error),
            };
            // Without a receiver the console has ended.
            drop(events.send(event(answer)).await);
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(exchange));
    }

    fn prepare(&self, request: &ExactRequest) -> Result<reqwest::RequestBuilder, String> {
        let http = self.http.get_or_init(|| build_client(self.relay.trust.as_ref())).as_ref().map_err(Clone::clone)?;
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

fn build_client(trust: Option<&CaTrust>) -> HttpClient {
    let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
    let client = match trust {
        Some(trust) => client.tls_backend_preconfigured(ClientConfig::clone(&trust.config())),
        None => client,
    };
    client.build().map_err(|it| it.to_string())
}
