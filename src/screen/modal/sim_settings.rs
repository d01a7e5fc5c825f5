//! The panel of the simulator's settings: their values and defaults by group, and the help of the selected one.

use ratatui::layout::Rect;
use serde_json::Value;

use crate::desk::{Keymap, ModalCommand, ModalKind, SimSetting, SimSettingKind, SimSettingsPanel, window};
use crate::screen::modal::shortcuts::modal_key;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;

/// The lines below the list: two of help, one of allowed values, one for an error or the keys of a list.
const FOOT: usize = 4;

/// A line of the list: a group's title, or a setting.
enum PanelLine<'a> {
    Group(&'a str),
    Setting(&'a SimSetting),
}

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, panel: &SimSettingsPanel) {
    let Some(control) = ctx.desk.control() else { return };
    let theme = ctx.theme;
    let listed = panel_lines(panel.listed(control.settings()));
    let changed = control.faults_on();
    let title = match (panel.search().is_typing(), panel.search().words()) {
        (true, words) => format!("Simulator settings with: {words}_"),
        (false, "") => format!("Simulator settings: {changed} changed"),
        (false, words) => format!("Simulator settings with {words}: {changed} changed"),
    };
    let inner = ctx.open_sheet(area, &title, listed.len() + FOOT);
    let height = usize::from(inner.height).saturating_sub(FOOT);
    let Some(selected) = control.selected(panel) else {
        let missing = if control.settings().is_empty() { "the settings are being read" } else { "no setting matches" };
        let told = control.settings_trouble().unwrap_or(missing);
        for (at, text) in DisplayText::clean(told).wrap(usize::from(inner.width).saturating_sub(2)).iter().enumerate() {
            RowBuilder::default().gap(1).text(text.trim_end(), theme.warning).draw(ctx.buffer, inner, at, None);
        }
        return;
    };
    let is_selected = |it: &PanelLine<'_>| matches!(it, PanelLine::Setting(setting) if setting.name == selected.name);
    let columns = PanelColumns::of(usize::from(inner.width), control.settings());
    for (at, it) in window(listed.iter(), |it| is_selected(it), height).into_iter().enumerate() {
        match it {
            PanelLine::Group(group) => {
                RowBuilder::default().gap(1).text(group_title(group), theme.quiet).draw(ctx.buffer, inner, at, None);
            }
            PanelLine::Setting(setting) => {
                let style = is_selected(it).then_some(theme.selected);
                if style.is_some() {
                    ctx.theme = theme.on_selected_row();
                }
                let row = columns.row(ctx, setting, style.is_some());
                ctx.theme = theme;
                row.draw(ctx.buffer, inner, at, style);
            }
        }
    }
    let trouble = panel.refused().or_else(|| control.settings_trouble());
    draw_foot(ctx, (inner, height), panel, (selected, trouble));
}

/// The help and the allowed values of the selected setting, and an error or the keys of a list.
fn draw_foot(
    ctx: &mut RenderContext<'_>,
    (inner, top): (Rect, usize),
    panel: &SimSettingsPanel,
    (setting, trouble): (&SimSetting, Option<&str>),
) {
    let theme = ctx.theme;
    let width = usize::from(inner.width).saturating_sub(2);
    let evidence = if setting.evidence.is_empty() { String::new() } else { format!(" [{}]", setting.evidence) };
    let mut help = DisplayText::clean(&format!("{}{evidence}", setting.help)).wrap(width);
    if help.len() > 2 {
        let rest = help.split_off(1);
        help.push(rest.concat());
    }
    for (at, text) in help.iter().enumerate() {
        RowBuilder::default().gap(1).cell(text, width, theme.text).draw(ctx.buffer, inner, top + at, None);
    }
    let word = setting.word(panel).map(|word| membership_text(setting, word));
    let range = word.unwrap_or_else(|| allowed_values(setting));
    RowBuilder::default().gap(1).cell(&range, width, theme.quiet).draw(ctx.buffer, inner, top + 2, None);
    let (last, style) = match trouble {
        Some(trouble) => (trouble.to_owned(), theme.warning),
        None => (key_hints(ctx.desk.keymap(), setting), theme.title),
    };
    RowBuilder::default().gap(1).cell(&last, width, style).draw(ctx.buffer, inner, top + 3, None);
}

