//! Collects the mistakes found while the file is parsed.

use std::cell::RefCell;

use super::mistake::{MAX_MISTAKES, Mistake};

/// Stands for a value that failed to parse. Only [`Diagnostics::report`] creates one, so its holder can rely on the
/// mistake having been reported (or on [`MAX_MISTAKES`] having been reached).
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported(());

/// A parsed value, or proof that its mistake was reported.
pub(super) type Parsed<T> = Result<T, Reported>;

/// Evaluates every item before it returns the first failure, so that each item reports its own mistake.
pub(super) fn collect_all<T>(reads: impl IntoIterator<Item = Parsed<T>>) -> Parsed<Vec<T>> {
    let reads: Vec<Parsed<T>> = reads.into_iter().collect();
    reads.into_iter().collect()
}

/// Reads the fields of an entry, also those after one that failed, and makes the entry of them. A field can use the fields
/// before it, which are results. A field without an expression was read before.
macro_rules! read_fields {
    ($entry:ident { $($field:ident $(: $read:expr)?),+ $(,)? }) => {{
        $($(let $field = $read;)?)+
        $crate::rules::carnival_file::diagnostics::assemble(|| Ok($entry { $($field: $field?),+ }))
    }};
}
pub(super) use read_fields;

/// A value made of parts that were all read before; the failure of the first part that failed.
pub(super) fn assemble<T>(parts: impl FnOnce() -> Parsed<T>) -> Parsed<T> {
    parts()
}

/// The value, if it was parsed.
pub(super) fn part<T>(parsed: &Parsed<T>) -> Parsed<&T> {
    parsed.as_ref().map_err(|reported| *reported)
}

/// The mistakes reported so far, and the line index of the text.
pub(super) struct Diagnostics {
    /// Byte offset of the start of each line.
    line_starts: Vec<usize>,
    /// In a `RefCell`, because every table and field holds a shared reference to the diagnostics.
    mistakes: RefCell<Vec<Mistake>>,
}

impl Diagnostics {
    pub(super) fn new(text: &str) -> Diagnostics {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Diagnostics { line_starts: std::iter::once(0).chain(after_newlines).collect(), mistakes: RefCell::default() }
    }

    /// The line that contains a byte offset, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).max(1)
    }

    /// Whether [`MAX_MISTAKES`] is reached. This bounds the work and the size of the answer for a hostile file.
    pub(super) fn is_full(&self) -> bool {
        self.mistakes.borrow().len() >= MAX_MISTAKES
    }

    pub(super) fn report(&self, mistake: Mistake) -> Reported {
        if !self.is_full() {
            self.mistakes.borrow_mut().push(mistake);
        }
        Reported(())
    }

    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes.into_inner()
    }
}
