//! The legend: every sign and word in capitals that the board can draw, and what each means.

/// What one row of the legend explains, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegendRow {
    /// The signs or words, as the board draws them, separated by spaces.
    pub signs: &'static str,
    /// What they mean.
    pub meaning: &'static str,
}

const fn row(signs: &'static str, meaning: &'static str) -> LegendRow {
    LegendRow { signs, meaning }
}

/// The signs and words, in the order of the help. The digits of a time are examples.
pub const LEGEND: &[LegendRow] = &[
    row("!!", "Somebody has waited too long."),
    row("!", "Somebody has waited long."),
    row("?", "There has been no news of the call for a while, or its row may be wrong."),
    row("-", "The alert was acknowledged; in a column: nothing."),
    row("*", "Marked: the next act is about everyone marked. In a story: several operations."),
    row("\u{258c}", "Selected."),
    row("\u{2501}", "The pane with this thick line has the keys."),
    row(">4:13", "The start was not seen: at least this long."),
    row("3x", "So many wait; the time is that of the first."),
    row("\u{2583} \u{2585} \u{2587}", "How late somebody is: fine, long, too long. The longer the bar, the later."),
    row("\u{252c} \u{2502}", "The limits that make a wait long and too long; over operations, one second."),
    row("\u{2591}", "A wait when the line broke, which may be over."),
    row("\u{2500} \u{254c} \u{2550}", "In a story: live, muted, and muted by somebody else; a number is an operation."),
    row(
        "\u{2581} \u{2582} \u{2584} \u{2586} \u{2588}",
        "In the last hour: how many; a column is a minute, dashes are not watched.",
    ),
    row("\u{2501}\u{2500}", "A request under way: grey until Graph accepts it, white until the proof."),
    row("live?", "The call may have changed; the relay reads it again."),
    row("..", "The text is cut; the details show all of it."),
    row("~", "After a name: the beginning of an id, because another has the same name."),
    row("^", "After a text: unsafe characters were removed."),
    row("MUTED", "The person was muted by somebody else, and only the person can unmute."),
    row("ASKED SENDING SENT", "The request is on its way; Graph has not answered."),
    row("ACCEPTED", "Graph accepted it; there is no proof yet."),
    row("CONFIRMED", "The call itself shows the change."),
    row("UNCONFIRMED", "Graph accepted it, but the call has not shown the change in time."),
    row("FAILED REFUSED EXPIRED", "The change was not made; the reason stands beside it."),
    row("NOT KNOWN", "The request was sent, but no answer came."),
    row("LEFT", "The person left, or the call ended, before there was proof."),
    row("LIVE", "The board follows the calls."),
    row("NO LINE", "The relay cannot be reached: the board is old, and acts are off."),
    row("NOT LET IN", "The relay refuses this console."),
    row("LOSING", "The relay cannot write its journal: notifications are lost."),
    row("GAP", "Notifications may be missing; the relay reads the calls again."),
    row("PAUSED", "The display stands still until you resume it."),
    row("READ ONLY", "Acts are off."),
    row("FAST", "Acts on the selected row are sent without a question."),
    row("PRIVATE", "Names, numbers and ids are invented; acts reach the real people."),
    row("SAY DO", "What the presenter says and does; only on this screen."),
    row("SEEN", "What the step waits for has happened."),
];

impl LegendRow {
    /// Returns the text that a search looks in.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.signs, self.meaning)
    }
}
