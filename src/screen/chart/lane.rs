//! A lane as characters: each column is a step of time, and shows the most important event in it.

use ratatui::style::Style;

use crate::floor::{Act, HoldKind, LaneChange, LaneState, MicState, Operation, OperationStatus};
use crate::screen::row::RowBuilder;
use crate::screen::theme::Theme;
use crate::time::{Millis, Timestamp};

/// The mapping of time to columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::screen) struct TimeAxis {
    from: Timestamp,
    until: Timestamp,
    step: i64,
    width: usize,
}

/// The sign of a column. If several apply, the last in this order wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::screen) enum LaneSign {
    /// The person was not in the call.
    Away,
    /// The state was not observed, or is no longer kept.
    Unseen,
    Connecting,
    Live,
    Muted,
    MutedServer,
    Lobby,
    Perhaps,
    Inferred,
    Held,
}

/// The allowed seconds per column.
const STEPS: [i64; 25] = [
    1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 300, 360, 600, 720, 900, 1_200, 1_800, 3_600, 10_800,
    86_400,
];
/// The allowed seconds between two labels.
const TICKS: [i64; 13] = [10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400, 604_800];
/// The columns of a label: its tick, its time and a gap.
const TICK: i64 = 12;

impl TimeAxis {
    /// An axis between two times in at most this number of columns. Columns begin at round times, so that a lane grows
    /// at its end and does not scroll.
    pub(in crate::screen) fn over(from: Timestamp, until: Timestamp, width: usize) -> Self {
        let width = width.max(1);
        let seconds = until.since(from).0.div_euclid(1_000) + 1;
        let fits = |step: &i64| {
            let lead = from.0.div_euclid(1_000).rem_euclid(*step);
            i64::try_from(width).unwrap_or(i64::MAX).saturating_mul(*step) >= seconds + lead
        };
        let step = STEPS.into_iter().find(fits).unwrap_or_else(|| {
            let width = i64::try_from(width).unwrap_or(i64::MAX);
            (seconds / width / 86_400 + 2).saturating_mul(86_400)
        });
        let step = step.saturating_mul(1_000);
        Self { from: Timestamp(from.0.saturating_sub(from.0.rem_euclid(step))), until, step, width }
    }

    /// The column of a time; `None` outside the axis.
    pub(in crate::screen) fn column(&self, at: Timestamp) -> Option<usize> {
        let column = usize::try_from((at.0.checked_sub(self.from.0)?).div_euclid(self.step)).ok()?;
        Some(column).filter(|it| *it < self.width)
    }

    /// The labels with their columns; `clock` writes the time of day.
    pub(in crate::screen) fn ticks(&self, clock: impl Fn(Timestamp) -> String) -> Vec<(usize, String)> {
        let apart = TICKS.into_iter().map(|it| it * 1_000).find(|it| *it >= self.step.saturating_mul(TICK));
        let apart = apart.unwrap_or_else(|| self.step.saturating_mul(TICK));
        let first = self.from.0.saturating_add((apart - self.from.0.rem_euclid(apart)) % apart);
        let times = (0..self.width).map_while(|it| first.checked_add(apart.checked_mul(i64::try_from(it).ok()?)?));
        let times = times.map_while(|at| Some((self.column(Timestamp(at))?, at)));
        let whole = apart % 60_000 == 0;
        let text = |at: i64| {
            let clock = clock(Timestamp(at));
            if whole { clock.chars().take(5).collect() } else { clock }
        };
        times.map(|(column, at)| (column, format!("\u{2502}{}", text(at)))).collect()
    }

    /// The sign of each column. A change in `turns` lasts until the next one.
    pub(in crate::screen) fn signs(&self, turns: &[(Timestamp, LaneSign)]) -> Vec<LaneSign> {
        let mut signs = vec![LaneSign::Away; self.width];
        for (place, (at, sign)) in turns.iter().enumerate() {
            let next = turns.get(place + 1).map_or(self.until, |(next, _)| Timestamp(next.0.saturating_sub(1)));
            let (begin, end) = ((*at).max(self.from), next.min(self.until));
            if begin > end {
                continue;
            }
            let (Some(first), Some(last)) = (self.column(begin), self.column(end)) else { continue };
            for shown in signs.iter_mut().take(last + 1).skip(first) {
                *shown = (*shown).max(*sign);
            }
        }
        signs
    }
}

impl LaneSign {
    pub(in crate::screen) fn of(stand: LaneState) -> Self {
        match (stand.mic, stand.hold) {
            (MicState::Left, _) => Self::Away,
            (MicState::Lobby, _) => Self::Lobby,
            (_, Some(HoldKind::Ours)) => Self::Held,
            (_, Some(HoldKind::Inferred)) => Self::Inferred,
            (_, Some(HoldKind::Unknown)) => Self::Perhaps,
            (MicState::MutedServer, None) => Self::MutedServer,
            (MicState::MutedSelf, None) => Self::Muted,
            (MicState::Live, None) => Self::Live,
        }
    }

