//! Text for the clipboard and for files.

pub(super) mod clip;
pub(super) mod curl;
