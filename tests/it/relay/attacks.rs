//! Attacks on a relay on the internet. Each is refused and counted, reaches only listed actions of Graph, and does not
//! affect other callers.

mod floods;
mod framing;
mod gate;
mod keepers;
mod logs;
pub(crate) mod sealed;
pub(crate) mod site;
mod size_limits;
mod sockets;
mod strangers;
