//! ITCH bytes: decoded, and built into order-by-order books; with the floors of both.

use std::hint::black_box;

use omni_node::ItchBooks;
use omni_types::InstrumentId;
use omni_wire::feed::Listing;
use omni_wire::itch::{Message, Reader};

use crate::figure::{Failure, Figure, Figures};
use crate::market::{capacity, instrument, verify};
use crate::timing::best;
use crate::workload::{W1, Workload};

const ROUNDS: usize = 7;

/// Measures decoding, every field that a book needs, and two floors: adding up the bytes, and a bare decode.
pub(crate) fn decode() -> Figures {
    let bytes = W1.generate_itch();
    let count = Reader::new(&bytes).read_all(|_| ()).map_err(Failure::of)?;
    let mean = |work: &dyn Fn(&[u8]) -> Result<u64, Failure>| {
        let took = best(ROUNDS, || Ok(()), |()| work(black_box(&bytes)).map(|sum| _ = black_box(sum)))?;
        Ok::<_, Failure>(took / count as f64)
    };
    Ok(vec![
        Figure::new("itch.decode.mean_ns", mean(&decoded)?),
        Figure::new("floor.itch.decode.mean_ns", mean(&|bytes| Ok(bare(bytes)))?),
        Figure::new("floor.itch.bytes.mean_ns", mean(&|bytes| Ok(sum(bytes)))?),
    ])
}

pub(crate) fn decoded(bytes: &[u8]) -> Result<u64, Failure> {
    let mut sum = 0_u64;
    let each = |message| sum = fold(sum, message);
    Reader::new(bytes).read_all(each).map_err(Failure::of)?;
    Ok(sum)
}

/// Takes in every field that a book builder uses, so that no read can be left out.
#[inline(always)]
fn fold(sum: u64, message: Message) -> u64 {
    let fields = match message {
        Message::Add(m) => m.reference ^ u64::from(m.shares) ^ u64::from(m.price) << 20 ^ m.side as u64,
        Message::Execute(m) => m.reference ^ u64::from(m.shares) ^ m.match_number << 8,
        Message::Cancel(m) => m.reference ^ u64::from(m.shares),
        Message::Delete(m) => m.reference,
        Message::Replace(m) => m.old ^ m.new << 1 ^ u64::from(m.shares) ^ u64::from(m.price) << 20,
        _ => 0,
    };
    sum.wrapping_add(fields ^ message.timestamp() ^ u64::from(message.locate()) << 48)
}

/// Walks the lengths and reads the same fields of the types that the workload has, trusting the file.
fn bare(bytes: &[u8]) -> u64 {
    let be32 = |m: &[u8], at: usize| m[at..].first_chunk().map_or(0, |&b| u64::from(u32::from_be_bytes(b)));
    let be64 = |m: &[u8], at: usize| m[at..].first_chunk().map_or(0, |&b| u64::from_be_bytes(b));
    let (mut rest, mut sum) = (bytes, 0_u64);
    while let Some((&length, body)) = rest.split_first_chunk::<2>() {
        let (m, behind) = body.split_at(usize::from(u16::from_be_bytes(length)));
        let fields = match m[0] {
            b'A' => be64(m, 11) ^ be32(m, 20) ^ be32(m, 32) << 20 ^ u64::from(m[19]),
            b'E' => be64(m, 11) ^ be32(m, 19) ^ be64(m, 23) << 8,
            b'D' => be64(m, 11),
            _ => 0,
        };
        sum = sum.wrapping_add(fields ^ be64(m, 1));
        rest = behind;
    }
    sum
}

fn sum(bytes: &[u8]) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    words.iter().fold(0, |sum, &word| sum.wrapping_add(u64::from_le_bytes(word)))
}

/// Measures the building of every book, by code that ends recorded sessions as the venue did.
pub(crate) fn book(workload: &Workload) -> Figures {
    let bytes = workload.generate_itch();
    let mut count = 0;
    let took = best(
        if workload.messages > 2_000_000 { 3 } else { ROUNDS },
        || empty(workload),
        |books| {
            count = build(&bytes, books)?;
            black_box(books.books().live());
            Ok(())
        },
    )?;
    check(workload, &bytes)?;
    Ok(vec![Figure::new(format!("itch.book.{}.mean_ns", workload.name), took / count as f64)])
}

pub(crate) fn empty(workload: &Workload) -> Result<ItchBooks, Failure> {
    let mut books = ItchBooks::new(capacity(workload));
    for id in 0..workload.instruments as u32 {
        books.list(id as u16 + 1, &Listing::from(&instrument(id)?)).map_err(Failure::of)?;
    }
    Ok(books)
}

pub(crate) fn build(bytes: &[u8], books: &mut ItchBooks) -> Result<u64, Failure> {
    let mut refused = None;
    let apply = |message| {
        if let Err(error) = books.apply(&message) {
            refused = Some(error);
        }
    };
    let count = Reader::new(bytes).read_all(apply).map_err(Failure::of)?;
    refused.map_or(Ok(count), |error| Err(Failure::of(error)))
}

/// Checks that the feed tells of the trades that must be, and that the books end as the exchange's do.
fn check(workload: &Workload, bytes: &[u8]) -> Result<(), Failure> {
    let (mut trades, mut volume) = (0, 0);
    let executed = |message| {
        if let Message::Execute(m) = message {
            trades += 1;
            volume += u64::from(m.shares);
        }
    };
    Reader::new(bytes).read_all(executed).map_err(Failure::of)?;
    verify(workload, trades, volume)?;
    let mut books = empty(workload)?;
    build(bytes, &mut books)?;
    let exchange = crate::matching::played(workload)?;
    let same = |id: u32| books.books().top(InstrumentId(id)) == exchange.books().top(InstrumentId(id));
    if books.books().live() == exchange.books().live() && (0..workload.instruments as u32).all(same) {
        return Ok(());
    }
    Err(Failure(format!("itch.book.{}: the books don't end as the exchange's do", workload.name)))
}
