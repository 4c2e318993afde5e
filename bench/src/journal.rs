//! The journal alone: w1's commands written in mode `group`, and read back.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};

use omni_journal::{Journal, Mode, Options, Reader, RunHeader, SEGMENT_BYTES};
use omni_types::{Input, Time};

use crate::figure::{Failure, Figure, Figures};
use crate::market::body;
use crate::timing::best;
use crate::workload::{W1, Workload};

const ROUNDS: usize = 3;
/// Records that one call of the floor writes or reads, in bytes.
const CHUNK: usize = 1 << 18;

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("omni-bench-journal-{name}-{}", std::process::id()));
        // One that an earlier process of this number left; what can't be removed is the journal's error.
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind is in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Returns a workload's messages as inputs.
fn inputs(workload: &Workload) -> Vec<Input> {
    let messages = workload.generate();
    let numbered = (1..).zip(&messages);
    numbered.map(|(seq, message)| Input { seq, time: Time(seq as i64), cause: 0, body: body(message) }).collect()
}

/// Creates a journal.
pub(crate) fn create(folder: &Path, seed: u64, mode: Mode) -> Result<Journal, Failure> {
    let header = RunHeader {
        run_id: "bench".to_owned(),
        seed,
        config_hash: [0; 32],
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
        created: Time(0),
    };
    let options = Options { mode, segment_bytes: SEGMENT_BYTES, header };
    Journal::create(folder, options).map_err(Failure::of)
}

/// Measures commands a second of the writing thread's time, and of the reading one's.
pub(crate) fn measure() -> Figures {
    let inputs = inputs(&W1);
    let mut written = None;
    let mut round = 0;
    let wrote = best(
        ROUNDS,
        || {
            round += 1;
            let folder = Folder::new(&round.to_string());
            Ok(Some((create(&folder.0, W1.seed, Mode::Group)?, folder)))
        },
        |state| {
            let Some((mut journal, folder)) = state.take() else { return Err(Failure("once a round".to_owned())) };
            inputs.iter().try_for_each(|input| journal.append(input)).map_err(Failure::of)?;
            // Waiting for the disk takes no time of the processor.
            journal.watermark().wait(journal.last_seq()).map_err(Failure::of)?;
            journal.close().map_err(Failure::of)?;
            written = Some(folder);
            Ok(())
        },
    )?;
    let folder = written.ok_or_else(|| Failure("journal.group: nothing was written".to_owned()))?;
    let read = best(ROUNDS, || Reader::open(&folder.0).map_err(Failure::of), |reader| compare(reader, &inputs))?;
    let copied = best(ROUNDS, || copy_of(&folder.0), |(bytes, out)| copy(bytes, out))?;
    let looked = best(ROUNDS, || Ok(vec![0; CHUNK]), |chunk| look(&folder.0, chunk))?;
    let rate = |took: f64| inputs.len() as f64 * 1e9 / took;
    Ok(vec![
        Figure::new("floor.journal.group.commands_per_s", rate(copied)),
        Figure::new("journal.group.commands_per_s", rate(wrote)),
        Figure::new("floor.journal.replay.commands_per_s", rate(looked)),
        Figure::new("journal.replay.commands_per_s", rate(read)),
    ])
}

/// Reads everything back and holds it to what was written.
fn compare(reader: &mut Reader, inputs: &[Input]) -> Result<(), Failure> {
    for expected in inputs {
        let found = reader.next_input().map_err(Failure::of)?;
        if found.as_ref().is_none_or(|found| found.seq != expected.seq || found.time != expected.time) {
            return Err(Failure(format!("journal.replay: expected input {}, found {found:?}", expected.seq)));
        }
        black_box(&found);
    }
    Ok(())
}

/// Returns the journal's bytes, and room for as many, its pages in memory.
fn copy_of(folder: &Path) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Failure::of)? {
        bytes.extend(std::fs::read(entry.map_err(Failure::of)?.path()).map_err(Failure::of)?);
    }
    let out = vec![1; bytes.len()];
    Ok((bytes, out))
}

/// The floor of writing: the same bytes copied within memory.
fn copy(bytes: &[u8], out: &mut [u8]) -> Result<(), Failure> {
    out.copy_from_slice(bytes);
    let copied = black_box(out.first()).is_some();
    copied.then_some(()).ok_or_else(|| Failure("floor.journal.group: nothing was written".to_owned()))
}

/// The floor of reading: the same bytes out of the system's cache, unlooked at.
fn look(folder: &Path, chunk: &mut [u8]) -> Result<(), Failure> {
    for entry in std::fs::read_dir(folder).map_err(Failure::of)? {
        let mut file = File::open(entry.map_err(Failure::of)?.path()).map_err(Failure::of)?;
        while file.read(chunk).map_err(Failure::of)? > 0 {
            black_box(chunk.first());
        }
    }
    Ok(())
}
