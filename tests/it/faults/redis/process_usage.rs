//! Monitors the memory and sockets of a process.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::cli::harness::memory_kb;

/// Samples a process ten times a second.
pub(super) struct UsageMonitor {
    end: Arc<AtomicBool>,
    thread: JoinHandle<PeakUsage>,
}

/// The maximum values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PeakUsage {
    pub(super) before_kb: u64,
    pub(super) max_kb: u64,
    pub(super) sockets: usize,
}

impl UsageMonitor {
    /// Starts sampling.
    pub(super) fn watch(process: u32) -> UsageMonitor {
        let end = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&end);
        let thread = std::thread::spawn(move || {
            let folder = PathBuf::from(format!("/proc/{process}"));
            let mut peak = PeakUsage { before_kb: memory_kb(process), ..PeakUsage::default() };
            while !ended.load(Ordering::SeqCst) {
                peak.max_kb = peak.max_kb.max(memory_kb(process));
                peak.sockets = peak.sockets.max(sockets(&folder));
                std::thread::sleep(Duration::from_millis(100));
            }
            peak
        });
        UsageMonitor { end, thread }
    }

    /// Stops sampling.
    pub(super) fn peak(self) -> PeakUsage {
        self.end.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

fn sockets(process: &Path) -> usize {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    let links = files.filter_map(|file| fs::read_link(file.path()).ok());
    links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
}
