//! Frames → the bytes of a capture file.

use super::wire::Record;

/// The form of a classic pcap file.
#[derive(Debug, Clone, Copy)]
pub struct PcapForm {
    pub nanoseconds: bool,
    pub big_endian: bool,
}

impl PcapForm {
    pub const COMMON: Self = Self {
        nanoseconds: false,
        big_endian: false,
    };
    pub const ALL: [Self; 4] = [
        Self::COMMON,
        Self {
            nanoseconds: true,
            big_endian: false,
        },
        Self {
            nanoseconds: false,
            big_endian: true,
        },
        Self {
            nanoseconds: true,
            big_endian: true,
        },
    ];
}

/// Writes numbers in one byte order.
struct Writer {
    bytes: Vec<u8>,
    big_endian: bool,
}

impl Writer {
    fn u16(&mut self, n: u16) {
        let bytes = if self.big_endian {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        };
        self.bytes.extend_from_slice(&bytes);
    }

    fn u32(&mut self, n: u32) {
        let bytes = if self.big_endian {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        };
        self.bytes.extend_from_slice(&bytes);
    }

    fn len(&mut self, n: usize) {
        self.u32(u32::try_from(n).unwrap_or(u32::MAX));
    }

    /// A pcapng block with this body.
    fn block(&mut self, kind: u32, body: &[u8]) {
        let padded = body.len().next_multiple_of(4);
        self.u32(kind);
        self.len(12 + padded);
        self.bytes.extend_from_slice(body);
        self.bytes.resize(self.bytes.len() + padded - body.len(), 0);
        self.len(12 + padded);
    }

    fn body(&self, write: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut body = Self {
            bytes: Vec::new(),
            big_endian: self.big_endian,
        };
        write(&mut body);
        body.bytes
    }
}

fn nanos(record: &Record) -> u64 {
    u64::try_from(record.time.as_nanos()).unwrap_or(0)
}

fn low(n: u64) -> u32 {
    u32::try_from(n & 0xffff_ffff).unwrap_or(0)
}

/// The start of a classic pcap file; its records follow.
pub fn pcap_header(link_type: u16, form: PcapForm) -> Vec<u8> {
    let mut out = Writer {
        bytes: Vec::new(),
        big_endian: form.big_endian,
    };
    out.u32(if form.nanoseconds {
        0xa1b2_3c4d
    } else {
        0xa1b2_c3d4
    });
    out.u16(2);
    out.u16(4);
    out.u32(0);
    out.u32(0);
    out.u32(262_144);
    out.u32(u32::from(link_type));
    out.bytes
}

/// One record of a classic pcap file.
pub fn pcap_record(record: &Record, form: PcapForm) -> Vec<u8> {
    let mut out = Writer {
        bytes: Vec::new(),
        big_endian: form.big_endian,
    };
    let fraction = nanos(record) % 1_000_000_000;
    out.u32(low(nanos(record) / 1_000_000_000));
    out.u32(low(if form.nanoseconds {
        fraction
    } else {
        fraction / 1000
    }));
    out.len(record.bytes.len());
    out.len(record.original);
    out.bytes.extend_from_slice(&record.bytes);
    out.bytes
}

/// A classic pcap file.
pub fn pcap(records: &[Record], form: PcapForm) -> Vec<u8> {
    let link_type = records.first().map_or(1, |record| record.link_type);
    let mut bytes = pcap_header(link_type, form);
    for record in records {
        bytes.extend(pcap_record(record, form));
    }
    bytes
}

/// A pcapng file: one section, an interface for each link type, times in microseconds.
pub fn pcapng(records: &[Record], big_endian: bool) -> Vec<u8> {
    pcapng_with(records, big_endian, 1)
}

/// The same with `interfaces` interfaces more than are needed.
pub fn pcapng_with(records: &[Record], big_endian: bool, interfaces: usize) -> Vec<u8> {
    let mut out = Writer {
        bytes: Vec::new(),
        big_endian,
    };
    let section = out.body(|body| {
        body.u32(0x1a2b_3c4d);
        body.u16(1);
        body.u16(0);
        body.u32(u32::MAX);
        body.u32(u32::MAX);
    });
    out.block(0x0a0d_0d0a, &section);
    let mut link_types: Vec<u16> = Vec::new();
    for record in records {
        if !link_types.contains(&record.link_type) {
            link_types.push(record.link_type);
        }
    }
    let spare = vec![1; interfaces - 1];
    for link_type in link_types.iter().chain(&spare) {
        let interface = out.body(|body| {
            body.u16(*link_type);
            body.u16(0);
            body.u32(0);
        });
        out.block(1, &interface);
    }
    for record in records {
        let micros = nanos(record) / 1000;
        let at = link_types.iter().position(|l| *l == record.link_type);
        let packet = out.body(|body| {
            body.len(at.unwrap_or(0));
            body.u32(low(micros >> 32));
            body.u32(low(micros));
            body.len(record.bytes.len());
            body.len(record.original);
            body.bytes.extend_from_slice(&record.bytes);
        });
        out.block(6, &packet);
    }
    out.bytes
}
