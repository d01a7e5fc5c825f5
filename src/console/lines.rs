//! A console without drawing: one line a change, for screen readers, bad links and logs. It looks only.
//!
//! Every text from outside goes through the cleaner; a line is written when something changed and never again.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::seat::Seat;
use super::{ConsoleError, Exit, Settings, pin_end};
use crate::desk::{Desk, Event, LinkState, Setup};
use crate::floor::{Cursor, Line, OperationNumber, Standing};
use crate::moment::Moment;
use crate::screen::DisplayText;

/// Tells a console's changes on standard output until the process is told to end.
///
/// # Errors
/// When the relay's address cannot be used, the relay does not let us in, or standard output is closed.
pub async fn tell(settings: Settings) -> Result<Exit, ConsoleError> {
    let Settings { relay, control, clock, fittings, first_frame } = settings;
    let setup = Setup { read_only: true, ..fittings.setup };
    let (mut seat, _no_keys) = Seat::take(relay, control, clock, setup)?;
    let mut teller = Teller::default();
    let mut out = std::io::stdout();
    let mut ends = pin_end();
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    if !fittings.notice.is_empty() {
        writeln!(out, "{}", clean(&fittings.notice))?;
    }
    writeln!(out, "callboard, read only: one line a change; acts need the full console; ctrl-c ends")?;
    out.flush()?;
    if let Some(tell) = first_frame {
        tell();
    }
    loop {
        tokio::select! {
            () = &mut ends => return Ok(Exit::Told),
            turn = seat.turn() => drop(turn),
            _ = tick.tick() => drop(seat.happens(Event::Ticked)),
        }
        let news = teller.news(&seat.desk);
        for line in &news {
            writeln!(out, "{line}")?;
        }
        if !news.is_empty() {
            out.flush()?;
        }
        if let LinkState::Refused(reason) = &seat.desk.link().state {
            return Err(ConsoleError::Refused(clean(reason)));
        }
    }
}

/// What was told, so that nothing is told twice.
#[derive(Debug, Default)]
struct Teller {
    /// The header's words: the line, the journal, the gaps.
    head: [String; 3],
    /// Up to where the floor's lines were told; none before the first whole board.
    told: Option<Cursor>,
    /// The operations that wait for proof, and those whose time ran out: no entry says that.
    late: BTreeMap<OperationNumber, bool>,
}

impl Teller {
    /// What has changed since the last time.
    fn news(&mut self, desk: &Desk) -> Vec<String> {
        let mut news = Vec::new();
        let head = [line_word(desk), journal_word(desk), gap_word(desk)];
        for (was, is) in self.head.iter().zip(&head) {
            if was != is && !is.is_empty() {
                news.push(format!("{}  {is}", time(desk.now())));
            }
        }
        self.head = head;
        let floor = desk.live();
        match self.told {
            None if desk.link().is_live() => news.extend(scene(desk)),
            None => return news,
            // Another journal than before: its lines are not the next ones of ours.
            Some(told) if floor.head() < told => news.extend(scene(desk)),
            Some(told) => news.extend(floor.lines().filter(|it| it.cursor > told).map(happening)),
        }
        self.told = Some(floor.head());
        news.extend(self.late(desk));
        news
    }

    /// The operations whose proof did not come in time.
    fn late(&mut self, desk: &Desk) -> Vec<String> {
        let mut news = Vec::new();
        let mut open = BTreeMap::new();
        for operation in desk.live().operations().rev().take(RECENT) {
            let late = match operation.standing(desk.now()) {
                Standing::Accepted => false,
                Standing::Unconfirmed => true,
                Standing::Asked
                | Standing::Sent
                | Standing::Confirmed
                | Standing::AlreadySo
                | Standing::Failed
                | Standing::Refused
                | Standing::Left
                | Standing::OutcomeUnknown => continue,
            };
            if late && self.late.get(&operation.number) == Some(&false) {
                let (number, by, act) = (operation.number.0, clean(&operation.by), operation.act);
                let whom = clean(&operation.target);
                let word = Standing::Unconfirmed.word();
                news.push(format!("{}  op {number} {by} {act} {whom}: {word}", time(desk.now())));
            }
            open.insert(operation.number, late);
        }
        self.late = open;
        news
    }
}

/// How many operations are looked through for those that wait; a wait lasts seconds.
const RECENT: usize = 200;

/// The line to the relay, without the ages that change each second.
fn line_word(desk: &Desk) -> String {
    let link = desk.link();
    let since = link.frozen_at.map(|at| format!("STALE since {}", time(at)));
    match (&link.state, since) {
        (LinkState::Live, _) => "LIVE".to_owned(),
        (LinkState::Refused(reason), _) => format!("not let in: {}", clean(reason)),
        (LinkState::Down { .. } | LinkState::Connecting | LinkState::Filling, Some(since)) => since,
        (LinkState::Down { reason, .. }, None) => format!("no board yet: {}; tried again", clean(reason)),
        // A try says nothing that its end does not say.
        (LinkState::Connecting | LinkState::Filling, None) => String::new(),
    }
}

fn journal_word(desk: &Desk) -> String {
    match desk.link().refusing {
        Some(since) => format!("LOSING: the relay's journal takes nothing since {}", time(since)),
        None => String::new(),
    }
}

fn gap_word(desk: &Desk) -> String {
    match desk.live().gap() {
        None => String::new(),
        Some(gap) => match gap.resynced {
            Some(at) => format!("gap at {}, resynced at {}", time(gap.at), time(at)),
            None => format!("gap at {}, reading again", time(gap.at)),
        },
    }
}

/// Who is where: a line for the floor, and one for each live call.
#[must_use]
pub fn scene(desk: &Desk) -> Vec<String> {
    let floor = desk.live();
    let calls = floor.calls().filter(|it| it.is_live()).map(|call| {
        let people: Vec<String> = call.present().map(|it| clean(&it.name)).collect();
        let parties = call.parties.iter().map(|it| clean(&it.name));
        let who = if people.is_empty() { parties.collect() } else { people };
        let (number, state) = (call.number.0, call.state.as_str());
        format!("  call {number:<3} {state:<13} {}: {}", clean(&call.title()), who.join(", "))
    });
    let head = format!("callboard  {}  {} live calls", clean(&desk.link().label), floor.statistics().calls);
    std::iter::once(head).chain(calls).collect()
}

/// What happened, as a line.
#[must_use]
pub fn happening(line: &Line) -> String {
    let place = if line.place.is_empty() { "floor".to_owned() } else { clean(&line.place) };
    let name = if line.name.is_empty() { String::new() } else { format!("{} ", clean(&line.name)) };
    format!("{}  {place}: {name}{}", time(line.at), clean(&line.what.to_string()))
}

fn time(at: Moment) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().strftime("%H:%M:%SZ").to_string()
}

fn clean(text: &str) -> String {
    DisplayText::clean(text).as_str().to_owned()
}
