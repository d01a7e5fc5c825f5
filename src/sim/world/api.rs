//! Graph's calls API: validates each request, performs it, and builds the answer.

pub(super) mod answer;
pub(super) mod body;
pub(super) mod dispatch;
pub(super) mod operate;
pub(super) mod permission;
pub(super) mod read;
