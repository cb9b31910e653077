//! What a command leaves running: programs whose parent is gone become this program's children, and
//! are ended with it.
//!
//! To have read: `PR_SET_CHILD_SUBREAPER(2const)`, `proc_pid_task_children(5)`.

use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid,
};

/// How long programs may take to end after they were asked to.
const GRACE: Duration = Duration::from_secs(1);

/// From now on, becomes the parent of every descendant that loses its own.
pub fn adopt() -> io::Result<()> {
    set_child_subreaper(Some(getpid()))?;
    Ok(())
}

/// Ends all children and theirs: asks first, and then does not ask.
pub fn end_all() {
    let begin = Instant::now();
    let mut asked = Vec::new();
    loop {
        let children = children();
        if children.is_empty() {
            return;
        }
        for child in children {
            // Each of these fails where it has ended meanwhile.
            if begin.elapsed() > GRACE {
                let _ = kill_process(child, Signal::KILL);
            } else if !asked.contains(&child) {
                asked.push(child);
                let _ = kill_process(child, Signal::TERM);
            }
            let _ = waitpid(Some(child), WaitOptions::NOHANG);
        }
        if begin.elapsed() > 2 * GRACE {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// The children of this program's threads.
fn children() -> Vec<Pid> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
    let lists = threads.flatten().filter_map(|thread| {
        let list = fs::read_to_string(thread.path().join("children"));
        list.ok()
    });
    let numbers: Vec<i32> = lists
        .flat_map(|list| {
            let numbers = list.split_whitespace().map(str::parse);
            numbers.filter_map(Result::ok).collect::<Vec<i32>>()
        })
        .collect();
    numbers.into_iter().filter_map(Pid::from_raw).collect()
}
