//! `callboard sim --explain`: the simulator's settings, for people and for programs.

use serde_json::Value;

use super::serve::print_line;
use crate::sim::settings::{ExplainedPreset, ExplainedSetting, SettingGroup};
use crate::sim::{SimSettings, TOKENS};

/// The width of an explanation, in columns.
const WIDTH: usize = 100;
/// The indentation of an explanation under its setting.
const INDENT: &str = "      ";

/// Prints every setting with its value.
pub(super) fn print(faults: &SimSettings, json: bool) -> anyhow::Result<()> {
    let settings = faults.explained();
    let text =
        if json { serde_json::to_string_pretty(&settings)? } else { readable(&settings, &faults.explained_presets()) };
    print_line(text.trim_end())
}

fn readable(settings: &[ExplainedSetting], presets: &[ExplainedPreset]) -> String {
    let mut text = String::from("Settings of the simulator: --set NAME=VALUE, or POST /sim/faults while it runs.\n");
    for (group, title) in [
        (SettingGroup::Open, "What Graph's documentation leaves open"),
        (SettingGroup::Wire, "How the wire spells"),
        (SettingGroup::Fault, "Faults to rehearse"),
    ] {
        write_lines(&mut text, &["", title]);
        for setting in settings.iter().filter(|it| it.group == group) {
            let (value, default) = (shown(&setting.value), shown(&setting.default));
            let default = if value == default { String::new() } else { format!(", default {default}") };
            let evidence = format!("[{:?}] {}", setting.evidence, setting.evidence.words());
            write_lines(&mut text, &[&format!("  {}={value}", setting.name)]);
            write_wrapped(&mut text, setting.help);
            write_wrapped(&mut text, &format!("takes {}{default}; {evidence}", setting.takes()));
        }
    }
    write_lines(&mut text, &["", "Faults in plain words"]);
    for preset in presets {
        write_lines(&mut text, &[&format!("  {}={}", preset.name, preset.value)]);
        write_wrapped(&mut text, &format!("{}. {} Takes true | false.", preset.title, preset.help));
    }
    write_lines(&mut text, &["", "What no setting changes"]);
    write_wrapped(&mut text, TOKENS);
    text
}

fn write_lines(text: &mut String, lines: &[&str]) {
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
}

/// Writes words as indented lines of at most `WIDTH` columns.
fn write_wrapped(text: &mut String, words: &str) {
    let mut width = usize::MAX;
    for word in words.split(' ') {
        let longer = word.chars().count().saturating_add(1);
        if width.saturating_add(longer) <= WIDTH {
            text.push(' ');
            width += longer;
        } else {
            if width != usize::MAX {
                text.push('\n');
            }
            text.push_str(INDENT);
            width = INDENT.len() + longer - 1;
        }
        text.push_str(word);
    }
    text.push('\n');
}

/// Returns a value as `--set` takes it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::settings::SETTINGS;

    #[test]
    fn the_readable_list_contains_every_setting_and_its_value() {
        let faults = SimSettings { drop_notifications: 0.25, ..SimSettings::default() };
        let text = readable(&faults.explained(), &faults.explained_presets());
        for setting in SETTINGS {
            assert!(text.contains(&format!("\n  {}=", setting.name)), "{} is missing", setting.name);
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(setting.help()), "{} is not explained", setting.name);
        }
        assert!(text.contains("\n  dropNotifications=0.25\n"));
        assert!(text.contains("takes 0 to 1, default 0.0; [I] unverified"));
        assert!(text.contains("\n  faultsOn=*\n"));
        let explained = text.lines().filter(|it| it.starts_with(INDENT));
        assert!(explained.map(|it| it.chars().count()).all(|it| it <= WIDTH));
        assert!(text.contains("      takes running | completed; [D] documented\n"));
        let last = text.split_once("\nWhat no setting changes\n").unwrap().1;
        let last = last.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(last, TOKENS);
        assert!(last.contains("wall time") && last.contains("3,599 seconds") && last.contains("3,900"), "{last}");
    }

    #[test]
    fn the_guide_contains_every_setting() {
        let page = include_str!("../../assets/guide/bots.md");
        for setting in SETTINGS {
            assert!(page.contains(&format!("`{}`", setting.name)), "bots.md does not name {}", setting.name);
        }
    }
}
