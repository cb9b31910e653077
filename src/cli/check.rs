//! `corshark check`: its options.

use std::path::PathBuf;

use clap::Args;

use crate::check::FailOn;
use crate::cli::input::InputArgs;
use crate::cli::output::OutputArgs;

/// What stands below the options.
pub(super) const CHECK_HELP: &str = "\
Prints problems only, and nothing where there is none. The same problem in the baseline is no
problem. A policy file says what traffic may allow; what it does not name is not checked:

  [[endpoint]]
  match = \"http://api.example.com/v1/*\"
  origins = [\"https://app.example.com\", \"https://*.example.com\"]
  methods = [\"GET\", \"PUT\"]
  headers = [\"content-type\", \"x-requested-with\"]
  credentials = false
  max-age = 600        # at least, in seconds

Exit codes:
  0  no problem
  1  problems
  2  the command line, the baseline or the policy is wrong
  3  an input is missing, damaged or no capture, or an output cannot be written
  4  fewer transactions with a verdict than --require

Examples:
  corshark check --require 1 e2e.pcap
  corshark check --fail-on fail,conditional,lint:high -o cors.sarif -o cors.junit.xml e2e.pcap
  corshark check --write-baseline cors-baseline.txt e2e.pcap
  corshark check --baseline cors-baseline.txt --policy cors-policy.toml e2e.pcap
  corshark check --join ring_*.pcapng";

/// What to check, and what counts.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What to read.
    #[command(flatten)]
    pub input: InputArgs,
    /// What is a problem: fail, conditional, unknown, lint:SEVERITY (and above), lint:L-N, none
    #[arg(long, value_name = "KINDS", default_value = "fail")]
    pub fail_on: FailOn,
    /// Problems that are known, written by --write-baseline
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all problems there are to this file, and report none
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub write_baseline: Option<PathBuf>,
    /// What traffic may allow, as TOML
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// End with 4 where fewer transactions than this have a verdict
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub require: u64,
    /// Where it goes, and in which format.
    #[command(flatten)]
    pub output: OutputArgs,
}
