//! What each event and command does to the desk. These files import [`Desk`](super::Desk), and only `update` calls them.

pub(super) mod acts;
pub(super) mod export;
pub(super) mod feed;
pub(super) mod journal_read;
pub(super) mod modals;
pub(super) mod palette;
pub(super) mod panel;
pub(super) mod perform;
pub(super) mod presenter;
pub(super) mod privacy;
pub(super) mod select;
pub(super) mod settings;
pub(super) mod settle;
pub(super) mod timeline;
pub(super) mod view;
pub(super) mod watch;
