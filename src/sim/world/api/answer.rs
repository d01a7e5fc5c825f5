//! Requests and answers, as data.

use serde_json::Value;

use crate::graph::{Method, Route};

/// A request, as far as the world needs it.
#[derive(Debug, Clone, Copy)]
pub struct WorldRequest<'a> {
    /// The HTTP method.
    pub method: Method,
    /// The resource that it names.
    pub route: &'a Route,
    /// The body as received.
    pub body: &'a [u8],
    /// The caller, by its token.
    pub caller: &'a RequestCaller,
    /// The `User-Agent` header.
    pub agent: Option<&'a str>,
}

/// The caller of a request, by its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestCaller {
    /// The tenant that the token is for.
    pub tenant: Box<str>,
    /// The permissions that the token carries.
    pub roles: Vec<Box<str>>,
}

/// An answer, without the server's address and the request's ids, which the server adds.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The content of the body.
    pub content: AnswerContent,
    /// The resource that `Location` names.
    pub location: Option<Route>,
    /// The value of `Retry-After`, spelled by the settings.
    pub retry_after: Option<Box<str>>,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerContent {
    /// There is no body.
    Empty,
    /// An entity or a collection.
    Entity {
        /// The tail of `@odata.context`, after `$metadata#`, where the answer has one.
        context: Option<String>,
        /// The entity, without its context.
        body: Value,
    },
    /// One of Graph's errors.
    Error {
        /// Graph's error code, such as `8522`.
        code: &'static str,
        /// The fault, in a sentence.
        message: String,
    },
}

/// Why a request is refused.
#[derive(Debug)]
pub(in crate::sim::world) struct Refusal {
    /// The HTTP status.
    pub(in crate::sim::world) status: u16,
    /// Graph's error code, such as `8522`.
    pub(in crate::sim::world) code: &'static str,
    /// The fault, in a sentence.
    pub(in crate::sim::world) message: String,
}

impl Refusal {
    /// A refusal with Graph's code and a sentence.
    pub(in crate::sim::world) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The refusal of a request that makes no sense.
    pub(in crate::sim::world) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalidRequest", message)
    }

    /// The answer to a body without a member that it must have. \[unverified\]: how Graph words it is not documented.
    pub(in crate::sim::world) fn missing(member: &str) -> Self {
        Self::invalid(format!("{member} is missing."))
    }

    /// The documented answer about a call that has ended or never was.
    pub(in crate::sim::world) fn no_call() -> Self {
        Self::new(404, "8522", "Call not found.")
    }

    /// \[unverified\]: what a participant that is not there gets is not documented.
    pub(in crate::sim::world) fn no_item(what: &str) -> Self {
        Self::new(404, "itemNotFound", format!("{what} was not found."))
    }
}

impl WorldAnswer {
    /// An answer without a body.
    pub(in crate::sim::world) fn empty(status: u16) -> Self {
        Self { status, content: AnswerContent::Empty, location: None, retry_after: None }
    }

    /// An answer with an entity or a collection.
    pub(in crate::sim::world) fn entity(status: u16, context: Option<String>, body: Value) -> Self {
        Self { content: AnswerContent::Entity { context, body }, ..Self::empty(status) }
    }

    /// One of Graph's errors.
    pub(in crate::sim) fn error(status: u16, code: &'static str, message: &str) -> Self {
        Self { content: AnswerContent::Error { code, message: message.to_owned() }, ..Self::empty(status) }
    }

    /// Prints `null` for members that an entity lacks.
    pub(in crate::sim::world) fn with_nulls(mut self, nulls: &[&str]) -> Self {
        if let AnswerContent::Entity { body: Value::Object(members), .. } = &mut self.content {
            for name in nulls {
                members.entry(*name).or_insert(Value::Null);
            }
        }
        self
    }
}

/// 503 with the time to wait.
pub(in crate::sim::world) fn unavailable(why: &str) -> WorldAnswer {
    WorldAnswer { retry_after: Some("2".into()), ..WorldAnswer::error(503, "serviceUnavailable", why) }
}
