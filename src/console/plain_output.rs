//! A read-only console that prints one line per change, for screen readers, slow connections and logs.
//!
//! Every text from outside is sanitised. A change is printed once.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::io::{AsyncWrite, AsyncWriteExt as _, stdout};
use tokio::time::{MissedTickBehavior, interval};

use super::session::ConsoleSession;
use super::signals::end_signal;
use super::start::{ConsoleError, ConsoleExit, ConsoleStart};
use crate::desk::{Desk, DeskSetup, Event, LinkState};
use crate::floor::{Cursor, LoggedEvent, OperationNumber, OperationStatus};
use crate::screen::{DisplayText, clock, from_to, zone_name};

/// Prints a console's changes on standard output until the process receives a signal to end.
///
/// Fails when the relay's address cannot be used, the relay refuses us, or standard output is closed.
pub(crate) async fn print_changes(start: ConsoleStart) -> Result<ConsoleExit, ConsoleError> {
    let ConsoleStart { relay, control, clock, options, first_frame } = start;
    let setup = DeskSetup { read_only: true, ..options.setup };
    let mut session = ConsoleSession::connect(relay, control, clock, setup)?;
    let mut printer = PlainPrinter::default();
    let (mut out, mut end) = (stdout(), end_signal());
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let notice = (!options.notice.is_empty()).then(|| clean(&options.notice));
    let title = "callboard, read-only: one line per change; acts need the full console; interrupt it to end".to_owned();
    if !print(&mut out, &mut end, notice.into_iter().chain([title])).await? {
        return Ok(ConsoleExit::Signal);
    }
    if let Some(call) = first_frame {
        call();
    }
    loop {
        tokio::select! {
            // However many changes come, the process ends when it is asked to.
            biased;
            () = &mut end => return Ok(ConsoleExit::Signal),
            _ = tick.tick() => drop(session.handle(Event::Ticked)),
            turn = session.handle_next() => drop(turn),
        }
        if !print(&mut out, &mut end, printer.changes(&session.desk)).await? {
            return Ok(ConsoleExit::Signal);
        }
        if let LinkState::Refused(reason) = session.desk.link().state() {
            return Err(ConsoleError::Refused(clean(reason)));
        }
    }
}

/// Prints lines; returns `false` if the process is asked to end meanwhile, because a terminal or pipe may
/// accept no output.
async fn print(
    out: &mut (impl AsyncWrite + Unpin),
    end: &mut Pin<Box<dyn Future<Output = ()> + Send>>,
    lines: impl IntoIterator<Item = String>,
) -> io::Result<bool> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    let written = async {
        out.write_all(text.as_bytes()).await?;
        out.flush().await
    };
    tokio::select! {
        () = end => Ok(false),
        written = written => written.map(|()| true),
    }
}

/// Remembers what was printed, so that no change is printed twice.
#[derive(Debug, Default)]
struct PlainPrinter {
    /// The states of the connection, the journal and the gap, as last printed; an empty one has nothing to report.
    head: [String; 3],
    /// The cursor of the last printed entry; `None` before the first complete board.
    printed: Option<Cursor>,
    /// The operations without proof, and whether their time has run out, which no entry reports.
    late: BTreeMap<OperationNumber, bool>,
}

impl PlainPrinter {
    /// The lines for everything that has changed since the last call.
    fn changes(&mut self, desk: &Desk) -> Vec<String> {
        let mut news = Vec::new();
        let head = [link_words(desk), journal_words(desk), gap_words(desk)];
        for (was, is) in self.head.iter().zip(&head) {
            if was != is && !is.is_empty() {
                news.push(format!("{}  {is}", clock(desk.now(), desk.zone())));
            }
        }
        let [_, lost, _] = &self.head;
        if !lost.is_empty() && desk.link().refusing().is_none() && desk.link().is_live() {
            news.push(format!("{}  the relay can write its journal again", clock(desk.now(), desk.zone())));
        }
        self.head = head;
        let floor = desk.live();
        match self.printed {
            None if desk.link().is_live() => news.extend(board_lines(desk, desk.zone())),
            None => return news,
            // Another journal: its entries do not continue the printed ones.
            Some(printed) if floor.head() < printed => news.extend(board_lines(desk, desk.zone())),
            Some(printed) => {
                news.extend(floor.event_log().filter(|it| it.cursor > printed).map(|it| event_line(it, desk.zone())));
            }
        }
        self.printed = Some(floor.head());
        news.extend(self.overdue(desk));
        news
    }

