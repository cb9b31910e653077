//! The state of the screen of packets: a list of frames, and the bytes of the selected one.

use crate::capture::frame::FrameNumber;
use crate::cors::transaction::TransactionId;
use crate::packets::{Packet, Packets};
use crate::tui::texts::next_of;

/// What is known of the packets.
#[derive(Debug, Default)]
pub enum Known {
    /// Nothing was asked for.
    #[default]
    Nothing,
    /// They are being read.
    Reading,
    /// They are there.
    There(Packets),
    /// They cannot be read, for this reason.
    Not(String),
}

/// The screen of packets.
#[derive(Debug, Default)]
pub struct PacketPanes {
    /// Whether all frames of the connections are listed, or those of the transaction.
    pub all: bool,
    /// Whether the keys move the bytes, or the list.
    pub in_bytes: bool,
    /// The packets.
    pub known: Known,
    /// Of which transaction, and whether all.
    asked: Option<(TransactionId, bool)>,
    /// The frame to select as soon as it is there.
    wished: Option<FrameNumber>,
    cursor: usize,
    top: usize,
    /// The byte under the cursor of the hex view.
    byte: usize,
    /// The first of the bytes on the screen; always the first of a line.
    first: usize,
    /// Bytes in a line of the hex view; none before it was drawn.
    per_line: usize,
    /// Lines of list and bytes on the screen.
    heights: (usize, usize),
}

impl PacketPanes {
    /// Takes note that these are wanted; `false` where they are there already.
    pub fn ask(&mut self, id: TransactionId) -> bool {
        if self.asked == Some((id, self.all)) {
            if matches!(self.known, Known::There(_)) {
                self.grant();
            }
            return false;
        }
        self.asked = Some((id, self.all));
        self.known = Known::Reading;
        (self.cursor, self.top, self.byte, self.first) = (0, 0, 0, 0);
        true
    }

    /// Takes what was read, if it is still what is wanted.
    pub fn take(&mut self, id: TransactionId, all: bool, read: Result<Packets, String>) {
        if self.asked != Some((id, all)) {
            return;
        }
        self.known = match read {
            Ok(packets) => Known::There(packets),
            Err(why) => Known::Not(why),
        };
        let head = self.list().iter().position(|packet| packet.head.is_some());
        self.select(head.unwrap_or(0));
        self.grant();
    }

    /// Selects a frame, now or when it is there.
    pub fn wish(&mut self, frame: Option<FrameNumber>) {
        self.wished = frame;
    }

    /// Selects the frame that is wished for, if it is there.
    fn grant(&mut self) {
        let wished = self.wished.take();
        let place = |packet: &Packet| wished == Some(packet.number);
        if let Some(place) = self.list().iter().position(place) {
            self.select(place);
        }
    }

    /// The packets, as far as they are there.
    #[must_use]
    pub fn list(&self) -> &[Packet] {
        match &self.known {
            Known::There(packets) => &packets.list,
            _ => &[],
        }
    }

    /// The selected one.
    #[must_use]
    pub fn selected(&self) -> Option<&Packet> {
        self.list().get(self.cursor)
    }

    /// The place of the selected one.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The place of the first one on the screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// The first of the bytes on the screen.
    #[must_use]
    pub fn first_byte(&self) -> usize {
        self.first
    }

    /// The byte under the cursor.
    #[must_use]
    pub fn byte(&self) -> usize {
        self.byte
    }

    /// Bytes in a line.
    #[must_use]
    pub fn per_line(&self) -> usize {
        self.per_line.max(1)
    }

    /// Lines of the pane that the keys move.
    #[must_use]
    pub fn height(&self) -> usize {
        if self.in_bytes {
            self.heights.1
        } else {
            self.heights.0
        }
    }

    /// Says how many lines each pane has, and how many bytes a line.
    pub fn resize(&mut self, list: usize, bytes: usize, per_line: usize) {
        self.heights = (list, bytes);
        self.per_line = per_line;
        self.scroll();
    }

    /// Moves what the keys move.
    pub fn move_by(&mut self, by: isize) {
        if self.in_bytes {
            let by = by.saturating_mul(isize::try_from(self.per_line()).unwrap_or(1));
            self.move_in_bytes(by);
        } else {
            self.select(self.cursor.saturating_add_signed(by));
        }
    }

    /// Moves the cursor of the hex view by so many bytes.
    pub fn move_in_bytes(&mut self, by: isize) {
        self.go_to_byte(self.byte.saturating_add_signed(by));
    }

    /// Puts the cursor of the hex view on a byte, or on the last one.
    pub fn go_to_byte(&mut self, byte: usize) {
        self.byte = byte;
        self.scroll();
    }

    /// Selects a packet.
    pub fn select(&mut self, place: usize) {
        let place = place.min(self.list().len().saturating_sub(1));
        if place != self.cursor || self.first == 0 {
            self.cursor = place;
            // Where the payload begins: headers of the lower layers are seldom looked for.
            self.byte = self
                .selected()
                .filter(|packet| packet.length > 0)
                .map_or(0, |packet| packet.payload);
            self.first = self.byte;
        }
        self.scroll();
    }

    fn scroll(&mut self) {
        let height = self.heights.0.max(1);
        let last_top = self.list().len().saturating_sub(height);
        let lowest = (self.cursor + 1).saturating_sub(height);
        self.top = self.top.clamp(lowest, self.cursor).min(last_top);
        let bytes = self.selected().and_then(|packet| packet.bytes.as_ref());
        let (per_line, height) = (self.per_line(), self.heights.1.max(1));
        let count = bytes.map_or(0, |bytes| bytes.len());
        self.byte = self.byte.min(count.saturating_sub(1));
        let line = self.byte / per_line;
        let last = count.div_ceil(per_line).saturating_sub(height);
        let first = (self.first / per_line).min(last);
        self.first = first.clamp((line + 1).saturating_sub(height), line) * per_line;
    }

    /// Selects the next packet whose bytes hold a text, and where it stands; `false` where none does.
    pub fn find(&mut self, wanted: &str, forwards: bool, beyond: bool) -> bool {
        let len = self.list().len();
        let wanted = wanted.as_bytes();
        let place_in = |packet: &Packet| {
            let bytes = packet.bytes.as_deref().unwrap_or_default();
            let mut windows = bytes.windows(wanted.len().max(1));
            windows.position(|window| window.eq_ignore_ascii_case(wanted))
        };
        let mut places = next_of(self.cursor, len, forwards, beyond);
        let found = places.find_map(|place| Some((place, place_in(self.list().get(place)?)?)));
        let Some((place, byte)) = found else {
            return false;
        };
        self.select(place);
        self.go_to_byte(byte);
        true
    }
}
