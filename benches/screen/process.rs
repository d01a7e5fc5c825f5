//! What the system says about a process.

use std::time::Duration;

/// Returns the time that a process has computed, where the system tells it in `/proc`.
pub(crate) fn cpu_time(id: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The fields after the name, which is in parentheses: the 12th and the 13th are ticks of 10 ms.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11..13)?.iter().filter_map(|it| it.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * 10))
}

/// Returns a process's memory in KiB, where the system tells it in `/proc`.
pub(crate) fn memory(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|it| it.starts_with("VmRSS"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
