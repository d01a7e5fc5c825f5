//! What the environment says about the terminal, before anything is written to it.

use std::io::{IsTerminal as _, Write as _};

/// The warning about a locale without UTF-8.
pub const NO_UTF8: &str = "this locale has no UTF-8, so lines are ASCII; theme = \"default\" keeps them";

/// Whether only plain lines can be printed, because standard output cannot be drawn on. If so, writes the reason
/// to standard error.
#[must_use]
pub fn needs_plain_lines() -> bool {
    let reason = if !std::io::stdout().is_terminal() {
        "standard output is not a terminal"
    } else if std::env::var_os("TERM").is_some_and(|it| it == "dumb") {
        "TERM is dumb"
    } else {
        return false;
    };
    // A closed standard error has no reader.
    drop(writeln!(std::io::stderr(), "callboard: {reason}, so plain lines are printed"));
    true
}

/// Whether the locale's characters are UTF-8.
#[must_use]
pub fn has_utf8_locale() -> bool {
    is_utf8_locale(|name| std::env::var(name).ok())
}

/// The first variable that is set and not empty names the locale, as POSIX orders them; without one it is C.
fn is_utf8_locale(variable: impl Fn(&str) -> Option<String>) -> bool {
    let mut set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).filter(|it| !it.is_empty());
    let locale = set.next().unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_locale() {
        let cases: [(&[(&str, &str)], bool); 8] = [
            (&[], false),
            (&[("LANG", "en_GB.UTF-8")], true),
            (&[("LANG", "C.utf8")], true),
            (&[("LANG", "en_GB.ISO-8859-1")], false),
            (&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")], false),
            (&[("LANG", "C"), ("LC_CTYPE", "UTF-8")], true),
            (&[("LC_ALL", ""), ("LC_CTYPE", ""), ("LANG", "de_DE.UTF-8@euro")], true),
            (&[("LC_TIME", "en_GB.UTF-8")], false),
        ];
        for (variables, utf8) in cases {
            let found = |name: &str| variables.iter().find(|(it, _)| *it == name).map(|(_, text)| (*text).to_owned());
            assert_eq!(is_utf8_locale(found), utf8, "{variables:?}");
        }
    }
}
