//! Bars, lanes and sparklines.

pub(super) mod bar_chart;
pub(super) mod lane;
pub(super) mod sparkline;
