//! Whole programs over real sockets and terminals.

pub(crate) mod clock_shim;
pub(crate) mod console_session;
pub(crate) mod first_use;
pub(crate) mod inspect_command;
pub(crate) mod late_acts;
pub(crate) mod loopback;
pub(crate) mod own_floor;
pub(crate) mod paused_machine;
pub(crate) mod plain_source;
pub(crate) mod processes;
pub(crate) mod settings;
pub(crate) mod terminal;
pub(crate) mod terminal_input;
pub(crate) mod terminal_job;
