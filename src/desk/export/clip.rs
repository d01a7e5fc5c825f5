//! The formats of copies and exports. The desk chooses what to copy, and the console copies it by the terminal's means.

use crate::desk::vocab::Pane;
use crate::graph::ExactRequest;

/// Something to put on the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClipboardItem {
    /// The text of the selected row of a pane.
    Row(Pane),
    /// A request as a curl command.
    Request(ExactRequest),
}

/// The file format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExportFormat {
    /// A Markdown table.
    #[default]
    Markdown,
    /// Comma-separated values (CSV).
    Csv,
}

impl ExportFormat {
    /// Returns the file name's extension.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Csv => "csv",
        }
    }

    /// Parses `md`, `markdown` or `csv`.
    ///
    /// # Errors
    /// A sentence that names the formats.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "md" | "markdown" => Ok(Self::Markdown),
            "csv" => Ok(Self::Csv),
            _ => Err(format!("export writes markdown or csv, not {text:?}")),
        }
    }
}
