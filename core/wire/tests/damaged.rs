//! Damaged and mixed files: what they still hold comes with what is wrong and where.
#![allow(clippy::unwrap_used, reason = "a test's helpers may panic")]

mod support;

use std::io::Write;

use omni_wire::Flaw;
use omni_wire::dbn::Reader;
use omni_wire::file::{Compression, Format, MOST_BYTES, decompress, open, sniff};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// Bytes that compress, but not to nothing, over several zstd blocks of at most 128 KiB.
fn sample() -> Vec<u8> {
    let mut state = 1_u64;
    let words = (0..60_000_u64).flat_map(|i| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (i << 40 | state >> 52).to_le_bytes()
    });
    words.collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

#[test]
fn several_members_and_frames_are_one_stream() {
    let whole = sample();
    let (head, tail) = whole.split_at(200_000);
    for (pack, compression) in [(gzip as fn(&[u8]) -> Vec<u8>, Compression::Gzip), (zstd, Compression::Zstd)] {
        let file = decompress([pack(head), pack(&[]), pack(tail)].concat(), MOST_BYTES);
        assert_eq!((file.compression, file.cut), (compression, None));
        assert!(file.bytes == whole);
    }
    // A skippable frame holds nothing.
    let skipped = [&[0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd(head)].concat();
    assert!(decompress(skipped, MOST_BYTES).bytes == head);
}

#[test]
fn a_truncated_stream_gives_what_it_holds() {
    let whole = sample();
    for pack in [gzip as fn(&[u8]) -> Vec<u8>, zstd] {
        let packed = pack(&whole);
        for kept in [packed.len() / 2, packed.len() - 1] {
            let file = decompress(packed[..kept].to_vec(), MOST_BYTES);
            let cut = file.cut.unwrap();
            assert!(cut.offset <= kept && cut.what.contains("damaged or cut"), "{cut:?}");
            assert!(whole.starts_with(&file.bytes));
            // Half of the compressed bytes hold about half of the data, to within a block.
            assert!(file.bytes.len() + 131_072 >= whole.len() / 2, "{} of {}", file.bytes.len(), whole.len());
        }
    }
}

#[test]
fn a_flipped_bit_never_passes_a_check_sum() {
    let whole = sample();
    for pack in [gzip as fn(&[u8]) -> Vec<u8>, zstd] {
        let packed = pack(&whole);
        for at in [packed.len() / 3, packed.len() / 2, packed.len() - 3] {
            let mut flipped = packed.clone();
            flipped[at] ^= 0x10;
            let file = decompress(flipped, MOST_BYTES);
            assert!(file.cut.is_some(), "a flip at {at} of {} passed", packed.len());
        }
    }
}

#[test]
fn bytes_behind_a_stream_are_a_fault() {
    for pack in [gzip as fn(&[u8]) -> Vec<u8>, zstd] {
        let packed = pack(b"data");
        let file = decompress([&packed[..], b"trailing"].concat(), MOST_BYTES);
        assert_eq!(file.bytes, b"data");
        assert!(file.cut.unwrap().offset >= packed.len());
    }
}

#[test]
fn names_the_file_and_the_fault() {
    let folder = std::env::temp_dir().join(format!("omni-wire-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let empty = folder.join("empty.itch");
    std::fs::write(&empty, []).unwrap();
    let error = open(&empty).unwrap_err().to_string();
    assert_eq!(error, format!("{}: the file is empty (at byte 0, after 0 uncompressed bytes)", empty.display()));
    let cut = folder.join("cut.dbn.zst");
    let packed = zstd(&sample());
    std::fs::write(&cut, &packed[..packed.len() - 2]).unwrap();
    let loaded = open(&cut).unwrap();
    let fault = loaded.cut.clone().unwrap();
    assert_eq!((fault.path.as_path(), fault.read), (cut.as_path(), loaded.bytes.len()));
    assert!(!loaded.bytes.is_empty() && loaded.whole() == Err(fault));
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(open(&cut).unwrap_err().what.starts_with("can't be read: "));
}

#[test]
fn symbols_of_no_width_ask_for_no_memory() {
    let mut file = support::image::valid_dbn();
    file[8 + 45] = 0;
    file[112..116].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = Reader::new(&file).unwrap_err();
    assert_eq!(error.flaw, Flaw::Field { name: "symbol_cstr_len", found: 0 });
}

#[test]
fn other_formats_are_unknown() {
    for bytes in [&b""[..], b"PAR1", b"date,open,high\n", b"\0\0", b"\x89PNG\r\n\x1a\n", b"SQLite format 3\0"] {
        assert_eq!(sniff(bytes), Format::Unknown, "{bytes:?}");
    }
    assert_eq!(sniff(b"DBN\x02").to_string(), "DBN v2 of mixed schemas");
}
