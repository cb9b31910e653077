//! `-o`: where reports go, and that a file is there whole or not at all.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use corshark::report::Format;
use support::binary::{Scratch, capture, corshark, run, stderr, stdout};
use support::{Conversation, PcapForm, Wire, pcap};

/// The names in a scratch directory.
fn names(scratch: &Scratch) -> Vec<String> {
    let entries = fs::read_dir(scratch.path()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn several_reports_are_written_in_one_pass() {
    let scratch = Scratch::new("several-outputs");
    let file = scratch.file("in.pcap", &capture(3));
    let outputs = ["out.json", "out.ndjson", "out.txt"].map(|name| scratch.name(name));
    let mut arguments = vec!["report", &file];
    for output in &outputs {
        arguments.extend(["-o", output]);
    }
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    for (path, format) in outputs.iter().zip(["json", "ndjson", "text"]) {
        let alone = run(&[&file, "--format", format]);
        assert_eq!(fs::read_to_string(path).unwrap(), stdout(&alone), "{path}");
    }
    assert_eq!(
        names(&scratch),
        ["in.pcap", "out.json", "out.ndjson", "out.txt"]
    );
}

#[test]
fn a_file_and_standard_output_together() {
    let scratch = Scratch::new("file-and-stdout");
    let file = scratch.file("in.pcap", &capture(1));
    let json = scratch.name("out.json");
    let output = run(&[&file, "-o", &json, "-o", "-"]);
    assert_eq!(stdout(&output), stdout(&run(&[&file])));
    assert!(fs::read_to_string(json).unwrap().starts_with('{'));
}

#[test]
fn a_format_counts_for_one_file_whatever_its_name() {
    let scratch = Scratch::new("format-wins");
    let file = scratch.file("in.pcap", &capture(1));
    let out = scratch.name("out.txt");
    let output = run(&[&file, "--format", "json", "-o", &out]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(fs::read_to_string(&out).unwrap().starts_with('{'));
}

#[test]
fn what_cannot_be_written_is_said_in_one_line_and_leaves_nothing() {
    let scratch = Scratch::new("unwritable");
    let file = scratch.file("in.pcap", &capture(1));
    let existing = scratch.file("there.json", b"precious");
    let before = names(&scratch);
    for (output, code, word) in [
        (existing.clone(), 3, "the file exists; --force replaces it"),
        (scratch.name("no/such/directory.json"), 3, "No such file"),
        (scratch.name("x.nonsense"), 2, "--format"),
    ] {
        let done = run(&[&file, "-o", &output]);
        let message = stderr(&done);
        assert_eq!(done.status.code(), Some(code), "{output}: {message}");
        assert!(message.contains(word), "{message}");
        assert!(message.contains(&output), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.starts_with("corshark: "), "{message}");
        assert!(!message.contains("/.corshark-"), "{message}");
        assert!(done.stdout.is_empty());
        assert_eq!(names(&scratch), before, "{output}");
    }
    assert_eq!(fs::read(&existing).unwrap(), b"precious");
    let directory = scratch.path().to_str().unwrap();
    let done = run(&[&file, "--format", "json", "-o", directory]);
    assert_eq!(done.status.code(), Some(3));
    assert!(stderr(&done).contains("directory"), "{}", stderr(&done));
}

#[test]
fn a_full_disk_is_3_in_one_line() {
    if !std::path::Path::new("/dev/full").exists() {
        eprintln!("SKIPPED: there is no /dev/full here");
        return;
    }
    let scratch = Scratch::new("full");
    let file = scratch.file("in.pcap", &capture(50));
    for format in ["text", "json", "ndjson"] {
        let done = run(&[&file, "--format", format, "-o", "/dev/full"]);
        let message = stderr(&done);
        assert_eq!(done.status.code(), Some(3), "{format}: {message}");
        assert!(message.contains("/dev/full: No space left"), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let done = corshark(&[&file, "--format", format])
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(3), "{format}");
        assert_eq!(stderr(&done).lines().count(), 1, "{}", stderr(&done));
    }
}

/// The files that a process has open in a directory, by the names that the system shows.
#[cfg(target_os = "linux")]
fn open_files(process: u32, directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(format!("/proc/{process}/fd")) else {
        return Vec::new();
    };
    let links = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    links.filter(|link| link.starts_with(directory)).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_left_by_a_program_that_is_killed() {
    let scratch = Scratch::new("killed");
    let out = scratch.name("out.json");
    let mut child = corshark(&["report", "-", "-o", &out])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // It waits for its input, with its output open.
    let open = loop {
        let open = open_files(child.id(), scratch.path());
        if !open.is_empty() {
            break open;
        }
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        std::thread::yield_now();
    };
    child.kill().unwrap();
    child.wait().unwrap();
    if open.iter().any(|path| path.exists()) {
        eprintln!("SKIPPED: this file system knows no files without a name");
        return;
    }
    assert_eq!(names(&scratch), Vec::<String>::new());
}

#[test]
fn a_damaged_input_still_gives_a_whole_file() {
    let scratch = Scratch::new("damaged");
    let whole = capture(2);
    let file = scratch.file("in.pcap", &whole[..whole.len() - 1]);
    let out = scratch.name("out.json");
    let done = run(&[&file, "-o", &out]);
    assert_eq!(done.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&fs::read(out).unwrap()).unwrap();
    assert!(report["captures"][0]["error"].is_string());
}

#[test]
fn force_replaces_the_file_that_a_link_leads_to() {
    let scratch = Scratch::new("force");
    let file = scratch.file("in.pcap", &capture(1));
    let existing = scratch.file("there.json", b"old");
    let done = run(&[&file, "-o", &existing, "--force"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(fs::read(&existing).unwrap().starts_with(b"{"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&existing).unwrap().permissions().mode();
        assert_eq!(mode & 0o400, 0o400);
        fs::write(&existing, b"old").unwrap();
        let link = scratch.name("link.json");
        std::os::unix::fs::symlink(&existing, &link).unwrap();
        let done = run(&[&file, "-o", &link, "--force"]);
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read(&existing).unwrap().starts_with(b"{"));
    }
}

#[test]
fn an_input_is_never_an_output() {
    let scratch = Scratch::new("input");
    let file = scratch.file("in.pcap", &capture(1));
    let done = run(&[&file, "--format", "json", "-o", &file, "--force"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(stderr(&done).contains("is an input"), "{}", stderr(&done));
    assert_eq!(fs::read(&file).unwrap(), capture(1));
}

#[test]
fn contradictions_are_2() {
    let scratch = Scratch::new("contradictions");
    let file = scratch.file("in.pcap", &capture(1));
    let [one, two] = ["1.json", "2.txt"].map(|name| scratch.name(name));
    for arguments in [
        vec!["--format", "json", "-o", &one, "-o", &two],
        vec!["-o", &one, "-o", &one],
    ] {
        let done = run(&[&[file.as_str()], &arguments[..]].concat());
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        assert_eq!(stderr(&done).lines().count(), 1);
    }
    assert_eq!(names(&scratch), ["in.pcap"]);
}

#[test]
fn a_closed_pipe_leaves_the_files() {
    let scratch = Scratch::new("closed-pipe");
    let file = scratch.file("many.pcap", &capture(2000));
    let json = scratch.name("out.json");
    let mut child = corshark(&[&file, "-o", "-", "-o", &json])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut [0; 10]).unwrap();
    drop(pipe);
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let report: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!(report["transactions"].as_array().unwrap().len(), 2000);
}

#[test]
fn files_hold_no_secrets_unless_asked() {
    let scratch = Scratch::new("secrets");
    let conversation = Conversation::new()
        .client(
            "OPTIONS /a?token=S3CRET-URL HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\
             Access-Control-Request-Method: PUT\r\n\
             Access-Control-Request-Headers: authorization,x-api-key\r\n\r\n",
        )
        .server(
            "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: http://page.test\r\n\
             Access-Control-Allow-Methods: PUT\r\nAccess-Control-Allow-Headers: authorization, x-api-key\r\n\
             Access-Control-Allow-Credentials: true\r\n\r\n",
        )
        .client(
            "PUT /a?token=S3CRET-URL HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\
             Cookie: sid=S3CRET-COOKIE\r\nAuthorization: Bearer S3CRET-BEARER\r\n\
             X-Api-Key: S3CRET-KEY\r\nContent-Length: 0\r\n\r\n",
        )
        .server(
            "HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: http://other.test\r\n\
             Set-Cookie: sid=S3CRET-SET\r\nLocation: http://u:S3CRET-PASS@api.test/b?code=S3CRET-CODE\r\n\
             Content-Length: 0\r\n\r\n",
        );
    let records = Wire::default().lay(&conversation.segments());
    let file = scratch.file("in.pcap", &pcap(&records, PcapForm::COMMON));
    for format in Format::ALL {
        let name = format.name();
        let out = scratch.name(name);
        let done = run(&[&file, "--advice", "--trace", "--format", name, "-o", &out]);
        assert_eq!(done.status.code(), Some(0), "{name}: {}", stderr(&done));
        let report = fs::read_to_string(&out).unwrap();
        assert!(!report.contains("S3CRET"), "{name}: {report}");
        assert!(report.contains("redacted-1"), "{name}: {report}");
        // On this machine's own terminal URLs are as they were, in the plain formats.
        let printed = stdout(&run(&[&file, "--advice", "--trace", "--format", name]));
        let plain = matches!(format, Format::Text | Format::Json | Format::NdJson);
        assert_eq!(
            printed.contains("token=S3CRET-URL"),
            plain,
            "{name}: {printed}"
        );
        for header in ["COOKIE", "BEARER", "KEY", "SET"] {
            assert!(
                !printed.contains(&format!("S3CRET-{header}")),
                "{name}: {printed}"
            );
        }
        let shown = stdout(&run(&[&file, "--with-secrets", "--format", name]));
        assert!(shown.contains("token=S3CRET-URL"), "{name}: {shown}");
    }
}
