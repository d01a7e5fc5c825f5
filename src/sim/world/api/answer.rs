//! Requests and answers, as data.

use serde_json::Value;

use crate::graph::{Method, Route};

/// The parts of a request that the world needs.
#[derive(Debug, Clone, Copy)]
pub struct WorldRequest<'a> {
    /// The HTTP method.
    pub method: Method,
    /// The resource that it names.
    pub route: &'a Route,
    /// The body as received.
    pub body: &'a [u8],
    /// The caller, as named in the token.
    pub caller: &'a RequestCaller,
    /// The `User-Agent` header.
    pub agent: Option<&'a str>,
    /// The address through which it arrived, for example `http://127.0.0.1:4711`.
    pub origin: &'a str,
}

/// The caller of a request, as named in the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestCaller {
    /// The tenant that the token is for.
    pub tenant: Box<str>,
    /// The permissions that the token carries.
    pub roles: Vec<Box<str>>,
}

/// An answer. The server adds its own address and the request ids.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The content of the body.
    pub content: AnswerContent,
    /// The resource of the `Location` header.
    pub location: Option<Route>,
    /// The value of the `Retry-After` header.
    pub retry_after: Option<Box<str>>,
    /// The `callChainId` of the call that it is about, if the call exists.
    pub chain: Option<Box<str>>,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerContent {
    /// There is no body.
    Empty,
    /// An entity or a collection.
    Entity {
        /// The end of `@odata.context`, after `$metadata#`, if the answer has one.
        context: Option<String>,
        /// The entity, without its context.
        body: Value,
    },
    /// One of Graph's errors.
    Error {
        /// Graph's error code, such as `8522`.
        code: &'static str,
        /// The error in a sentence.
        message: String,
    },
}

/// The refusal of a request.
#[derive(Debug)]
pub(in crate::sim::world) struct Refusal {
    /// The HTTP status.
    pub(in crate::sim::world) status: u16,
    /// Graph's error code, such as `8522`.
    pub(in crate::sim::world) code: &'static str,
    /// The error in a sentence.
    pub(in crate::sim::world) message: String,
}

impl Refusal {
    /// Makes a refusal with Graph's code and a sentence.
    pub(in crate::sim::world) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// Refuses a request that is not valid.
    pub(in crate::sim::world) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalidRequest", message)
    }

    /// Refuses a body that lacks a required member. \[unverified\]: Graph's wording is not documented.
    pub(in crate::sim::world) fn missing(member: &str) -> Self {
        Self::invalid(format!("{member} is missing."))
    }

    /// Refuses a request about a call that has ended or never existed, as documented.
    pub(in crate::sim::world) fn no_call() -> Self {
        Self::new(404, "8522", "Call not found.")
    }

    /// Refuses a request about a resource that does not exist. \[unverified\]: Graph's answer is not documented.
    pub(in crate::sim::world) fn no_item(what: &str) -> Self {
        Self::new(404, "itemNotFound", format!("{what} was not found."))
    }
}

impl WorldAnswer {
    /// Makes an answer that has no body.
    pub(in crate::sim::world) fn empty(status: u16) -> Self {
        Self { status, content: AnswerContent::Empty, location: None, retry_after: None, chain: None }
    }

    /// Makes an answer with an entity or a collection.
    pub(in crate::sim::world) fn entity(status: u16, context: Option<String>, body: Value) -> Self {
        Self { content: AnswerContent::Entity { context, body }, ..Self::empty(status) }
    }

    /// Makes an answer with one of Graph's errors.
    pub(in crate::sim) fn error(status: u16, code: &'static str, message: &str) -> Self {
        Self { content: AnswerContent::Error { code, message: message.to_owned() }, ..Self::empty(status) }
    }

    /// Makes the answer 401 of Graph's front door. The code was observed in many reports.
    pub(in crate::sim) fn no_token() -> Self {
        let message = "The access token is missing, has expired or is not valid.";
        Self::error(401, "InvalidAuthenticationToken", message)
    }

    /// Adds the named members that the entity lacks, with the value `null`.
    pub(in crate::sim::world) fn with_nulls(mut self, nulls: &[&str]) -> Self {
        if let AnswerContent::Entity { body: Value::Object(members), .. } = &mut self.content {
            for name in nulls {
                members.entry(*name).or_insert(Value::Null);
            }
        }
        self
    }
}

/// Makes the answer 503, with the time to wait in `Retry-After`.
pub(in crate::sim::world) fn unavailable(why: &str) -> WorldAnswer {
    WorldAnswer { retry_after: Some("2".into()), ..WorldAnswer::error(503, "serviceUnavailable", why) }
}
