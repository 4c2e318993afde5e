//! The worked examples, which are what `omni new strategy` writes: one logic in each language, and what each needs of
//! this crate.

/// A file of a project: where it lies, and its text.
pub type File = (&'static str, &'static str);

macro_rules! example {
    ($file:literal) => {
        include_str!(concat!("../../../examples/strategies/", $file))
    };
}

const HEADER: File = ("omni_plugin.h", include_str!("../omni_plugin.h"));

const PYTHON: &[File] = &[
    ("Makefile", example!("python/Makefile")),
    ("leaning.py", example!("python/leaning.py")),
    ("test_leaning.py", example!("python/test_leaning.py")),
];

const C: &[File] = &[
    ("Makefile", example!("c/Makefile")),
    ("leaning.c", example!("c/leaning.c")),
    HEADER,
    ("test_leaning.py", example!("c/test_leaning.py")),
];

const CYTHON: &[File] = &[
    ("Makefile", example!("cython/Makefile")),
    ("leaning.pyx", example!("cython/leaning.pyx")),
    HEADER,
    ("omni_plugin.pxd", include_str!("../omni_plugin.pxd")),
    ("test_leaning.py", example!("cython/test_leaning.py")),
];

const RUST: &[File] = &[
    ("Cargo.toml", example!("rust/Cargo.toml")),
    ("Makefile", example!("rust/Makefile")),
    ("omni-plugin/Cargo.toml", CARGO),
    ("omni-plugin/src/abi.rs", include_str!("abi.rs")),
    ("omni-plugin/src/author.rs", include_str!("author.rs")),
    ("omni-plugin/src/lib.rs", LIB),
    ("src/lib.rs", example!("rust/src/lib.rs")),
    ("test_leaning.py", example!("rust/test_leaning.py")),
];

const CARGO: &str = r#"[package]
name = "omni-plugin"
description = "The stable binary interface of compiled strategies, for their authors; written by `omni new strategy`"
version = "1.0.0" # The interface's.
edition = "2024"
license = "Apache-2.0"
publish = false
"#;

const LIB: &str = r"//! The stable binary interface of compiled strategies, word for word as in `omni_plugin.h`, and a safe side of it.

pub mod abi;
mod author;

pub use author::{BookView, Desk, Fault, Trader, Values, Wants, ended, number, table, text, whole};
";

/// The projects by their kind.
pub const PROJECTS: [(&str, &[File]); 4] = [("rust", RUST), ("c", C), ("cython", CYTHON), ("python", PYTHON)];
