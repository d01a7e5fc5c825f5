//! The bearer token in a request's `Authorization` header, and the operator that it belongs to.

use axum::http::{HeaderMap, header};

use crate::relay::operators::{OperatorRegistry, OperatorToken};

/// Returns the token of an `Authorization` header.
pub(in crate::relay) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|it| !it.is_empty())
}

/// Returns the operator whose live token a request carries.
pub(in crate::relay) fn operator(operators: &OperatorRegistry, headers: &HeaderMap) -> Option<OperatorToken> {
    let token = bearer(headers.get(header::AUTHORIZATION)?.to_str().ok()?)?;
    operators.find(token)
}
