//! A console without drawing: one line a change, for screen readers, bad links and logs. It looks only.
//!
//! Every text from outside goes through the cleaner; a line is written when something changed and never again.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::session::ConsoleSession;
use super::{ConsoleError, ConsoleExit, ConsoleStart, pin_end};
use crate::desk::{Desk, DeskSetup, Event, LinkState};
use crate::floor::{Cursor, LoggedEvent, OperationNumber, OperationStatus};
use crate::screen::DisplayText;
use crate::time::Timestamp;

/// Tells a console's changes on standard output until the process is told to end.
///
/// # Errors
/// When the relay's address cannot be used, the relay does not let us in, or standard output is closed.
pub async fn tell(settings: ConsoleStart) -> Result<ConsoleExit, ConsoleError> {
    let ConsoleStart { relay, control, clock, fittings, first_frame } = settings;
    let setup = DeskSetup { read_only: true, ..fittings.setup };
    let (mut seat, _no_keys) = ConsoleSession::take(relay, control, clock, setup)?;
    let mut teller = PlainPrinter::default();
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
            () = &mut ends => return Ok(ConsoleExit::Told),
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
struct PlainPrinter {
    /// The header's words: the line, the journal, the gaps.
    head: [String; 3],
    /// Up to where the floor's lines were told; none before the first whole board.
    told: Option<Cursor>,
    /// The operations that wait for proof, and those whose time ran out: no entry says that.
    late: BTreeMap<OperationNumber, bool>,
}

impl PlainPrinter {
    /// What has changed since the last time.
    fn news(&mut self, desk: &Desk) -> Vec<String> {
        let mut news = Vec::new();
        let head = [line_word(desk), journal_word(desk), gap_word(desk)];
        for (was, is) in self.head.iter().zip(&head) {
            if was != is && !is.is_empty() {
                news.push(format!("{}  {is}", time(desk.now())));
            }
        }
        let [_, lost, _] = &self.head;
        if !lost.is_empty() && desk.link().refusing.is_none() && desk.link().is_live() {
            news.push(format!("{}  the relay's journal takes entries again", time(desk.now())));
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
                OperationStatus::Accepted => false,
                OperationStatus::Unconfirmed => true,
                OperationStatus::Asked
                | OperationStatus::Sent
                | OperationStatus::Confirmed
                | OperationStatus::AlreadySo
                | OperationStatus::Failed
                | OperationStatus::Refused
                | OperationStatus::Left
                | OperationStatus::OutcomeUnknown => continue,
            };
            if late && self.late.get(&operation.number) == Some(&false) {
                let (number, by, act) = (operation.number.0, clean(&operation.by), operation.act);
                let whom = clean(&operation.target);
                let word = OperationStatus::Unconfirmed.word();
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
pub fn happening(line: &LoggedEvent) -> String {
    let place = if line.place.is_empty() { "floor".to_owned() } else { clean(&line.place) };
    let name = if line.name.is_empty() { String::new() } else { format!("{} ", clean(&line.name)) };
    format!("{}  {place}: {name}{}", time(line.at), clean(&line.what.to_string()))
}

fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().strftime("%H:%M:%SZ").to_string()
}

fn clean(text: &str) -> String {
    DisplayText::clean(text).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{DeskRole, FeedUpdate, OnlineOperator, RelayGreeting, Stamped, update};
    use crate::floor::{Entry, Fact, GraphReading, Noted, Observed, Sum};
    use crate::graph::CallId;

    const CALL: &str = "57dab8b1-894c-409a-b240-bd8beae78896";

    /// A desk, what was told of it, and the time of both clocks.
    struct Told {
        desk: Desk,
        teller: PlainPrinter,
        at: i64,
        head: u64,
    }

    impl Told {
        fn fed(&mut self, feed: FeedUpdate) -> Vec<String> {
            self.at += 1_000;
            let (at, wall) = (Timestamp(self.at), Timestamp(self.at));
            drop(update(&mut self.desk, Stamped { at, wall, event: Event::Fed(feed) }));
            self.teller.news(&self.desk)
        }

        fn entry(&mut self, fact: Fact) -> Vec<String> {
            let (after, cursor) = (Cursor(self.head), Cursor(self.head + 1));
            self.head += 1;
            let entry = Entry { cursor, after, sum: Sum(cursor.0), at: Timestamp(self.at), fact };
            self.fed(FeedUpdate::Entries(vec![entry]))
        }

        fn call(&mut self, subject: &str) -> Vec<String> {
            let text = format!(r#"{{"id":"{CALL}","state":"established","subject":"{subject}"}}"#);
            self.observed(GraphReading::Call(serde_json::value::RawValue::from_string(text).unwrap()))
        }

        fn roster(&mut self) -> Vec<String> {
            self.observed(GraphReading::Participants(serde_json::value::RawValue::from_string("[]".into()).unwrap()))
        }

        fn observed(&mut self, read: GraphReading) -> Vec<String> {
            let call = CallId::new(CALL).unwrap();
            self.entry(Fact::Observed(Box::new(Observed { call, read, since: None })))
        }
    }

    fn live() -> Told {
        let (desk, teller) =
            (Desk::new(DeskSetup { read_only: true, ..DeskSetup::default() }), PlainPrinter::default());
        let mut told = Told { desk, teller, at: 0, head: 0 };
        let now = Timestamp(0);
        let greeting =
            RelayGreeting { label: "SIMULATOR".into(), operator: "dana".into(), role: DeskRole::Viewer, now };
        assert_eq!(told.fed(FeedUpdate::Connecting), [""; 0]);
        told.fed(FeedUpdate::Hello(greeting));
        told.call("Support / Acme");
        let first = told.fed(FeedUpdate::CaughtUp).join("\n");
        assert!(first.contains("  LIVE\ncallboard  SIMULATOR  1 live calls\n  call 1"), "{first}");
        told
    }

    #[test]
    fn a_line_that_breaks_and_comes_back_is_told_once_each() {
        let mut told = live();
        let retry_at = Timestamp(99_000);
        let down = || FeedUpdate::Down { reason: "the relay is\u{1b}[2J not there".into(), retry_at };
        let said = told.fed(down());
        assert!(said.len() == 1 && said[0].contains("STALE since 00:00:0"), "{said:?}");
        assert_eq!(told.fed(down()), [""; 0], "each try is not news");
        assert_eq!(told.fed(FeedUpdate::Connecting), [""; 0]);
        let said = told.fed(FeedUpdate::CaughtUp);
        assert!(said.len() == 1 && said[0].ends_with("  LIVE"), "{said:?}");
    }

    #[test]
    fn before_the_first_board_the_reason_is_told_in_clean_letters() {
        let (desk, teller) = (Desk::new(DeskSetup::default()), PlainPrinter::default());
        let mut told = Told { desk, teller, at: 0, head: 0 };
        let said =
            told.fed(FeedUpdate::Down { reason: "refused \u{1b}]0;x\u{7}\u{202e}by".into(), retry_at: Timestamp(0) });
        assert!(said.len() == 1 && said[0].contains("no board yet: refused") && said[0].ends_with("tried again"));
        assert!(!said[0].chars().any(|it| it.is_control() || it == '\u{202e}'), "{said:?}");
        let said = told.fed(FeedUpdate::Refused("no such operator".into()));
        assert!(said[0].contains("not let in: no such operator"), "{said:?}");
    }

    #[test]
    fn what_is_lost_missing_and_read_again_is_told() {
        let mut told = live();
        let said = told.fed(FeedUpdate::Refusing(Some(Timestamp(4_000))));
        assert!(said.len() == 1 && said[0].contains("LOSING: the relay's journal takes nothing since 00:00:04Z"));
        assert_eq!(told.fed(FeedUpdate::Heartbeat(Timestamp(5_000))), [""; 0]);
        let said = told.fed(FeedUpdate::Refusing(None));
        assert!(said.len() == 1 && said[0].ends_with("the relay's journal takes entries again"), "{said:?}");
        let said = told.entry(Fact::Noted(Noted::Gap { reason: "the disk was full".into() })).join("\n");
        assert!(said.contains("reading again") && said.contains("gap: the disk was full"), "{said}");
        let mut said = told.call("Support / Acme");
        said.extend(told.roster());
        let said = said.join("\n");
        assert!(said.contains("resynced at 00:00:"), "{said}");
    }

    #[test]
    fn refused_and_rejected_notifications_are_told() {
        let mut told = live();
        let said = told.entry(Fact::Noted(Noted::Refused { reason: "wrong audience".into(), count: 3 })).join("\n");
        assert!(said.contains("floor: 3 notifications refused: wrong audience"), "{said}");
        let said = told.entry(Fact::Noted(Noted::ForwardFailed { reason: "timeout".into(), count: 2 })).join("\n");
        assert!(said.contains("2 notifications did not reach the bot: timeout"), "{said}");
    }

    #[test]
    fn another_journal_is_told_whole_and_who_looks_is_no_line() {
        let mut told = live();
        let looking = vec![OnlineOperator { name: "lee".into(), looking: None }];
        assert_eq!(told.fed(FeedUpdate::Presence(looking)), [""; 0]);
        let mut said = told.fed(FeedUpdate::Reset("its journal is another one now".into()));
        said.extend(told.fed(FeedUpdate::Snapshot(Box::default())));
        said.extend(told.fed(FeedUpdate::CaughtUp));
        let said = said.join("\n");
        assert!(said.contains("STALE since") && said.contains("0 live calls") && said.ends_with("LIVE"), "{said}");
    }
}
