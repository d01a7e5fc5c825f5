//! Performs the effects of a desk: starts what a task can do, and hands the rest to the owner of the terminal.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::export::ExportWriter;
use super::gate_client::GateClient;
use super::sim_control::SimControlClient;
use crate::desk::{ClipboardItem, Desk, Effect, Event, EvidenceSearch, NoticeMethod, curl};
use crate::feed::FeedCommand;
use crate::screen::ExportTable;
use crate::time::Timestamp;

/// An effect that only the owner of the terminal can finish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TerminalEffect {
    /// Put a text on the clipboard.
    Copy(String),
    /// Ring the bell or show a notification; untrusted text.
    Notify(NoticeMethod, String),
    /// Read the operator's settings again.
    ReloadSettings,
    /// Draw the whole screen again.
    Redraw,
    /// Stop the process until its shell continues it.
    Suspend,
    /// End the console.
    Quit,
}

/// The clients that perform effects.
pub(super) struct EffectPerformer {
    /// Commands to the feed's line. When it is full a command is dropped: the next selection repeats a lost one.
    pub(super) feed: mpsc::Sender<FeedCommand>,
    pub(super) gate: GateClient,
    /// The control API of the simulator behind the relay, if there is one.
    pub(super) control: Option<SimControlClient>,
    pub(super) exports: ExportWriter,
    /// Where the results of searches go.
    pub(super) events: mpsc::Sender<Event>,
    pub(super) stop: CancellationToken,
    /// The base address that a copied request names.
    pub(super) graph_url: String,
}

impl EffectPerformer {
    /// Performs one effect of a desk at a wall time, or returns what is left for the terminal.
    pub(super) fn perform(&self, effect: Effect, desk: &Desk, wall: Timestamp) -> Option<TerminalEffect> {
        match effect {
            Effect::Send(act) => self.gate.send(&act),
            Effect::Reread { call, roster } => self.gate.reread(&call, roster),
            Effect::Reconnect => self.command_feed(FeedCommand::Retry),
            Effect::ReportSelection(call) => self.command_feed(FeedCommand::Looking(call)),
            // A request that finds the queue full is dropped; the desk says after a while that no history came.
            Effect::Read { after, count } => self.command_feed(FeedCommand::Read { after, count }),
            Effect::AskSimulator(request) => {
                if let Some(control) = &self.control {
                    control.ask(&request);
                }
            }
            Effect::Export(pane, form) => {
                let text = ExportTable::of(desk, pane).text(form);
                self.exports.write((pane, form), wall, text);
            }
            Effect::SearchEvidence(search) => self.search_evidence(*search),
            Effect::Wake(after) => self.gate.wake(after),
            Effect::Copy(item) => return Some(TerminalEffect::Copy(self.clipboard_text(desk, &item))),
            Effect::Notify(method, text) => return Some(TerminalEffect::Notify(method, text)),
            Effect::Reload => return Some(TerminalEffect::ReloadSettings),
            Effect::Redraw => return Some(TerminalEffect::Redraw),
            Effect::Suspend => return Some(TerminalEffect::Suspend),
            Effect::Quit => return Some(TerminalEffect::Quit),
        }
        None
    }

    /// Searches in a thread for work that takes long; the result arrives as an event.
    fn search_evidence(&self, search: EvidenceSearch) {
        let events = self.events.clone();
        let searching = async move {
            let failed = search.failed();
            let found = tokio::task::spawn_blocking(|| search.run()).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the search for evidence broke off");
                failed
            });
            // Without a receiver the console has ended.
            drop(events.send(Event::EvidenceFound(Box::new(found))).await);
        };
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(searching));
    }

    fn command_feed(&self, command: FeedCommand) {
        if let Err(error) = self.feed.try_send(command) {
            tracing::debug!(%error, "a command to the feed was dropped");
        }
    }

    fn clipboard_text(&self, desk: &Desk, item: &ClipboardItem) -> String {
        match item {
            ClipboardItem::Row(pane) => ExportTable::selected_line(desk, *pane).unwrap_or_default(),
            ClipboardItem::Request(request) => curl(&self.graph_url, request),
        }
    }
}
