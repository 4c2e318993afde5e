"""Recorded market data: files, frames and arrays as exact columns with declared units."""
