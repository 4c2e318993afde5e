//! The compiled half of the `omni` package.
