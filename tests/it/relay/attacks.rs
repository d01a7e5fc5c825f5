//! Attacks on a relay that stands on the internet: each is refused in the right way, is counted, reaches nothing of
//! Graph that the gate does not name, and costs nobody else anything.

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
