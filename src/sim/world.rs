//! The world behind the simulated Graph: calls, the people in them, and planned events.
//!
//! Pure: time, requests and control commands are its input; answers and notifications are its output. The same seed,
//! scenario, requests and times give the same ids and notifications in the same order. The world has no network and no
//! clock, and does not know the board that shows its calls.
//!
//! [`World`] holds the state. Each part of the state is a type with its own rules. Code that needs several parts is a
//! method of `World` or a function of its endpoint.

mod agenda;
mod api;
mod calls;
mod control;
mod entity;
mod events;
mod faults;
mod media;
mod meeting;
mod notify;
mod rng;
mod state;

pub use api::answer::{AnswerContent, RequestCaller, WorldAnswer, WorldRequest};
pub use api::permission::documented_methods;
pub use calls::call_body::allowed_callback;
pub use control::people::{CallView, PersonView, TooManyCalls, UnknownTarget};
pub use faults::request_outcome::{RequestOutcome, TokenOutcome};
pub use media::recordings::silent_recording;
pub use notify::notification::{ExpectedReply, OutgoingNotification, WebhookPost};
pub use state::{SimApplication, World};

#[cfg(test)]
mod tests;
