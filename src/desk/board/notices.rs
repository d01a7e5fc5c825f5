//! A notice beside the screen when somebody waits far too long: once for each such wait, and never again for the same.

use crate::desk::board::alerts::AcknowledgedWaits;
use crate::time::{Millis, Timestamp};

/// How somebody who does not look at the screen is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoticeMethod {
    /// Not at all.
    #[default]
    Off,
    /// The terminal's bell.
    Bell,
    /// A notice of the desktop, by the terminal (OSC 9).
    Osc9,
}

impl NoticeMethod {
    /// The words of the settings.
    pub const NAMES: [&str; 3] = ["off", "bell", "osc9"];

    /// Reads a word of the settings.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Off, Self::Bell, Self::Osc9].into_iter().find(|it| it.name() == name)
    }

    /// Its word in the settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Bell => "bell",
            Self::Osc9 => "osc9",
        }
    }
}

/// What was told already.
#[derive(Debug, Default)]
pub(in crate::desk) struct CriticalNotifier {
    pub(in crate::desk) notice: NoticeMethod,
    pub(in crate::desk) told: AcknowledgedWaits,
    pub(in crate::desk) looked: Option<Timestamp>,
}

/// The floor is looked through this often at most.
pub(in crate::desk) const EVERY: Millis = Millis::seconds(1);

impl CriticalNotifier {
    pub(in crate::desk) fn new(notice: NoticeMethod) -> Self {
        Self { notice, ..Self::default() }
    }
}
