//! A pane's rows as texts, for files and the clipboard, with columns, filter and sort order as on the screen.

use ratatui::buffer::Buffer;

use super::board::{calls, events, operations, participants, waiting};
use super::render_context::RenderContext;
use super::text::DisplayText;
use super::theme::Theme;
use super::time_text::zone_name;
use crate::desk::{Desk, ExportFormat, Pane, ShownColumn};

/// The heading of times of day.
const TIME: &str = "TIME";

/// A pane as a table of sanitised texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportTable {
    /// The heads of the columns; that of times of day names their zone.
    pub heads: Vec<String>,
    /// The rows, with one text per column, which may be empty.
    pub rows: Vec<Vec<String>>,
    /// The index of the selected row.
    pub selected: Option<usize>,
}

impl ExportTable {
    /// The table that a pane of a desk shows.
    #[must_use]
    pub fn of(desk: &Desk, pane: Pane) -> Self {
        let mut buffer = Buffer::default();
        let ctx = RenderContext::new(desk, &Theme::mono(), &mut buffer);
        let (rows, selected) = match pane {
            Pane::Waiting => waiting::texts(&ctx),
            Pane::Events => (events::texts(&ctx), None),
            Pane::Calls => calls::texts(&ctx),
            Pane::Participants => participants::texts(&ctx),
            Pane::Operations => operations::texts(&ctx),
        };
        let rows = rows.into_iter().map(|it| it.into_iter().map(clean).collect()).collect();
        let heads: Vec<&str> = match pane {
            Pane::Waiting => waiting::HEADS.to_vec(),
            Pane::Events => events::HEADS.to_vec(),
            // A column whose heading is empty on the screen has its name here.
            Pane::Calls | Pane::Participants | Pane::Operations => {
                let head = |it: &ShownColumn| match it.column.heading {
                    "" => it.column.name,
                    heading => heading,
                };
                desk.columns(pane).iter().map(head).collect()
            }
        };
        let zone = zone_name(desk.now(), desk.zone());
        let heads = heads.into_iter().map(|it| if it == TIME { format!("{it} {zone}") } else { it.to_owned() });
        Self { heads: heads.collect(), rows, selected }
    }

    /// The selected row of a pane as one line. Of the calls, which can be very many, no other row is laid out.
    #[must_use]
    pub fn selected_line(desk: &Desk, pane: Pane) -> Option<String> {
        if pane != Pane::Calls {
            return Self::of(desk, pane).selected_row();
        }
        let mut buffer = Buffer::default();
        let row = calls::selected_texts(&RenderContext::new(desk, &Theme::mono(), &mut buffer))?;
        Some(one_line(&row.into_iter().map(clean).collect::<Vec<_>>()))
    }

    /// The selected row as one line.
    #[must_use]
    pub fn selected_row(&self) -> Option<String> {
        Some(one_line(self.rows.get(self.selected?)?))
    }

    /// The table in an export format.
    #[must_use]
    pub fn text(&self, form: ExportFormat) -> String {
        let heads = &self.heads;
        let mut text = String::new();
        let mut line = |row: &[String]| {
            let cells = row.iter().map(|it| match form {
                ExportFormat::Markdown => markdown(it),
                ExportFormat::Csv => csv(it),
            });
            let cells: Vec<String> = cells.collect();
            match form {
                ExportFormat::Markdown => text.extend(["| ", &cells.join(" | "), " |\n"]),
                ExportFormat::Csv => text.extend([&cells.join(","), "\r\n"]),
            }
        };
        line(heads);
        if form == ExportFormat::Markdown {
            line(&vec!["---".to_owned(); heads.len()]);
        }
        for row in &self.rows {
            line(row);
        }
        text
    }
}

fn one_line(row: &[String]) -> String {
    let texts: Vec<&str> = row.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
    texts.join("  ")
}

/// A text as the screen shows it; an empty one stays empty.
fn clean(text: String) -> String {
    if text.is_empty() { text } else { shown(&text) }
}

/// A text as the screen shows it, with a mark if the sanitiser removed something.
fn shown(text: &str) -> String {
    let clean = DisplayText::clean(text);
    clean.fit(clean.width()).trim_end().to_owned()
}

/// A text with its Markdown characters escaped.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '|' | '\\' | '<' | '`' | '[' | '*' | '_') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// A CSV value, quoted where necessary, that spreadsheets do not take for a formula.
fn csv(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']) && text.len() > 1;
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
