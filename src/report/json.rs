//! Records → JSON text (RFC 8259) that is plain ASCII: safe on any terminal, whatever the traffic
//! held.
//!
//! A serializer of our own and not a package's: writing lines is a large part of a report's time, and
//! this one copies clean strings whole, never escapes the names of fields, and needs no second pass
//! for what lies beyond ASCII. Only what records consist of can be written.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{self, Impossible};

use crate::report::digits::fraction;
use crate::wire_text::wire_text;

/// Writes a value on a line of its own; `line` is room for it, kept by the caller.
pub(super) fn write_line(
    value: &impl Serialize,
    line: &mut Vec<u8>,
    out: &mut dyn Write,
) -> io::Result<()> {
    line.clear();
    value.serialize(Json(&mut *line))?;
    line.push(b'\n');
    out.write_all(line)
}

/// An object that is written field by field.
pub(super) type Object<'t> = Compound<'t>;

impl<'t> Object<'t> {
    /// Begins one at the end of a text.
    pub(super) fn begin_object(text: &'t mut Vec<u8>) -> Self {
        Self::begin(text, *b"{}")
    }

    /// The text up to here.
    pub(super) fn text(&self) -> &[u8] {
        self.text
    }

    /// Writes fields as they were written behind others in another object.
    pub(super) fn repeat(&mut self, fields: &[u8]) {
        self.text.extend_from_slice(fields);
    }
}

/// Writes one value to the end of a text.
struct Json<'t>(&'t mut Vec<u8>);

/// What cannot be written; records hold nothing of the kind.
#[derive(Debug)]
pub(super) struct Unwritable(String);

impl From<Unwritable> for io::Error {
    fn from(error: Unwritable) -> Self {
        Self::other(error.0)
    }
}

impl Display for Unwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

fn unwritable<T>(what: &str) -> Result<T, Unwritable> {
    Err(Unwritable(format!("{what} cannot be written as JSON here")))
}

impl Json<'_> {
    fn string(&mut self, text: &str) {
        self.0.push(b'"');
        if is_clean(text.as_bytes()) {
            self.0.extend_from_slice(text.as_bytes());
        } else {
            self.escaped(text);
        }
        self.0.push(b'"');
    }

    /// The inside of a string that needs escapes (RFC 8259 §7).
    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '"' => self.0.extend_from_slice(b"\\\""),
                '\\' => self.0.extend_from_slice(b"\\\\"),
                '\n' => self.0.extend_from_slice(b"\\n"),
                '\r' => self.0.extend_from_slice(b"\\r"),
                '\t' => self.0.extend_from_slice(b"\\t"),
                ' '..='~' => self.0.push(u8::try_from(c).unwrap_or(b'?')),
                _ => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        self.0
                            .extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                    }
                }
            }
        }
    }

    /// Thousandths, without zeros at the end.
    fn fixed(&mut self, thousandths: u32) {
        let mut room = itoa::Buffer::new();
        self.0
            .extend_from_slice(room.format(thousandths / 1000).as_bytes());
        let digits = fraction(thousandths % 1000 * 1_000_000, &mut room);
        if !digits.is_empty() {
            self.0.push(b'.');
            self.0.extend_from_slice(digits);
        }
    }

    fn display(&mut self, value: impl Display) -> Result<(), Unwritable> {
        write!(self.0, "{value}").map_err(|error| Unwritable(error.to_string()))
    }
}

/// Whether these bytes stand for themselves inside of a string.
#[inline]
fn is_clean(bytes: &[u8]) -> bool {
    /// Without an early end, so that it is done for all of them at a time.
    fn all<const COUNT: usize>(bytes: &[u8; COUNT]) -> bool {
        let unclean = bytes.iter().fold(0, |unclean, byte| {
            let is_printable = (0x20..0x7f).contains(byte);
            unclean | u8::from(!is_printable) | u8::from(*byte == b'"') | u8::from(*byte == b'\\')
        });
        unclean == 0
    }
    let (chunks, rest) = bytes.as_chunks::<16>();
    let is_end_clean = match bytes.last_chunk::<16>() {
        // It may overlap the chunk before it.
        Some(end) => all(end),
        None => rest.iter().all(|byte| all(&[*byte])),
    };
    is_end_clean && chunks.iter().all(all)
}

/// A number in thousandths, where it is exactly that: durations are. No shorter text stands for the
/// same number.
fn thousandths(value: f64) -> Option<u32> {
    let scaled = value * 1000.0 + 0.5;
    if !(0.0..1e9).contains(&scaled) || value.is_sign_negative() {
        return None;
    }
    // The nearest whole number, without a call: a wrong one is no exact one either.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the fraction is to go; the rest is within the range"
    )]
    let thousandths = scaled as u32;
    let exact = f64::from(thousandths) / 1000.0;
    (exact.to_bits() == value.to_bits()).then_some(thousandths)
}

/// An array or object that is being written.
pub(super) struct Compound<'t> {
    text: &'t mut Vec<u8>,
    first: bool,
    end: u8,
}

impl<'t> Compound<'t> {
    fn begin(text: &'t mut Vec<u8>, brackets: [u8; 2]) -> Self {
        let [begin, end] = brackets;
        text.push(begin);
        Self {
            text,
            first: true,
            end,
        }
    }

    #[inline]
    fn next(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.text.push(b',');
        }
    }

    pub(super) fn finish(self) {
        self.text.push(self.end);
    }
}

