//! A failed command: its exit code and the sentence that it prints.

/// A failed command, and its exit code: 1 it failed, 2 the command line or a file that it names is wrong.
#[derive(Debug)]
pub struct CommandFailure {
    /// The exit code.
    pub code: u8,
    /// The fault, its place and the next step.
    pub error: anyhow::Error,
}

impl<E: Into<anyhow::Error>> From<E> for CommandFailure {
    fn from(error: E) -> Self {
        Self { code: 1, error: error.into() }
    }
}

/// Returns the failure for a wrong command line, or a wrong file that it names.
pub(super) fn invalid_input(error: anyhow::Error) -> CommandFailure {
    CommandFailure { code: 2, error }
}