/// The keys that select and toggle a word of a list; the footer has the others.
fn key_hints(keymap: &Keymap, setting: &SimSetting) -> String {
    if setting.kind != SimSettingKind::List {
        return String::new();
    }
    let [before, next, take] = [ModalCommand::Previous, ModalCommand::Next, ModalCommand::Take]
        .map(|it| modal_key(keymap, ModalKind::SimSettings, it));
    format!("{before} {next} select a word, {take} adds or removes it")
}

/// Whether the list contains the selected word.
fn membership_text(setting: &SimSetting, word: &str) -> String {
    let place = setting.choices.iter().position(|it| it == word).unwrap_or_default() + 1;
    let there = if setting.holds(word) { "is in" } else { "is not in" };
    format!("{word} {there} (word {place} of {})", setting.choices.len())
}

/// The allowed values of a setting.
fn allowed_values(setting: &SimSetting) -> String {
    match setting.kind {
        SimSettingKind::Choice | SimSettingKind::List => setting.choices.join(" | "),
        SimSettingKind::Share => "from 0 to 1".to_owned(),
        SimSettingKind::Number => {
            let unit = setting.unit.as_deref().map(|it| format!(" {it}")).unwrap_or_default();
            match (setting.least, setting.most) {
                (least, Some(most)) => format!("from {} to {most}{unit}", least.unwrap_or_default()),
                (Some(least), None) => format!("from {least}{unit}"),
                (None, None) => unit.trim().to_owned(),
            }
        }
        SimSettingKind::Preset => "on | off".to_owned(),
        SimSettingKind::Action | SimSettingKind::Other => String::new(),
    }
}

/// The settings, with a title before each group.
fn panel_lines(settings: Vec<&SimSetting>) -> Vec<PanelLine<'_>> {
    let mut listed = Vec::new();
    let mut group = None;
    for setting in settings {
        if group != Some(&setting.group) {
            group = Some(&setting.group);
            listed.push(PanelLine::Group(&setting.group));
        }
        listed.push(PanelLine::Setting(setting));
    }
    listed
}

fn group_title(group: &str) -> &str {
    match group {
        "preset" => "in plain words: each sets several of the settings below",
        "open" => "open: what the documentation leaves open",
        "wire" => "wire: how messages are written",
        "fault" => "fault: what goes wrong",
        "action" => "action: done once",
        other => other,
    }
}

struct PanelColumns {
    name: usize,
    value: usize,
    default: usize,
}

impl PanelColumns {
    fn of(width: usize, settings: &[SimSetting]) -> Self {
        let name = settings.iter().map(|it| DisplayText::clean(shown_name(it)).width()).max().unwrap_or_default();
        let name = name.min(width / 2) + 1;
        let rest = width.saturating_sub(4 + name);
        let default = (rest / 2).saturating_sub(1);
        Self { name, value: rest - default, default }
    }

    fn row(&self, ctx: &RenderContext<'_>, setting: &SimSetting, selected: bool) -> RowBuilder {
        let theme = &ctx.theme;
        let changed = setting.is_changed();
        let (sign, style) = if changed { ("*", theme.warning) } else { ("", theme.text) };
        let default = if changed && setting.kind != SimSettingKind::Preset {
            format!("default {}", value_text(&setting.default, None))
        } else {
            String::new()
        };
        let row = RowBuilder::default().cell(if selected { ">" } else { "" }, 2, theme.text).cell(sign, 2, style);
        let row = row.cell(shown_name(setting), self.name, style);
        let row = row.cell(&value_text(&setting.value, setting.unit.as_deref()), self.value - 1, style).gap(1);
        row.cell(&default, self.default, theme.quiet)
    }
}

/// The title of a preset, and the name of any other setting.
fn shown_name(setting: &SimSetting) -> &str {
    setting.title.as_deref().unwrap_or(&setting.name)
}

/// A value as text.
fn value_text(value: &Value, unit: Option<&str>) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Array(words) if words.len() > 1 => format!("{} words", words.len()),
        Value::Array(words) => words.iter().map(|it| value_text(it, None)).collect(),
        Value::Number(number) => {
            // Plain numbers: a probability of zero is 0, not 0.0.
            let number = number.as_f64().map_or_else(|| number.to_string(), |it| it.to_string());
            unit.map_or_else(|| number.clone(), |unit| format!("{number} {unit}"))
        }
        Value::Bool(on) => if *on { "on" } else { "off" }.to_owned(),
        Value::Null | Value::Object(_) => value.to_string(),
    }
}
