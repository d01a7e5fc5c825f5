//! The README and the guide against the program: their tables of endpoints, settings, metrics and options are the
//! program's own, their scenario can be played and their commands run. What they say in sentences is not checked.

mod commands;
mod guide;
mod links;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use callboard::cli::Cli;
use callboard::sim::Scenario;
use callboard::sim::settings::SETTINGS;
use clap::CommandFactory as _;
use serde_json::Value;

use crate::e2e::processes::Server;
use crate::repo::ROOMS;

fn text(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The README, or a page of the guide.
pub(crate) struct Page {
    /// From the repository's root on.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Page {
    /// The page's name on the command line.
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap().trim_end_matches(".md")
    }
}

/// The README and every page of the guide.
pub(crate) fn pages() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/guide");
    let names = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let paths = names.map(|it| format!("assets/guide/{it}")).chain(["README.md".to_owned()]);
    let mut pages: Vec<Page> = paths.map(|path| Page { text: text(&path), path }).collect();
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    pages
}

/// The rows of the table below this head, which stands in one page only.
pub(crate) fn rows(head: &str) -> Vec<String> {
    let mut pages = pages();
    pages.retain(|it| it.text.contains(head));
    let places: Vec<&str> = pages.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(places.len(), 1, "the table {head:?} stands in {places:?}");
    let rest = pages[0].text.split_once(head).unwrap().1;
    assert!(!rest.contains(head), "the table {head:?} stands twice in {places:?}");
    rest.lines().skip(2).take_while(|it| it.starts_with('|')).map(|it| it.replace("\\|", "/")).collect()
}

/// What stands between backticks.
fn marked(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What stands between backticks in the first cell of each row.
fn firsts(rows: &[String]) -> BTreeSet<String> {
    rows.iter().flat_map(|it| marked(it.split('|').nth(1).unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_api_page_lists_the_described_endpoints() {
    let sim = Server::start(&["sim", "--scenario", "empty"]);
    let asked = reqwest::Client::new().get(sim.says("control")).bearer_auth(sim.says("controlToken"));
    let described: Value = asked.send().await.unwrap().json().await.unwrap();
    let described = described["resources"].as_object().unwrap().keys().map(|it| it.replace('|', "/"));
    let described: BTreeSet<String> = described.chain(["GET /sim".to_owned()]).collect();
    assert_eq!(firsts(&rows("| endpoint | what it does")), described);
    assert!(sim.terminate());
}

#[test]
fn the_architecture_page_lists_the_rooms_and_walls() {
    let told = rows("| room | kind").into_iter().map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let room = marked(cells[1]).pop_first().unwrap();
        let knows = marked(cells[4]).iter().flat_map(|it| it.split(' ')).map(str::to_owned).collect();
        (room, knows)
    });
    let told: BTreeMap<String, BTreeSet<String>> = told.collect();
    let held = ROOMS.iter().filter(|(room, _)| *room != "main");
    let held = held.map(|(room, knows)| ((*room).to_owned(), knows.iter().map(|it| (*it).to_owned()).collect()));
    assert_eq!(told, held.collect());
}

#[test]
fn the_guide_lists_every_simulator_setting() {
    let listed = rows("| settings | names");
    let listed = marked(&listed.concat()).into_iter().filter(|word| word.chars().all(|it| it.is_ascii_alphanumeric()));
    let listed: BTreeSet<String> = listed.filter(|it| it != "faultsOn").collect();
    let known = SETTINGS.iter().map(|it| it.name.to_owned()).filter(|it| it != "faultsOn");
    assert_eq!(listed, known.collect::<BTreeSet<_>>());
}

#[test]
fn the_guide_lists_every_console_setting_with_its_default() {
    let defaults = callboard::cli::settings::Settings::default();
    let known = callboard::cli::settings::SETTINGS.iter().map(|setting| {
        let shown = setting.shown(&defaults).map_or_else(|| "none".to_owned(), |it| format!("`{it}`"));
        (format!("`{}`", setting.name), shown)
    });
    let listed = rows("| setting | default").into_iter().map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        (cells[1].to_owned(), cells[2].to_owned())
    });
    assert_eq!(listed.collect::<Vec<_>>(), known.collect::<Vec<_>>());
}

/// The names under which the source registers figures, as Prometheus shows them.
fn registered(source: &str) -> BTreeSet<String> {
    let registry = source.split("#[cfg(test)]").next().unwrap();
    let mut names = BTreeSet::new();
    for call in registry.split("all.register").skip(1) {
        let name = call.split('"').nth(1).unwrap();
        let member = call.split("self.").nth(1).unwrap().split(".clone").next().unwrap();
        let unit = if call.starts_with("_with_unit") { "_seconds" } else { "" };
        let field = source.lines().find(|it| {
            it.trim().trim_start_matches("pub(crate) ").starts_with(&format!("{}:", member.trim_start_matches("now.")))
        });
        let total = if field.unwrap().contains("Counter") { "_total" } else { "" };
        names.insert(format!("callboard_{name}{unit}{total}"));
    }
    names
}

#[test]
fn the_guide_lists_every_metric() {
    let known = registered(&text("src/relay/ops/metrics.rs"));
    assert!(known.len() > 15, "{known:?}");
    assert_eq!(firsts(&rows("| metric | what it tells")), known);
}

