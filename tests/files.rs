//! One traffic, saved in every form and brought in every way: the same lines, byte for byte.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::io::{Cursor, Write as _};
use std::process::Stdio;
use std::thread;

use corshark::capture::{FrameSource as _, Next, SaveFile};
use corshark::limits::Limits;
use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};
use ruzstd::encoding::CompressionLevel;
use support::binary::{Scratch, corshark, run, stderr, stdout};
use support::wire::merged;
use support::{Conversation, PcapForm, Random, Record, Who, Wire, pcap, pcapng};

/// Some connections at once, with preflights, bodies and failures.
fn traffic() -> Vec<Record> {
    let connection = |n: u16| {
        let origin = format!("Host: api.test\r\nOrigin: http://page{n}.test\r\n");
        let body = "x".repeat(usize::from(n) * 300);
        let length = body.len();
        Conversation::new()
            .client(format!(
                "OPTIONS /item/{n} HTTP/1.1\r\n{origin}Access-Control-Request-Method: PUT\r\n\r\n"
            ))
            .server(
                "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: http://page1.test\r\n\
                 Access-Control-Allow-Methods: PUT\r\n\r\n",
            )
            .client(format!(
                "PUT /item/{n} HTTP/1.1\r\n{origin}Content-Length: {length}\r\n\r\n{body}"
            ))
            .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            .closed_by(Who::Client)
    };
    let laid = (1..6).map(|n| {
        let wire = Wire {
            start: u64::from(n) * 170,
            ..Wire::port(40_000 + n)
        };
        wire.lay(&connection(n).segments())
    });
    merged(laid.collect())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, CompressionLevel::Fastest)
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(0)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut writer = lz4_flex::frame::FrameEncoder::new(Vec::new());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

type Compress = fn(&[u8]) -> Vec<u8>;
const COMPRESSIONS: [(&str, Compress); 4] =
    [("gzip", gzip), ("zstd", zstd), ("xz", xz), ("lz4", lz4)];

/// Everything that can be the whole of this traffic.
fn forms(records: &[Record]) -> Vec<(String, Vec<u8>)> {
    let mut forms = Vec::new();
    for form in PcapForm::ALL {
        forms.push((format!("{form:?}"), pcap(records, form)));
    }
    for big_endian in [false, true] {
        let name = format!("pcapng, big endian {big_endian}");
        forms.push((name, pcapng(records, big_endian)));
    }
    // Two files one after the other are one pcapng of two sections.
    let (first, second) = records.split_at(records.len() / 2);
    let sections = [pcapng(first, true), pcapng(second, false)].concat();
    forms.push(("two sections".to_owned(), sections));
    for (name, compress) in COMPRESSIONS {
        let plain = pcap(records, PcapForm::COMMON);
        forms.push((format!("{name} of pcap"), compress(&plain)));
        let (first, second) = plain.split_at(plain.len() / 3);
        let members = [compress(first), compress(second)].concat();
        forms.push((format!("{name}, two members"), members));
        forms.push((
            format!("{name} of pcapng"),
            compress(&pcapng(records, true)),
        ));
    }
    forms
}

#[test]
fn every_form_gives_the_same_lines() {
    let scratch = Scratch::new("forms");
    let records = traffic();
    let plain = scratch.file("plain.pcap", &pcap(&records, PcapForm::COMMON));
    let arguments = ["--format", "ndjson", "--all", "--advice"];
    let expected = stdout(&run(&[&[&plain[..]], &arguments[..]].concat()));
    assert!(expected.lines().count() > 15, "{expected}");
    for (name, bytes) in forms(&records) {
        // The name says nothing, or the wrong thing.
        let file = scratch.file("capture.txt", &bytes);
        let output = run(&[&[&file[..]], &arguments[..]].concat());
        assert_eq!(stderr(&output), "", "{name}");
        assert_eq!(stdout(&output), expected, "{name}");

        let mut child = corshark(&[&["-"], &arguments[..]].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        for piece in bytes.chunks(911) {
            stdin.write_all(piece).unwrap();
        }
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        assert_eq!(stdout(&output), expected, "{name} on standard input");
    }
}

#[cfg(unix)]
#[test]
fn a_named_pipe_gives_the_same_lines() {
    let scratch = Scratch::new("fifo");
    let records = traffic();
    let plain = scratch.file("plain.pcap", &pcap(&records, PcapForm::COMMON));
    let expected = stdout(&run(&[&plain, "--format", "ndjson"]));
    assert!(!expected.is_empty());
    for bytes in [
        pcapng(&records, false),
        zstd(&pcap(&records, PcapForm::COMMON)),
    ] {
        let fifo = scratch.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.unwrap().success());
        let path = fifo.clone();
        let writer = thread::spawn(move || std::fs::write(path, bytes).unwrap());
        let output = run(&[fifo.to_str().unwrap(), "--format", "ndjson"]);
        writer.join().unwrap();
        assert_eq!(stdout(&output), expected);
        std::fs::remove_file(fifo).unwrap();
    }
}

/// The frames of a file, and whether it was read to its end.
fn frames(bytes: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let limits = Limits::default();
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    let Ok(mut file) = SaveFile::read(reader, &limits) else {
        return (Vec::new(), false);
    };
    let mut frames = Vec::new();
    loop {
        match file.next_frame() {
            Ok(Next::Frame(frame)) => frames.push(frame.bytes.to_vec()),
            Ok(Next::Idle) => panic!("a file is never silent"),
            Ok(Next::End) => return (frames, true),
            Err(_) => return (frames, false),
        }
    }
}

#[test]
fn a_cut_or_damaged_compressed_file_gives_the_frames_before() {
    let records = traffic();
    let plain = pcap(&records, PcapForm::COMMON);
    let (whole, _) = frames(&plain);
    assert_eq!(whole.len(), records.len());
    let mut random = Random::new(7);
    for (name, compress) in COMPRESSIONS {
        let bytes = compress(&plain);
        assert_eq!(frames(&bytes), (whole.clone(), true), "{name}");
        // Of the last byte on only the check sum or the end mark hangs.
        let (found, _) = frames(&bytes[..bytes.len() - 1]);
        assert_eq!(found.len(), whole.len(), "{name}");
        for cut in 0..bytes.len() {
            let (found, _) = frames(&bytes[..cut]);
            assert!(whole.starts_with(&found), "{name} cut at {cut}");
        }
        for _ in 0..300 {
            let mut damaged = bytes.clone();
            let at = random.below(damaged.len());
            damaged[at] ^= 1 << random.below(8);
            frames(&damaged);
        }
    }
}
