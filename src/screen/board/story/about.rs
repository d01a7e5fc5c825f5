//! What is known of a call: when it began, who we are in it, and when it was last heard of.

use ratatui::layout::Rect;

use crate::desk::{Command, call_kind};
use crate::floor::{CallKind, FloorCall, MicState};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;

/// The column of the values.
const VALUE: usize = 14;

/// Draws the facts of a call.
pub(super) fn draw(ctx: &mut RenderContext<'_>, call: &FloorCall, inner: Rect) {
    let theme = ctx.theme;
    let width = usize::from(inner.width).saturating_sub(1);
    for (at, (label, text)) in facts(ctx, call).into_iter().enumerate() {
        let row = RowBuilder::default().to(2).text(label, theme.quiet).to(VALUE);
        row.within(&text, width, theme.facts).draw(ctx.buffer, inner, at, None);
    }
}

/// The labels and their values; untrusted text.
fn facts(ctx: &RenderContext<'_>, call: &FloorCall) -> Vec<(&'static str, String)> {
    let desk = ctx.desk;
    let direction = call.direction.as_ref().map(|it| format!("{it}, ")).unwrap_or_default();
    let kind = match call.kind {
        CallKind::Group | CallKind::OneToOne => format!("a {} call", call_kind(call.kind)),
        CallKind::Unknown => "group or 1:1 not known".to_owned(),
    };
    let roster = match call.present().count() {
        0 => String::new(),
        people => format!(", {people} on its roster"),
    };
    let facts = [
        ("began", Some(format!("{}, {direction}{kind}", ctx.start(call.began)))),
        ("ended", call.ended.map(|it| ctx.clock(it))),
        ("we are", own_place(ctx, call)),
        ("heard", Some(format!("{}{roster}", ctx.clock(call.heard)))),
        ("read", call.read.map(|it| format!("{}, by the relay", ctx.clock(it)))),
        ("not sure", desk.doubt_about(call, desk.shown_at())),
        ("also here", desk.link().looking_at(&call.id)),
        ("id", Some(call.id.to_string())),
    ];
    facts.into_iter().filter_map(|(label, text)| Some((label, text?))).collect()
}

/// Our own name in the call, whether others hear us, and the key that changes it; `None` without a roster.
fn own_place(ctx: &RenderContext<'_>, call: &FloorCall) -> Option<String> {
    let own = call.own_participant()?;
    let name = crate::desk::called(own);
    if own.left.is_some() {
        return Some(format!("{name}, no longer in the call"));
    }
    let key = ctx.desk.keymap().shortcut_for(Command::ToggleSelf);
    Some(match own.mic() {
        MicState::MutedSelf | MicState::MutedServer => format!("{name}, muted; {key} unmutes us"),
        MicState::Live | MicState::Lobby | MicState::Left => format!("{name}, live; {key} mutes us"),
    })
}
