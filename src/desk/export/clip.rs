//! What is copied and exported: the desk says what, the shell how. The clipboard is the terminal's, by its own means.

use crate::desk::vocab::Pane;
use crate::graph::ExactRequest;

/// What goes to the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClipboardItem {
    /// The text of the selected row of a pane.
    Row(Pane),
    /// A request, as a command.
    Request(ExactRequest),
}

/// How a pane is written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExportFormat {
    /// A Markdown table.
    #[default]
    Markdown,
    /// Values apart by commas.
    Csv,
}

impl ExportFormat {
    /// The end of the file's name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Csv => "csv",
        }
    }

    /// Reads `md`, `markdown` or `csv`.
    ///
    /// # Errors
    /// A sentence that names the forms that there are.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "md" | "markdown" => Ok(Self::Markdown),
            "csv" => Ok(Self::Csv),
            _ => Err(format!("export writes markdown or csv, not {text:?}")),
        }
    }
}
