//! Holds the snapshots beside a journal to what the journal leads to.

use std::path::Path;

use omni_engine::Engine;
use omni_journal::snapshot::{self, Snapshot};
use omni_journal::{Files, JournalError, Reader};
use omni_port::Venue;
use omni_types::Event;

use crate::lockstep::NodeError;

/// What was found of one snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The last input that it holds.
    pub seq: u64,
    /// What is wrong with it; `None` where it is the state that the journal leads to.
    pub wrong: Option<String>,
}

/// Replays a journal and compares each snapshot beside it with the state that the inputs lead to.
///
/// `engine` is as the run's was at its start.
///
/// # Errors
/// [`NodeError::Source`] where the journal can't be read, [`NodeError::Engine`] where an input can't be taken.
pub fn prove_snapshots<V: Venue>(directory: &Path, mut engine: Engine<V>) -> Result<Vec<Proof>, NodeError> {
    let source = |error: JournalError| NodeError::Source(error.to_string());
    let mut reader = Reader::open(directory).map_err(source)?;
    let mut proofs = Vec::new();
    for seq in snapshot::list(&Files, directory).map_err(source)? {
        let wrong = match snapshot::read(&Files, directory, seq) {
            Err(error) => Some(error.to_string()),
            Ok(found) => {
                while engine.seq() < seq {
                    let Some(input) = reader.next_input().map_err(source)? else { break };
                    engine.apply(&input, &mut |_: &Event| {})?;
                }
                difference(&found, &engine)
            }
        };
        proofs.push(Proof { seq, wrong });
    }
    Ok(proofs)
}

fn difference<V: Venue>(found: &Snapshot, engine: &Engine<V>) -> Option<String> {
    if engine.seq() < found.seq {
        return Some(format!("it holds input {}, and the journal ends after {}", found.seq, engine.seq()));
    }
    let decoded = match Engine::<V>::decode(&found.bytes) {
        Ok(decoded) => decoded,
        Err(error) => return Some(error.to_string()),
    };
    let same = found.digest == engine.digest()
        && decoded.seq() == engine.seq()
        && decoded.digest() == engine.digest()
        && decoded.state_digest() == engine.state_digest();
    (!same).then(|| format!("its state is another than the one that inputs 1 to {} lead to", found.seq))
}
