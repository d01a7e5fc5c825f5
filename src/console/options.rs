//! A console's options from the operator's settings, and the watch for changes of them.
//!
//! It knows no file: the caller passes a function that reads the settings.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::desk::{DeskSetup, SettingsUpdate};
use crate::screen::{ColourEnvironment, TerminalBackground, TerminalTraits, Theme};

/// The options of a console.
#[derive(Default)]
pub struct ConsoleOptions {
    /// The desk's settings at the start.
    pub setup: DeskSetup,
    /// The theme at the start.
    pub theme: ThemeChoice,
    /// What the environment says about the terminal; its own answers are added.
    pub terminal: TerminalTraits,
    /// Whether the mouse selects rows.
    pub mouse: bool,
    /// A warning that the message line shows at the start; empty when there is no warning.
    pub notice: String,
    /// Called every two seconds to read changed settings.
    pub settings: Option<SettingsSource>,
}

/// The theme that the settings ask for, and what the environment says about the terminal's colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeChoice {
    /// The name of a theme, or [`Theme::AUTO`].
    pub setting: &'static str,
    /// What the environment says about colours.
    pub environment: ColourEnvironment,
}

impl Default for ThemeChoice {
    fn default() -> Self {
        Self { setting: Theme::AUTO, environment: ColourEnvironment::default() }
    }
}

impl ThemeChoice {
    /// The theme for a terminal. A theme that the operator named is not changed.
    #[must_use]
    pub fn for_terminal(&self, terminal: &TerminalTraits) -> Theme {
        let background = match terminal.background {
            TerminalBackground::Unknown => TerminalBackground::of_colorfgbg(&self.environment.colorfgbg),
            known @ (TerminalBackground::Dark | TerminalBackground::Light) => known,
        };
        let theme = Theme::chosen(self.setting, &self.environment, background);
        if self.setting == Theme::AUTO { theme.suited_to(terminal) } else { theme }
    }
}

/// Returns the settings if they have changed since the last call; with `true` it always returns them.
pub type SettingsSource = Box<dyn FnMut(bool) -> Option<SettingsReload> + Send>;

/// Settings that were read again.
pub struct SettingsReload {
    /// The desk's part, with the message to show.
    pub update: SettingsUpdate,
    /// The new colours; `None` when they stay.
    pub theme: Option<ThemeChoice>,
}

/// The interval at which the settings are checked for changes.
const INTERVAL: Duration = Duration::from_secs(2);

/// Watches the operator's settings in a task.
pub(super) struct SettingsWatcher {
    requests: mpsc::Sender<()>,
    reloads: mpsc::Receiver<SettingsReload>,
}

impl SettingsWatcher {
    /// Starts watching until the watcher is dropped. The loop never reads a file, so no key waits for a disk.
    pub(super) fn watch(source: Option<SettingsSource>) -> Self {
        // Both queues hold one: a second request while one waits asks for the same.
        let (requests, mut requested) = mpsc::channel(1);
        let (found, reloads) = mpsc::channel(1);
        if let Some(mut read) = source {
            tokio::spawn(async move {
                let mut every = tokio::time::interval(INTERVAL);
                loop {
                    let always = tokio::select! {
                        _ = every.tick() => false,
                        request = requested.recv() => if request.is_some() { true } else { return },
                    };
                    let reading = tokio::task::spawn_blocking(move || {
                        let reload = read(always);
                        (read, reload)
                    });
                    let Ok((again, reload)) = reading.await else { return };
                    read = again;
                    if let Some(reload) = reload
                        && found.send(reload).await.is_err()
                    {
                        return;
                    }
                }
            });
        }
        Self { requests, reloads }
    }

    /// Requests a reload; without settings to read, returns the message that says so.
    pub(super) fn reload_now(&self) -> Option<SettingsUpdate> {
        let closed = matches!(self.requests.try_send(()), Err(mpsc::error::TrySendError::Closed(())));
        closed.then(|| SettingsUpdate {
            setup: None,
            said: "this console has no settings file".to_owned(),
            warning: false,
        })
    }

    /// Waits for changed settings; for ever when there are no settings to read.
    ///
    /// Cancel-safe: a cancelled wait loses no change.
    pub(super) async fn changed(&mut self) -> SettingsReload {
        match self.reloads.recv().await {
            Some(reload) => reload,
            None => std::future::pending().await,
        }
    }
}
