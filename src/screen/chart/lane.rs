//! A lane as characters: each column is a step of time, and shows the most important event in it.
//!
//! A line is a person who talks or could, thicker for a stronger mute; a bar is a person who waits, thicker the later.

use ratatui::style::Style;

use crate::floor::{Act, AlertLevel, AlertLimits, LaneChange, LaneState, MicState, Operation, OperationStatus, Person};
use crate::screen::row::RowBuilder;
use crate::screen::theme::Theme;
use crate::time::{Millis, Timestamp};

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
    /// A wait on a board without a line: it may be over.
    Stale,
    /// On hold or in the lobby, and how late.
    Waits(AlertLevel),
}

/// How the waits of a lane are drawn.
#[derive(Debug, Clone, Copy)]
pub(in crate::screen) struct WaitLook<'a> {
    pub(in crate::screen) limits: &'a AlertLimits,
    /// Whether the alert of the present wait was acknowledged, so that it has no level.
    pub(in crate::screen) acknowledged: bool,
    /// Whether the board has no line, so that no wait has a level.
    pub(in crate::screen) stale: bool,
}

/// The two kinds of wait, each with limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitKind {
    Hold,
    Lobby,
}

impl WaitKind {
    fn of(state: LaneState) -> Option<Self> {
        match (state.mic, state.hold) {
            (MicState::Left, _) => None,
            (MicState::Lobby, _) => Some(Self::Lobby),
            (MicState::Live | MicState::MutedSelf | MicState::MutedServer, hold) => hold.map(|_| Self::Hold),
        }
    }

    const fn limits(self, limits: &AlertLimits) -> [(Millis, AlertLevel); 2] {
        let (long, too_long) = match self {
            Self::Hold => (limits.hold_warning, limits.hold_critical),
            Self::Lobby => (limits.lobby_warning, limits.lobby_critical),
        };
        [(long, AlertLevel::Warning), (too_long, AlertLevel::Critical)]
    }
}

impl LaneSign {
    /// The sign of a person who does not wait.
    const fn of(mic: MicState) -> Self {
        match mic {
            MicState::Left | MicState::Lobby => Self::Away,
            MicState::MutedServer => Self::MutedServer,
            MicState::MutedSelf => Self::Muted,
            MicState::Live => Self::Live,
        }
    }

    /// A person's changes with the levels that each wait went through, preceded by the time before they were observed.
    pub(in crate::screen) fn turns(
        (person, changes): (&Person, &[LaneChange]),
        unseen_from: Option<Timestamp>,
        look: WaitLook<'_>,
    ) -> Vec<(Timestamp, Self)> {
        let mut turns: Vec<(Timestamp, Self)> = unseen_from.into_iter().map(|it| (it, Self::Unseen)).collect();
        let mut waits = None;
        for (place, change) in changes.iter().enumerate() {
            let kind = WaitKind::of(change.state);
            // A mute during a hold does not begin another wait.
            if kind.is_some() && kind == waits {
                continue;
            }
            waits = kind;
            // The level that an earlier wait would have reached later.
            turns.retain(|(at, _)| *at <= change.at);
            let Some(kind) = kind else {
                turns.push((change.at, Self::of(change.state.mic)));
                continue;
            };
            let goes_on = changes.iter().skip(place).all(|it| WaitKind::of(it.state) == Some(kind));
            // The board counts from the start that the floor knows, which may be before the first kept change.
            let start = match kind {
                WaitKind::Hold => person.hold.as_ref().map(|it| it.since.at),
                WaitKind::Lobby => person.lobby.map(|it| it.at),
            };
            let start = start.filter(|it| goes_on && *it < change.at).unwrap_or(change.at);
            turns.push((change.at, if look.stale { Self::Stale } else { Self::Waits(AlertLevel::None) }));
            if look.stale || (goes_on && look.acknowledged) {
                continue;
            }
            let levels = kind.limits(look.limits).map(|(limit, level)| (start + limit, Self::Waits(level)));
            turns.extend(levels.map(|(at, sign)| (at.max(change.at), sign)));
        }
        turns
    }

    /// The signs of the legend with their words, in its order.
    pub(in crate::screen) const LEGEND: [(&'static str, &'static str, Self); 4] = [
        ("\u{2500}\u{2500}", "live", Self::Live),
        ("\u{254c}\u{254c}", "muted", Self::Muted),
        ("\u{2550}\u{2550}", "MUTED", Self::MutedServer),
        ("\u{2583}\u{2585}\u{2587}", "waits, hold or lobby", Self::Waits(AlertLevel::None)),
    ];

    pub(in crate::screen) const fn letter(self) -> char {
        match self {
            Self::Away => ' ',
            Self::Unseen => '?',
            Self::Connecting => '>',
            Self::Live => '\u{2500}',
            Self::Muted => '\u{254c}',
            Self::MutedServer => '\u{2550}',
            Self::Stale => '\u{2591}',
            Self::Waits(AlertLevel::None | AlertLevel::Quiet) => '\u{2583}',
            Self::Waits(AlertLevel::Warning) => '\u{2585}',
            Self::Waits(AlertLevel::Critical) => '\u{2587}',
        }
    }

    pub(in crate::screen) const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Away | Self::Unseen | Self::Connecting | Self::Live => theme.quiet,
            Self::Muted => theme.facts,
            Self::MutedServer => theme.text,
            Self::Stale => theme.bar(AlertLevel::None),
            Self::Waits(level) => theme.bar(level),
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

    /// Writes a mark at a column; its first letter if it does not fit whole; `*` if not even that fits. A number is
    /// never cut, because its first digit is another number.
    pub(in crate::screen) fn write(&mut self, column: usize, text: &str, style: Style) {
        let long = text.chars().count();
        let start = column.min(self.cells.len().saturating_sub(long));
        let free = |taken: &[bool], from: usize, many: usize| taken.iter().skip(from).take(many).all(|it| !it);
        if free(&self.taken, start, long) && long <= self.cells.len() {
            return self.put(start, text, style);
        }
        let first = text.chars().next().filter(|it| !it.is_ascii_digit() && free(&self.taken, column, 1));
        self.put(column, &first.unwrap_or('*').to_string(), style);
    }

    /// Draws a column of the time's grid, where the lane is empty.
    pub(in crate::screen) fn track(&mut self, column: usize, style: Style) {
        if let Some(cell) = self.cells.get_mut(column).filter(|(letter, _)| *letter == ' ') {
            *cell = ('\u{2502}', style);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_give_way_to_each_other_and_none_is_lost() {
        let theme = Theme::mono();
        let shown = |marks: &[(usize, &str)]| -> String {
            let mut strip = LaneStrip::of(&[LaneSign::Live; 12], &theme);
            for (column, text) in marks {
                strip.write(*column, text, theme.text);
            }
            strip.cells.iter().map(|(letter, _)| *letter).collect()
        };
        assert_eq!(shown(&[(11, "r12"), (2, "m1"), (1, "H3?"), (2, "m5"), (4, "H6")]), "─H*1H6───r12");
        assert_eq!(
            shown(&[(11, "12"), (2, "3"), (1, "14"), (2, "5")]),
            "─**───────12",
            "a number is whole or not there"
        );
    }

    #[test]
    fn the_grid_shows_only_where_the_lane_is_empty() {
        let theme = Theme::mono();
        let mut strip = LaneStrip::of(&[LaneSign::Away, LaneSign::Live], &theme);
        strip.track(0, theme.line);
        strip.track(1, theme.line);
        assert_eq!(strip.cells.iter().map(|(letter, _)| *letter).collect::<String>(), "│─");
    }
}