    /// A person's changes, preceded by the time before they were observed.
    pub(in crate::screen) fn turns(turns: &[LaneChange], unseen_from: Option<Timestamp>) -> Vec<(Timestamp, Self)> {
        let unseen = unseen_from.map(|it| (it, Self::Unseen));
        unseen.into_iter().chain(turns.iter().map(|it| (it.at, Self::of(it.state)))).collect()
    }

    /// The signs of the legend, in its order.
    pub(in crate::screen) const LEGEND: [Self; 9] = [
        Self::Held,
        Self::Inferred,
        Self::Perhaps,
        Self::Lobby,
        Self::MutedServer,
        Self::Muted,
        Self::Live,
        Self::Connecting,
        Self::Unseen,
    ];

    pub(in crate::screen) const fn letter(self) -> char {
        match self {
            Self::Away => ' ',
            Self::Unseen => '?',
            Self::Connecting => '>',
            Self::Live => '\u{2500}',
            Self::Muted => '\u{254c}',
            Self::MutedServer => '\u{2550}',
            Self::Lobby => '\u{2591}',
            Self::Perhaps => '\u{2592}',
            Self::Inferred => '\u{2593}',
            Self::Held => '\u{2588}',
        }
    }

    pub(in crate::screen) const fn word(self) -> &'static str {
        match self {
            Self::Away => "not here",
            Self::Unseen => "not seen",
            Self::Connecting => "begins",
            Self::Live => "live",
            Self::Muted => "muted",
            Self::MutedServer => "MUTED",
            Self::Lobby => "lobby",
            Self::Perhaps => "held?",
            Self::Inferred => "inferred",
            Self::Held => "HELD",
        }
    }

    pub(in crate::screen) const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Away | Self::Unseen | Self::Connecting => theme.quiet,
            Self::Live => theme.good,
            Self::Muted | Self::MutedServer | Self::Lobby => theme.warning,
            Self::Perhaps | Self::Inferred | Self::Held => theme.bad,
        }
    }
}

/// The letter of an act on a lane. It does not follow remapped keys; the legend explains it.
pub(in crate::screen) const fn letter(act: Act) -> char {
    match act {
        Act::Mute => 'm',
        Act::MuteSelf | Act::UnmuteSelf => 's',
        Act::Hold => 'H',
        Act::Release => 'r',
        Act::Remove => 'X',
        Act::HangUp => 'E',
    }
}

/// The mark of an operation on a lane: its letter, its number, and a sign if it is unproved.
pub(in crate::screen) fn mark(operation: &Operation, now: Timestamp) -> String {
    let sign = match operation.standing(now) {
        OperationStatus::Confirmed | OperationStatus::AlreadySo => "",
        OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted => "~",
        OperationStatus::Unconfirmed | OperationStatus::OutcomeUnknown => "?",
        OperationStatus::Failed | OperationStatus::Refused | OperationStatus::Expired | OperationStatus::Left => "!",
    };
    format!("{}{}{sign}", letter(operation.act), operation.number.0)
}

/// The columns of a lane while it is drawn.
pub(in crate::screen) struct LaneStrip {
    cells: Vec<(char, Style)>,
    taken: Vec<bool>,
}

impl LaneStrip {
    pub(in crate::screen) fn of(signs: &[LaneSign], theme: &Theme) -> Self {
        let cells: Vec<(char, Style)> = signs.iter().map(|it| (it.letter(), it.style(theme))).collect();
        Self { taken: vec![false; cells.len()], cells }
    }

    /// Writes a mark at a column; its first letter if it does not fit whole; `*` if not even that fits.
    pub(in crate::screen) fn write(&mut self, column: usize, text: &str, style: Style) {
        let long = text.chars().count();
        let start = column.min(self.cells.len().saturating_sub(long));
        let free = |taken: &[bool], from: usize, many: usize| taken.iter().skip(from).take(many).all(|it| !it);
        if free(&self.taken, start, long) && long <= self.cells.len() {
            return self.put(start, text, style);
        }
        let first: String = text.chars().take(1).collect();
        let text = if free(&self.taken, column, 1) { first } else { "*".to_owned() };
        self.put(column, &text, style);
    }

    /// Patches the style of a column.
    pub(in crate::screen) fn point(&mut self, column: usize, style: Style) {
        if let Some((_, had)) = self.cells.get_mut(column) {
            *had = had.patch(style);
        }
    }

    fn put(&mut self, start: usize, text: &str, style: Style) {
        for ((cell, taken), letter) in self.cells.iter_mut().zip(&mut self.taken).skip(start).zip(text.chars()) {
            (*cell, *taken) = ((letter, style), true);
        }
    }

