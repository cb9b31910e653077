#!/bin/sh
# Manual pages and completions for packages, into target/assets. Run after cargo build --release.
set -eu
cd "$(dirname "$0")/.."
corshark=target/release/corshark
mkdir -p target/assets
"$corshark" man --directory target/assets/man
"$corshark" completions bash > target/assets/corshark.bash
"$corshark" completions zsh > target/assets/_corshark
"$corshark" completions fish > target/assets/corshark.fish
"$corshark" completions powershell > target/assets/_corshark.ps1
"$corshark" completions elvish > target/assets/corshark.elv