    /// The lines for operations whose proof has become overdue.
    fn overdue(&mut self, desk: &Desk) -> Vec<String> {
        let mut news = Vec::new();
        let mut open = BTreeMap::new();
        for operation in desk.live().recent_operations() {
            let late = match operation.standing(desk.now()) {
                OperationStatus::Accepted => false,
                OperationStatus::Unconfirmed => true,
                OperationStatus::Asked
                | OperationStatus::Sent
                | OperationStatus::Confirmed
                | OperationStatus::AlreadySo
                | OperationStatus::Failed
                | OperationStatus::Refused
                | OperationStatus::Expired
                | OperationStatus::Left
                | OperationStatus::OutcomeUnknown => continue,
            };
            if late && self.late.get(&operation.number) == Some(&false) {
                let (number, by, act) = (operation.number.0, clean(&operation.by), operation.act);
                let whom = clean(&operation.target);
                let word = OperationStatus::Unconfirmed.word();
                news.push(format!("{}  op {number} {by} {act} {whom}: {word}", clock(desk.now(), desk.zone())));
            }
            open.insert(operation.number, late);
        }
        self.late = open;
        news
    }
}

/// The state of the connection, without ages, which change every second.
fn link_words(desk: &Desk) -> String {
    let link = desk.link();
    let since = link.frozen_at().map(|at| format!("NO LINE since {}", clock(at, desk.zone())));
    match (link.state(), since) {
        (LinkState::Live, _) => "LIVE".to_owned(),
        (LinkState::Refused(reason), _) => format!("not let in: {}", clean(reason)),
        (LinkState::Down { .. } | LinkState::Connecting | LinkState::Filling, Some(since)) => since,
        (LinkState::Down { reason, .. }, None) => format!("no board yet: {}; retrying", clean(reason)),
        // The end of an attempt is reported, not its start.
        (LinkState::Connecting | LinkState::Filling, None) => String::new(),
    }
}

fn journal_words(desk: &Desk) -> String {
    match desk.link().refusing() {
        Some(since) => {
            format!("LOSING: the relay has not been able to write its journal since {}", clock(since, desk.zone()))
        }
        None => String::new(),
    }
}

fn gap_words(desk: &Desk) -> String {
    match desk.live().gap() {
        None => String::new(),
        Some(gap) => {
            let span = from_to(gap.from, gap.at, desk.zone());
            match gap.resynced {
                Some(at) => format!("gap {span}, resynced at {}", clock(at, desk.zone())),
                None => format!("gap {span}, reading again"),
            }
        }
    }
}

/// A line for the floor, which names the zone of all times, and one for each live call with its participants.
#[must_use]
pub fn board_lines(desk: &Desk, zone: &TimeZone) -> Vec<String> {
    let floor = desk.live();
    let calls = floor.calls().filter(|it| it.is_live()).map(|call| {
        let people: Vec<String> = call.present().map(|it| clean(&it.name)).collect();
        let parties = call.parties.iter().map(|it| clean(&it.name));
        let who = if people.is_empty() { parties.collect() } else { people };
        let (number, state) = (call.number.0, call.state.as_str());
        format!("  call {number:<3} {state:<13} {}: {}", clean(&call.title()), who.join(", "))
    });
    let zone = zone_name(desk.now(), zone);
    let head =
        format!("callboard  {}  {} live calls, times in {zone}", clean(desk.link().label()), floor.statistics().calls);
    std::iter::once(head).chain(calls).collect()
}

