//! A run whose process had ended, to be gone on with.

use std::path::{Path, PathBuf};

use omni_journal::{End, Journal, JournalError, Mode, Reader};
use omni_node::{LastCall, LeftOut, NodeError, Outline, Run, Source, outline, skip_setup};
use omni_port::Venue;
use omni_types::{Body, SessionId, Time};
use pyo3::prelude::*;

use crate::error::Kind;

/// What a run that is gone on with brings.
pub(crate) struct Recovery {
    folder: PathBuf,
    journal: Journal,
    /// The inputs that the run began with.
    pub(crate) setup: Vec<Body>,
    without: Vec<LeftOut>,
    /// The reason of a person who ended the kill switch after the process had ended.
    resumed: Option<String>,
    /// Real time of the run's start.
    pub(crate) started: Time,
    /// Sessions that nobody is to be seated for: theirs hung, or ended a process.
    pub(crate) gone: Vec<u16>,
    /// What was left out at the end of the journal, if anything.
    pub(crate) dropped: Option<String>,
}

impl Recovery {
    /// Opens the journal in a folder to go on after its last good input. What can't be gone on with is left as it is.
    pub(crate) fn open(folder: PathBuf, mode: Mode, note: &Path, config_hash: [u8; 32]) -> PyResult<Self> {
        let damaged = |error: JournalError| Kind::Data.error(error);
        let call = LastCall::read(note);
        let call = call.map_err(|error| Kind::Data.error(format!("{}: {error}", note.display())))?;
        let mut reader = Reader::open(&folder).map_err(damaged)?;
        let outline = outline(&mut reader).map_err(damaged)?;
        if let Some(why) = refusal(&reader, &outline, config_hash) {
            return Err(Kind::Data.error(why));
        }
        let (journal, found) = Journal::recover(&folder, mode).map_err(damaged)?;
        let without: Vec<LeftOut> = call.into_iter().map(LeftOut::from).collect();
        let hung = outline.hung.iter().map(|(session, _)| session.0);
        let gone = hung.chain(without.iter().map(|left| left.session.0)).collect();
        let dropped = found.dropped.map(|dropped| dropped.to_string());
        let started = reader.header().created;
        Ok(Self { folder, journal, setup: outline.setup, without, resumed: None, started, gone, dropped })
    }

    /// Leaves strategies out because a person said so.
    pub(crate) fn leave_out(&mut self, sessions: Vec<u16>) {
        self.without.extend(sessions.into_iter().map(SessionId).map(LeftOut::by_operator));
    }

    /// Ends the kill switch where the run had it on, because a person said so after its process had ended.
    pub(crate) fn resume(&mut self, reason: String) {
        self.resumed = Some(reason);
    }

    /// Brings a run to where its journal ends; the kill switch is on behind it where `kill` says why.
    pub(crate) fn go_on<V: Venue, S: Source>(self, run: &mut Run<V, S>, kill: Option<String>) -> Result<(), NodeError> {
        let damaged = |error: JournalError| NodeError::Source(error.to_string());
        let mut reader = Reader::open(&self.folder).map_err(damaged)?;
        skip_setup(&mut reader).map_err(damaged)?;
        run.go_on(&mut reader, self.journal, &self.without)?;
        self.resumed.map_or(Ok(()), |reason| run.resume(&reason))?;
        kill.map_or(Ok(()), |reason| run.kill(&reason))
    }
}

/// Says why a run can't be gone on with, if it can't.
fn refusal(reader: &Reader, outline: &Outline, config_hash: [u8; 32]) -> Option<&'static str> {
    if reader.end() == Some(&End::Closed) {
        return Some("it ended in good order: there is nothing to go on with");
    }
    if outline.last_seq <= outline.setup.len() as u64 {
        return Some("its process ended before anything happened: start it anew");
    }
    let changed = reader.header().config_hash != config_hash;
    changed.then_some("its config.toml was changed since it started; it goes on only as it was")
}