    /// Appends the strip to a row.
    pub(in crate::screen) fn onto(self, mut row: RowBuilder) -> RowBuilder {
        let mut run = String::new();
        let mut of = Style::default();
        for (letter, style) in self.cells {
            if style != of || (letter == ' ') != run.ends_with(' ') {
                row = ended(row, &std::mem::take(&mut run), of);
                of = style;
            }
            run.push(letter);
        }
        ended(row, &run, of)
    }
}

fn ended(row: RowBuilder, run: &str, style: Style) -> RowBuilder {
    if run.starts_with(' ') { row.gap(run.len()) } else { row.text(run, style) }
}

/// The duration of a column in words: `5 s`, `2 min`.
pub(in crate::screen) fn step_words(axis: &TimeAxis) -> String {
    let Millis(step) = Millis(axis.step);
    match step / 1_000 {
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ ..3_600 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(at: Timestamp) -> String {
        crate::desk::time_of_day(at, &jiff::tz::TimeZone::UTC)
    }

    fn text(axis: &TimeAxis, turns: &[(i64, LaneSign)]) -> String {
        let turns: Vec<(Timestamp, LaneSign)> =
            turns.iter().map(|(at, sign)| (Timestamp(*at * 1_000), *sign)).collect();
        axis.signs(&turns).into_iter().map(LaneSign::letter).collect()
    }

    #[test]
    fn a_column_shows_the_most_of_what_happened_in_it() {
        let axis = TimeAxis::over(Timestamp(0), Timestamp(19_000), 12);
        assert_eq!(axis.step, 2_000);
        let cases: [(&[(i64, LaneSign)], &str); 6] = [
            (&[(0, LaneSign::Live)], "──────────  "),
            (&[(0, LaneSign::Live), (6, LaneSign::Held), (10, LaneSign::Live)], "───██─────  "),
            // A brief hold is not lost between two columns.
            (&[(0, LaneSign::Live), (7, LaneSign::Held), (7, LaneSign::Live)], "──────────  "),
            (&[(0, LaneSign::Live), (6, LaneSign::Held), (7, LaneSign::Muted)], "───█╌╌╌╌╌╌  "),
            (&[(4, LaneSign::Lobby), (8, LaneSign::Live), (12, LaneSign::Away)], "  ░░──      "),
            (&[(-9, LaneSign::Unseen), (5, LaneSign::MutedServer), (99, LaneSign::Live)], "??════════  "),
        ];
        for (turns, lane) in cases {
            assert_eq!(text(&axis, turns), lane, "{turns:?}");
        }
    }

    #[test]
    fn columns_begin_at_round_times_and_everything_fits() {
        for (from, until, width, step) in [
            (7_000, 190_000, 70, 3),
            (7_000, 8_000, 70, 1),
            (0, 0, 1, 1),
            (59_000, 61_000, 1, 120),
            (0, 900_000, 30, 60),
            (1, 86_400_000 * 700, 26, 2_419_200),
        ] {
            let axis = TimeAxis::over(Timestamp(from), Timestamp(until), width);
            assert_eq!(axis.step, step * 1_000, "{from} to {until} in {width}");
            assert_eq!(axis.from.0 % axis.step, 0);
            assert!(axis.column(Timestamp(until)).is_some() && axis.column(Timestamp(from)).is_some());
            for (column, text) in axis.ticks(utc) {
                assert!(column < width && text.starts_with('│'), "{text} at {column}");
            }
        }
        assert_eq!(TimeAxis::over(Timestamp(i64::MIN / 4), Timestamp(i64::MAX / 4), 3).ticks(utc).len().min(1), 1);
    }

    #[test]
    fn times_are_written_where_they_are() {
        let axis = TimeAxis::over(Timestamp(50_000), Timestamp(200_000), 60);
        assert_eq!(axis.ticks(utc), [(4, "│00:01".to_owned()), (24, "│00:02".to_owned()), (44, "│00:03".to_owned())]);
        let axis = TimeAxis::over(Timestamp(0), Timestamp(25_000), 40);
        assert_eq!(axis.ticks(utc)[1], (30, "│00:00:30".to_owned()));
    }

    #[test]
    fn marks_give_way_to_each_other_and_none_is_lost() {
        let theme = Theme::mono();
        let mut strip = LaneStrip::of(&[LaneSign::Live; 12], &theme);
        for (column, text) in [(11, "r12"), (2, "m1"), (1, "H3?"), (2, "m5"), (4, "H6")] {
            strip.write(column, text, theme.text);
        }
        let shown: String = strip.cells.iter().map(|(letter, _)| *letter).collect();
        assert_eq!(shown, "─H*1H6───r12");
    }
}
