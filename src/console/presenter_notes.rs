//! The presenter's notes on a terminal of their own: each step of the presentation as plain lines, when it begins.

use std::io::Write;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::http as http_exchange;
use super::sim_control::{ControlAccess, build_client};
use crate::desk::{GateAnswer, Presentation, PresentationStep};
use crate::screen::DisplayText;

/// The interval at which the simulator is asked for its step.
const EVERY: Duration = Duration::from_millis(400);
/// The columns of the words before each text.
const LABEL: usize = 6;

/// Why the notes ended.
#[derive(Debug, thiserror::Error)]
pub enum NotesError {
    /// The simulator does not answer.
    #[error("the simulator's control API does not answer: {0}; is the demo still running?")]
    NoAnswer(String),
    /// The simulator answered with an error.
    #[error("the simulator's control API answered {status}: {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The body; untrusted text.
        body: String,
    },
    /// The answer is not a presentation.
    #[error("the presentation cannot be read from the simulator: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The HTTP client cannot be made.
    #[error("{0}")]
    Client(String),
    /// Nothing can be written.
    #[error("the notes cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// Prints the notes of each step, in lines of at most `columns`, until the simulator ends.
///
/// Fails if the simulator never answered, answers something else, or if nothing can be written.
pub(crate) async fn print_notes(
    control: ControlAccess,
    columns: usize,
    out: &mut impl Write,
) -> Result<(), NotesError> {
    let http = build_client().map_err(NotesError::Client)?;
    let url = format!("{}/stage", control.url.as_str().trim_end_matches('/'));
    let mut printer = NotesPrinter { columns, shown: None, seen: 0 };
    loop {
        let request = http.get(&url).bearer_auth(control.token.expose_secret());
        match http_exchange::exchange(request, None).await {
            GateAnswer::Replied { status: 200, body } => printer.show(&serde_json::from_str(&body)?, out)?,
            GateAnswer::Replied { status, body } => return Err(NotesError::Refused { status, body }),
            // A simulator that answered before has ended with the demo.
            GateAnswer::Lost { .. } | GateAnswer::Unanswered if printer.shown.is_some() => {
                writeln!(out, "\nThe demo has ended.")?;
                return Ok(());
            }
            GateAnswer::Lost { error, .. } => return Err(NotesError::NoAnswer(error)),
            GateAnswer::Unanswered => return Err(NotesError::NoAnswer("no answer came".to_owned())),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Writes each step once, and each of its expectations when the floor has shown it.
struct NotesPrinter {
    columns: usize,
    /// The scenario, the seed and the step that were written last.
    shown: Option<(String, Option<u64>, usize)>,
    seen: usize,
}

impl NotesPrinter {
    fn show(&mut self, presentation: &Presentation, out: &mut impl Write) -> std::io::Result<()> {
        let place = (presentation.scenario.clone(), presentation.seed, presentation.step);
        let step = presentation.current();
        if self.shown.as_ref() != Some(&place) {
            self.shown = Some(place);
            self.seen = 0;
            writeln!(out, "\n{}", DisplayText::clean(&presentation.place()).as_str())?;
            if let Some(step) = step {
                self.line(out, "SAY", &step.notes)?;
                self.line(out, "DO", &step.press)?;
            }
            let next = presentation.next().map_or("the end", |it| it.title.as_str());
            self.line(out, "NEXT", next)?;
        }
        let seen: Vec<&str> = step.map(seen_expectations).unwrap_or_default();
        for what in seen.iter().skip(self.seen) {
            self.line(out, "SEEN", what)?;
        }
        self.seen = self.seen.max(seen.len());
        out.flush()
    }

    fn line(&self, out: &mut impl Write, label: &str, text: &str) -> std::io::Result<()> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let lines = DisplayText::clean(text).wrap(self.columns.saturating_sub(LABEL + 1));
        for (at, line) in lines.iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            writeln!(out, "{label:<LABEL$}{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn seen_expectations(step: &PresentationStep) -> Vec<&str> {
    step.expects.iter().filter(|it| it.seen).map(|it| it.what.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(step: usize, seen: bool) -> Presentation {
        let steps = ["The floor", "Back from hold"].map(|title| {
            serde_json::json!({
                "title": title, "notes": format!("About {title}, in many words that need two lines."),
                "press": "r, then y", "expects": [{"what": "a proof", "seen": seen}],
            })
        });
        serde_json::from_value(serde_json::json!({"scenario": "demo", "step": step, "steps": steps})).unwrap()
    }

    #[test]
    fn each_step_is_written_once_and_what_is_seen_when_it_is() {
        let mut printer = NotesPrinter { columns: 40, shown: None, seen: 0 };
        let mut out = Vec::new();
        for (step, seen) in [(1, false), (1, false), (1, true), (1, true), (2, false)] {
            printer.show(&stage(step, seen), &mut out).unwrap();
        }
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("SAY").count(), 2, "{text}");
        assert_eq!(text.matches("SEEN  a proof").count(), 1, "{text}");
        assert!(text.contains("NEXT  Back from hold") && text.contains("NEXT  the end"), "{text}");
        assert!(text.lines().all(|it| it.chars().count() <= 40), "{text}");
    }
}
