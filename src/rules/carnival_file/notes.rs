//! Where mistakes are gathered while the file is read.

use std::cell::RefCell;

use super::entry::Place;
use super::limits::MAX_MISTAKES;
use super::mistake::{Mistake, Problem};

/// Stands for a value that could not be read. Only [`Notes::tell`] makes one, so whoever holds it
/// knows that a mistake was told (or that there were more than anybody reads).
#[derive(Clone, Copy, Debug)]
pub(super) struct Told(());

/// A value, or the knowledge that its mistake was told.
pub(super) type Read<T> = Result<T, Told>;

/// All values, or a failure; every one is read before, so that each tells its mistake.
pub(super) fn gather<T>(reads: impl Iterator<Item = Read<T>>) -> Read<Vec<T>> {
    let reads: Vec<Read<T>> = reads.collect();
    reads.into_iter().collect()
}

/// The mistakes so far, and the lines of the text.
pub(super) struct Notes {
    /// The offset of the first byte of each line.
    starts: Vec<usize>,
    /// In a cell, because every table and field of the file holds on to the notes at once.
    mistakes: RefCell<Vec<Mistake>>,
}

impl Notes {
    pub(super) fn new(text: &str) -> Notes {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Notes { starts: std::iter::once(0).chain(after_newlines).collect(), mistakes: RefCell::default() }
    }

    /// The line of a byte, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// Whether so much was told that more would help nobody. It bounds the work and the answer that
    /// a hostile file can cause.
    pub(super) fn full(&self) -> bool {
        self.mistakes.borrow().len() >= MAX_MISTAKES
    }

    pub(super) fn tell(&self, place: &Place, problem: impl Into<Problem>) -> Told {
        if !self.full() {
            let mistake = Mistake::new(place.clone(), problem.into());
            self.mistakes.borrow_mut().push(mistake);
        }
        Told(())
    }

    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes.into_inner()
    }
}
