//! Accepted values, the messages of refused ones, and which layer wins.

use super::*;

fn fault(text: &str) -> String {
    match SettingsDocument::parse(text) {
        Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        Ok(document) => layers(&document, None, &[]).expect_err(text).to_string(),
    }
}

fn layers(
    document: &SettingsDocument,
    profile: Option<&str>,
    flags: &[(&'static str, String)],
) -> Result<ResolvedSettings, SettingFault> {
    SettingLayers { document, profile, environment: &|_| None, flags, demo: false }.resolve()
}

/// The example file with every setting uncommented.
fn switched_on() -> String {
    let on = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => rest.to_owned(),
        Some(_) | None => line.to_owned(),
    };
    example().lines().map(on).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_names_every_setting_and_is_the_defaults() {
    let untouched = SettingsDocument::parse(&example()).unwrap();
    assert!(untouched.is_empty() && untouched.warnings.is_empty());
    assert_eq!(layers(&untouched, None, &[]).unwrap(), ResolvedSettings::default());

    let document = SettingsDocument::parse(&switched_on()).unwrap();
    assert_eq!(document.warnings, []);
    let resolved = layers(&document, None, &[]).unwrap();
    let defaults = Settings::default();
    for setting in SETTINGS {
        assert!(
            matches!(resolved.origin(setting.name), SettingOrigin::File(_)),
            "{} is not in the example",
            setting.name
        );
        let default = setting.shown(&defaults).unwrap_or_else(|| setting.sample.to_owned());
        let read = setting.shown(&resolved.settings).unwrap();
        assert_eq!(read, default, "{}", setting.name);
    }
    for key in crate::desk::KEYS {
        assert_eq!(resolved.settings.keymap.presses(key), defaults.keymap.presses(key), "{}", key.name);
        let named = matches!(resolved.key_origin(key.name), SettingOrigin::File(_));
        assert_eq!(named, Keymap::can_change(key), "{}", key.name);
    }
    assert_eq!(document.profiles().collect::<Vec<_>>(), ["night"]);
    assert!(layers(&document, Some("night"), &[]).unwrap().settings.read_only);
}

#[test]
fn a_wrong_value_says_where_and_what_is_allowed() {
    for (text, says) in [
        (
            "[console]\n  theme = \"pink\"",
            "line 2, column 11: theme: it takes auto, default, dark, light, high-contrast, colour-blind, mono or ascii, not \"pink\"",
        ),
        ("[console]\nquiet = 0", "line 2, column 9: quiet: it takes whole seconds from 1 to 86400, not 0"),
        ("[console]\nquiet = \"60\"", "not \"60\""),
        ("[console]\nquiet = 99999999999999999999", "not a number that is too large"),
        ("[console]\nmouse = \"true\"", "mouse: it takes true or false, not \"true\""),
        ("[console]\nrelay = \"ftp://x\"", "relay: it takes an address"),
        ("[console]\ntoken-file = \"\"", "token-file: it takes a file path"),
        ("[console]\ncalls-columns = \"number, colour\"", "Calls have no column \"colour\"; there are alert, number"),
        ("[console]\ncalls-columns = [1]", "not a list with something other than strings"),
        ("[console]\ncalls-sort = \"mic\"", "Calls cannot be sorted by \"mic\""),
        ("[console]\ncalls-filter = \"is:lost\"", "is:lost is not known here"),
        ("[keys]\nmute = \"zz\"", "line 2, column 8: the key of mute: \"zz\" is no key"),
        ("[keys]\nmute = 5", "mute: it takes a key or a list of keys, not 5"),
        ("[keys]\nback = \"b\"", "back keeps its keys"),
        ("[keys]\nmute = \"r\"", "line 2, column 8: r would mean both mute and release"),
        ("[console]\nhold-warning = 300", "line 2, column 16: hold-warning is longer than hold-critical"),
        ("[console]\nlobby-warning = 300", "line 2, column 17: lobby-warning is longer than lobby-critical"),
        ("console = 1", "line 1, column 11: console: it is a section, [console]"),
        ("[profiles]\nnight = 1", "profiles: it takes sections, [profiles.night]"),
        ("[profiles.night]\nmouse = 1", "line 2, column 9: mouse: it takes true or false"),
        ("[console\n", "line 1, column 9: "),
    ] {
        let said = fault(text);
        assert!(said.contains(says), "{text}\n{said}");
    }
    assert_eq!(fault("[console]\nmouse = 1\nquiet = 0").lines().count(), 2, "all of them at once");
}

#[test]
fn what_is_unknown_is_a_warning_with_the_nearest_name() {
    let text =
        "theme = \"mono\"\n[consol]\n[console]\nthem = \"mono\"\n[keys]\nmuet = \"x\"\n[profiles.a]\nmose = true\n";
    let document = SettingsDocument::parse(text).unwrap();
    let said: Vec<String> = document.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "line 1, column 1: \"theme\" is outside of a section: it belongs below [console]",
            "line 2, column 2: there is no section \"consol\"; the nearest is \"console\"",
            "line 4, column 1: there is no setting \"them\"; the nearest is \"theme\"",
            "line 6, column 1: there is no command \"muet\"; the nearest is \"mute\"",
            "line 8, column 1: there is no setting \"mose\"; the nearest is \"mouse\"",
        ]
    );
    assert_eq!(layers(&document, Some("a"), &[]).unwrap(), ResolvedSettings::default());
}

