//! The sentences in Chinese.

use super::Messages;

/// Chinese as spoken in mainland China.
pub(super) struct Chinese;

impl Messages for Chinese {}
