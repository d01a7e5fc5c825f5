//! An example settings file with every setting, made from the table. A line that begins with `#` and no space is a
//! setting with its default.

use std::fmt::Write as _;

use super::{SETTINGS, Settings};
use crate::desk::{KEYS, Keymap};

const HEAD: &str = "\
# The settings of callboard's console. Remove the # from a line to change its value.
# A flag wins over an environment variable, that over a profile, and a profile over the rest of this file.
# A running console checks this file every two seconds; :reload reads it now.
";

const KEYS_HEAD: &str = "
# Other keys for a command: a letter (case matters), ctrl-r, Enter, PgDn, F5. An empty list removes its keys; the
# palette still runs it. Esc and ctrl-c cannot be changed.
[keys]
";

const PROFILES: &str = "
# A profile overrides any of the above, for --profile NAME or CALLBOARD_PROFILE.
#[profiles.night]
#read-only = true
#theme = \"mono\"
#[profiles.night.keys]
#pause = [\"F9\"]
";

/// Returns the text of the example.
#[must_use]
pub fn example() -> String {
    let settings = Settings::default();
    let mut text = HEAD.to_owned();
    text.push_str("\n[console]\n");
    for setting in SETTINGS {
        let (value, note) = match setting.shown(&settings) {
            Some(value) => (value, ""),
            None => (setting.sample.to_owned(), " Not set by default."),
        };
        let restart = if setting.live { "" } else { " A change needs a restart." };
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n# {}{note}{restart}\n# Takes {}", setting.help, setting.allowed);
        let _ = writeln!(text, "; variable {}.\n#{} = {value}", setting.variable(), setting.name);
    }
    text.push_str(KEYS_HEAD);
    let keymap = Keymap::default();
    for key in KEYS.iter().filter(|it| Keymap::can_change(it)) {
        let presses: Vec<String> = keymap.presses(key).iter().map(|it| format!("{:?}", it.to_string())).collect();
        let _ = writeln!(text, "# {}\n#{} = [{}]", key.help, key.name, presses.join(", "));
    }
    text.push_str(PROFILES);
    text
}
