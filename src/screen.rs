//! Draws a desk and nothing else: no clock, no I/O, no state of its own.
//!
//! Only visible rows are built. Every text from outside passes the sanitiser in `text`.

mod board;
mod changes;
mod chart;
mod drawn_frame;
mod export_table;
mod grid;
mod layout;
mod modal;
mod paint;
mod render_context;
mod row;
mod section;
mod svg;
mod text;
mod theme;
mod time_text;

pub use changes::{CellRun, changes};
pub use drawn_frame::DrawnFrame;
pub use export_table::ExportTable;
pub use modal::legend::{LEGEND, LegendRow};
pub use paint::{draw, has_room, paint};
pub use svg::svg;
pub use text::DisplayText;
pub use theme::{ColourEnvironment, GlyphSet, TerminalBackground, TerminalTraits, Theme};
pub use time_text::{clock, from_to, zone_name};
