//! The floor's last hour: four small charts over the same minutes, and the figures of one minute in words.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::LastHour;
use crate::floor::{AlertLevel, MinuteSample, Statistics};
use crate::screen::chart::bar_chart::{BEYOND, BarValue, UNKNOWN};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::time_text::in_tenths;
use crate::time::{Millis, Timestamp};

/// The maximum number of rows of a chart; higher bars would show no more.
const HIGHEST: usize = 8;
/// The rows below the charts: the times, and two lines of legend. The minute in words takes one or two more.
const FOOT: usize = 3;

/// One chart: a value of each minute.
struct HourGraph {
    name: &'static str,
    /// What the highest figure is called.
    highest: &'static str,
    now: String,
    style: Style,
    bar: fn(&MinuteSample) -> BarValue,
    figure: fn(u64) -> String,
}

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, last: LastHour) {
    let hour = ctx.desk.hour();
    let place = last.place(&hour);
    let wide = usize::from(area.width).saturating_sub(4);
    // All minutes that fit, the newest last, each as wide as the room allows.
    let many = hour.len().min(wide);
    let column = (wide / many.max(1)).clamp(1, 3);
    let minutes = hour.get(hour.len() - many..).unwrap_or_default();
    let title = format!("Floor, last {many} minutes");
    let inner = ctx.open_sheet(area, &title, usize::from(area.height).saturating_sub(2));
    let height = usize::from(inner.height);
    let graphs = graphs(ctx);
    let said = minute_sentence(ctx, hour.get(place).and_then(Option::as_ref), place + 1 == hour.len());
    let said = DisplayText::clean(&said).wrap(wide);
    let rows = (height.saturating_sub(FOOT + said.len()) / graphs.len()).saturating_sub(1).clamp(1, HIGHEST);
    let mut at = 0;
    for graph in &graphs {
        graph.head(ctx, minutes).draw(ctx.buffer, inner, at, None);
        for (below, row) in graph.rows(ctx, (minutes, column), rows).into_iter().enumerate() {
            row.draw(ctx.buffer, inner, at + 1 + below, None);
        }
        at += rows + 1;
    }
    let selected = place.checked_sub(hour.len() - many);
    let theme = ctx.theme;
    time_labels(ctx, minutes, column, selected).draw(ctx.buffer, inner, at, None);
    for (below, line) in said.iter().enumerate() {
        RowBuilder::default().gap(1).cell(line.trim_end(), wide, theme.title).draw(
            ctx.buffer,
            inner,
            at + 1 + below,
            None,
        );
    }
    at += said.len();
    let legend = [
        format!("a bar is the highest count of its minute; {UNKNOWN} not watched"),
        format!("proof: solid up to the usual time, {BEYOND} up to the slowest"),
    ];
    for (below, text) in legend.iter().enumerate() {
        RowBuilder::default().gap(1).cell(text, wide, theme.quiet).draw(ctx.buffer, inner, at + 1 + below, None);
    }
}

fn graphs(ctx: &RenderContext<'_>) -> [HourGraph; 4] {
    let theme = &ctx.theme;
    let Statistics { calls, held, muted, .. } = ctx.desk.floor().statistics();
    let count = |it: u64| it.to_string();
    let proofs = ctx.desk.hour().pop().flatten().map(|it| proofs(&it)).unwrap_or_default();
    [
        HourGraph {
            name: "Live calls",
            highest: "most",
            now: calls.to_string(),
            style: theme.bar(AlertLevel::None),
            bar: |it| BarValue::full(it.live),
            figure: count,
        },
        HourGraph {
            name: "On hold",
            highest: "most",
            now: held.to_string(),
            style: theme.bar(AlertLevel::None),
            bar: |it| BarValue::full(it.held),
            figure: count,
        },
        HourGraph {
            name: "Muted",
            highest: "most",
            now: muted.to_string(),
            style: theme.facts,
            bar: |it| BarValue::full(it.muted),
            figure: count,
        },
        HourGraph {
            name: "Proof takes",
            highest: "slowest",
            now: proofs,
            style: theme.good,
            bar: latency,
            figure: |it| in_tenths(Millis(i64::try_from(it).unwrap_or(i64::MAX))),
        },
    ]
}

/// The proof latency of a minute as a bar; a latency of zero still gets a visible one.
fn latency(minute: &MinuteSample) -> BarValue {
    let millis = |it: Millis| u64::try_from(it.0).unwrap_or_default().max(1);
    match (minute.proof_p50(), minute.slowest_proof()) {
        (Some(usual), Some(slowest)) => BarValue::Of { whole: millis(slowest), part: millis(usual) },
        (None, _) | (_, None) => BarValue::full(0),
    }
}

