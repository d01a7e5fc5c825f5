//! The header's second line: figures of the floor. Figures that do not fit are left out, the least important first.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::floor::{AlertLevel, StartTime, Statistics};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::time_text::short_span;
use crate::time::Millis;

/// Draws the most complete form that fits.
///
/// Invariant: at the least width of a board no number is cut, and every form has the held, the people in the lobby and
/// the refused notifications.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let floor = ctx.desk.floor().statistics();
    let forms = (0..=LAST).map(|less| numbers(ctx, &floor, less));
    let mut row = RowBuilder::default();
    for parts in forms {
        row = parts.into_iter().fold(RowBuilder::default(), |row, (text, style)| {
            let gap = if row.used() == 0 { 1 } else { 2 };
            row.gap(gap).text(&text, style)
        });
        if row.used() <= usize::from(area.width) {
            break;
        }
    }
    row.draw(ctx.buffer, area, 1, None);
}

/// The forms, each with one figure less than the one before.
type ShortenStep = u8;

const NO_LONGEST: ShortenStep = 1;
const NO_P50: ShortenStep = 2;
const NO_MUTED: ShortenStep = 3;
/// The shortest forms for refused notifications: without their words the muted may fit again.
const SHORT_WORDS: ShortenStep = 4;
const SHORT_AND_NO_MUTED: ShortenStep = 5;
const NO_CONFIRM: ShortenStep = 6;
const NO_CONNECTING: ShortenStep = 7;
const NO_CALLS: ShortenStep = 8;
const NO_AGES: ShortenStep = 9;
const LAST: ShortenStep = NO_AGES;

fn numbers(ctx: &RenderContext<'_>, numbers: &Statistics, less: ShortenStep) -> Vec<(String, Style)> {
    let theme = &ctx.theme;
    let limits = *ctx.desk.limits();
    let mut parts = Vec::new();
    if less < NO_CALLS {
        parts.push((format!("Calls {}", numbers.calls), theme.text));
    }
    if less < NO_CONNECTING {
        let word = if less < SHORT_WORDS { "Connecting" } else { "Conn" };
        parts.push((format!("{word} {}", numbers.connecting), theme.text));
    }
    let held = (format!("Held {}", numbers.held), numbers.oldest_hold);
    parts.push(waiting(ctx, held, less, |it| limits.hold(it)));
    let lobby = (format!("Lobby {}", numbers.lobby), numbers.oldest_lobby);
    parts.push(waiting(ctx, lobby, less, |it| limits.lobby(it)));
    if less < NO_MUTED || (SHORT_WORDS..SHORT_AND_NO_MUTED).contains(&less) {
        parts.push((format!("Muted {}", numbers.muted), theme.text));
    }
    if let Some(p95) = numbers.proof_p95.filter(|_| less < NO_CONFIRM) {
        let p50 = numbers.proof_p50.filter(|_| less < NO_P50).map(|it| format!("p50 {} ", short_span(it)));
        parts.push((format!("Confirm {}p95 {}", p50.unwrap_or_default(), short_span(p95)), theme.text));
    }
    parts.extend(refused(ctx, less).map(|it| (it, theme.bad)));
    parts
}

fn waiting(
    ctx: &RenderContext<'_>,
    count: (String, Option<StartTime>),
    less: ShortenStep,
    grade: impl Fn(Millis) -> AlertLevel,
) -> (String, Style) {
    let now = ctx.desk.shown_at();
    let (text, Some(oldest)) = count else { return (count.0, ctx.theme.text) };
    let alert = grade(oldest.span(now));
    let word = match alert {
        AlertLevel::None | AlertLevel::Quiet => "",
        AlertLevel::Warning if less < NO_AGES => " WARN!",
        AlertLevel::Critical if less < NO_AGES => " CRIT!!",
        AlertLevel::Warning => " !",
        AlertLevel::Critical => " !!",
    };
    let age = match less {
        NO_AGES => String::new(),
        NO_LONGEST.. => format!(" {}", oldest.age(now)),
        _ => format!(", longest {}", oldest.age(now)),
    };
    (format!("{text}{age}{word}"), ctx.theme.alert(alert))
}

/// The notifications that the relay refused or could not read, if any.
fn refused(ctx: &RenderContext<'_>, less: ShortenStep) -> Option<String> {
    let counts = ctx.desk.floor().counts();
    let refused: u64 = counts.refused.values().sum();
    let rejected: u64 = counts.rejected.values().sum();
    let worst = counts.refused.iter().max_by_key(|(_, count)| **count).map(|(reason, _)| reason.to_string());
    let worst = worst.unwrap_or_default();
    let most = if counts.refused.len() > 1 { "most: " } else { "" };
    let notifications = |many: u64| format!("{many} notification{}", if many == 1 { "" } else { "s" });
    match (refused, rejected, less < SHORT_WORDS) {
        (0, 0, _) => None,
        (0, _, true) => Some(format!("{} not understood", notifications(rejected))),
        (0, _, false) => Some(format!("{rejected} not understood")),
        (_, 0, true) => Some(format!("{} refused: {most}{worst}", notifications(refused))),
        (_, 0, false) => Some(format!("{refused} refused")),
        (_, _, true) => Some(format!("{} refused: {most}{worst}, {rejected} not understood", notifications(refused))),
        (_, _, false) => Some(format!("{refused} refused, {rejected} not understood")),
    }
}
