//! One HTTP exchange, as the answer that the desk reads.

use reqwest::header::CONTENT_TYPE;

use crate::desk::GateAnswer;

/// The maximum number of bytes of an answer; Graph's largest answer is 4 MiB.
const MAX_ANSWER: usize = 8 * 1_024 * 1_024;

/// Sends a request and returns the answer, or the reason for a missing one.
pub(super) async fn exchange(request: reqwest::RequestBuilder, body: Option<String>) -> GateAnswer {
    let request = match body {
        Some(body) => request.header(CONTENT_TYPE, "application/json").body(body),
        None => request,
    };
    match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            match read_body(response).await {
                Ok(body) => GateAnswer::Replied { status, body },
                Err(error) => no_answer(true, error),
            }
        }
        Err(error) => no_answer(!error.is_connect() && !error.is_builder(), error.without_url()),
    }
}

/// Reads the body of an answer.
///
/// Fails with a sentence if the connection breaks, or if the body has no end in sight.
async fn read_body(mut response: reqwest::Response) -> Result<String, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| error.without_url().to_string())? {
        if body.len() + chunk.len() > MAX_ANSWER {
            let host = response.url().authority().to_owned();
            return Err(format!(
                "the answer has more than {MAX_ANSWER} bytes, so it was not read; check that {host} is your relay"
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// The outcome of an exchange without an answer; `sent` says whether the request may have reached the gate.
pub(super) fn no_answer(sent: bool, error: impl std::fmt::Display) -> GateAnswer {
    GateAnswer::Lost { sent, error: error.to_string() }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn an_answer_without_end_is_not_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let endless = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.read_buf(&mut Vec::new()).await.unwrap();
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let chunk = vec![b'x'; 64 * 1_024];
            let mut sent = 0;
            while socket.write_all(&chunk).await.is_ok() {
                sent += chunk.len();
            }
            sent
        });
        let answer = exchange(reqwest::Client::new().get(format!("http://{address}/")), None).await;
        let GateAnswer::Lost { sent: true, error } = answer else { panic!("{answer:?}") };
        assert!(error.ends_with(&format!("check that {address} is your relay")), "{error}");
        assert!(endless.await.unwrap() >= MAX_ANSWER);
    }
}
