//! Sends the desk's requests to a simulator's control API, each in its own task.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::http as http_exchange;
use crate::desk::{ControlRequest, Event};
use crate::graph::Method;

/// The address and token of a simulator's control API.
#[derive(Debug, Clone)]
pub struct ControlAccess {
    /// `http://HOST:PORT/sim`, as in the simulator's ready line.
    pub url: Url,
    /// The bearer token, from the ready line too.
    pub token: SecretString,
}

/// A client of the control API, whose answers arrive as events.
pub(super) struct SimControlClient {
    control: ControlAccess,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    http: Arc<OnceLock<Result<reqwest::Client, String>>>,
}

/// A restart plays the scenario's prelude before it answers; every other request is answered at once.
const TIMEOUT: Duration = Duration::from_mins(2);
/// A simulator that does not accept a connection in this time is gone.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

impl SimControlClient {
    pub(super) fn new(control: ControlAccess, events: mpsc::Sender<Event>, stop: CancellationToken) -> Self {
        let http = Arc::new(OnceLock::new());
        // Building a client reads the system's root certificates, which must not delay a key press.
        tokio::task::spawn_blocking({
            let http = Arc::clone(&http);
            move || {
                http.get_or_init(build_client);
            }
        });
        Self { control, events, stop, http }
    }

    /// Sends a request; the answer arrives as [`Event::SimulatorAnswered`].
    /// The desk bounds the number of requests in flight.
    pub(super) fn ask(&self, wanted: &ControlRequest) {
        let (method, path, body) = wanted.request();
        let url = format!("{}/{path}", self.control.url.as_str().trim_end_matches('/'));
        let (http, token) = (Arc::clone(&self.http), self.control.token.clone());
        let (events, wanted) = (self.events.clone(), wanted.clone());
        let exchange = async move {
            let made = tokio::task::spawn_blocking(move || http.get_or_init(build_client).clone()).await;
            let answer = match made.unwrap_or_else(|error| Err(error.to_string())) {
                Ok(http) => {
                    let request = match method {
                        Method::Get => http.get(url),
                        Method::Post => http.post(url),
                        Method::Delete => http.delete(url),
                        Method::Patch => http.patch(url),
                    };
                    http_exchange::exchange(request.bearer_auth(token.expose_secret()), body).await
                }
                Err(error) => http_exchange::no_answer(false, error),
            };
            // Without a receiver the console has ended.
            drop(events.send(Event::SimulatorAnswered(wanted, answer)).await);
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(exchange));
    }
}

pub(super) fn build_client() -> Result<reqwest::Client, String> {
    let client = reqwest::Client::builder().timeout(TIMEOUT).connect_timeout(CONNECT_TIMEOUT);
    client.redirect(reqwest::redirect::Policy::none()).build().map_err(|it| it.to_string())
}
