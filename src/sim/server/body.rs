//! Reads the body of a request: whole, in time, within a size, and decoded.

use std::io::Read as _;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use flate2::read::MultiGzDecoder;

use super::http::refusal;

/// The largest body that is read, in bytes, as it arrives and after it is decoded.
pub(super) const MAX_BODY: usize = 1 << 20;
/// The time to receive a body; after that the answer is 408. \[unverified\]: Graph's limit and status.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// The value of `Accept-Encoding` in an answer with 415 (RFC 9110, section 15.5.16).
pub(super) const ACCEPTED_ENCODINGS: HeaderValue = HeaderValue::from_static("gzip, identity");

/// The reason why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyReadError {
    /// It is larger than [`MAX_BODY`], or the connection broke, in which case no client reads the answer.
    #[error("The body is larger than 1 MiB, also when it is decoded, or did not arrive.")]
    Incomplete,
    /// It did not arrive within [`BODY_TIMEOUT`].
    #[error("The body did not arrive within 10 seconds.")]
    Late,
    /// It has another `Content-Encoding` than gzip.
    #[error("The Content-Encoding of the body is not served: send gzip, or no encoding.")]
    UnknownEncoding,
    /// It is not what its `Content-Encoding` says.
    #[error("The body is not gzip, although its Content-Encoding says so.")]
    NotGzip,
}

impl BodyReadError {
    /// Returns the status of the answer.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Incomplete => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::UnknownEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotGzip => StatusCode::BAD_REQUEST,
        }
    }
}

/// The encodings of a body that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyEncoding {
    Identity,
    Gzip,
}

/// Reads a request's whole body, and decodes it. Graph decodes gzip (msgraph-sdk-design #71, kiota #1132).
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, BodyReadError> {
    let encoding = encoding(headers)?;
    let read = match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY)).await {
        Ok(read) => read.map_err(|_broken| BodyReadError::Incomplete)?,
        Err(_elapsed) => return Err(BodyReadError::Late),
    };
    match encoding {
        BodyEncoding::Gzip if !read.is_empty() => unzipped(&read),
        BodyEncoding::Gzip | BodyEncoding::Identity => Ok(read),
    }
}

/// Forwards a request after its whole body has arrived, decoded.
pub(super) async fn require_body_in_time(request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    match read(&head.headers, body).await {
        Ok(body) => {
            // They describe the body as it was sent.
            head.headers.remove(CONTENT_ENCODING);
            head.headers.remove(CONTENT_LENGTH);
            next.run(Request::from_parts(head, Body::from(body))).await
        }
        Err(error) => {
            let mut answer = refusal(error.status(), &error.to_string());
            if error == BodyReadError::UnknownEncoding {
                answer.headers_mut().insert(ACCEPT_ENCODING, ACCEPTED_ENCODINGS);
            }
            answer
        }
    }
}

/// Returns the encoding of a body. Several encodings after one another are refused.
fn encoding(headers: &HeaderMap) -> Result<BodyEncoding, BodyReadError> {
    let mut encoding = BodyEncoding::Identity;
    for value in headers.get_all(CONTENT_ENCODING) {
        let names = value.to_str().map_err(|_not_text| BodyReadError::UnknownEncoding)?;
        for name in names.split(',').map(str::trim) {
            let is_gzip = name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip");
            encoding = match encoding {
                BodyEncoding::Identity if is_gzip => BodyEncoding::Gzip,
                unchanged if name.is_empty() || name.eq_ignore_ascii_case("identity") => unchanged,
                BodyEncoding::Identity | BodyEncoding::Gzip => return Err(BodyReadError::UnknownEncoding),
            };
        }
    }
    Ok(encoding)
}

/// Decodes gzip up to [`MAX_BODY`], so that a small body cannot fill the memory.
fn unzipped(body: &[u8]) -> Result<Bytes, BodyReadError> {
    let mut decoded = Vec::new();
    let most = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
    let mut reader = MultiGzDecoder::new(body).take(most.saturating_add(1));
    reader.read_to_end(&mut decoded).map_err(|_spoiled| BodyReadError::NotGzip)?;
    if decoded.len() > MAX_BODY { Err(BodyReadError::Incomplete) } else { Ok(decoded.into()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// The encodings of a body, its bytes, and what is read.
    type EncodedBody<'a> = (&'a [&'a str], &'a [u8], Result<&'a [u8], BodyReadError>);

    fn zipped(text: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn headers(encodings: &[&str]) -> HeaderMap {
        encodings.iter().map(|it| (CONTENT_ENCODING, it.parse().unwrap())).collect()
    }

    #[tokio::test]
    async fn gzip_is_decoded_and_every_other_encoding_is_refused() {
        let zip = zipped(b"{}");
        let mut two = zip.clone();
        two.extend(zipped(b" "));
        let cases: [EncodedBody; 12] = [
            (&[], b"{}", Ok(b"{}")),
            (&["gzip"], &zip, Ok(b"{}")),
            (&["GZIP"], &two, Ok(b"{} ")),
            (&["x-gzip"], &zip, Ok(b"{}")),
            (&["identity, gzip"], &zip, Ok(b"{}")),
            (&["gzip"], b"", Ok(b"")),
            (&["identity"], b"{}", Ok(b"{}")),
            (&["gzip"], b"{}", Err(BodyReadError::NotGzip)),
            (&["gzip"], &zip[..zip.len() - 3], Err(BodyReadError::NotGzip)),
            (&["br"], b"{}", Err(BodyReadError::UnknownEncoding)),
            (&["gzip", "gzip"], &zip, Err(BodyReadError::UnknownEncoding)),
            (&["deflate, gzip"], &zip, Err(BodyReadError::UnknownEncoding)),
        ];
        for (encodings, sent, expected) in cases {
            let got = read(&headers(encodings), Body::from(sent.to_vec())).await;
            assert_eq!(got.as_deref(), expected.as_ref().copied(), "{encodings:?}");
        }
    }

    #[tokio::test]
    async fn a_small_body_cannot_become_a_large_one() {
        for (size, fits) in [(MAX_BODY, true), (MAX_BODY + 1, false), (64 * MAX_BODY, false)] {
            let zip = zipped(&vec![b' '; size]);
            assert!(zip.len() < MAX_BODY / 8);
            let got = read(&headers(&["gzip"]), Body::from(zip)).await;
            assert_eq!(got.map(|it| it.len()), if fits { Ok(size) } else { Err(BodyReadError::Incomplete) }, "{size}");
        }
    }
}
