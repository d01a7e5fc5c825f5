//! Draws a desk and nothing else: no clock, no I/O, no state of its own.
//!
//! Only visible rows are built. Every text from outside passes the sanitiser in `text`.

mod board;
mod changes;
mod chart;
mod export_table;
mod grid;
mod hit_test;
mod layout;
mod modal;
mod paint;
mod render_context;
mod row;
mod section;
mod shortcuts;
mod svg;
mod text;
mod theme;
mod time_text;

pub use changes::{CellRun, changes};
pub use export_table::ExportTable;
pub use hit_test::hit_test;
pub use modal::legend::{LEGEND, LegendRow};
pub use paint::{draw, has_room, paint};
pub use svg::svg;
pub use text::DisplayText;
pub use theme::{ColourEnvironment, GlyphSet, TerminalBackground, TerminalTraits, Theme};
pub use time_text::{clock, zone_name};
