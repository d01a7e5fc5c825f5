//! Opens a WebSocket to a relay or to a plain source, with the token and the trusted authorities. Does not know frames.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use crate::feed::FeedConfig;
use crate::protocol::MAX_MESSAGE;

/// An open WebSocket to a relay or a source.
pub(in crate::feed) type RelaySocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The reason why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub(in crate::feed) enum DialError {
    /// The address or the token cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// No answer came in time.
    #[error("no answer within {} s", DIAL_TIMEOUT.as_secs())]
    Silent,
    /// The server answered with this status instead of an upgrade.
    #[error("it answered {0}")]
    Answered(StatusCode),
    /// The network or the server broke the connection.
    #[error(transparent)]
    Broken(tungstenite::Error),
}

/// The time-out of connecting, including TLS and the upgrade.
pub(in crate::feed) const DIAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects, with the token if it is not empty, and with the subprotocol if one is given.
pub(in crate::feed) async fn dial(
    config: &FeedConfig,
    protocol: Option<&'static str>,
) -> Result<RelaySocket, DialError> {
    let request = request(config, protocol)?;
    let mut limits = WebSocketConfig::default();
    limits.max_message_size = Some(MAX_MESSAGE);
    limits.max_frame_size = Some(MAX_MESSAGE);
    let trust = config.trust.as_ref().map(|it| Connector::Rustls(it.config()));
    let connecting = connect_async_tls_with_config(request, Some(limits), true, trust);
    match tokio::time::timeout(DIAL_TIMEOUT, connecting).await {
        Err(_elapsed) => Err(DialError::Silent),
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(tungstenite::Error::Http(answer))) => Err(DialError::Answered(answer.status())),
        Ok(Err(error)) => Err(DialError::Broken(error)),
    }
}

fn request(config: &FeedConfig, protocol: Option<&'static str>) -> Result<Request<()>, DialError> {
    let unusable = |error: &dyn std::fmt::Display| DialError::Unusable(error.to_string());
    let mut request = config.url.as_str().into_client_request().map_err(|error| unusable(&error))?;
    let headers = request.headers_mut();
    if !config.token.expose_secret().is_empty() {
        let mut token = HeaderValue::from_str(&format!("Bearer {}", config.token.expose_secret()))
            .map_err(|_value_is_secret| unusable(&"the token contains characters that are not allowed"))?;
        token.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, token);
    }
    if let Some(protocol) = protocol {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use url::Url;

    use super::*;

    #[test]
    fn the_token_is_sent_and_not_shown_in_debug_output() {
        let url = Url::parse("wss://relay.example/feed").unwrap();
        let config = FeedConfig { url, token: SecretString::from("canary"), trust: None };
        let request = request(&config, None).unwrap();
        assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer canary");
        assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
        assert!(!format!("{request:?}").contains("canary"), "{request:?}");
    }
}