/// The line for a logged event, with its time in a zone.
#[must_use]
pub fn event_line(line: &LoggedEvent, zone: &TimeZone) -> String {
    let place = if line.place.is_empty() { "floor".to_owned() } else { clean(&line.place) };
    let name = if line.name.is_empty() { String::new() } else { format!("{} ", clean(&line.name)) };
    let span = line.from.map(|it| clock(it, zone)).filter(|from| *from != clock(line.at, zone));
    let span = span.map(|from| format!(", from {from} on")).unwrap_or_default();
    format!("{}  {place}: {name}{}{span}", clock(line.at, zone), clean(&line.what.to_string()))
}

fn clean(text: &str) -> String {
    DisplayText::clean(text).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{SettingsUpdate, Stamped, update};
    use crate::floor::{Entry, Fact, GraphReading, Noted, Observed, Sum};
    use crate::graph::CallId;
    use crate::protocol::{ConnectedOperator, FeedEvent, HelloFrame, ResetReason, Role};
    use crate::time::Timestamp;

    const CALL: &str = "57dab8b1-894c-409a-b240-bd8beae78896";

    #[tokio::test]
    async fn a_signal_ends_the_lines_also_when_nobody_reads_them() {
        let (mut out, nobody) = tokio::io::duplex(8);
        let mut never: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(std::future::pending());
        assert!(print(&mut out, &mut never, ["a line".to_owned()]).await.unwrap());
        let mut end: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(tokio::task::yield_now());
        assert!(!print(&mut out, &mut end, ["a line that does not fit".to_owned()]).await.unwrap());
        drop(nobody);
        assert!(print(&mut out, &mut never, ["a line".to_owned()]).await.is_err(), "a closed output is an error");
    }

    /// A desk, its printer, and the time of both clocks.
    struct PrintedDesk {
        desk: Desk,
        printer: PlainPrinter,
        at: i64,
        head: u64,
    }

    impl PrintedDesk {
        fn fed(&mut self, feed: FeedEvent) -> Vec<String> {
            self.at += 1_000;
            let (at, wall) = (Timestamp(self.at), Timestamp(self.at));
            drop(update(&mut self.desk, Stamped { at, wall, read: None, event: Event::Fed(feed) }));
            self.printer.changes(&self.desk)
        }

        fn entry(&mut self, fact: Fact) -> Vec<String> {
            let (after, cursor) = (Cursor(self.head), Cursor(self.head + 1));
            self.head += 1;
            let entry = Entry { cursor, after, sum: Sum(cursor.0), at: Timestamp(self.at), fact };
            self.fed(FeedEvent::Entries(vec![entry]))
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

    fn live() -> PrintedDesk {
        let (desk, printer) =
            (Desk::new(DeskSetup { read_only: true, ..DeskSetup::default() }), PlainPrinter::default());
        let mut console = PrintedDesk { desk, printer, at: 0, head: 0 };
        let now = Timestamp(0);
        let greeting = HelloFrame {
            label: "SIMULATOR".into(),
            operator: "dana".into(),
            role: Role::Viewer,
            now,
            ..HelloFrame::default()
        };
        assert_eq!(console.fed(FeedEvent::Connecting), [""; 0]);
        console.fed(FeedEvent::Hello(greeting));
        console.call("Support / Acme");
        let first = console.fed(FeedEvent::CaughtUp).join("\n");
        assert!(first.contains("  LIVE\ncallboard  SIMULATOR  1 live calls, times in UTC\n  call 1"), "{first}");
        console
    }

    #[test]
    fn a_line_that_breaks_and_comes_back_is_told_once_each() {
        let mut console = live();
        let retry_at = Timestamp(99_000);
        let down = || FeedEvent::Down { reason: "the relay is\u{1b}[2J not there".into(), retry_at };
        let said = console.fed(down());
        assert!(said.len() == 1 && said[0].contains("NO LINE since 00:00:0"), "{said:?}");
        assert_eq!(console.fed(down()), [""; 0], "each try is not news");
        assert_eq!(console.fed(FeedEvent::Connecting), [""; 0]);
        let said = console.fed(FeedEvent::CaughtUp);
        assert!(said.len() == 1 && said[0].ends_with("  LIVE"), "{said:?}");
    }

    #[test]
    fn times_are_in_the_zone_that_the_first_line_names() {
        let mut console = live();
        let zone = TimeZone::fixed(jiff::tz::offset(9));
        let setup = DeskSetup { zone: Some(zone), ..DeskSetup::default() };
        let update_of = SettingsUpdate { setup: Some(Box::new(setup)), said: String::new(), warning: false };
        let event = Event::SettingsChanged(update_of);
        let stamped = Stamped { at: Timestamp(0), wall: Timestamp(0), read: None, event };
        drop(update(&mut console.desk, stamped));
        let refused = Noted::Refused { reason: "wrong audience".into(), count: 3 };
        let said = console.entry(Fact::Noted(refused)).join("\n");
        assert!(said.starts_with("09:00:0"), "{said}");
        assert!(board_lines(&console.desk, console.desk.zone())[0].ends_with("times in +09"), "the zone is named");
    }

    #[test]
    fn before_the_first_board_the_reason_is_told_in_clean_letters() {
        let (desk, printer) = (Desk::new(DeskSetup::default()), PlainPrinter::default());
        let mut console = PrintedDesk { desk, printer, at: 0, head: 0 };
        let said =
            console.fed(FeedEvent::Down { reason: "refused \u{1b}]0;x\u{7}\u{202e}by".into(), retry_at: Timestamp(0) });
        assert!(said.len() == 1 && said[0].contains("no board yet: refused") && said[0].ends_with("retrying"));
        assert!(!said[0].chars().any(|it| it.is_control() || it == '\u{202e}'), "{said:?}");
        let said = console.fed(FeedEvent::Refused("no such operator".into()));
        assert!(said[0].contains("not let in: no such operator"), "{said:?}");
    }

    #[test]
    fn what_is_lost_missing_and_read_again_is_told() {
        let mut console = live();
        let said = console.fed(FeedEvent::Refusing(Some(Timestamp(4_000))));
        assert!(
            said.len() == 1
                && said[0].contains("LOSING: the relay has not been able to write its journal since 00:00:04")
        );
        assert_eq!(console.fed(FeedEvent::Heartbeat(Timestamp(5_000))), [""; 0]);
        let said = console.fed(FeedEvent::Refusing(None));
        assert!(said.len() == 1 && said[0].ends_with("the relay can write its journal again"), "{said:?}");
        let said = console.entry(Fact::Noted(Noted::Gap { reason: "the disk was full".into(), from: None })).join("\n");
        assert!(said.contains("reading again") && said.contains("gap: the disk was full"), "{said}");
        let mut said = console.call("Support / Acme");
        said.extend(console.roster());
        let said = said.join("\n");
        assert!(said.contains("resynced at 00:00:"), "{said}");
    }

    #[test]
    fn refused_and_rejected_notifications_are_told() {
        let mut console = live();
        let said = console.entry(Fact::Noted(Noted::Refused { reason: "wrong audience".into(), count: 3 })).join("\n");
        assert!(said.contains("floor: 3 notifications refused: wrong audience"), "{said}");
        let said = console.entry(Fact::Noted(Noted::ForwardFailed { reason: "timeout".into(), count: 2 })).join("\n");
        assert!(said.contains("2 notifications did not reach the bot: timeout"), "{said}");
    }

    #[test]
    fn another_journal_is_told_whole_and_who_looks_is_no_line() {
        let mut console = live();
        let looking = vec![ConnectedOperator { operator: "lee".into(), role: Role::Viewer, looking: None }];
        assert_eq!(console.fed(FeedEvent::Presence(looking)), [""; 0]);
        let mut said = console.fed(FeedEvent::Reset(ResetReason::Epoch));
        said.extend(console.fed(FeedEvent::Snapshot(Box::default())));
        said.extend(console.fed(FeedEvent::CaughtUp));
        let said = said.join("\n");
        assert!(said.contains("NO LINE since") && said.contains("0 live calls") && said.ends_with("LIVE"), "{said}");
    }
}
