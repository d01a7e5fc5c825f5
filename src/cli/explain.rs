//! `callboard sim --explain`: the simulator's settings, for people and for programs.

use std::fmt::Write as _;

use super::serve::line;
use crate::sim::Faults;
use crate::sim::faults::{Explained, Group};

/// Prints every setting with its value.
pub(super) fn print(faults: &Faults, json: bool) -> anyhow::Result<()> {
    let settings = faults.explained();
    line(if json { serde_json::to_string_pretty(&settings)? } else { readable(&settings) }.trim_end())
}

fn readable(settings: &[Explained]) -> String {
    let mut text = String::from("Settings of the simulator: --set NAME=VALUE, or POST /sim/faults while it runs.\n");
    for (group, title) in [
        (Group::Open, "What Graph's documentation leaves open"),
        (Group::Wire, "How the wire spells"),
        (Group::Fault, "Faults to rehearse"),
    ] {
        write_lines(&mut text, &["", title]);
        for setting in settings.iter().filter(|it| it.group == group) {
            let (value, default) = (shown(&setting.value), shown(&setting.default));
            let default = if value == default { String::new() } else { format!(", default {default}") };
            let evidence = format!("[{:?}] {}", setting.evidence, setting.evidence.words());
            write_lines(
                &mut text,
                &[
                    &format!("  {}={value}", setting.name),
                    &format!("      {}", setting.help),
                    &format!("      takes {}{default}; {evidence}", setting.takes()),
                ],
            );
        }
    }
    text
}

fn write_lines(text: &mut String, lines: &[&str]) {
    for line in lines {
        // Writing to a text cannot fail.
        drop(writeln!(text, "{line}"));
    }
}

/// A value as `--set` takes it.
fn shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(word) => word.clone(),
        serde_json::Value::Array(items) => {
            items.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::faults::SETTINGS;

    #[test]
    fn the_readable_list_names_every_setting_and_what_was_set() {
        let faults = Faults { drop_notifications: 0.25, ..Faults::default() };
        let text = readable(&faults.explained());
        for setting in SETTINGS {
            assert!(text.contains(&format!("\n  {}=", setting.name)), "{} is missing", setting.name);
            assert!(text.contains(setting.help()), "{} is not explained", setting.name);
        }
        assert!(text.contains("\n  dropNotifications=0.25\n"));
        assert!(text.contains("takes 0 to 1, default 0.0; [I] unverified"));
        assert!(text.contains("\n  faultsOn=*\n"));
        assert!(text.contains("      takes running | completed; [D] documented\n"));
    }

    #[test]
    fn the_readme_names_every_setting() {
        let readme = include_str!("../../README.md");
        for setting in SETTINGS {
            assert!(readme.contains(&format!("`{}`", setting.name)), "README.md does not name {}", setting.name);
        }
    }
}
