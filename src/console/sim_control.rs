//! The way to a simulator's control: asks what the desk wishes, each in a task of its own, and says what came back.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::gate_client::answer;
use super::session::lost;
use crate::desk::{ControlRequest, Event};
use crate::graph::Method;

/// A simulator's control, and what opens it.
#[derive(Debug, Clone)]
pub struct ControlAccess {
    /// Its address, as the simulator's ready line names it: `http://HOST:PORT/sim`.
    pub url: Url,
    /// Its token.
    pub token: SecretString,
}

/// A console's end of the control.
pub(super) struct SimControlClient {
    control: ControlAccess,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    http: Arc<OnceLock<Result<reqwest::Client, String>>>,
}

/// A restart plays the scenario's prelude before it answers; everything else is answered at once.
const LONGEST: Duration = Duration::from_mins(2);
/// After this a control that cannot be reached is not there.
const CONNECTS: Duration = Duration::from_secs(5);

impl SimControlClient {
    pub(super) fn new(control: ControlAccess, events: mpsc::Sender<Event>, stop: CancellationToken) -> Self {
        let http = Arc::new(OnceLock::new());
        // Making a client reads the machine's root certificates: no key waits for it.
        tokio::task::spawn_blocking({
            let http = Arc::clone(&http);
            move || {
                http.get_or_init(client);
            }
        });
        Self { control, events, stop, http }
    }

    /// Asks for something; the answer comes as an event. The desk bounds how many are under way.
    pub(super) fn ask(&self, wish: &ControlRequest) {
        let (method, path, body) = wish.request();
        let url = format!("{}/{path}", self.control.url.as_str().trim_end_matches('/'));
        let (http, token) = (Arc::clone(&self.http), self.control.token.clone());
        let (events, wish) = (self.events.clone(), wish.clone());
        let exchange = async move {
            let made = tokio::task::spawn_blocking(move || http.get_or_init(client).clone()).await;
            let answer = match made.unwrap_or_else(|error| Err(error.to_string())) {
                Ok(http) => {
                    let request = match method {
                        Method::Get => http.get(url),
                        Method::Post => http.post(url),
                        Method::Delete => http.delete(url),
                        Method::Patch => http.patch(url),
                    };
                    answer(request.bearer_auth(token.expose_secret()), body).await
                }
                Err(error) => lost(false, error),
            };
            // The loop that would take the answer has ended: so has the console.
            drop(events.send(Event::SimulatorAnswered(wish, answer)).await);
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(exchange));
    }
}

fn client() -> Result<reqwest::Client, String> {
    let client = reqwest::Client::builder().timeout(LONGEST).connect_timeout(CONNECTS);
    client.redirect(reqwest::redirect::Policy::none()).build().map_err(|it| it.to_string())
}
