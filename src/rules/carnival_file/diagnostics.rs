//! Where mistakes are gathered while the file is read.

use std::cell::RefCell;

use super::entry::SourcePosition;
use super::limits::MAX_MISTAKES;
use super::mistake::{Mistake, Problem};

/// Stands for a value that could not be read. Only [`Diagnostics::report`] makes one, so whoever holds it
/// knows that a mistake was told (or that there were more than anybody reads).
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported(());

/// A value, or the knowledge that its mistake was told.
pub(super) type Parsed<T> = Result<T, Reported>;

/// All values, or a failure; every one is read before, so that each tells its mistake.
pub(super) fn collect_all<T>(reads: impl Iterator<Item = Parsed<T>>) -> Parsed<Vec<T>> {
    let reads: Vec<Parsed<T>> = reads.collect();
    reads.into_iter().collect()
}

/// The mistakes so far, and the lines of the text.
pub(super) struct Diagnostics {
    /// The offset of the first byte of each line.
    line_starts: Vec<usize>,
    /// In a cell, because every table and field of the file holds on to the notes at once.
    mistakes: RefCell<Vec<Mistake>>,
}

impl Diagnostics {
    pub(super) fn new(text: &str) -> Diagnostics {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Diagnostics { line_starts: std::iter::once(0).chain(after_newlines).collect(), mistakes: RefCell::default() }
    }

    /// The line of a byte, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).max(1)
    }

    /// Whether so much was told that more would help nobody. It bounds the work and the answer that
    /// a hostile file can cause.
    pub(super) fn is_full(&self) -> bool {
        self.mistakes.borrow().len() >= MAX_MISTAKES
    }

    pub(super) fn report(&self, position: &SourcePosition, problem: impl Into<Problem>) -> Reported {
        if !self.is_full() {
            let mistake = Mistake::new(position.clone(), problem.into());
            self.mistakes.borrow_mut().push(mistake);
        }
        Reported(())
    }

    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes.into_inner()
    }
}
