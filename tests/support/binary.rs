//! The binary in a scratch directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{Conversation, PcapForm, Wire, pcap};

/// A scratch directory that is gone with the test.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The path of a file in it that need not exist.
    pub fn name(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn corshark(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_corshark"));
    command.args(arguments);
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    // Not the settings of whoever runs the tests.
    command.env("XDG_CONFIG_HOME", "/nonexistent");
    command
}

pub fn run(arguments: &[&str]) -> Output {
    corshark(arguments).stdin(Stdio::null()).output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A capture of `count` requests that fail.
pub fn capture(count: usize) -> Vec<u8> {
    let mut conversation = Conversation::new();
    for n in 0..count {
        conversation = conversation
            .client(format!(
                "GET /{n} HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\r\n"
            ))
            .server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
    let records = Wire::default().lay(&conversation.segments());
    pcap(&records, PcapForm::COMMON)
}
