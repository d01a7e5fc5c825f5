//! A picture of the board, made from the first moment of a scenario: the floor clock is stopped there, so that the same
//! scenario and seed always give the same picture.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::time::timeout;

use super::assembly::{PRESENTER, RunningDemo};
use super::error::DemoError;
use super::settings::DemoSettings;
use crate::console::HeadlessDesk;
use crate::desk::{Desk, DeskSetup};
use crate::screen::{Theme, paint, svg};
use crate::time::Timestamp;

/// The time of day that the picture shows at the first moment of the scenario: 06:58:48.
const TIME_OF_DAY: i64 = 6 * 3_600 + 58 * 60 + 48;
/// The maximum time for the desk to show everything.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Plays a scenario's prelude and draws its first moment as an SVG picture.
///
/// # Errors
/// Fails if a part does not start, or if the board is not complete in time.
pub async fn picture(settings: DemoSettings, (columns, rows): (u16, u16), theme: &Theme) -> Result<String, DemoError> {
    let demo = RunningDemo::start(DemoSettings { speed: 0.0, ..settings }).await?;
    let drawn = draw(&demo, (columns, rows), theme).await;
    demo.shut_down().await;
    drawn
}

async fn draw(demo: &RunningDemo, (columns, rows): (u16, u16), theme: &Theme) -> Result<String, DemoError> {
    let relay = demo.relay_access(PRESENTER).ok_or(DemoError::NoPresenter)?;
    let setup = DeskSetup { seed: 42, zone: Some(zone_of(demo.start)), ..DeskSetup::default() };
    let mut desk = HeadlessDesk::connect_with_control(relay, Some(demo.control()), demo.clock.clone(), setup)?;
    desk.resize(columns, rows);
    let complete = |desk: &Desk| {
        let notes = desk.control().and_then(|it| it.presentation()).is_some();
        // A call that was not read yet has no title.
        let read = desk.floor().calls().filter(|it| it.is_live()).all(|it| it.doubt.is_none());
        desk.link().is_live() && notes && read
    };
    timeout(TIMEOUT, desk.until(complete)).await.map_err(|_elapsed| DemoError::Incomplete)?;
    desk.press(KeyEvent::new(KeyCode::Char('!'), KeyModifiers::NONE));
    // The other supervisor's desk selects the same call a moment later.
    let colleague = |desk: &Desk| desk.call().is_some_and(|call| desk.link().looking_at(&call.id).is_some());
    timeout(TIMEOUT, desk.until(colleague)).await.map_err(|_elapsed| DemoError::Incomplete)?;
    let area = Rect::new(0, 0, columns, rows);
    let mut buffer = Buffer::empty(area);
    paint(&mut buffer, area, desk.desk(), theme);
    Ok(svg(&buffer))
}

/// A zone in which this instant has the picture's time of day.
fn zone_of(start: Timestamp) -> TimeZone {
    let ahead = (TIME_OF_DAY - start.0.div_euclid(1_000)).rem_euclid(86_400);
    // A POSIX offset is what must be added to reach UTC, so a zone ahead of it has a negative one.
    let (hours, minutes, seconds) = (ahead / 3_600, ahead / 60 % 60, ahead % 60);
    TimeZone::posix(&format!("CET-{hours:02}:{minutes:02}:{seconds:02}")).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_start_has_the_same_time_of_day() {
        for start in [0, 1_795_357_932_000, 1_796_000_000_000, 86_399_000] {
            let zone = zone_of(Timestamp(start));
            let at = jiff::Timestamp::from_millisecond(start).unwrap();
            assert_eq!(zone.to_datetime(at).time().to_string(), "06:58:48", "{start}");
            assert_eq!(zone.to_offset_info(at).abbreviation(), "CET");
        }
    }
}
