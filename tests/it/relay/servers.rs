//! The relay's own binary among others: a bot behind it, its certificates, and its disk.

mod certificates;
mod damage;
mod disk;
mod faults;
mod forwarding;
mod removed;
mod silent_viewers;

use std::path::Path;

use super::attacks::site::{APP, Platform, SECRET, TENANT};
use crate::e2e::processes::{Server, secret};

/// A relay's platform and its files.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    platform: Platform,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let (folder, platform) = (tempfile::tempdir().unwrap(), Platform::start().await);
        secret(&folder.path().join("secret"), SECRET);
        Self { folder, platform }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Returns the arguments of a relay, followed by these.
    fn words(&self, journal: &Path, more: &[&str]) -> Vec<String> {
        let url = |path: &str| format!("{}{path}", self.platform.base);
        let (openid, graph, token) = (url("/openid"), url("/v1.0"), url("/token"));
        let (app_secret, journal) = (self.path("secret"), journal.to_str().unwrap());
        let usual = [
            ["--app-id", APP],
            ["--tenant", TENANT],
            ["--openid", &openid],
            ["--graph", &graph],
            ["--token-url", &token],
            ["--client-secret-file", &app_secret],
            ["--journal", journal],
            ["--ops-listen", "127.0.0.1:0"],
        ];
        let words = std::iter::once("relay").chain(usual.into_iter().flatten()).chain(more.iter().copied());
        words.map(str::to_owned).collect()
    }

    /// Starts a relay with these additional arguments and a new journal.
    pub(crate) fn relay(&self, more: &[&str]) -> Server {
        let journal = self.folder.path().join(format!("journal-{}", uuid::Uuid::new_v4()));
        start(&self.words(&journal, more))
    }
}

fn start(words: &[String]) -> Server {
    Server::start(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Returns the value of a relay's metric, or 0 if it is absent.
async fn figure(relay: &Server, name: &str) -> i64 {
    let text = reqwest::get(format!("{}/metrics", relay.says("ops"))).await.unwrap().text().await.unwrap();
    let line = format!("callboard_{name} ");
    text.lines().find_map(|it| it.strip_prefix(&line)?.parse().ok()).unwrap_or_default()
}
