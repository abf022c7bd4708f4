//! How much of a file is read, and how much is told of it.

/// The longest carnival file that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// How many mistakes are told at most; a file with more is no carnival file.
pub const MAX_MISTAKES: usize = 1000;
