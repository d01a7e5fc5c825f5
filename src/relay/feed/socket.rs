//! A console's line: the WebSocket once the handshake is over. What many consoles are sent is encoded once, and goes
//! from the shared bytes to each socket as it is: a line has no buffer of its own for it. Knows no frame's meaning.

use std::io::{self, ErrorKind, IoSlice};

use axum::extract::Request;
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use futures_util::StreamExt as _;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::protocol::SUBPROTOCOL;
use crate::relay::edge::listener::StallSignal;

/// A console says little at a time.
const READ: usize = 1_024;
/// Answers to pings and the good-bye: what our library writes by itself.
const OWN_WRITES: usize = 1_024;
/// One write takes at most so many pieces; systems allow 1,024.
const PIECES: usize = 64;

/// The connection of one console.
pub(super) struct ConsoleSocket {
    socket: UpgradedSocket,
    /// Tells when the console has taken nothing for too long.
    stall: StallSignal,
    /// What is still to be sent of the message in which the line stalled.
    rest: Bytes,
}

type UpgradedSocket = WebSocketStream<TokioIo<Upgraded>>;

/// Why pieces were not sent.
#[derive(Debug)]
pub(super) enum SendError {
    /// The line is broken.
    Broken,
    /// The console takes nothing. Nothing but a good-bye can be sent any more, see [`ConsoleSocket::part`].
    Stalled,
}

/// The answer to a handshake, and the connection that comes of it.
///
/// # Errors
/// What is wrong with the request, when it is no handshake.
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

impl ConsoleSocket {
    /// Begins after the handshake; a console may send messages of at most `largest` bytes. `heed` tells when it
    /// takes nothing.
    pub(super) async fn new(stream: Upgraded, largest: usize, heed: StallSignal) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(largest))
            .max_frame_size(Some(largest))
            .read_buffer_size(READ)
            .write_buffer_size(OWN_WRITES);
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, Some(config)).await;
        Self { socket, stall: heed, rest: Bytes::new() }
    }

    /// What the console says next; none when it is gone. Nothing is lost when this is not waited for to its end.
    pub(super) async fn next(&mut self) -> Option<Result<Message, tungstenite::Error>> {
        self.socket.next().await
    }

    /// Sends pieces that hold whole messages, see [`frame`]; waits until the system has taken them all. After a call
    /// that was not waited for to its end, the line is of no more use.
    pub(super) async fn send(&mut self, pieces: &[Bytes]) -> Result<(), SendError> {
        let mut sent = 0;
        tokio::select! {
            biased;
            written = write(&mut self.socket, pieces, &mut sent) => return written.map_err(|_broken| SendError::Broken),
            () = self.stall.stalled() => {}
        }
        self.rest = rest(pieces, sent);
        Err(SendError::Stalled)
    }

    /// Says good-bye: what is missing of a message that has begun, the last message, the close. Then it listens until
    /// the console hangs up: what it says meanwhile must not make the system throw away what it has not read.
    pub(super) async fn close(&mut self, last: Bytes, close: CloseFrame) -> Result<(), tungstenite::Error> {
        let pieces = [std::mem::take(&mut self.rest), last];
        write(&mut self.socket, &pieces, &mut 0).await?;
        self.socket.close(Some(close)).await?;
        while self.socket.next().await.is_some_and(|it| it.is_ok()) {}
        Ok(())
    }
}

/// Writes pieces behind what the library has begun, and counts the bytes that the system has taken.
async fn write(socket: &mut UpgradedSocket, pieces: &[Bytes], sent: &mut usize) -> io::Result<()> {
    // An answer to a ping may be half written: ours comes after it.
    futures_util::SinkExt::flush(socket).await.map_err(io::Error::other)?;
    let stream = socket.get_mut();
    for some in pieces.chunks(PIECES) {
        let mut slices: Vec<IoSlice<'_>> = some.iter().map(|it| IoSlice::new(it)).collect();
        let mut left = slices.as_mut_slice();
        IoSlice::advance_slices(&mut left, 0);
        while !left.is_empty() {
            let written = stream.write_vectored(left).await?;
            if written == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            *sent += written;
            IoSlice::advance_slices(&mut left, written);
        }
    }
    stream.flush().await
}

/// What is missing of the message in which so many bytes of these pieces end; nothing where it is whole.
fn rest(pieces: &[Bytes], sent: usize) -> Bytes {
    let mut sent = sent;
    for piece in pieces {
        if sent < piece.len() {
            let mut end = 0;
            while end < sent {
                end += piece.get(end..).and_then(length).unwrap_or(piece.len());
            }
            return piece.slice(sent..end.min(piece.len()));
        }
        sent -= piece.len();
    }
    Bytes::new()
}

/// The bytes of the message that begins here, as [`frame_into`] wrote it.
fn length(message: &[u8]) -> Option<usize> {
    match *message.get(1)? {
        126 => Some(usize::from(u16::from_be_bytes(*message.get(2..)?.first_chunk()?)) + 4),
        127 => Some(usize::try_from(u64::from_be_bytes(*message.get(2..)?.first_chunk()?)).ok()? + 10),
        short => Some(usize::from(short) + 2),
    }
}

/// Whether a line ended because its console broke the rules, and not because it, its machine or the network went away.
pub(super) const fn is_breach(error: &tungstenite::Error) -> bool {
    use tungstenite::Error::{AlreadyClosed, ConnectionClosed, Io, Protocol};
    !matches!(error, Io(_) | ConnectionClosed | AlreadyClosed | Protocol(ProtocolError::ResetWithoutClosingHandshake))
}

/// A text as one whole message of a server (RFC 6455, 5.2): never masked, so that all consoles can be sent the same.
pub(in super::super) fn frame(text: &str) -> Bytes {
    let mut whole = Vec::with_capacity(text.len() + 10);
    frame_into(&mut whole, text);
    whole.into()
}

/// As [`frame`], behind what is there already.
pub(in super::super) fn frame_into(whole: &mut Vec<u8>, text: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_of_any_length_is_read_back_by_another_library() {
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

    #[test]
    fn a_message_that_has_begun_is_ended_wherever_it_was_cut() {
        let lengths = [3, 200, 70_000];
        let whole = |lengths: &[usize]| {
            let mut piece = Vec::new();
            for length in lengths {
                frame_into(&mut piece, &"x".repeat(*length));
            }
            Bytes::from(piece)
        };
        let pieces = [whole(&lengths), whole(&lengths[1..])];
        let all = pieces.concat();
        let mut ends: Vec<usize> = Vec::new();
        for length in [3 + 2, 200 + 4, 70_000 + 10, 200 + 4, 70_000 + 10] {
            ends.push(ends.last().unwrap_or(&0) + length);
        }
        assert_eq!(ends.last(), Some(&all.len()));
        let near = |it: &usize| it.saturating_sub(2)..=(it + 20).min(all.len());
        for sent in ends.iter().chain([&0]).flat_map(near) {
            let end = if sent == 0 { 0 } else { *ends.iter().find(|it| **it >= sent).unwrap() };
            assert!(rest(&pieces, sent) == all[sent..end], "{sent}");
        }
    }
}
