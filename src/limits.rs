//! Every bound of the program, each with its reason.
//!
//! Traffic is hostile: whatever corshark stores because of bytes it read is bounded here, and
//! reaching a bound is counted and shown. Nothing else in the program invents a limit.

use std::time::Duration;

/// The bounds that one analysis keeps to.
///
/// ```
/// let limits = corshark::limits::Limits::default();
/// assert!(limits.head_bytes >= 64 * 1024);
/// ```
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one captured frame or pcapng block. The largest real frames are segmentation-offload
    /// frames of some 64 KiB and BIG TCP frames of 512 KiB; libpcap itself stops at 256 KiB.
    pub block_bytes: usize,
    /// Bytes of the window or dictionary that a compressed savefile may ask for. `xz -9` asks for
    /// 64 MiB, zstd for 8 MiB at its highest usual level.
    pub decompression_window: usize,
    /// Interfaces of one pcapng section.
    pub interfaces: usize,
    /// Bytes of captured frames that wait for the analysis: some seconds of a busy link.
    pub live_queue: usize,
    /// Bytes of captured frames that are handed over together: large enough that handing over does
    /// not count, small enough for a cache.
    pub live_batch: usize,
    /// Bytes of one message head. Browsers stop at 256 KiB (Chromium) or near it.
    pub head_bytes: usize,
    /// Bytes of memory that unfinished messages take, summed over all connections: heads that are on
    /// their way, requests that nothing has answered, and the heads of bodies that go on. Room for
    /// some 12 000 requests of browsers at once.
    pub unfinished_bytes: usize,
    /// Header lines of one message head.
    pub header_lines: usize,
    /// Header lists that are remembered to be found again, with their gists, as long as they are not
    /// longer than 4 KiB: enough for what a few dozen clients and servers send again and again.
    pub remembered_heads: usize,
    /// Bytes of out-of-order payload kept for one direction of a connection: a receive window.
    pub out_of_order_bytes: usize,
    /// The same, summed over all connections.
    pub out_of_order_bytes_total: usize,
    /// Requests of one connection that wait for their response (pipelining).
    pub requests_in_flight: usize,
    /// Connections that are open at once: as many as Linux tracks by default
    /// (`nf_conntrack_max`). They take some 75 MiB, so that the whole program stays below 256 MiB with
    /// every other bound reached at the same time.
    pub connections: usize,
    /// Capture time after which a connection that only showed a SYN is forgotten: the longest wait of Linux between
    /// two SYNs, but for the last, is 16 s.
    pub half_open: Duration,
    /// Capture time after which a silent connection is taken for closed.
    pub idle: Duration,
    /// Tunnels within tunnels of one frame: overlay networks nest two or three.
    pub tunnels: usize,
    /// IP datagrams whose fragments are being collected at once: 64 KiB each at most.
    pub fragmented_datagrams: usize,
    /// Capture time after which an incomplete datagram is dropped (RFC 8200 §4.5 says 60 s, Linux 30 s).
    pub fragment_lifetime: Duration,
    /// Capture time within which the same packet again is a copy of it: captured on a bridge too, for
    /// instance. The shortest retransmission of Linux waits 200 ms, one after loss a round trip.
    pub copy_time: Duration,
    /// Frames by which a capture may show a frame too late: two queues of one interface, two
    /// interfaces merged. An acknowledged hole becomes a gap only after as many frames.
    pub reorder_frames: u64,
    /// The same in capture time, for quiet captures.
    pub reorder_time: Duration,
    /// The same in captures that were seen to show frames late: a pause of the wire lies between a frame and
    /// its place there. Retransmissions of a lossy connection come seconds apart.
    pub reorder_pause: Duration,
    /// Bytes of standard input that are copied to a temporary file, so that frames can be shown again.
    pub spill_bytes: u64,
    /// Rows of transactions that the screens keep, some 350 bytes each; the oldest are forgotten.
    pub rows: usize,
    /// Bytes of transactions that the screens keep in full; older ones are read again when they are looked at.
    pub transaction_bytes: usize,
    /// Bytes of transactions that a live capture keeps for the reports at its end: some 200 000 of them, more
    /// than a page or a table can show. The oldest are left out, and that is said.
    pub report_bytes: usize,
    /// Frames that are listed at once on the screen of packets.
    pub packets_listed: usize,
    /// Bytes of them that are kept for that long.
    pub packet_bytes: usize,
    /// Transactions that wait for their other half.
    pub open_transactions: usize,
    /// Bytes of memory that they take.
    pub open_transaction_bytes: usize,
    /// Capture time that an answered preflight waits for its actual request, and a redirect for
    /// the next hop. Measured: the longest wait of a browser on loopback was 60 ms.
    pub actual_wait: Duration,
    /// Capture time that a refused preflight waits for an actual request: a browser sends none, and
    /// a client that does not care goes on at once.
    pub refused_wait: Duration,
    /// Capture time that an unanswered preflight is waited for.
    pub preflight_wait: Duration,
    /// Answers to preflights that are remembered (Chromium keeps 1024, Firefox 100).
    pub preflight_cache: usize,
    /// URLs whose last Access-Control-Allow-Origin is kept, for a later 304.
    pub stored_responses: usize,
    /// Frames listed for one message: the first ones of its head, and its last.
    pub frames_listed: usize,
    /// Endpoints that advice keeps state of, some 2 KiB each. APIs have hundreds; more of them are
    /// ids in the path that were not recognised.
    pub advice_endpoints: usize,
    /// Frames and transactions listed for one advice: enough to look it up.
    pub advice_frames: usize,
    /// Different origins, methods and ages listed for one endpoint (of header names, twice as many).
    pub advice_values: usize,
    /// Durations kept of one endpoint's preflights, and of its requests, for the medians.
    pub advice_durations: usize,
    /// Preflights that are remembered to notice repeated ones, 40 bytes each.
    pub advice_preflights: usize,
    /// Bytes of packets that an export holds at once, to find secrets that are split over packets.
    pub export_bytes: usize,
    /// Answers to requests without Origin that are remembered in case CORS requests to the same
    /// endpoint follow, 32 bytes each.
    pub advice_plain_answers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            block_bytes: 16 << 20,
            decompression_window: 64 << 20,
            interfaces: 65_536,
            live_queue: 256 << 20,
            live_batch: 256 << 10,
            head_bytes: 256 << 10,
            unfinished_bytes: 24 << 20,
            header_lines: 8192,
            remembered_heads: 1024,
            out_of_order_bytes: 4 << 20,
            out_of_order_bytes_total: 32 << 20,
            requests_in_flight: 256,
            connections: 262_144,
            half_open: Duration::from_secs(20),
            idle: Duration::from_secs(600),
            tunnels: 8,
            fragmented_datagrams: 64,
            fragment_lifetime: Duration::from_secs(30),
            copy_time: Duration::from_millis(5),
            reorder_frames: 128,
            reorder_time: Duration::from_millis(50),
            reorder_pause: Duration::from_secs(5),
            spill_bytes: 1 << 30,
            rows: 1 << 20,
            transaction_bytes: 128 << 20,
            report_bytes: 512 << 20,
            packets_listed: 4096,
            packet_bytes: 32 << 20,
            open_transactions: 65_536,
            open_transaction_bytes: 24 << 20,
            actual_wait: Duration::from_secs(5),
            refused_wait: Duration::from_secs(1),
            preflight_wait: Duration::from_secs(60),
            preflight_cache: 1024,
            stored_responses: 1024,
            frames_listed: 16,
            advice_endpoints: 4096,
            advice_frames: 8,
            advice_values: 16,
            advice_durations: 256,
            advice_preflights: 65_536,
            export_bytes: 512 << 20,
            advice_plain_answers: 4096,
        }
    }
}
