//! Where a message's body ends (RFC 9112 §6.3), and skipping it. Bodies are measured, never stored.

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There are so many bytes.
    Length(u64),
    /// Chunks tell (RFC 9112 §7.1).
    Chunked,
    /// The end of the connection tells.
    UntilClose,
}

/// A body that is being skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes are left.
    Left(u64),
    /// Within the chunked coding.
    Chunks(ChunkState),
    /// All that comes.
    UntilClose,
}

/// Where in the chunked coding one is.
///
/// ```text
/// Size → Extension → (LF) → Data → DataEnd → Size …
///                    └ size 0 → Trailer ⇄ TrailerLine → end
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChunkState {
    /// In the digits of a chunk size.
    Size { value: u64, digits: u8 },
    /// After the digits, up to the end of the line.
    Extension { value: u64 },
    /// So many bytes of a chunk are left.
    Data(u64),
    /// In the line end after a chunk.
    DataEnd,
    /// At the beginning of a trailer line.
    Trailer,
    /// Within a trailer line.
    TrailerLine,
}

/// What became of the bytes given to a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skipped {
    /// All of them belong to it, and it goes on.
    All,
    /// It ended after so many of them.
    Ended(usize),
    /// Its chunked coding is broken after so many of them.
    Broken(usize),
}

impl Body {
    pub(super) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Length(length) => Self::Left(length),
            Framing::Chunked => Self::Chunks(ChunkState::Size {
                value: 0,
                digits: 0,
            }),
            Framing::UntilClose => Self::UntilClose,
        }
    }

    /// Passes over the body's part of `bytes`.
    pub(super) fn skip(&mut self, bytes: &[u8]) -> Skipped {
        match self {
            Self::UntilClose => Skipped::All,
            Self::Left(left) => {
                let len = bytes.len() as u64;
                if len < *left {
                    *left -= len;
                    return Skipped::All;
                }
                Skipped::Ended(usize::try_from(std::mem::take(left)).unwrap_or(bytes.len()))
            }
            Self::Chunks(state) => skip_chunks(state, bytes),
        }
    }

    /// Passes over bytes that all belong to the body and do not end it, whatever they are; `false`
    /// where that is not so, or not known.
    #[inline]
    pub(super) fn pass_over(&mut self, bytes: u64) -> bool {
        match self {
            Self::UntilClose => true,
            Self::Left(left) | Self::Chunks(ChunkState::Data(left)) if bytes < *left => {
                *left -= bytes;
                true
            }
            _ => false,
        }
    }

    /// Passes over bytes that are not there; `false` where the end can no longer be told.
    pub(super) fn skip_missing(&mut self, missing: u64) -> bool {
        match self {
            Self::UntilClose => true,
            Self::Left(left) | Self::Chunks(ChunkState::Data(left)) if missing <= *left => {
                *left -= missing;
                true
            }
            _ => false,
        }
    }

    /// Whether it ended without another byte.
    pub(super) fn is_empty(self) -> bool {
        self == Self::Left(0)
    }
}

fn skip_chunks(state: &mut ChunkState, bytes: &[u8]) -> Skipped {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let line_end = |rest: &[u8]| memchr::memchr(b'\n', rest).map(|end| end + 1);
        match *state {
            ChunkState::Size { value, digits } => {
                let byte = rest.first().copied().unwrap_or_default();
                at += 1;
                let digit = char::from(byte).to_digit(16).map(u64::from);
                *state = match (digit, byte) {
                    (Some(_), _) if digits >= 16 => return Skipped::Broken(at),
                    (Some(digit), _) => ChunkState::Size {
                        value: value << 4 | digit,
                        digits: digits + 1,
                    },
                    (None, b'\n') if digits > 0 => after_size(value),
                    (None, b'\r' | b' ' | b'\t' | b';') if digits > 0 => {
                        ChunkState::Extension { value }
                    }
                    _ => return Skipped::Broken(at),
                };
            }
            ChunkState::Extension { value } => {
                let Some(end) = line_end(rest) else {
                    return Skipped::All;
                };
                at += end;
                *state = after_size(value);
            }
            ChunkState::Data(left) => {
                let len = rest.len() as u64;
                if len < left {
                    *state = ChunkState::Data(left - len);
                    return Skipped::All;
                }
                at += usize::try_from(left).unwrap_or(rest.len());
                *state = ChunkState::DataEnd;
            }
            ChunkState::DataEnd => {
                at += 1;
                match rest.first() {
                    Some(b'\r') => {}
                    Some(b'\n') => {
                        *state = ChunkState::Size {
                            value: 0,
                            digits: 0,
                        };
                    }
                    _ => return Skipped::Broken(at),
                }
            }
            ChunkState::Trailer => match rest {
                [b'\n', ..] => return Skipped::Ended(at + 1),
                // A CR alone decides nothing: the LF comes with the next bytes.
                [b'\r', ..] => at += 1,
                _ => *state = ChunkState::TrailerLine,
            },
            ChunkState::TrailerLine => {
                let Some(end) = line_end(rest) else {
                    return Skipped::All;
                };
                at += end;
                *state = ChunkState::Trailer;
            }
        }
    }
    Skipped::All
}

fn after_size(value: u64) -> ChunkState {
    if value == 0 {
        ChunkState::Trailer
    } else {
        ChunkState::Data(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_end_where_they_should_however_they_are_cut() {
        let coded: &[u8] =
            b"5;a=\"b;c\"\r\nhello\r\n3 \r\nabc\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\nHTTP";
        let end = coded.len() - 4;
        for size in 1..coded.len() {
            let mut body = Body::new(Framing::Chunked);
            let mut at = 0;
            let mut ended = None;
            for piece in coded.chunks(size) {
                match body.skip(piece) {
                    Skipped::All => at += piece.len(),
                    Skipped::Ended(n) => {
                        ended = Some(at + n);
                        break;
                    }
                    Skipped::Broken(_) => panic!("broken at piece size {size}"),
                }
            }
            assert_eq!(ended, Some(end), "piece size {size}");
        }
    }

    #[test]
    fn broken_chunks_are_told() {
        for coded in [
            &b"\r\n"[..],
            b"xyz\r\n",
            b"11111111111111111\r\n",
            b"3\r\nabcd",
            b"-1\r\n",
        ] {
            let mut body = Body::new(Framing::Chunked);
            assert!(matches!(body.skip(coded), Skipped::Broken(_)), "{coded:?}");
        }
    }
}
