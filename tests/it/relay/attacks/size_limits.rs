//! Checks the documentation of the relay's limits, and the systemd unit.

use callboard::relay::RelayLimits;

const PAGE: &str = include_str!("../../../../assets/guide/operating-a-relay.md");
const UNIT: &str = include_str!("../../../../assets/callboard-relay.service");

#[test]
fn the_guide_lists_every_limit_with_its_default() {
    let (_, table) = PAGE.split_once("| limit | default | of what |\n").unwrap();
    let rows = table.lines().take_while(|it| it.starts_with('|')).filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        let (name, default) = (cells.next()?.strip_suffix('`')?, cells.next()?);
        default.parse::<u64>().ok().map(|default| (name, default))
    });
    let rows: Vec<(&str, u64)> = rows.collect();
    let settings: Vec<String> = rows.iter().map(|(name, default)| format!("{name}={default}")).collect();
    assert_eq!(RelayLimits::with(&settings).unwrap(), RelayLimits::default());
    let fields = format!("{:?}", RelayLimits::default()).matches(": ").count();
    assert_eq!(rows.len(), fields, "a limit is missing in the table");
    for (name, default) in rows {
        let other = format!("{name}={}", default + 1);
        assert_ne!(RelayLimits::with(&[other]).unwrap(), RelayLimits::default(), "{name}");
    }
}

#[test]
fn the_systemd_unit_uses_existing_options() {
    let help = crate::e2e::processes::callboard(&["relay", "--help"]);
    let start = UNIT.replace("\\\n", " ");
    let start = start.lines().find_map(|it| it.strip_prefix("ExecStart=")).unwrap();
    let options: Vec<&str> = start.split_whitespace().filter(|it| it.starts_with("--")).collect();
    assert!(options.len() > 8, "{options:?}");
    for option in options {
        assert!(help.contains(&format!("{option} <")), "{option} is no option of the relay");
    }
}

#[test]
fn the_systemd_unit_bounds_the_relays_memory_and_tasks() {
    for setting in ["MemoryHigh=", "MemoryMax=", "TasksMax="] {
        let set = UNIT.lines().find_map(|it| it.strip_prefix(setting)).unwrap_or_default();
        assert!(set.starts_with(|first: char| first.is_ascii_digit()), "{setting}{set}");
    }
}
