//! The world behind the simulated Graph: calls, the people in them, and what happens next.
//!
//! Pure: time, requests and control commands come in as data, answers and notifications go out as data. The same
//! seed, scenario, requests and times give the same ids and notifications in the same order. The world knows no
//! network and no clock, and nothing of the board that shows its calls.
//!
//! [`World`] holds the state. Each part of it has its own type, with the rules that concern that part alone; what
//! needs several parts is a method of `World`, or a function of the endpoint that it serves.

mod agenda;
mod api;
mod calls;
mod control;
mod entity;
mod events;
mod faults;
mod media;
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
