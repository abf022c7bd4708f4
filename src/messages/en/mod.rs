//! The sentences in English.

use super::Messages;

/// English.
pub(super) struct English;

impl Messages for English {}
