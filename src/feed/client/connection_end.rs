//! How a connection to a relay ends, with a sentence for the operator. Does not know frames.

use std::time::Duration;

use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::http::StatusCode;

use super::dial::{DIAL_TIMEOUT, DialError};
use crate::feed::queue::OwnerGone;
use crate::protocol::CloseCode;

/// How a connection ended.
#[derive(Debug)]
pub(super) enum ConnectionEnd {
    /// The owner dropped its end of a channel.
    Owner,
    /// The connection was lost, and why; it can be retried.
    Lost(String),
    /// The connection was lost, and why; the relay asked for this wait before a retry.
    Asked(String, Duration),
    /// The relay refuses this console; a retry does not help.
    Refused(String),
}

/// The longest wait that a relay may ask for.
const MAX_WAIT: Duration = Duration::from_mins(1);

impl ConnectionEnd {
    /// Adds the wait that the relay asks for, at most a minute.
    pub(super) fn after(self, wait: Duration) -> Self {
        if wait.is_zero() {
            return self;
        }
        if let Self::Lost(why) = self { Self::Asked(why, wait.min(MAX_WAIT)) } else { self }
    }

    /// Returns the end of a connection to a server that sends what no relay sends.
    pub(super) fn no_relay(fault: &dyn std::fmt::Display, address: &str) -> Self {
        Self::Lost(format!("{fault}; the connection was closed: check that {address} is your relay"))
    }

    fn answered(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Refused(CloseCode::Unauthenticated.sentence().to_owned()),
            StatusCode::FORBIDDEN => Self::Refused(CloseCode::Forbidden.sentence().to_owned()),
            StatusCode::TOO_MANY_REQUESTS => Self::Lost(CloseCode::TooMany.sentence().to_owned()),
            other => Self::Lost(format!("the relay answered {other} where its feed should be; check its address")),
        }
    }
}

impl From<OwnerGone> for ConnectionEnd {
    fn from(_gone: OwnerGone) -> Self {
        Self::Owner
    }
}

impl From<tungstenite::Error> for ConnectionEnd {
    fn from(error: tungstenite::Error) -> Self {
        Self::Lost(format!("the line to the relay failed: {error}"))
    }
}

impl From<DialError> for ConnectionEnd {
    fn from(error: DialError) -> Self {
        match error {
            DialError::Unusable(error) => {
                Self::Refused(format!("the relay's address or token cannot be used: {error}"))
            }
            DialError::Silent => Self::Lost(format!("the relay did not answer within {} s", DIAL_TIMEOUT.as_secs())),
            DialError::Answered(status) => Self::answered(status),
            DialError::Broken(error) => error.into(),
        }
    }
}
