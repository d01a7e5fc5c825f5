//! What is copied and exported: the desk says what, the shell how. The clipboard is the terminal's, by its own means.

use crate::desk::{Desk, Effect, Pane, RowId, called};
use crate::floor::Act;
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

impl Desk {
    /// Copies the selected row.
    pub(in crate::desk) fn copy_row(&mut self) -> Vec<Effect> {
        let what = match self.pane {
            Pane::Calls => self.call().map(|it| format!("call {}", it.number.0)),
            Pane::Participants => match self.person() {
                Some(person) => Some(called(person)),
                None => self.selected_participant().map(|_| "a party of this call".to_owned()),
            },
            Pane::Operations => self.shown_row().map(|it| match it {
                RowId::Operation(number) => format!("op {}", number.0),
                RowId::Pending(_) | RowId::Bulk(_) => "this act".to_owned(),
            }),
        };
        let Some(what) = what else {
            self.say("no row is selected among those shown here, so nothing was copied");
            return Vec::new();
        };
        self.say(format!("copied the row of {what}; nothing was sent"));
        vec![Effect::Copy(ClipboardItem::Row(self.pane))]
    }

    /// Copies the request of the selected operation, or the one that its key would send about who is selected.
    pub(in crate::desk) fn copy_request(&mut self) -> Vec<Effect> {
        let Some((what, request)) = self.request_here() else {
            self.say("there is no request to copy here: select an operation, or somebody whom a key would act on");
            return Vec::new();
        };
        self.say(format!("copied as curl, with $TOKEN for the token: {what}; nothing was sent"));
        vec![Effect::Copy(ClipboardItem::Request(request))]
    }

    /// Writes what the pane shows to a file.
    pub(in crate::desk) fn export(&mut self, form: ExportFormat) -> Vec<Effect> {
        self.say(format!("exporting {}", self.pane.name()));
        vec![Effect::Export(self.pane, form)]
    }

    /// Says what became of an export.
    pub(in crate::desk) fn exported(&mut self, written: Result<String, String>) {
        match written {
            // The file's name is ours, and says nobody's.
            Ok(name) => self.say_as_it_is(format!("exported to {name}")),
            Err(why) => self.warn(format!("not exported: {why}")),
        }
    }

    /// The selected row of the operations pane, where the pane shows it: a filter may have shut it out.
    fn shown_row(&self) -> Option<&RowId> {
        self.selected_row().filter(|row| self.ledger().any(|it| it.id() == **row))
    }

    fn request_here(&mut self) -> Option<(String, ExactRequest)> {
        if self.pane == Pane::Operations {
            let RowId::Operation(number) = self.selected_row()? else { return None };
            let operation = self.floor().operation(*number)?;
            let action = operation.act.action(operation.call.clone(), operation.participant.clone())?;
            let request = action.request(&operation.ticket.context()?);
            return Some((format!("op {}, {}", number.0, operation.act), request));
        }
        let act = match (self.pane, self.person()) {
            (Pane::Participants, Some(person)) if person.hold.is_some() => Act::Release,
            (Pane::Participants, Some(_)) => Act::Mute,
            _ => self.own_toggle(),
        };
        let target = self.target(act).ok()?;
        self.may(act, &target).ok()?;
        let action = act.action(target.call.clone(), target.person().cloned())?;
        let label = self.label(&target);
        let context = self.tickets.mint(self.now).context()?;
        Some((format!("what {act} of {label} would send"), action.request(&context)))
    }
}
