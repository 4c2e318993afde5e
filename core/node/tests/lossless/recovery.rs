//! A node comes back, and is held to what it was.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use omni_engine::Engine;
use omni_journal::{End, Journal, JournalError, Mode, Options, Reader, Recovery};
use omni_matching::Exchange;
use omni_node::restore_on;
use omni_types::{Event, Input};

use crate::ledger::Ledger;
use crate::market::{engine, set_up};
use crate::world::{FOLDER, Node, SEGMENT_BYTES, World, gather, header};

impl World {
    pub(super) fn open(&mut self, seed: u64) -> Result<Node, JournalError> {
        let folder = Path::new(FOLDER);
        let options = Options { mode: self.mode, segment_bytes: SEGMENT_BYTES, header: header(seed) };
        let (journal, recovery) = match self.survey() {
            Err(JournalError::Missing(_)) => {
                self.expect_nothing_lost(0);
                let journal = Journal::create_by_hand(self.disk.clone(), folder, options)?;
                (journal, Recovery { last_seq: 0, closed: false, dropped: None })
            }
            Err(error) => return Err(error),
            Ok(()) => Journal::recover_by_hand(self.disk.clone(), folder, self.mode)?,
        };
        let inputs = self.read()?;
        if self.disk.is_dead() {
            return Err(JournalError::Setting("the process has ended".to_owned()));
        }
        assert_eq!(inputs.len() as u64, recovery.last_seq, "what is recovered is what can be read");
        self.expect_nothing_lost(recovery.last_seq);
        let (engine, ledger) = self.replay(&inputs);
        self.compare(&inputs, &engine)?;
        let seen = Arc::new(AtomicU64::new(0));
        Ok(Node { journal, engine, ledger, outbox: BTreeMap::new(), seen })
    }

    /// Holds that all is there that a client was told of, unless the disk lost it, and that was found.
    pub(super) fn expect_nothing_lost(&mut self, last_seq: u64) {
        let acknowledged = self.told.last_key_value().map_or(0, |(seq, _)| *seq);
        if last_seq < acknowledged {
            let faults = self.disk.faults();
            // A write that went elsewhere, or nowhere, at the very end is missed only by whoever was told of it.
            let found = faults.strays > 0 || (self.found && faults.flips > 0);
            let promised = self.mode != Mode::Memory || !self.cut;
            assert!(
                !promised || found || faults.lies > 0,
                "input {acknowledged} was acknowledged in mode {}, and the journal ends after {last_seq}: {faults:?}",
                self.mode
            );
            self.lost += acknowledged - last_seq;
        }
        self.told.split_off(&(last_seq + 1));
    }

    /// Looks how the journal ends, before a recovery that may itself die changes that.
    pub(super) fn survey(&mut self) -> Result<(), JournalError> {
        let mut reader = Reader::open_on(self.disk.clone(), Path::new(FOLDER))?;
        while reader.next_input()?.is_some() {}
        self.found |= matches!(reader.end(), Some(End::Dropped(_))) && !self.disk.is_dead();
        Ok(())
    }

    /// Reads the whole journal.
    pub(super) fn read(&self) -> Result<Vec<Input>, JournalError> {
        let mut reader = Reader::open_on(self.disk.clone(), Path::new(FOLDER))?;
        let mut inputs = Vec::new();
        while let Some(input) = reader.next_input()? {
            inputs.push(input);
        }
        assert!(!matches!(reader.end(), Some(End::Dropped(_))), "a recovery leaves no torn end: {:?}", reader.end());
        Ok(inputs)
    }

    /// Applies inputs to an empty engine; what clients were told must come of them again.
    pub(super) fn replay(&self, inputs: &[Input]) -> (Engine<Exchange>, Ledger) {
        let (mut engine, mut ledger) = (engine(), Ledger::default());
        for input in inputs {
            let mut reports = Vec::new();
            engine.apply(input, &mut |event: &Event| gather(event, &mut ledger, &mut reports)).unwrap();
            if let Some(told) = self.told.get(&input.seq) {
                assert_eq!(&reports, told, "what clients were told of input {}", input.seq);
            }
            self.opened(&engine, &mut ledger);
        }
        ledger.check_all(&engine);
        (engine, ledger)
    }

    pub(super) fn opened(&self, engine: &Engine<Exchange>, ledger: &mut Ledger) {
        if engine.seq() == set_up().len() as u64 {
            ledger.open(engine);
        }
    }

    /// Holds a recovered journal and its snapshot to the run as it was.
    pub(super) fn compare(&mut self, inputs: &[Input], replayed: &Engine<Exchange>) -> Result<(), JournalError> {
        for (found, (was, ..)) in inputs.iter().zip(&self.history) {
            assert_eq!(found, was, "input {} is another", was.seq);
        }
        assert!(inputs.len() <= self.history.len(), "the journal has inputs that never were");
        self.history.truncate(inputs.len());
        if let Some((_, digest, state)) = self.history.last() {
            let now = (replayed.digest(), replayed.state_digest());
            assert_eq!(now, (*digest, *state), "hashes of the run and its replay");
        }
        let last = inputs.len() as u64;
        match restore_on(&self.disk, Path::new(FOLDER), last, engine) {
            Ok((restored, from)) => {
                let now = (restored.digest(), restored.state_digest());
                let then = (replayed.digest(), replayed.state_digest());
                assert_eq!(now, then, "from the snapshot after input {}", from.from);
            }
            Err(error) => return Err(JournalError::Stopped(Arc::new(JournalError::Setting(error.to_string())))),
        }
        self.time = inputs.last().map_or(0, |input| input.time.0);
        Ok(())
    }
}
