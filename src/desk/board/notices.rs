//! Announces each wait that becomes critical, once, outside of the screen.

use crate::desk::board::alerts::AcknowledgedWaits;
use crate::time::{Millis, Timestamp};

/// How the terminal announces a critical wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoticeMethod {
    /// It does not.
    #[default]
    Off,
    /// By the terminal's bell.
    Bell,
    /// By a desktop notification of the terminal (OSC 9).
    Osc9,
}

impl NoticeMethod {
    /// The words of the settings, in the order of the variants.
    pub const NAMES: [&str; 3] = ["off", "bell", "osc9"];

    /// Returns the method for a word of the settings.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Off, Self::Bell, Self::Osc9].into_iter().find(|it| it.name() == name)
    }

    /// Returns the word of the settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Bell => "bell",
            Self::Osc9 => "osc9",
        }
    }
}

/// The waits that were announced.
#[derive(Debug, Default)]
pub(in crate::desk) struct CriticalNotifier {
    pub(in crate::desk) notice: NoticeMethod,
    pub(in crate::desk) told: AcknowledgedWaits,
    pub(in crate::desk) looked: Option<Timestamp>,
}

/// The shortest time between two checks of the floor.
pub(in crate::desk) const EVERY: Millis = Millis::seconds(1);

impl CriticalNotifier {
    pub(in crate::desk) fn new(notice: NoticeMethod) -> Self {
        Self { notice, ..Self::default() }
    }
}
