//! How far the reading of long inputs is, on standard error, where a person looks at it.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::capture::Progress;

/// Frames between two looks at the clock.
const FRAMES: u32 = 4096;
/// Nothing is said of what is done by then.
const SOON: Duration = Duration::from_millis(500);
/// Time between two lines.
const PAUSE: Duration = Duration::from_millis(200);

/// A line that is written again and again.
pub(super) struct ProgressLine {
    frames: u32,
    begin: Instant,
    next: Duration,
    shown: bool,
}

impl ProgressLine {
    /// A line where standard error is a terminal, unless a report appears there too meanwhile.
    pub(super) fn wanted(stdout_is_written: bool) -> Option<Self> {
        let is_between_lines = stdout_is_written && io::stdout().is_terminal();
        let wanted = io::stderr().is_terminal() && !is_between_lines;
        wanted.then(|| Self {
            frames: 0,
            begin: Instant::now(),
            next: SOON,
            shown: false,
        })
    }

    /// Counts a frame, and shows how far it is now and then.
    pub(super) fn step(&mut self, progress: impl FnOnce() -> Progress) {
        self.frames += 1;
        if self.frames < FRAMES {
            return;
        }
        self.frames = 0;
        let elapsed = self.begin.elapsed();
        if elapsed < self.next {
            return;
        }
        self.next = elapsed + PAUSE;
        self.shown = true;
        // Whoever closed standard error does not miss it.
        let _ = write!(io::stderr(), "\r{}\x1b[K", line(progress(), elapsed));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "for the eye")]
fn line(progress: Progress, elapsed: Duration) -> String {
    const MEGA: f64 = 1_000_000.0;
    let bytes = progress.bytes as f64;
    let rate = bytes / elapsed.as_secs_f64().max(0.001);
    let rate_text = format!("{:.0} MB/s", rate / MEGA);
    match progress.total.filter(|total| *total > 0) {
        Some(total) => {
            let total = total as f64;
            let left = (total - bytes).max(0.0) / rate.max(1.0);
            format!(
                "{:3.0} %  {:.0} of {:.0} MB  {rate_text}  {left:.0} s left",
                bytes / total * 100.0,
                bytes / MEGA,
                total / MEGA
            )
        }
        None => format!("{:.0} MB  {rate_text}", bytes / MEGA),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_bytes_rate_and_time_left() {
        let progress = |total| Progress {
            bytes: 50_000_000,
            total,
            dropped: None,
        };
        let second = Duration::from_secs(1);
        assert_eq!(
            line(progress(Some(200_000_000)), second),
            " 25 %  50 of 200 MB  50 MB/s  3 s left"
        );
        assert_eq!(line(progress(None), second), "50 MB  50 MB/s");
    }
}
