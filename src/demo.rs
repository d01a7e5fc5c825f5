//! The demo: simulator, relay and console in one process, over loopback, on one clock.
//!
//! It connects the other parts: the simulator plays the scenario, the relay's gate carries the supervisors' acts, and
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
    let shown = show_presenter(&demo, options).await;
    demo.shut_down().await;
    shown
}

/// Runs the presenter's console.
async fn show_presenter(demo: &RunningDemo, options: ConsoleOptions) -> Result<(), DemoError> {
    let relay = demo.relay_access(PRESENTER).ok_or(DemoError::NoPresenter)?;
    let start = console::ConsoleStart {
        relay,
        control: Some(demo.control()),
        clock: demo.clock.clone(),
        options,
        // Nothing in the demo waits for the first frame.
        first_frame: None,
    };
    console::run(start).await?;
    Ok(())
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
