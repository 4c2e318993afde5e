//! The journal thread: everything that takes the file system's time.

use std::sync::Arc;
use std::thread::JoinHandle;

use crate::segment::{Segment, Series};
use crate::watermark::{Shared, Work};
use crate::{Disk, JournalError, Mode};

/// The running thread; dropping it lets it finish its work and waits for it.
#[derive(Debug)]
pub(crate) struct JournalThread<D: Disk> {
    shared: Arc<Shared<D>>,
    handle: Option<JoinHandle<()>>,
}

impl<D: Disk> JournalThread<D> {
    /// Starts the thread.
    pub(crate) fn start(worker: Worker<D>) -> Result<Self, JournalError> {
        let (shared, directory) = (Arc::clone(&worker.shared), worker.series.directory.clone());
        let builder = std::thread::Builder::new().name("omni-journal".to_owned());
        let handle =
            builder.spawn(move || worker.run()).map_err(JournalError::io("start the journal thread of", &directory))?;
        Ok(Self { shared, handle: Some(handle) })
    }
}

impl<D: Disk> Drop for JournalThread<D> {
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(handle) = self.handle.take() {
            // A panic has been reported as the journal's failure already.
            let _ = handle.join();
        }
    }
}

/// The journal thread's work, whoever does it.
#[derive(Debug)]
pub(crate) struct Worker<D: Disk> {
    shared: Arc<Shared<D>>,
    series: Series<D>,
    next: u32,
}

/// Tells the writer when the thread ends by a panic, so that nobody waits for it.
struct Alarm<'a, D: Disk>(&'a Shared<D>);

impl<D: Disk> Drop for Alarm<'_, D> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(JournalError::Setting("the journal thread panicked: a bug, please report it".to_owned()));
        }
    }
}

impl<D: Disk> Worker<D> {
    /// `next` is the number of the first segment that it makes ready.
    pub(crate) fn new(shared: &Arc<Shared<D>>, series: &Series<D>, next: u32) -> Self {
        Self { shared: Arc::clone(shared), series: series.clone(), next }
    }

    fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let _alarm = Alarm(&shared);
        while let Some(work) = shared.next_work() {
            if !self.attend(work) {
                return;
            }
        }
    }

    /// Does what there is to do now, and returns whether there was anything.
    pub(crate) fn turn(&mut self) -> bool {
        let work = self.shared.work_now();
        work.is_some_and(|work| self.attend(work))
    }

    /// Does the work, or ends the journal: a sync that failed once must not be tried again, since the system may have
    /// forgotten what it couldn't write.
    fn attend(&mut self, work: Work<D>) -> bool {
        let served = self.serve(work).map_err(|error| self.shared.fail(error));
        served.is_ok()
    }

    fn serve(&mut self, work: Work<D>) -> Result<(), JournalError> {
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

    fn finish(&self, segment: Segment<D>) -> Result<(), JournalError> {
        if self.series.mode != Mode::Memory {
            segment.sheet.sync()?;
        }
        segment.close()
    }
}
