//! The close codes of the feed, each with a sentence for the operator. Pure.

/// The reason why a relay closes a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// No token, or one that is not known.
    Unauthenticated,
    /// The operator's token was revoked, or may not do this.
    Forbidden,
    /// The console did not read fast enough; it may resume.
    TooSlow,
    /// The requested entries are gone; the console starts again.
    Gone,
    /// Too many consoles.
    TooMany,
    /// The relay restarts.
    Restart,
}

impl CloseCode {
    const ALL: [Self; 6] =
        [Self::Unauthenticated, Self::Forbidden, Self::TooSlow, Self::Gone, Self::TooMany, Self::Restart];

    /// Returns the number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Unauthenticated => 4001,
            Self::Forbidden => 4003,
            Self::TooSlow => 4008,
            Self::Gone => 4010,
            Self::TooMany => 4029,
            Self::Restart => 1012,
        }
    }

    /// Reads a number of the wire; `None` for one that is not the feed's.
    #[must_use]
    pub fn of(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.number() == number)
    }

    /// Returns whether a retry cannot help.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Unauthenticated | Self::Forbidden)
    }

    /// Returns whether the console may resume after its cursor.
    #[must_use]
    pub const fn resumable(self) -> bool {
        matches!(self, Self::TooSlow | Self::TooMany | Self::Restart)
    }

    /// Returns a sentence for the operator.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unauthenticated => "the relay does not know this token; ask for a new one",
            Self::Forbidden => "the relay refuses this token: it was revoked or has expired; ask for a new one",
            Self::TooSlow => "this console read too slowly; it continues where it stopped",
            Self::Gone => "the relay no longer has the requested entries; the console starts again",
            Self::TooMany => "the relay has reached its maximum number of consoles; the console tries again",
            Self::Restart => "the relay restarts; the console continues where it stopped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_round_trips_and_others_are_unknown() {
        for code in CloseCode::ALL {
            assert_eq!(CloseCode::of(code.number()), Some(code));
        }
        assert_eq!(CloseCode::of(1000), None);
    }
}
