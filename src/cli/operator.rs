//! `callboard relay operator`: who may look, and who may act.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};

use super::Stop;
use super::serve::line;
use crate::relay;

#[derive(Debug, Subcommand)]
pub(super) enum OperatorCommand {
    /// Add an operator, or a second token for one; prints the new token, which is shown only now.
    Add {
        /// The operator's name, as the ledger shows it.
        name: String,
        /// What the operator may do.
        #[arg(long, value_enum)]
        role: Role,
        /// The folder of the relay's journal.
        #[arg(long, value_name = "DIR")]
        journal: PathBuf,
    },
    /// List the operators and their roles.
    List {
        /// The folder of the relay's journal.
        #[arg(long, value_name = "DIR")]
        journal: PathBuf,
    },
    /// Take an operator's tokens back; a running relay heeds it at once.
    Revoke {
        /// The operator's name.
        name: String,
        /// The folder of the relay's journal.
        #[arg(long, value_name = "DIR")]
        journal: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Role {
    /// May look.
    Viewer,
    /// May look and act.
    Operator,
}

impl OperatorCommand {
    pub(super) fn run(self) -> Result<ExitCode, Stop> {
        match self {
            Self::Add { name, role, journal } => {
                let role = match role {
                    Role::Viewer => relay::Role::Viewer,
                    Role::Operator => relay::Role::Operator,
                };
                let token = relay::operators::add(&journal, &name, role)?;
                line(secrecy::ExposeSecret::expose_secret(&token))?;
            }
            Self::List { journal } => {
                for operator in relay::operators::list(&journal)? {
                    line(&format!("{}\t{}", operator.role, operator.name))?;
                }
            }
            Self::Revoke { name, journal } => {
                let revoked = relay::operators::revoke(&journal, &name)?;
                line(&format!("tokens revoked: {revoked}"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
