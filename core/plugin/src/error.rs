//! Why a plugin can't be used.

use core::fmt;
use std::path::PathBuf;

use crate::abi::{ABI_MAJOR, ABI_MINOR, CAPABILITIES, ENTRY};

/// Says why a plugin can't be used, and what to do.
#[derive(Clone, PartialEq, Debug)]
pub enum PluginError {
    /// The file can't be read.
    File(PathBuf, String),
    /// The file is no shared library.
    NotALibrary(PathBuf, String),
    /// The file is a shared library of another kind of machine.
    Architecture(PathBuf, String),
    /// The system's loader refuses the file.
    Loader(PathBuf, String),
    /// The library has no entry.
    NoEntry(PathBuf),
    /// The entry returns nothing, or no plugin's table.
    NoTable(PathBuf),
    /// Built for another version of the interface.
    Version(PathBuf, (u16, u16)),
    /// Its table is shorter than that of its version.
    Short(PathBuf, u32),
    /// The table misses something, or has something that can't be.
    Table(PathBuf, String),
    /// It needs what this engine can't do.
    Lacks(PathBuf, u64),
    /// A parameter that it hasn't declared, or a value that it doesn't take.
    Parameter(String, String),
    /// It could not make a strategy.
    Create(String, String),
}

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, why) => write!(f, "plugin {}: {why}", path.display()),
            Self::NotALibrary(path, found) => {
                write!(f, "plugin {} is not a shared library: {found}", path.display())
            }
            Self::Architecture(path, found) => {
                let here = std::env::consts::ARCH;
                write!(f, "plugin {} was built for {found}, and this is {here}: build it here", path.display())
            }
            Self::Loader(path, why) => write!(f, "plugin {} can't be loaded: {why}", path.display()),
            Self::NoEntry(path) => {
                let path = path.display();
                write!(f, "{path} is no plugin: it exports no {ENTRY}; see omni_plugin.h, or `omni new strategy`")
            }
            Self::NoTable(path) => {
                write!(f, "plugin {}: {ENTRY} returns no omni_plugin with OMNI_HEADER", path.display())
            }
            Self::Version(path, (major, minor)) => write!(
                f,
                "plugin {} was built for plugin ABI {major}.{minor}, and this engine has {ABI_MAJOR}.{ABI_MINOR}: build \
                 it with this version's omni_plugin.h",
                path.display()
            ),
            Self::Short(path, size) => {
                write!(f, "plugin {}: its table says {size} bytes, shorter than that of its version", path.display())
            }
            Self::Table(path, what) => write!(f, "plugin {}: {what}", path.display()),
            Self::Lacks(path, missing) => {
                let named = |(bit, name): &(u64, &'static str)| (missing & bit != 0).then_some(*name);
                let mut names: Vec<String> = CAPABILITIES.iter().filter_map(named).map(str::to_owned).collect();
                let known = CAPABILITIES.iter().fold(0, |all, (bit, _)| all | bit);
                if missing & !known != 0 {
                    names.push(format!("unknown bits {:#x}", missing & !known));
                }
                let names = names.join(", ");
                write!(f, "plugin {} needs what this engine can't do: {names}", path.display())
            }
            Self::Parameter(plugin, why) => write!(f, "{plugin}: {why}"),
            Self::Create(plugin, why) => write!(f, "{plugin} could not be made: {why}"),
        }
    }
}

impl std::error::Error for PluginError {}