impl ser::SerializeSeq for Compound<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.next();
        value.serialize(Json(self.text))
    }

    fn end(self) -> Result<(), Unwritable> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeStruct for Compound<'_> {
    type Ok = ();
    type Error = Unwritable;

    #[expect(
        clippy::inline_always,
        reason = "a name that is known when compiling is copied by two or three instructions"
    )]
    #[inline(always)]
    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.next();
        // The names of fields are ours, and clean.
        self.text.push(b'"');
        self.text.extend_from_slice(key.as_bytes());
        self.text.extend_from_slice(b"\":");
        value.serialize(Json(self.text))
    }

    fn end(self) -> Result<(), Unwritable> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.next();
        key.serialize(Json(self.text))
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.text.push(b':');
        value.serialize(Json(self.text))
    }

    fn end(self) -> Result<(), Unwritable> {
        self.finish();
        Ok(())
    }
}

impl<'t> ser::Serializer for Json<'t> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Compound<'t>;
    type SerializeTuple = Impossible<(), Unwritable>;
    type SerializeTupleStruct = Impossible<(), Unwritable>;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Compound<'t>;
    type SerializeStruct = Compound<'t>;
    type SerializeStructVariant = Impossible<(), Unwritable>;

    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.0.extend_from_slice(text);
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(mut self, value: i64) -> Result<(), Unwritable> {
        self.display(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unwritable> {
        let mut room = itoa::Buffer::new();
        self.0.extend_from_slice(room.format(value).as_bytes());
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unwritable> {
        self.serialize_f64(value.into())
    }

    /// JSON has no infinities: they become null.
    fn serialize_f64(mut self, value: f64) -> Result<(), Unwritable> {
        if let Some(thousandths) = thousandths(value) {
            self.fixed(thousandths);
            Ok(())
        } else if value.is_finite() {
            self.display(value)
        } else {
            self.serialize_unit()
        }
    }

    fn serialize_char(mut self, value: char) -> Result<(), Unwritable> {
        self.string(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(mut self, value: &str) -> Result<(), Unwritable> {
        self.string(value);
        Ok(())
    }

    /// Bytes are text of the wire ([`Wire`](crate::report::record::Wire)).
    fn serialize_bytes(mut self, bytes: &[u8]) -> Result<(), Unwritable> {
        self.0.push(b'"');
        if is_clean(bytes) {
            self.0.extend_from_slice(bytes);
        } else {
            self.escaped(&wire_text(bytes));
        }
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    /// Names of variants are ours, and clean.
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        self.0.push(b'"');
        self.0.extend_from_slice(variant.as_bytes());
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Unwritable> {
        unwritable("a variant with a value")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'t>, Unwritable> {
        Ok(Compound::begin(self.0, *b"[]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unwritable> {
        unwritable("a tuple")
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unwritable> {
        unwritable("a tuple")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        unwritable("a variant with values")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'t>, Unwritable> {
        Ok(Compound::begin(self.0, *b"{}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'t>, Unwritable> {
        Ok(Compound::begin(self.0, *b"{}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        unwritable("a variant with fields")
    }

    /// Our displays (times) hold nothing that needs an escape.
    fn collect_str<T: ?Sized + Display>(mut self, value: &T) -> Result<(), Unwritable> {
        self.0.push(b'"');
        self.display(value)?;
        self.0.push(b'"');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn line(value: &impl Serialize) -> Vec<u8> {
        let mut out = Vec::new();
        write_line(value, &mut Vec::new(), &mut out).unwrap();
        assert_eq!(out.pop(), Some(b'\n'));
        out
    }

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        let mut number = 7_u32;
        for _ in 0..20_000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            for value in [
                f64::from(number % 2_000_000) / 1000.0,
                f64::from(number) / 977.0,
            ] {
                assert_eq!(line(&value), value.to_string().as_bytes());
            }
            assert_eq!(
                line(&(u64::from(number) << 20)),
                (u64::from(number) << 20).to_string().as_bytes()
            );
        }
        for value in [0.0, 1.0, 0.1, 12.34, 999_999.999, 1e9, 1e300, -1.5, -0.0] {
            assert_eq!(line(&value), value.to_string().as_bytes());
        }
    }

    #[test]
    fn json_is_ascii_and_reads_back() {
        let text = "a\"\\\n\r\t\u{1b}[2J\u{7f}\u{9b}\u{202e}é😀";
        let json = line(&text);
        assert!(json.iter().all(|b| (0x20..0x7f).contains(b)), "{json:?}");
        let back: String = serde_json::from_slice(&json).unwrap();
        assert_eq!(back, text);
    }

    #[test]
    fn it_writes_what_the_common_package_writes() {
        #[derive(Serialize)]
        struct Record<'a> {
            name: &'a str,
            some: Option<u64>,
            none: Option<u64>,
            yes: bool,
            numbers: Vec<i64>,
            fraction: f64,
            map: BTreeMap<&'a str, u16>,
            #[serde(skip_serializing_if = "Option::is_none")]
            left_out: Option<()>,
        }
        let record = Record {
            name: "n",
            some: Some(u64::MAX),
            none: None,
            yes: true,
            numbers: vec![0, -7, i64::MIN],
            fraction: 1.25,
            map: BTreeMap::from([("a", 1), ("b", 0)]),
            left_out: None,
        };
        let expected = serde_json::to_vec(&record).unwrap();
        assert_eq!(line(&record), expected);
    }
}
