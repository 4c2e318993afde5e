//! Loads a shared library and reads its table.

use core::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use omni_port::Feeds;

use crate::abi::{self, ABI_MAJOR, ABI_MINOR, ENTRY, Header, MAGIC};
use crate::host;
use crate::image;
use crate::parameter::{Declared, text};
use crate::{PluginError, PluginStrategy, Trader, Value, table};

/// A plugin that is loaded and checked.
///
/// It stays loaded until the process ends: what it has registered with the system must not dangle.
#[derive(Clone, Debug)]
pub struct Library {
    path: PathBuf,
    name: String,
    version: String,
    table: Arc<abi::Plugin>,
    declared: Arc<[Declared]>,
}

impl Library {
    /// Loads a plugin.
    ///
    /// # Errors
    /// [`PluginError`] for a file that is no plugin of this version for this machine, in words.
    pub fn open(path: &Path) -> Result<Self, PluginError> {
        image::check(path)?;
        // A bare name would be looked for in the system's folders rather than here.
        let full = path.canonicalize().map_err(|error| PluginError::File(path.to_owned(), error.to_string()))?;
        let entry = entry(path, &full)?;
        // SAFETY: by the contract of the header, `omni_plugin_entry` is this function.
        let table = unsafe { entry() };
        // SAFETY: what the entry returns is null or a table that never changes.
        let table = unsafe { read(path, table) }?;
        // SAFETY: as above, and so are its texts and parameters.
        unsafe { Self::new(path, table) }
    }

    /// Takes a strategy in Rust that is linked into this program: an author's tests run it so.
    ///
    /// # Errors
    /// As [`Self::open`], of its table.
    pub fn of<T: Trader>() -> Result<Self, PluginError> {
        // SAFETY: what the table of a `Trader` points to are its constants.
        unsafe { Self::new(Path::new("linked"), table::<T>()) }
    }

    /// # Safety
    /// What the table points to is as the header says.
    unsafe fn new(path: &Path, table: abi::Plugin) -> Result<Self, PluginError> {
        let wrong = |what: String| PluginError::Table(path.to_owned(), what);
        // SAFETY: as the caller says.
        let (name, version) = unsafe { (text(table.name), text(table.version)) };
        if name.is_empty() || table.create.is_none() || table.destroy.is_none() {
            return Err(wrong("its table needs name, create and destroy".to_owned()));
        }
        if table.save.is_some() != table.restore.is_some() {
            return Err(wrong("its table has one of save and restore; it needs both or neither".to_owned()));
        }
        let missing = table.required & !host::CAPABILITIES;
        if missing != 0 {
            return Err(PluginError::Lacks(path.to_owned(), missing));
        }
        // SAFETY: as the caller says.
        let declared = unsafe { declared(&table) }.map_err(wrong)?;
        Ok(Self { path: path.to_owned(), name, version, table: Arc::new(table), declared: declared.into() })
    }

    /// Returns where it was loaded from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what it calls itself.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its own version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the parameters that it takes.
    #[must_use]
    pub fn parameters(&self) -> &[Declared] {
        &self.declared
    }

    /// Returns the market data that its callbacks take.
    #[must_use]
    pub fn feeds(&self) -> Feeds {
        let abi::Plugin { on_book, on_quote, on_trade, on_bar, .. } = self.table();
        let (book, quote, trade, bar) = (on_book.is_some(), on_quote.is_some(), on_trade.is_some(), on_bar.is_some());
        Feeds { book, quote, trade, bar, indicative: false }
    }

    pub(crate) fn table(&self) -> &abi::Plugin {
        &self.table
    }

    /// Makes a strategy with these parameters, the others by default, that stands at a desk.
    ///
    /// # Errors
    /// [`PluginError::Parameter`] for one that it doesn't take, [`PluginError::Create`] where it refuses.
    pub fn strategy(
        &self,
        given: &[(String, Value)],
        desk: &mut omni_port::Desk,
    ) -> Result<PluginStrategy, PluginError> {
        PluginStrategy::new(self, given, desk)
    }
}

type Entry = unsafe extern "C" fn() -> *const abi::Plugin;

fn entry(path: &Path, full: &Path) -> Result<Entry, PluginError> {
    // SAFETY: loading runs the library's initialisers: a plugin is trusted code.
    let library = unsafe { load(full) };
    let loader = |error: libloading::Error| {
        // What the system says stands behind the error.
        let said = core::error::Error::source(&error).map(ToString::to_string);
        PluginError::Loader(path.to_owned(), said.unwrap_or_else(|| error.to_string()))
    };
    let library = ManuallyDrop::new(library.map_err(loader)?);
    // SAFETY: by the contract of the header the symbol is a function of this type, and the library is never unloaded.
    let entry = unsafe { library.get::<Entry>(ENTRY.as_bytes()) };
    entry.map(|entry| *entry).map_err(|_| PluginError::NoEntry(path.to_owned()))
}

/// Finds every symbol now: one that is missing must be an error here, and not the end of the process at its first use.
#[cfg(unix)]
unsafe fn load(full: &Path) -> Result<libloading::Library, libloading::Error> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // SAFETY: as the caller says.
    unsafe { Library::open(Some(full), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
}

#[cfg(not(unix))]
unsafe fn load(full: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: as the caller says.
    unsafe { libloading::Library::new(full) }
}

/// Copies a table as far as the plugin has it; what it doesn't have yet is null.
///
/// # Safety
/// `table` is null or points to a header, and to as many bytes as that says.
unsafe fn read(path: &Path, table: *const abi::Plugin) -> Result<abi::Plugin, PluginError> {
    if table.is_null() {
        return Err(PluginError::NoTable(path.to_owned()));
    }
    // SAFETY: as the caller says.
    let header = unsafe { table.cast::<Header>().read_unaligned() };
    if header.magic != MAGIC {
        return Err(PluginError::NoTable(path.to_owned()));
    }
    if header.abi_major != ABI_MAJOR || header.abi_minor > ABI_MINOR {
        return Err(PluginError::Version(path.to_owned(), (header.abi_major, header.abi_minor)));
    }
    // Every minor version until now has the whole table.
    if (header.size as usize) < size_of::<abi::Plugin>() {
        return Err(PluginError::Short(path.to_owned(), header.size));
    }
    // SAFETY: the table is at least as long as ours, and its fields are integers, pointers and nullable functions.
    Ok(unsafe { table.read_unaligned() })
}

/// # Safety
/// The table's parameters are as many as it says, each as long as it says, with texts that end by 0.
unsafe fn declared(table: &abi::Plugin) -> Result<Vec<Declared>, String> {
    let mut declared: Vec<Declared> = Vec::new();
    let mut at = table.parameters.cast::<u8>();
    for _ in 0..table.parameter_count {
        if at.is_null() {
            return Err("it counts parameters and has none".to_owned());
        }
        // SAFETY: `at` points to a parameter, which begins with its size.
        let size = unsafe { at.cast::<u32>().read_unaligned() } as usize;
        if size < size_of::<abi::ParameterInfo>() {
            return Err(format!("a parameter says it has {size} bytes, too few"));
        }
        // SAFETY: it is at least as long as ours, and its texts are as the caller says.
        let one = unsafe { Declared::read(&at.cast::<abi::ParameterInfo>().read_unaligned()) }?;
        if declared.iter().any(|other| other.name == one.name) {
            return Err(format!("it declares parameter {} twice", one.name));
        }
        declared.push(one);
        // SAFETY: the next one begins where this one ends; past the last the pointer is not read.
        at = unsafe { at.add(size) };
    }
    Ok(declared)
}
