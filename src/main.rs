//! The door: reads the command line, does it, and turns an error into a sentence and an exit code.

use std::io::Write as _;
use std::process::ExitCode;

use callboard::cli::Cli;
use clap::Parser as _;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => code,
        Err(stop) => {
            // Nobody is left to be told when standard error is closed too.
            drop(writeln!(std::io::stderr(), "callboard: {:#}", stop.error));
            ExitCode::from(stop.code)
        }
    }
}