/// Every metric that a relay shows is in the table, and not the other way only.
#[tokio::test(flavor = "multi_thread")]
async fn the_guide_lists_the_metrics_of_a_running_relay() {
    let place = crate::relay::servers::Place::new().await;
    let relay = place.relay(&[]);
    let shown = reqwest::get(format!("{}/metrics", relay.says("ops"))).await.unwrap().text().await.unwrap();
    let shown: Vec<&str> = shown.lines().filter_map(|it| it.strip_prefix("# TYPE ")).collect();
    let listed = firsts(&rows("| metric | what it tells"));
    assert!(shown.len() > 10, "{shown:?}");
    for family in shown {
        let (name, kind) = family.split_once(' ').unwrap();
        let name = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
        assert!(listed.contains(&name), "{name} is not in the table of metrics");
    }
}

#[test]
fn the_page_of_commands_lists_every_command() {
    let page = text("assets/guide/commands.md");
    let rows: Vec<String> =
        Cli::command().get_subcommands().map(|it| format!("| `callboard {}` |", it.get_name())).collect();
    let missing: Vec<&String> = rows.iter().filter(|it| !page.contains(*it)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "commands without a row");
}

#[test]
fn the_guide_lists_exactly_the_existing_options() {
    let mut known = BTreeSet::new();
    collect(&Cli::command(), &mut known);
    let named: BTreeSet<String> = pages().iter().flat_map(|it| words(&it.text)).collect();
    let missing: Vec<&String> = known.iter().filter(|it| !named.contains(*it)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "options that no page names");
    let gone: Vec<&String> = named.iter().filter(|it| !known.contains(*it) && !OTHERS.contains(&it.as_str())).collect();
    assert_eq!(gone, Vec::<&String>::new(), "options that no command has");
}

/// The options of other programs, and those that every program has.
const OTHERS: &[&str] = &[
    "--help",
    "--release",
    "--locked",
    "--path",
    "--test",
    "--bench",
    "--cacert",
    "--fail-with-body",
    "--arg",
    "--system",
    "--home-dir",
    "--shell",
    "--now",
    "--retry",
    "--retry-connrefused",
];

fn collect(command: &clap::Command, into: &mut BTreeSet<String>) {
    into.extend(command.get_arguments().filter_map(clap::Arg::get_long).map(|it| format!("--{it}")));
    command.get_subcommands().for_each(|it| collect(it, into));
}

/// Every word that begins with two dashes.
fn words(text: &str) -> BTreeSet<String> {
    let found = text.split("--").skip(1).map(|rest| {
        let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '-').unwrap_or(rest.len());
        rest[..end].trim_end_matches('-').to_owned()
    });
    found.filter(|option| option.starts_with(|it: char| it.is_ascii_lowercase())).map(|it| format!("--{it}")).collect()
}

#[test]
fn the_guides_scenario_plays_and_uses_every_member() {
    let page = text("assets/guide/scenarios.md");
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let scenario = Scenario::parse(example).unwrap();
    assert_eq!((scenario.calls.len(), scenario.acts.len(), scenario.steps.len()), (2, 2, 2));
    let known = language();
    assert!(known.len() > 50, "{known:?}");
    let table = rows("| in | member").concat();
    let listed: BTreeSet<String> = marked(&table).iter().map(|it| it.trim_matches(['[', ']']).to_owned()).collect();
    let missing: Vec<&String> = known.iter().filter(|it| !listed.contains(*it)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "words of scenarios that the table does not name");
}

/// The members and the words of scenarios, as the source declares them.
fn language() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for file in ["document", "acts", "plan", "steps"] {
        let source = text(&format!("src/sim/scenario/{file}.rs"));
        for item in source.split("Deserialize").skip(1) {
            let kebab = item.starts_with(", Serialize)]\n#[serde(rename_all = \"kebab-case\")]");
            let Some(body) = item.split_once(" {\n").and_then(|(_, it)| it.split_once("\n}")) else { continue };
            let mut renamed = None;
            for line in body.0.lines().map(str::trim) {
                if let Some(name) = line.strip_prefix("#[serde(rename = \"") {
                    renamed = name.split('"').next();
                }
                let line = line.strip_prefix("pub ").unwrap_or(line);
                let name: String = line.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '_').collect();
                let rest = &line[name.len()..];
                if name.is_empty() || !(rest.starts_with(": ") || rest == ",") {
                    continue;
                }
                words.insert(renamed.take().map_or_else(|| wire(&name, kebab), str::to_owned));
            }
        }
    }
    words
}

/// A name of the source as TOML has it.
fn wire(name: &str, kebab: bool) -> String {
    let mut out = String::new();
    let mut upper = false;
    for (at, letter) in name.chars().enumerate() {
        match letter {
            '_' => upper = true,
            letter if letter.is_ascii_uppercase() && at > 0 && kebab => {
                out.push('-');
                out.push(letter.to_ascii_lowercase());
            }
            letter if at == 0 => out.push(letter.to_ascii_lowercase()),
            letter if upper => {
                out.push(letter.to_ascii_uppercase());
                upper = false;
            }
            letter => out.push(letter),
        }
    }
    out
}
