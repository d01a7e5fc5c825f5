//! The demo: simulator, relay and console in one process, over loopback, on one clock.
//!
//! It connects the other rooms: the simulator plays the scenario, the relay's gate carries the supervisors' acts, and
//! the console shows the result. The scenario's supervisors are headless desks.

mod assembly;
mod error;
mod picture;
mod plain_story;
mod presenter_file;
mod settings;
mod supervisors;

pub use assembly::{PRESENTER, RunningDemo};
pub use error::DemoError;
pub use picture::picture;
pub(crate) use presenter_file::find_control;
pub use settings::DemoSettings;

use jiff::tz::TimeZone;

use crate::console::{self, ConsoleOptions};

/// Shows the demo in this terminal until the operator quits.
///
/// Fails when a part fails to start, or the terminal cannot be used.
pub(crate) async fn show(settings: DemoSettings, options: ConsoleOptions) -> Result<(), DemoError> {
    let demo = RunningDemo::start(settings).await?;
    // While it exists, `callboard notes` finds this demo.
    let _presenter_file = presenter_file::PresenterFile::write(&demo.control());
    let shown = match demo.relay_access(PRESENTER) {
        Some(relay) => console::run(console::ConsoleStart {
            relay,
            control: Some(demo.control()),
            clock: demo.clock.clone(),
            options,
            first_frame: None,
        })
        .await
        .map(drop)
        .map_err(DemoError::from),
        None => Ok(()),
    };
    demo.shut_down().await;
    shown
}

/// Prints the scenario's story as plain lines with times in a zone, performs its acts at a desk, and returns whether
/// every expected proof arrived.
///
/// Fails when a part fails to start, or standard output is closed.
pub(crate) async fn print_story(settings: DemoSettings, zone: TimeZone) -> Result<bool, DemoError> {
    let demo = RunningDemo::start(settings).await?;
    let as_expected = plain_story::print_story(&demo, zone).await;
    demo.shut_down().await;
    as_expected
}
