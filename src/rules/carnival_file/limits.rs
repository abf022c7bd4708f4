//! Limits on the size of a file and on the number of reported mistakes.

/// Maximum size of a carnival file, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Maximum number of reported mistakes. A file with more is not a carnival file.
pub const MAX_MISTAKES: usize = 1000;
