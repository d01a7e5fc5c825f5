//! What the operator's settings make of a console, and hearing that they have changed.
//!
//! It knows no file: whoever fits the console out gives it a question to ask.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::desk::{DeskSetup, SettingsUpdate};
use crate::screen::Theme;

/// How a console is fitted out.
#[derive(Default)]
pub struct ConsoleOptions {
    /// What the desk starts with.
    pub setup: DeskSetup,
    /// How it looks.
    pub theme: Theme,
    /// Whether the mouse selects rows.
    pub mouse: bool,
    /// What the operator is told at the start; nothing when it is empty.
    pub notice: String,
    /// Asked every two seconds whether the settings have changed.
    pub retuning: Option<SettingsSource>,
}

/// Whether the settings have changed since it was asked last; or, when told `true`, what they say in any case.
pub type SettingsSource = Box<dyn FnMut(bool) -> Option<SettingsReload> + Send>;

/// What came of looking at the settings.
pub struct SettingsReload {
    /// For the desk.
    pub news: SettingsUpdate,
    /// How it looks now; none when that stays.
    pub theme: Option<Theme>,
}

/// How often the settings are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// A console's ear for its settings.
pub(super) struct SettingsWatcher {
    ask: mpsc::Sender<()>,
    news: mpsc::Receiver<SettingsReload>,
}

impl SettingsWatcher {
    /// Looks until the ear is dropped. Files are read off the loop: no key waits for a disk.
    pub(super) fn of(retuning: Option<SettingsSource>) -> Self {
        // One question and one answer under way; a second question while one waits is the same question.
        let (ask, mut asked) = mpsc::channel(1);
        let (tell, news) = mpsc::channel(1);
        if let Some(mut look) = retuning {
            tokio::spawn(async move {
                let mut every = tokio::time::interval(EVERY);
                loop {
                    let told = tokio::select! {
                        _ = every.tick() => false,
                        asked = asked.recv() => if asked.is_some() { true } else { return },
                    };
                    let looked = tokio::task::spawn_blocking(move || {
                        let found = look(told);
                        (look, found)
                    });
                    let Ok((again, found)) = looked.await else { return };
                    look = again;
                    if let Some(found) = found
                        && tell.send(found).await.is_err()
                    {
                        return;
                    }
                }
            });
        }
        Self { ask, news }
    }

    /// Has the settings looked at now; what the desk is told where there are none.
    pub(super) fn ask(&self) -> Option<SettingsUpdate> {
        let closed = matches!(self.ask.try_send(()), Err(mpsc::error::TrySendError::Closed(())));
        closed.then(|| SettingsUpdate {
            setup: None,
            said: "this console has no settings file".to_owned(),
            warning: false,
        })
    }

    /// Waits for news; for ever where there are no settings.
    ///
    /// Cancel-safe.
    pub(super) async fn hear(&mut self) -> SettingsReload {
        match self.news.recv().await {
            Some(news) => news,
            None => std::future::pending().await,
        }
    }
}
