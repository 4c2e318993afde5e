//! Decompression of a whole image, keeping what can be read of a damaged one.

use std::io::Read;

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Most uncompressed bytes that a file may hold: 16 GiB. Larger days come in several files.
pub const MOST_BYTES: usize = 16 << 30;

/// How a file is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compression {
    /// Not at all.
    Plain,
    /// gzip, of one or more members.
    Gzip,
    /// zstd, of one or more frames.
    Zstd,
}

/// Where decompression stopped and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut {
    /// What is wrong.
    pub what: String,
    /// Byte of the compressed data at which the faulty part begins; never past its end.
    pub offset: usize,
}

/// Uncompressed bytes, and the fault where they aren't all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decompressed {
    /// What could be read.
    pub bytes: Vec<u8>,
    /// How it was compressed.
    pub compression: Compression,
    /// Why it isn't everything; `None` when it is.
    pub cut: Option<Cut>,
}

impl Compression {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0x1F, 0x8B, ..] => Self::Gzip,
            // A zstd frame, or a skippable one that other frames may follow; DBZ begins with one, and is told apart later.
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Self::Zstd,
            [magic, 0x2A, 0x4D, 0x18, ..] if magic & 0xF0 == 0x50 && !is_dbz(bytes) => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

/// Returns whether the bytes are a legacy DBZ file: a skippable zstd frame that holds `DBZ`.
pub(super) fn is_dbz(bytes: &[u8]) -> bool {
    matches!(bytes, [_, 0x2A, 0x4D, 0x18, _, _, _, _, b'D', b'B', b'Z', ..])
}

/// Decompresses bytes by their magic number, up to `most` bytes; plain bytes are returned as they are.
#[must_use]
pub fn decompress(bytes: Vec<u8>, most: usize) -> Decompressed {
    let compression = Compression::of(&bytes);
    let mut out = Vec::new();
    let result = match compression {
        Compression::Plain => return Decompressed { bytes, compression, cut: None },
        Compression::Gzip => gunzip(&bytes, most, &mut out),
        Compression::Zstd => unzstd(&bytes, most, &mut out),
    };
    Decompressed { bytes: out, compression, cut: result.err() }
}

fn too_large(most: usize, offset: usize) -> Cut {
    Cut { what: format!("the data is larger than {most} bytes uncompressed; split the file"), offset }
}

fn gunzip(bytes: &[u8], most: usize, out: &mut Vec<u8>) -> Result<(), Cut> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let start = bytes.len() - rest.len();
        let mut member = GzDecoder::new(rest);
        let room = most - out.len();
        let result = member.by_ref().take(room as u64 + 1).read_to_end(out);
        rest = member.into_inner();
        let offset = bytes.len() - rest.len();
        if out.len() > most {
            out.truncate(most);
            return Err(too_large(most, offset));
        }
        result.map_err(|e| Cut { what: format!("gzip member from byte {start} is damaged or cut: {e}"), offset })?;
    }
    Ok(())
}

fn unzstd(bytes: &[u8], most: usize, out: &mut Vec<u8>) -> Result<(), Cut> {
    let mut decoder = FrameDecoder::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let start = bytes.len() - rest.len();
        let cut = |what: String, rest: &[u8]| Cut { what, offset: bytes.len() - rest.len() };
        match decoder.init(&mut rest) {
            Ok(()) => frame(&mut decoder, &mut rest, (bytes, start), most, out)?,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let skipped = rest.get(length as usize..);
                rest = skipped.ok_or_else(|| cut("the data ends inside a skippable zstd frame".to_owned(), rest))?;
            }
            Err(e) => return Err(cut(format!("zstd frame header at byte {start} is damaged or cut: {e}"), rest)),
        }
    }
    Ok(())
}

/// Decodes one frame block by block into `out`; of a damaged one, everything up to the last whole block.
fn frame(
    decoder: &mut FrameDecoder,
    rest: &mut &[u8],
    (bytes, start): (&[u8], usize),
    most: usize,
    out: &mut Vec<u8>,
) -> Result<(), Cut> {
    let before = out.len();
    let (mut last_block, mut end) = (None, bytes.len() - rest.len());
    while !decoder.is_finished() {
        let block = decoder.decode_blocks(&mut *rest, BlockDecodingStrategy::UptoBlocks(1));
        if let Err(e) = block {
            out.truncate(before);
            salvage(bytes, start, last_block, end, out);
            let what = format!("zstd frame from byte {start} is damaged or cut: {e}");
            return Err(Cut { what, offset: end });
        }
        (last_block, end) = (Some(end), bytes.len() - rest.len());
        // Writing to a vector can't fail.
        let _written = decoder.collect_to_writer(&mut *out).map_err(|e| Cut { what: e.to_string(), offset: end })?;
        if out.len() > most {
            out.truncate(most);
            return Err(too_large(most, end));
        }
    }
    match (decoder.get_checksum_from_data(), decoder.get_calculated_checksum()) {
        (Some(stated), Some(found)) if stated != found => Err(Cut {
            what: format!(
                "zstd frame from byte {start} is damaged: its checksum is {stated:#010x}, found {found:#010x}"
            ),
            offset: end,
        }),
        _ => Ok(()),
    }
}

/// Decodes the whole blocks of a cut frame again, as a frame of its own that ends with the last of them.
///
/// The decoder holds back a window (often megabytes) of an unfinished frame, so that there is no other way to the tail.
fn salvage(bytes: &[u8], start: usize, last_block: Option<usize>, end: usize, out: &mut Vec<u8>) {
    let Some(last_block) = last_block else { return };
    let mut mended = bytes[start..end].to_vec();
    mended[4] &= !0x04; // no checksum follows
    mended[last_block - start] |= 1; // the last block
    let mut decoder = FrameDecoder::new();
    let mut source = mended.as_slice();
    if decoder.init(&mut source).is_ok() && decoder.decode_blocks(&mut source, BlockDecodingStrategy::All).is_ok() {
        out.extend(decoder.collect().unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_plain_bytes_alone() {
        let plain = decompress(b"plain".to_vec(), MOST_BYTES);
        assert_eq!((plain.bytes.as_slice(), plain.compression, plain.cut), (&b"plain"[..], Compression::Plain, None));
    }

    #[test]
    fn stops_at_the_limit() {
        // A stored gzip member of ten bytes, and the same through zstd (a raw block in a single segment).
        let zstd = [&[0x28, 0xB5, 0x2F, 0xFD, 0x20, 10, 10 << 3 | 1, 0, 0][..], b"0123456789"].concat();
        assert_eq!(decompress(zstd.clone(), 10).bytes, b"0123456789");
        let cut = decompress(zstd, 4);
        assert_eq!(cut.bytes, b"0123");
        assert!(cut.cut.is_some_and(|c| c.what.contains("larger than 4 bytes")));
    }
}
