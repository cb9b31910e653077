//! `corshark run`: its options.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::cli::stream::StreamArgs;

/// What stands below the options.
pub(super) const RUN_HELP: &str = "\
The command gets a network of its own, in a user and a network namespace: loopback, and nothing
else. So no rights are needed, and only its own traffic is seen. It reaches no other machine, and no
server that already runs on this one: start the server inside too. What it leaves running is ended
with it. Its standard output goes to standard error; standard output has the report.

Exit codes:
  that of the command, 128 and the signal's number where a signal ended it; 126 it cannot be run,
  127 it is not found; 3 the system allows no namespaces, or the recording failed

Examples:
  corshark run -- npm run e2e
  corshark run -w e2e.pcapng --format ndjson -- sh -c 'node server.js & npx playwright test'";

/// What to run, and how to report on it.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Record every frame in a file too (pcapng)
    #[arg(short = 'w', value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// How it is reported.
    #[command(flatten)]
    pub stream: StreamArgs,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}
