//! Builds plugins in C with the machine's compiler.
#![allow(dead_code, clippy::unwrap_used, reason = "each test takes what it needs; a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use omni_port::Desk;
use omni_types::testing::{listed, share};
use omni_types::{AccountId, InstrumentSpec, Mic, Price, Qty, SessionId, Symbol};

/// A folder of a test's own, empty.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Runs the C compiler.
pub fn cc(words: &[&str]) {
    let include = concat!("-I", env!("CARGO_MANIFEST_DIR"));
    let done = Command::new("cc").args(["-std=c11", "-Wall", "-Wextra", "-Werror", include]).args(words).output();
    let done = done.expect("the tests build plugins with cc: install gcc");
    assert!(done.status.success(), "cc {words:?}\n{}", String::from_utf8_lossy(&done.stderr));
}

/// Builds a plugin from C.
pub fn build(folder: &Path, name: &str, source: &str, defines: &[&str]) -> PathBuf {
    let (code, library) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    std::fs::write(&code, source).unwrap();
    let mut words = vec!["-O2", "-fPIC", "-shared", "-o", library.to_str().unwrap(), code.to_str().unwrap()];
    words.extend(defines);
    cc(&words);
    library
}

/// A desk in front of one listed share.
pub fn desk() -> Desk {
    let (symbol, venue) = (Symbol::new("AAPL").unwrap(), Mic::new("XNAS").unwrap());
    let (price_max, quantity_max) = (Price(10_000_000), Qty(10_000_000));
    let spec = InstrumentSpec { symbol, venue, price_max, quantity_max, ..share() };
    Desk::new(SessionId(1), AccountId(1), Arc::from([listed(0, spec)]))
}
