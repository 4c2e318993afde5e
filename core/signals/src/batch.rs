//! An indicator over whole columns: the same updates, one row after the other.

use crate::{Indicator, SignalError};

/// Runs the named indicator over `inputs` and returns its output columns, of the same length.
///
/// Rows without an output (warm-up) are not-a-number, as in TA-Lib.
///
/// # Errors
/// Those of [`Indicator::new`], [`SignalError::Inputs`] and [`SignalError::Lengths`].
pub fn batch(name: &str, parameters: &[f64], inputs: &[&[f64]]) -> Result<Vec<Vec<f64>>, SignalError> {
    let rows = inputs.first().map_or(0, |column| column.len());
    let width = Indicator::new(name, parameters)?.entry().outputs.len();
    let mut columns = vec![vec![0.0; rows]; width];
    let mut outputs: Vec<&mut [f64]> = columns.iter_mut().map(Vec::as_mut_slice).collect();
    batch_into(name, parameters, inputs, &mut outputs)?;
    Ok(columns)
}

/// Runs the named indicator over `inputs` into columns that the caller has reserved, without allocating any.
///
/// # Errors
/// Those of [`Indicator::new`], [`SignalError::Inputs`], [`SignalError::Outputs`] and [`SignalError::Lengths`].
pub fn batch_into(
    name: &str,
    parameters: &[f64],
    inputs: &[&[f64]],
    outputs: &mut [&mut [f64]],
) -> Result<(), SignalError> {
    let mut indicator = Indicator::new(name, parameters)?;
    check(&indicator, inputs, outputs)?;
    // Places past the inputs aren't read, so any column of the same length will do there.
    let column = |i: usize| inputs.get(i).or(inputs.first()).copied().unwrap_or_default();
    indicator.fill(core::array::from_fn(column), outputs);
    Ok(())
}

fn check(indicator: &Indicator, inputs: &[&[f64]], outputs: &[&mut [f64]]) -> Result<(), SignalError> {
    let entry = indicator.entry();
    if inputs.len() != entry.inputs.len() {
        return Err(SignalError::Inputs { indicator: entry.name, expected: entry.inputs, found: inputs.len() });
    }
    if outputs.len() != entry.outputs.len() {
        return Err(SignalError::Outputs { indicator: entry.name, expected: entry.outputs, found: outputs.len() });
    }
    let expected = inputs.first().map_or(0, |column| column.len());
    let lengths = inputs.iter().map(|column| column.len()).chain(outputs.iter().map(|column| column.len()));
    match lengths.into_iter().find(|&found| found != expected) {
        Some(found) => Err(SignalError::Lengths { expected, found }),
        None => Ok(()),
    }
}
