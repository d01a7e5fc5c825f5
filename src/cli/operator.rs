//! `callboard relay operator`: adds, lists and revokes the operators' tokens.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::failure::{CommandFailure, invalid_input};
use super::serve::{print_line, print_remark};
use crate::relay;
use crate::time::Timestamp;
use crate::time::clock;

#[derive(Debug, Subcommand)]
pub(super) enum OperatorCommand {
    /// Add an operator and print the token, which is shown only once.
    Add {
        /// The operator's name, as it appears in the operations.
        name: String,
        /// The operator's role.
        #[arg(long, value_enum)]
        role: RoleArg,
        #[command(flatten)]
        expiry: ExpiryArg,
        #[command(flatten)]
        at: JournalArg,
    },
    /// Give an operator a second token and print it. Revoke the old token once the new one is in use.
    Rotate {
        /// The operator's name.
        name: String,
        #[command(flatten)]
        expiry: ExpiryArg,
        #[command(flatten)]
        at: JournalArg,
    },
    /// List the tokens: role, token, creation time, end and operator. A token is shown as the last four
    /// digits of its SHA-256.
    List {
        #[command(flatten)]
        at: JournalArg,
    },
    /// Revoke an operator's tokens; a running relay applies it at once.
    Revoke {
        /// The operator's name.
        name: String,
        /// Revoke only this token, as shown in the list.
        #[arg(long, value_name = "N")]
        token: Option<String>,
        #[command(flatten)]
        at: JournalArg,
    },
}

#[derive(Debug, Args)]
pub(super) struct JournalArg {
    /// The folder of the relay's journal.
    #[arg(long, value_name = "DIR")]
    journal: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct ExpiryArg {
    /// When the token expires: a duration from now (90d, 12h), a date (2027-01-31, the end of that day
    /// in UTC), or never.
    #[arg(long, value_name = "WHEN", default_value = "365d")]
    expires: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleArg {
    /// May see the board.
    Viewer,
    /// May see the board and act.
    Operator,
}

impl OperatorCommand {
    pub(super) fn run(self) -> Result<ExitCode, CommandFailure> {
        match self {
            Self::Add { name, role, expiry, at } => {
                let role = match role {
                    RoleArg::Viewer => relay::Role::Viewer,
                    RoleArg::Operator => relay::Role::Operator,
                };
                let expires = expires(&expiry.expires, clock::wall()).map_err(invalid_input)?;
                let is_new = !at.journal.is_dir();
                let token = relay::operators::add(&at.journal, &name, role, expires)?;
                if is_new {
                    let folder = at.journal.display();
                    print_remark(&format!("the folder {folder} was created; start the relay with --journal {folder}"));
                }
                print_line(secrecy::ExposeSecret::expose_secret(&token))?;
            }
            Self::Rotate { name, expiry, at } => {
                let expires = expires(&expiry.expires, clock::wall()).map_err(invalid_input)?;
                let token = relay::operators::rotate(&at.journal, &name, expires)?;
                print_line(secrecy::ExposeSecret::expose_secret(&token))?;
            }
            Self::List { at } => {
                let now = clock::wall();
                for it in relay::operators::list(&at.journal)? {
                    let ended = if it.is_live(now) { "" } else { " (ended)" };
                    let ends = it.expires.map_or_else(|| "never".to_owned(), day);
                    let (role, made) = (it.role, day(it.added));
                    print_line(&format!("{role}\t{}\tmade {made}\tends {ends}{ended}\t{}", it.token(), it.name))?;
                }
            }
            Self::Revoke { name, token, at } => {
                let revoked = relay::operators::revoke(&at.journal, &name, token.as_deref())?;
                print_line(&format!("tokens revoked: {revoked}"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Parses the time at which a token expires; `None` means never. Days are days of 24 hours.
fn expires(text: &str, now: Timestamp) -> anyhow::Result<Option<Timestamp>> {
    if text == "never" {
        return Ok(None);
    }
    let invalid = || {
        anyhow::anyhow!(
            "--expires {text:?} is not valid: give a duration (90d, 12h), a date (2027-01-31, the end of that day in \
             UTC), or never"
        )
    };
    let end = match text.parse::<jiff::civil::Date>() {
        Ok(date) => date.tomorrow().and_then(|it| it.to_zoned(jiff::tz::TimeZone::UTC)),
        Err(_no_date) => {
            let span: jiff::Span = text.parse().map_err(|_no_duration| invalid())?;
            let start = jiff::Timestamp::from_millisecond(now.0).map_err(|_out_of_range| invalid())?;
            start.to_zoned(jiff::tz::TimeZone::UTC).checked_add(span)
        }
    };
    let end = Timestamp(end.map_err(|_too_far| invalid())?.timestamp().as_millisecond());
    anyhow::ensure!(end > now, "--expires {text:?} is in the past; give a later time, or never");
    Ok(Some(end))
}

fn day(at: Timestamp) -> String {
    let stamp = jiff::Timestamp::from_millisecond(at.0);
    stamp.map_or_else(|_beyond| "?".to_owned(), |it| it.strftime("%Y-%m-%d %H:%MZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_a_duration_a_date_or_never() {
        // 2026-11-22 00:00:00 UTC.
        let now = Timestamp(1_795_305_600_000);
        assert_eq!(day(now), "2026-11-22 00:00Z");
        for (text, end) in [
            ("90d", Some("2027-02-20 00:00Z")),
            ("12h", Some("2026-11-22 12:00Z")),
            ("1d 12h", Some("2026-11-23 12:00Z")),
            ("2 weeks", Some("2026-12-06 00:00Z")),
            ("P1Y", Some("2027-11-22 00:00Z")),
            ("2026-11-22", Some("2026-11-23 00:00Z")),
            ("never", None),
        ] {
            assert_eq!(expires(text, now).unwrap().map(day).as_deref(), end, "{text}");
        }
        for text in ["", "soon", "90", "-1d", "0d", "2026-11-21", "2026-13-01"] {
            assert!(expires(text, now).is_err(), "{text}");
        }
        let error = expires("soon", now).unwrap_err().to_string();
        for form in ["90d", "12h", "2027-01-31", "never"] {
            assert!(error.contains(form), "{form} is missing in {error}");
        }
    }
}
