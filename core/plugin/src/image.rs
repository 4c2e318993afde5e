//! What kind of file it is, from its first bytes: the system's loader says of a foreign one only that it isn't there.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::PluginError;

/// Bytes of an ELF header up to the machine, which come first in 32 and 64 bits alike.
const HEAD: usize = 20;
/// `e_type` of a shared library.
const SHARED: u16 = 3;
/// `e_machine` by name, of those that anyone is likely to bring.
const MACHINES: [(u16, &str); 6] =
    [(3, "x86"), (40, "arm"), (62, "x86_64"), (183, "aarch64"), (243, "riscv64"), (258, "loongarch64")];

/// Refuses what is no shared library of this machine, in words.
pub(crate) fn check(path: &Path) -> Result<(), PluginError> {
    let file = |error: std::io::Error| PluginError::File(path.to_owned(), error.to_string());
    let mut head = Vec::with_capacity(HEAD);
    File::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head)).map_err(file)?;
    if cfg!(not(target_os = "linux")) {
        return Ok(());
    }
    let not = |found: &str| Err(PluginError::NotALibrary(path.to_owned(), found.to_owned()));
    let Some(head) = head.first_chunk::<HEAD>().filter(|head| head.starts_with(b"\x7fELF")) else {
        return not("it doesn't begin as an ELF file does");
    };
    let word = |at: usize| {
        let bytes = [head[at], head[at + 1]];
        if head[5] == 2 { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    };
    let machine = MACHINES.iter().find(|(code, _)| *code == word(18)).map(|(_, name)| *name);
    if machine != Some(std::env::consts::ARCH) {
        let found = machine.map_or_else(|| format!("ELF machine {}", word(18)), str::to_owned);
        return Err(PluginError::Architecture(path.to_owned(), found));
    }
    if word(16) != SHARED {
        return not("it is an ELF file of another type, such as an object (.o); link it with -shared");
    }
    Ok(())
}
