//! The entry point: parses the command line, runs the command, and turns an error into a sentence and an exit code.

use std::io::Write as _;
use std::process::ExitCode;

use callboard::cli::Cli;
use clap::Parser as _;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => code,
        Err(stop) => {
            // A closed standard error has no reader.
            drop(writeln!(std::io::stderr(), "callboard: {:#}", stop.error));
            ExitCode::from(stop.code)
        }
    }
}