impl HourGraph {
    fn bar(&self, minute: Option<&MinuteSample>) -> BarValue {
        minute.map_or(BarValue::Unknown, self.bar)
    }

    /// The highest figure and its first minute.
    fn most(&self, minutes: &[Option<MinuteSample>]) -> (u64, Option<Timestamp>) {
        let mut most = (0, None);
        for minute in minutes.iter().flatten() {
            match self.bar(Some(minute)) {
                BarValue::Of { whole, .. } if whole > most.0 => most = (whole, Some(minute.begin())),
                BarValue::Of { .. } | BarValue::Unknown => {}
            }
        }
        most
    }

    fn head(&self, ctx: &RenderContext<'_>, minutes: &[Option<MinuteSample>]) -> RowBuilder {
        let theme = &ctx.theme;
        let row = RowBuilder::default().gap(1).text(self.name, theme.title).gap(2).text("now ", theme.quiet);
        let row = row.gap(1).text(&self.now, self.style).gap(3);
        match self.most(minutes) {
            (most, Some(at)) => row
                .text(self.highest, theme.quiet)
                .gap(1)
                .text(&(self.figure)(most), theme.text)
                .gap(1)
                .text(&format!("at {}", ctx.minute(at)), theme.quiet),
            (_, None) => row,
        }
    }

    fn rows(
        &self,
        ctx: &RenderContext<'_>,
        (minutes, column): (&[Option<MinuteSample>], usize),
        rows: usize,
    ) -> Vec<RowBuilder> {
        let (most, _) = self.most(minutes);
        let row = |at: usize| {
            let mut row = RowBuilder::default().gap(1);
            for minute in minutes {
                let bar = self.bar(minute.as_ref());
                let style = if bar == BarValue::Unknown { ctx.theme.line } else { self.style };
                row = match bar.sign(at, rows, most) {
                    ' ' => row.gap(column),
                    sign => row.text(&sign.to_string().repeat(column), style),
                };
            }
            row
        };
        (0..rows).rev().map(row).collect()
    }
}

/// A minute in words.
fn minute_sentence(ctx: &RenderContext<'_>, minute: Option<&MinuteSample>, goes_on: bool) -> String {
    let Some(minute) = minute else { return "this minute has no figures: no board was kept then".to_owned() };
    let now = if goes_on { " (now)" } else { "" };
    let MinuteSample { live, held, muted, .. } = minute;
    // The header shows the present figures; this line, like the bars, the minute's maximum.
    let calls = if *live == 1 { "1 call".to_owned() } else { format!("{live} calls") };
    let at = ctx.minute(minute.begin());
    format!("{at}{now}, at most {calls}, {held} on hold, {muted} muted; {}", proofs(minute))
}

fn proofs(minute: &MinuteSample) -> String {
    match (minute.proofs(), minute.proof_p50(), minute.slowest_proof()) {
        (1, Some(only), _) => format!("1 proof after {}", in_tenths(only)),
        (many, Some(usual), Some(slowest)) => {
            format!("{many} proofs, usually after {}, slowest {}", in_tenths(usual), in_tenths(slowest))
        }
        (_, None, _) | (_, _, None) => "no proof".to_owned(),
    }
}

/// The times below the charts, every ten minutes, with a sign below the selected minute.
fn time_labels(
    ctx: &RenderContext<'_>,
    minutes: &[Option<MinuteSample>],
    column: usize,
    selected: Option<usize>,
) -> RowBuilder {
    let newest = minutes.iter().rposition(Option::is_some);
    let begin = newest.and_then(|at| Some((at, minutes.get(at)?.as_ref()?.begin())));
    let mut signs: Vec<char> = vec![' '; minutes.len() * column];
    let mut write = |at: usize, text: &str| {
        if at + text.chars().count() <= signs.len() {
            for (sign, letter) in signs.iter_mut().skip(at).zip(text.chars()) {
                *sign = letter;
            }
        }
    };
    if let Some((newest, begin)) = begin {
        for place in 0..=newest {
            let back = i64::try_from(newest - place).unwrap_or_default();
            let at = begin - Millis::minutes(back);
            if at.0.div_euclid(60_000).rem_euclid(10) == 0 {
                write(place * column, &format!("\u{2502}{}", ctx.minute(at)));
            }
        }
    }
    if let Some(selected) = selected {
        write(selected * column, "^");
    }
    let mut row = RowBuilder::default().gap(1);
    let text: String = signs.into_iter().collect();
    for part in text.split_inclusive(' ') {
        let word = part.trim_end();
        row = row.text(word, ctx.theme.quiet).gap(part.len() - word.len());
    }
    row
}
