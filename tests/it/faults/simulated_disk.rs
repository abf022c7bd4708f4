//! A disk that keeps only what was synced: at a cut, each write since the last sync is there, is torn, or is not.

use std::io;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

/// What a disk writes at once.
const SECTOR: usize = 512;

/// One of two ways to the same disk: the store's. It is in memory, so that it can be cut a hundred times.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What is there for certain.
    synced: Vec<u8>,
    /// What a reader sees.
    now: Vec<u8>,
    /// What happened since the last sync, in order.
    since: Vec<Change>,
    /// How many more changes and syncs there will be before the cut.
    left: Option<u64>,
    is_cut: bool,
    /// No length beyond this.
    room: Option<u64>,
}

#[derive(Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

/// A small generator, so that a run can be repeated by its seed.
#[derive(Debug)]
pub(crate) struct SeededRandom(pub(crate) u64);

impl SeededRandom {
    /// From 0 to `n` − 1.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % n
    }
}

fn gone() -> io::Error {
    io::Error::other("the power is cut")
}

impl SimulatedDisk {
    /// An empty one.
    pub(crate) fn new() -> SimulatedDisk {
        SimulatedDisk(Arc::default())
    }

    /// The power goes after so many further changes and syncs; the last of them is not answered any more.
    pub(crate) fn cut_after(&self, changes: u64) {
        self.0.lock().unwrap().left = Some(changes);
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.0.lock().unwrap().is_cut
    }

    /// The disk has room for nothing more, or for everything again.
    pub(crate) fn fill(&self, is_full: bool) {
        let mut state = self.0.lock().unwrap();
        state.room = is_full.then_some(0);
    }

    /// What is found when the power is back.
    pub(crate) fn after_power_cut(&self, random: &mut SeededRandom) -> SimulatedDisk {
        let state = self.0.lock().unwrap();
        let mut found = state.synced.clone();
        // Sometimes nothing of it was written, or all; mostly some.
        let kept = [0, 100, 50, 50, 20, 80][usize::try_from(random.below(6)).unwrap()];
        for change in &state.since {
            match change {
                Change::Length(length) if random.below(100) < kept => found.resize(*length, 0),
                Change::Length(_) => {}
                Change::Write(at, data) => write_in_part(&mut found, *at, data, kept, random),
            }
        }
        SimulatedDisk(Arc::new(Mutex::new(State { synced: found.clone(), now: found, ..State::default() })))
    }
}

/// Writes a part of the data: all of it or nothing, or some of its sectors.
fn write_in_part(found: &mut [u8], at: usize, data: &[u8], kept: u64, random: &mut SeededRandom) {
    let torn = random.below(4) == 0;
    let whole = random.below(100) < kept;
    let mut from = 0;
    while from < data.len() {
        // Up to where the next sector of the disk begins.
        let to = (from + SECTOR - (at + from) % SECTOR).min(data.len());
        if if torn { random.below(100) < kept } else { whole } {
            // Beyond an end that was lost there is nothing to be found.
            let (begin, end) = (at + from, (at + to).min(found.len()));
            if begin < end {
                found[begin..end].copy_from_slice(&data[from..from + (end - begin)]);
            }
        }
        from = to;
    }
}

impl State {
    /// Whether there is power still; one step less is left.
    fn step(&mut self) -> io::Result<()> {
        if self.is_cut {
            return Err(gone());
        }
        if let Some(left) = &mut self.left {
            if *left == 0 {
                self.is_cut = true;
            }
            *left = left.saturating_sub(1);
        }
        Ok(())
    }

    /// What happens at the moment of the cut is not answered, though it may have been done.
    fn answer(&self) -> io::Result<()> {
        if self.is_cut { Err(gone()) } else { Ok(()) }
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => bytes.resize(*length, 0),
        Change::Write(at, data) => bytes[*at..*at + data.len()].copy_from_slice(data),
    }
}

impl StorageBackend for SimulatedDisk {
    fn len(&self) -> io::Result<u64> {
        let state = self.0.lock().unwrap();
        state.answer().map(|()| state.now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        state.answer()?;
        let from = usize::try_from(offset).unwrap();
        let bytes = state.now.get(from..from + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.room.is_some() && len > state.now.len() as u64 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.step()?;
        let change = Change::Length(usize::try_from(len).unwrap());
        apply(&mut state.now, &change);
        state.since.push(change);
        state.answer()
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.step()?;
        // Cut in the middle of it: some of it was written.
        state.answer()?;
        let since = std::mem::take(&mut state.since);
        for change in &since {
            apply(&mut state.synced, change);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.room.is_some() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.step()?;
        let change = Change::Write(usize::try_from(offset).unwrap(), data.to_vec());
        apply(&mut state.now, &change);
        state.since.push(change);
        state.answer()
    }
}
