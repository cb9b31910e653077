//! What the TCP layer counts.

/// What this layer saw.
#[derive(Debug, Clone, Default)]
pub struct TcpStats {
    /// Connections seen.
    pub connections: u64,
    /// Segments whose bytes were all handed on before.
    pub repeated_segments: u64,
    /// Segments that had to wait for others.
    pub out_of_order_segments: u64,
    /// Holes that the receiver had bytes for and the capture has not.
    pub gaps: u64,
    /// Their bytes.
    pub gap_bytes: u64,
    /// Segments cut by a snap length.
    pub cut_segments: u64,
    /// The bytes cut off.
    pub cut_bytes: u64,
    /// Times that waiting bytes reached their bound.
    pub out_of_order_overflows: u64,
    /// Resets that cannot be genuine.
    pub ignored_resets: u64,
    /// Connections that never got beyond a SYN.
    pub half_open: u64,
    /// Connections that the server reset before any byte of data, or that an ICMP message refused:
    /// mostly, nothing listens there.
    pub refused: u64,
    /// Connections given up because there were too many.
    pub evicted: u64,
    /// Connections given up because the unfinished messages of all of them took too much.
    pub unfinished_overflows: u64,
}
