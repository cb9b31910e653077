//! `corshark export`: its options.

use std::path::PathBuf;

use clap::Args;

use crate::cli::input::InputArgs;

/// What stands below the options.
pub(super) const EXPORT_HELP: &str = "\
Writes the packets of the transactions as pcapng. The frames of each preflight and actual request,
and of their answers, have a comment with the verdict, which Wireshark shows, and with the number
of the frame in the capture that it comes from. Cookies, authorization and tokens in the heads of
messages are overwritten, in as many bytes, and checksums are kept right; bodies are left as they are.

Exit codes:
  0  done
  2  the command line is wrong
  3  an input is missing, damaged or no capture, or the output cannot be written
  4  no transaction matches

Examples:
  corshark export -w failing.pcapng -Y verdict:fail capture.pcap
  tshark -r failing.pcapng -Y frame.comment -T fields -e frame.comment";

/// What to export, and where.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What to read.
    #[command(flatten)]
    pub input: InputArgs,
    /// The pcapng file to write
    #[arg(short = 'w', long = "write", value_name = "OUT")]
    pub output: PathBuf,
    /// Only the frames of the messages, not their whole connections
    #[arg(long)]
    pub frames: bool,
    /// Replace a file that exists
    #[arg(long)]
    pub force: bool,
    /// Leave cookies, authorization and tokens as they are
    #[arg(long)]
    pub with_secrets: bool,
}
