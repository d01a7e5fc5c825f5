//! The measuring clients, as cheap as possible so that the server is measured: a sender of webhooks, and a console that
//! reads only the length and the beginning of each message.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use url::Url;

/// A connection that sends one request after another.
pub(crate) struct Poster {
    stream: TcpStream,
    head: String,
    answer: Vec<u8>,
}

fn address(url: &Url) -> SocketAddr {
    url.socket_addrs(|| None).expect("an address")[0]
}

impl Poster {
    pub(crate) async fn new(url: &str, authorization: &str) -> Self {
        let url = Url::parse(url).expect("an address");
        let stream = TcpStream::connect(address(&url)).await.expect("a line");
        stream.set_nodelay(true).expect("a socket");
        let head = format!("POST {} HTTP/1.1\r\nhost: bench\r\nauthorization: {authorization}\r\n", url.path());
        Self { stream, head, answer: Vec::new() }
    }

    /// The status of the answer; its body is empty or short.
    pub(crate) async fn post(&mut self, body: &str) -> u16 {
        let request = format!("{}content-length: {}\r\n\r\n{body}", self.head, body.len());
        self.stream.write_all(request.as_bytes()).await.expect("it is taken");
        self.answer.clear();
        loop {
            assert!(self.stream.read_buf(&mut self.answer).await.expect("an answer") > 0, "the line is closed");
            let text = std::str::from_utf8(&self.answer).expect("text");
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|it| it.strip_prefix("content-length: ")).map_or("0", str::trim);
            if body.len() >= length.parse().expect("a length") {
                return head[9..12].parse().expect("a status");
            }
        }
    }
}

/// A connection that receives messages from a server.
pub(crate) struct Line {
    stream: TcpStream,
    messages: Messages,
    heard: Vec<u8>,
}

/// The beginning of an entry's message.
pub(crate) const ENTRY: &[u8] = br#"{"type":"entry","#;
const CAUGHT_UP: &[u8] = br#"{"type":"caughtUp""#;

impl Line {
    /// Opens a connection without a handshake.
    pub(crate) async fn plain(at: SocketAddr) -> Self {
        let stream = TcpStream::connect(at).await.expect("a line");
        Self { stream, messages: Messages::default(), heard: Vec::with_capacity(64 * 1_024) }
    }

    /// Opens a console that is up to date, with a receive buffer of about this size.
    pub(crate) async fn console(feed: &str, token: &str, keeps: Option<u32>) -> Self {
        let url = Url::parse(&feed.replacen("ws", "http", 1)).expect("an address");
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(keeps) = keeps {
            socket.set_recv_buffer_size(keeps).expect("a buffer");
        }
        let stream = socket.connect(address(&url)).await.expect("a line");
        let mut line = Self { stream, messages: Messages::default(), heard: Vec::with_capacity(64 * 1_024) };
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            url.path()
        );
        line.stream.write_all(request.as_bytes()).await.expect("it is taken");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(line.stream.read_u8().await.expect("an answer"));
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        line.say(r#"{"type":"start"}"#).await;
        line.wait_for(CAUGHT_UP, 1).await;
        line
    }

    /// Sends a short message, masked with zeros.
    pub(crate) async fn say(&mut self, text: &str) {
        let length = u8::try_from(text.len()).expect("it is short") | 0x80;
        let whole = [&[0x81, length, 0, 0, 0, 0], text.as_bytes()].concat();
        self.stream.write_all(&whole).await.expect("it is taken");
    }

    /// Reads until this number of messages with this beginning have arrived.
    pub(crate) async fn wait_for(&mut self, begin: &[u8], mut count: usize) {
        while count > 0 {
            self.heard.clear();
            let size = self.stream.read_buf(&mut self.heard).await.expect("bytes");
            assert!(size > 0, "the server closed the line");
            self.messages.take(&self.heard, |it| count -= usize::from(count > 0 && it.starts_with(begin)));
        }
    }
}

/// Where one message ends and the next begins.
#[derive(Default)]
struct Messages {
    /// The head of a message and the first bytes of its text.
    begun: Vec<u8>,
    /// The bytes of the message that have not arrived yet.
    left: usize,
}

/// The number of inspected bytes of a text.
const BEGINNING: usize = 20;

impl Messages {
    /// Processes received bytes, and reports the beginning of each complete message.
    fn take(&mut self, mut bytes: &[u8], mut told: impl FnMut(&[u8])) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let some = self.left.min(bytes.len());
                (self.left, bytes) = (self.left - some, &bytes[some..]);
            } else {
                self.begun.push(bytes[0]);
                bytes = &bytes[1..];
                let Some((head, length)) = head(&self.begun) else { continue };
                if self.begun.len() < head + length.min(BEGINNING) {
                    continue;
                }
                self.left = head + length - self.begun.len();
            }
            if self.left == 0 && !self.begun.is_empty() {
                let (head, _) = head(&self.begun).expect("a head");
                told(&self.begun[head..]);
                self.begun.clear();
            }
        }
    }
}

/// Returns the sizes of a message's head and text.
fn head(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.get(1)? {
        126 => Some((4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)))),
        127 => Some((10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?)),
        short => Some((2, usize::from(short))),
    }
}
