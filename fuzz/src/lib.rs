//! What the fuzz targets share: the tests' own walks over bytes, their valid files and inputs, and a journal to damage.

#[path = "../../core/wire/tests/support/image.rs"]
pub mod image;
#[path = "../../core/journal/tests/inputs/mod.rs"]
pub mod inputs;
pub mod sealed;
#[path = "../../core/wire/tests/support/walk.rs"]
pub mod walk;
