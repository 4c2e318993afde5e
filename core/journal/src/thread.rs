//! The journal thread: everything that takes the file system's time.

use std::sync::Arc;
use std::thread::JoinHandle;

use crate::segment::{Segment, Series};
use crate::watermark::{Shared, Work};
use crate::{JournalError, Mode};

/// The running thread; dropping it lets it finish its work and waits for it.
#[derive(Debug)]
pub(crate) struct JournalThread {
    shared: Arc<Shared>,
    handle: Option<JoinHandle<()>>,
}

impl JournalThread {
    /// Starts the thread; `next` is the number of the first segment that it makes ready.
    pub(crate) fn start(shared: &Arc<Shared>, series: &Series, next: u32) -> Result<Self, JournalError> {
        let worker = Worker { shared: Arc::clone(shared), series: series.clone(), next };
        let builder = std::thread::Builder::new().name("omni-journal".to_owned());
        let handle = builder
            .spawn(move || worker.run())
            .map_err(JournalError::io("start the journal thread of", &series.directory))?;
        Ok(Self { shared: Arc::clone(shared), handle: Some(handle) })
    }
}

impl Drop for JournalThread {
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(handle) = self.handle.take() {
            // A panic has been reported as the journal's failure already.
            let _ = handle.join();
        }
    }
}

struct Worker {
    shared: Arc<Shared>,
    series: Series,
    next: u32,
}

/// Tells the writer when the thread ends by a panic, so that nobody waits for it.
struct Alarm<'a>(&'a Shared);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(JournalError::Setting("the journal thread panicked: a bug, please report it".to_owned()));
        }
    }
}

impl Worker {
    fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let _alarm = Alarm(&shared);
        while let Some(work) = shared.next_work() {
            if let Err(error) = self.serve(work) {
                // A sync that failed once must not be tried again: the system may have forgotten what it couldn't write.
                shared.fail(error);
                return;
            }
        }
    }

    fn serve(&mut self, work: Work) -> Result<(), JournalError> {
        if work.prepare {
            // A failure is the writer's news when it needs the segment; until then there is room.
            self.shared.offer(self.series.prepare(self.next));
            self.next += 1;
        }
        work.finished.into_iter().try_for_each(|segment| self.finish(segment))?;
        if work.behind {
            work.current.sync()?;
            self.shared.advance(work.target);
            work.current.note_synced(work.target)?;
        }
        Ok(())
    }

    fn finish(&self, segment: Segment) -> Result<(), JournalError> {
        if self.series.mode != Mode::Memory {
            segment.sheet.sync()?;
        }
        segment.close()
    }
}