const LAYERED: &str = "
[console]
quiet = 10
theme = \"mono\"
calls-filter = \"acme\"
calls-sort = \"age\"
[keys]
mute = [\"M\", \"F5\"]
[profiles.night]
quiet = 20
calls-filter = \"\"
keys = { mute = \"F6\" }
";

#[test]
fn flags_go_before_variables_before_a_profile_before_the_file_before_defaults() {
    let document = SettingsDocument::parse(LAYERED).unwrap();
    let environment = |name: &str| (name == "CALLBOARD_QUIET").then(|| "30".to_owned());
    let flags = [("quiet", "40".to_owned())];
    let mut layers =
        SettingLayers { document: &document, profile: None, environment: &|_| None, flags: &[], demo: false };
    let quiet = |layers: &SettingLayers<'_>| {
        let resolved = layers.resolve().unwrap();
        (resolved.settings.limits.quiet.0 / 1_000, resolved.origin("quiet").to_string())
    };
    assert_eq!(quiet(&layers), (10, "file, line 3".to_owned()));
    layers.profile = Some("night");
    assert_eq!(quiet(&layers), (20, "profile night, line 10".to_owned()));
    layers.environment = &environment;
    assert_eq!(quiet(&layers), (30, "CALLBOARD_QUIET".to_owned()));
    layers.flags = &flags;
    assert_eq!(quiet(&layers), (40, "--quiet".to_owned()));
    let resolved = layers.resolve().unwrap();
    assert_eq!(resolved.settings.theme, "mono");
    assert_eq!(resolved.settings.filters, [], "the profile takes the file's filter away");
    let mute = crate::desk::KeyBinding::named("mute").unwrap();
    assert_eq!(resolved.settings.keymap.shown(mute), "F6");
    assert_eq!(resolved.key_origin("mute").to_string(), "profile night, line 12");
    assert_eq!(resolved.keys().map(|it| it.name).collect::<Vec<_>>(), ["mute"]);
}

#[test]
fn a_setting_and_a_command_of_one_name_each_say_where_they_come_from() {
    let text = "[console]\nread-only = true\n[keys]\nread-only = [\"F9\"]\nfast = []\n[profiles.night]\nfast = true\n";
    let document = SettingsDocument::parse(text).unwrap();
    for (profile, fast) in [(None, "default"), (Some("night"), "profile night, line 7")] {
        let resolved = layers(&document, profile, &[]).unwrap();
        assert_eq!(resolved.origin("read-only").to_string(), "file, line 2");
        assert_eq!(resolved.key_origin("read-only").to_string(), "file, line 4");
        assert_eq!(resolved.origin("fast").to_string(), fast);
        assert_eq!(resolved.key_origin("fast").to_string(), "file, line 5");
    }
}

#[test]
fn what_is_asked_for_wrongly_outside_of_the_file_says_where() {
    let document = SettingsDocument::parse(LAYERED).unwrap();
    let said = |profile, environment: &dyn Fn(&str) -> Option<String>, flags: &[(&'static str, String)]| {
        let layers = SettingLayers { document: &document, profile, environment, flags, demo: false };
        layers.resolve().unwrap_err().to_string()
    };
    let nothing = |_: &str| None;
    assert_eq!(said(Some("nigth"), &nothing, &[]), "there is no profile \"nigth\"; the nearest is \"night\"");
    let pink = |name: &str| (name == "CALLBOARD_THEME").then(|| "pink".to_owned());
    assert_eq!(
        said(None, &pink, &[]),
        "CALLBOARD_THEME: theme: it takes auto, default, dark, light, high-contrast, colour-blind, mono or ascii, not \"pink\""
    );
    let flags = [("calls-filter", "is:lost".to_owned())];
    assert!(said(None, &nothing, &flags).starts_with("--filter: calls-filter: is:lost is not known here"));
}

#[test]
fn the_demo_takes_looks_and_never_whose_console_it_is() {
    let text = "[console]\nrelay = \"https://relay.example\"\ntoken-file = \"t\"\nread-only = true\ntheme = \"mono\"\n\
                calls-filter = \"acme\"\ncalls-columns = \"number, subject\"\n[keys]\nmute = \"M\"\n";
    let document = SettingsDocument::parse(text).unwrap();
    let environment = |name: &str| (name == "CALLBOARD_CA_FILE").then(|| "ca.pem".to_owned());
    let flags = [("calls-filter", "is:held".to_owned())];
    let layers =
        SettingLayers { document: &document, profile: None, environment: &environment, flags: &flags, demo: true };
    let settings = layers.resolve().unwrap().settings;
    assert_eq!((&settings.relay, &settings.token_file, &settings.ca_file), (&None, &None, &None));
    assert!(!settings.read_only);
    assert_eq!(settings.theme, "mono");
    assert_eq!(settings.columns.list(Pane::Calls), "number, subject");
    assert_eq!(settings.filters.first().map(|(_, it)| it.text()), Some("is:held"), "a flag is meant");
    assert_eq!(settings.keymap.shown(crate::desk::KeyBinding::named("mute").unwrap()), "M");
}
