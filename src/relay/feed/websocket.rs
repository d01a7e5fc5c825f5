//! The WebSocket protocol of a console's connection: the answer to the handshake, and the encoding of frames.
//!
//! We encode frames ourselves because one frame goes to every console: fastwebsockets, tokio-websockets and tungstenite
//! encode a frame once for each connection. Tungstenite reads frames and answers the handshake.

use std::io::{self, ErrorKind};

use axum::extract::Request;
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use crate::protocol::SUBPROTOCOL;

/// Returns the answer to a handshake, and the upgraded connection that follows it.
///
/// Fails if the request is not a handshake, with the reason.
pub(super) fn handshake(request: Request) -> Result<(Response<()>, OnUpgrade), tungstenite::Error> {
    let (mut parts, _) = request.into_parts();
    let upgrade = parts.extensions.remove::<OnUpgrade>();
    let names = parts.headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    let mut answer = create_response(&axum::http::Request::from_parts(parts, ()))?;
    if names {
        answer.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    let upgrade = upgrade.ok_or_else(|| tungstenite::Error::from(io::Error::from(ErrorKind::Unsupported)))?;
    Ok((answer, upgrade))
}

/// Returns whether a connection ended because its console violated the protocol, and not because the console, its
/// machine or the network failed.
pub(super) const fn is_breach(error: &tungstenite::Error) -> bool {
    use tungstenite::Error::{AlreadyClosed, ConnectionClosed, Io, Protocol};
    !matches!(error, Io(_) | ConnectionClosed | AlreadyClosed | Protocol(ProtocolError::ResetWithoutClosingHandshake))
}

/// Returns a text as one whole message of a server (RFC 6455, 5.2): unmasked, and so the same bytes for every console.
pub(in super::super) fn frame(text: &str) -> Bytes {
    let mut whole = Vec::with_capacity(text.len() + 10);
    frame_into(&mut whole, text);
    whole.into()
}

/// Appends a [`frame`].
pub(in super::super) fn frame_into(whole: &mut Vec<u8>, text: &str) {
    /// The first byte of a text message in one frame.
    const FINAL_TEXT: u8 = 0x81;
    whole.push(FINAL_TEXT);
    match (u8::try_from(text.len()), u16::try_from(text.len())) {
        (Ok(length @ ..=125), _) => whole.push(length),
        (_, Ok(length)) => {
            whole.push(126);
            whole.extend_from_slice(&length.to_be_bytes());
        }
        (_, Err(_)) => {
            whole.push(127);
            whole.extend_from_slice(&(text.len() as u64).to_be_bytes());
        }
    }
    whole.extend_from_slice(text.as_bytes());
}

/// Returns the length in bytes of the message that begins here, as [`frame_into`] wrote it.
pub(super) fn message_length(message: &[u8]) -> Option<usize> {
    match *message.get(1)? {
        126 => Some(usize::from(u16::from_be_bytes(*message.get(2..)?.first_chunk()?)) + 4),
        127 => Some(usize::try_from(u64::from_be_bytes(*message.get(2..)?.first_chunk()?)).ok()? + 10),
        short => Some(usize::from(short) + 2),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;

    #[tokio::test]
    async fn another_library_decodes_frames_of_every_length() {
        let mut whole = Vec::new();
        let texts: Vec<String> = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]
            .map(|it| "é".repeat(it / 2) + if it % 2 == 1 { "x" } else { "" })
            .into();
        for text in &texts {
            frame_into(&mut whole, text);
        }
        let stream = io::Cursor::new(whole);
        let mut read = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        for text in texts {
            assert_eq!(read.next().await.unwrap().unwrap(), Message::text(text));
        }
    }
}
