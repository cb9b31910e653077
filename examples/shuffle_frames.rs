//! Shuffles the frames of a classic pcap file within a window, as captures from several queues do:
//!
//! ```text
//! cargo run --release --example shuffle_frames -- IN.pcap OUT.pcap [WINDOW [SEED]]
//! ```
//!
//! Each frame moves by less than WINDOW places (64). `docs/performance.md` says what becomes of the counts.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};

const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, rest @ ..] = arguments.as_slice() else {
        return Err("usage: shuffle_frames IN.pcap OUT.pcap [WINDOW [SEED]]".into());
    };
    let number = |at: usize, default: u64| -> Result<u64, Box<dyn Error>> {
        Ok(rest.get(at).map_or(Ok(default), |text| text.parse())?)
    };
    let window = usize::try_from(number(0, 64)?)?;
    let mut random = number(1, 1)?.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut input = BufReader::with_capacity(1 << 20, File::open(from)?);
    let mut output = BufWriter::with_capacity(1 << 20, File::create(to)?);
    let mut header = [0; FILE_HEADER];
    input.read_exact(&mut header)?;
    output.write_all(&header)?;
    let little_endian = header[0] == 0xd4 || header[0] == 0x4d;
    let mut records = Vec::with_capacity(window);
    loop {
        let record = next_record(&mut input, little_endian)?;
        let is_last = record.is_none();
        records.extend(record);
        if records.len() >= window || is_last {
            for at in (1..records.len()).rev() {
                // xorshift64*
                random ^= random >> 12;
                random ^= random << 25;
                random ^= random >> 27;
                let other = random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
                records.swap(at, usize::try_from(other)? % (at + 1));
            }
            for record in records.drain(..) {
                output.write_all(&record)?;
            }
        }
        if is_last {
            return Ok(output.flush()?);
        }
    }
}

/// A record with its header; `None` at the end of the file.
fn next_record(
    input: &mut impl Read,
    little_endian: bool,
) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
    let mut record = vec![0; RECORD_HEADER];
    let mut read = 0;
    while let Some(room) = record.get_mut(read..).filter(|room| !room.is_empty()) {
        match input.read(room)? {
            0 if read == 0 => return Ok(None),
            0 => return Err("the file is cut short".into()),
            more => read += more,
        }
    }
    let length = *record
        .get(8..)
        .and_then(<[u8]>::first_chunk)
        .unwrap_or(&[0; 4]);
    let length = if little_endian {
        u32::from_le_bytes(length)
    } else {
        u32::from_be_bytes(length)
    };
    input.take(length.into()).read_to_end(&mut record)?;
    if record.len() < RECORD_HEADER + usize::try_from(length)? {
        return Err("the file is cut short".into());
    }
    Ok(Some(record))
}
