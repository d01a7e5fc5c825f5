//! The charts: bars per minute, lanes over time and sparklines.

pub(super) mod bar_chart;
pub(super) mod lane;
pub(super) mod time_axis;
