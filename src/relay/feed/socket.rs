//! A console's connection after the WebSocket handshake. A frame for many consoles is encoded once, and every
//! connection writes the same shared bytes. Does not know what a frame means.

use std::io::{self, ErrorKind, IoSlice};

use bytes::Bytes;
use futures_util::StreamExt as _;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use super::websocket::message_length;
use crate::relay::edge::listener::StallSignal;

/// The size of the read buffer in bytes. A console sends little.
const READ_BUFFER: usize = 1_024;
/// The size of the library's write buffer in bytes. The library writes pongs and the close frame.
const WRITE_BUFFER: usize = 1_024;
/// The maximum number of pieces in one vectored write. Systems allow 1,024.
const MAX_PIECES: usize = 64;

/// The connection of one console.
pub(super) struct ConsoleSocket {
    socket: UpgradedSocket,
    /// The signal that the console has read nothing for too long.
    stall: StallSignal,
    /// The unsent rest of a message if the connection stalled within it.
    rest: Bytes,
}

type UpgradedSocket = WebSocketStream<TokioIo<Upgraded>>;

/// The reason why pieces were not sent.
#[derive(Debug)]
pub(super) enum SendError {
    /// The connection is broken.
    Broken,
    /// The console reads nothing. After this only [`ConsoleSocket::close`] may be called.
    Stalled,
}

impl ConsoleSocket {
    /// Creates a connection after the handshake. The console may send messages of at most `largest` bytes; `stall`
    /// signals that the console reads nothing.
    pub(super) async fn new(stream: Upgraded, largest: usize, stall: StallSignal) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(largest))
            .max_frame_size(Some(largest))
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER);
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, Some(config)).await;
        Self { socket, stall, rest: Bytes::new() }
    }

    /// Returns the console's next message, or `None` if it has disconnected. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Result<Message, tungstenite::Error>> {
        self.socket.next().await
    }

    /// Sends pieces that contain whole messages, see [`super::websocket::frame`], and returns when the system has taken
    /// all of them. After a cancelled call the connection must not be used again.
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

    /// Closes the connection: sends the rest of a partly sent message, the last message and the close frame, and then
    /// reads until the console disconnects. Unread input would make the system reset the connection
    /// and drop the output.
    pub(super) async fn close(&mut self, last: Bytes, close: CloseFrame) -> Result<(), tungstenite::Error> {
        let pieces = [std::mem::take(&mut self.rest), last];
        write(&mut self.socket, &pieces, &mut 0).await?;
        self.socket.close(Some(close)).await?;
        while self.socket.next().await.is_some_and(|it| it.is_ok()) {}
        Ok(())
    }
}

/// Writes pieces after the library's own output, and counts the bytes that the system has taken.
async fn write(socket: &mut UpgradedSocket, pieces: &[Bytes], sent: &mut usize) -> io::Result<()> {
    // A pong may be half written, so the pieces come after it.
    futures_util::SinkExt::flush(socket).await.map_err(io::Error::other)?;
    let stream = socket.get_mut();
    for chunk in pieces.chunks(MAX_PIECES) {
        let mut slices: Vec<IoSlice<'_>> = chunk.iter().map(|it| IoSlice::new(it)).collect();
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

/// Returns the rest of the message in which the first `sent` bytes of these pieces end; empty at a message's end.
fn rest(pieces: &[Bytes], sent: usize) -> Bytes {
    let mut sent = sent;
    for piece in pieces {
        if sent < piece.len() {
            let mut end = 0;
            while end < sent {
                end += piece.get(end..).and_then(message_length).unwrap_or(piece.len());
            }
            return piece.slice(sent..end.min(piece.len()));
        }
        sent -= piece.len();
    }
    Bytes::new()
}

#[cfg(test)]
mod tests {
    use super::super::websocket::frame_into;
    use super::*;

    #[test]
    fn a_partly_sent_message_is_completed_wherever_it_was_cut() {
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
