//! The error of reading or changing the operators.

use std::path::PathBuf;

use crate::protocol::Role;

/// The reason why the list of operators cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OperatorsError {
    /// The file cannot be read or written.
    #[error("the operators in {} cannot be read or written: {error}; check the file's owner", path.display())]
    File {
        /// The file's path.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// The file was removed while the relay ran.
    #[error("{} was removed; restore it, or add the operators again", path.display())]
    Gone {
        /// The file's path.
        path: PathBuf,
    },
    /// The file is not a list of operators.
    #[error("{} is not a list of operators: {error}; mend it, or remove it and add the operators again", path.display())]
    Content {
        /// The file's path.
        path: PathBuf,
        /// The parser's error.
        error: serde_json::Error,
    },
    /// The journal's folder does not exist.
    #[error("there is no journal in {}, and so no operators; name the folder of the relay's journal", path.display())]
    NoJournal {
        /// The given folder.
        path: PathBuf,
    },
    /// The name is empty, too long or not printable.
    #[error("{0:?} is not a valid operator name: use 1 to 64 printable characters")]
    Name(String),
    /// No operator has this name.
    #[error("there is no operator {0:?}; list the operators to see their names")]
    Unknown(String),
    /// The operator has another role.
    #[error("{name:?} has the role {role} already; revoke that first, or choose another name")]
    OtherRole {
        /// The operator's name.
        name: String,
        /// The role that the operator has.
        role: Role,
    },
    /// The operator has two live tokens already.
    #[error("{0:?} has two live tokens already; revoke one of them first: revoke NAME --token N, as list shows it")]
    Two(String),
    /// The operator has no such token.
    #[error("{name:?} has no token {token:?}; list the operators to see their tokens")]
    NoToken {
        /// The operator's name.
        name: String,
        /// The end of a digest, as given.
        token: String,
    },
    /// The system's random generator failed.
    #[error("the system gave no random bits for a token; try again")]
    Random,
}
