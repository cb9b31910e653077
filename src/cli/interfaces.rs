//! `corshark interfaces`: its help.

/// What stands below the options.
pub(super) const INTERFACES_HELP: &str = "\
One line each, loopback first: name, state, whether you may capture on it, link type, addresses,
listening ports of development servers, description; `-` where there is nothing.

Exit codes:
  0  done
  3  libpcap is missing, or the system does not tell";
