//! A simulated disk: at a power cut, each write since the last sync is present, torn or missing.

use std::io;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

/// The unit that a disk writes atomically.
const SECTOR: usize = 512;

/// A handle of the disk; the store has another. It is in memory, so that it can be cut a hundred times.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Content that is certainly on disk.
    synced: Vec<u8>,
    /// Content that a reader sees.
    now: Vec<u8>,
    /// Changes since the last sync, in order.
    since: Vec<Change>,
    /// The number of changes and syncs left before the power cut.
    left: Option<u64>,
    is_cut: bool,
    /// The maximum length, while the disk is full.
    room: Option<u64>,
}

#[derive(Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

/// A seeded random generator (`SplitMix64`), so that a run can be repeated by its seed.
#[derive(Debug)]
pub(crate) struct SeededRandom(pub(crate) u64);

impl SeededRandom {
    /// A number from 0 to `n` − 1.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % n
    }
}

fn power_off() -> io::Error {
    io::Error::other("the power is off")
}

impl SimulatedDisk {
    /// An empty disk.
    pub(crate) fn new() -> SimulatedDisk {
        SimulatedDisk(Arc::default())
    }

    /// Cuts the power after this many further changes and syncs; the last of them gets no answer.
    pub(crate) fn cut_after(&self, changes: u64) {
        self.0.lock().unwrap().left = Some(changes);
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.0.lock().unwrap().is_cut
    }

    /// Makes the disk full, or frees it again.
    pub(crate) fn fill(&self, is_full: bool) {
        let mut state = self.0.lock().unwrap();
        state.room = is_full.then_some(0);
    }

    /// The disk's content when the power returns.
    pub(crate) fn after_power_cut(&self, random: &mut SeededRandom) -> SimulatedDisk {
        let state = self.0.lock().unwrap();
        let mut content = state.synced.clone();
        // The percentage of changes that were written: sometimes none or all, mostly some.
        let written_percent = [0, 100, 50, 50, 20, 80][usize::try_from(random.below(6)).unwrap()];
        for change in &state.since {
            match change {
                Change::Length(length) if random.below(100) < written_percent => content.resize(*length, 0),
                Change::Length(_) => {}
                Change::Write(at, data) => write_in_part(&mut content, *at, data, written_percent, random),
            }
        }
        SimulatedDisk(Arc::new(Mutex::new(State { synced: content.clone(), now: content, ..State::default() })))
    }
}

/// Writes all of the data, none of it, or some of its sectors.
fn write_in_part(content: &mut [u8], at: usize, data: &[u8], written_percent: u64, random: &mut SeededRandom) {
    let torn = random.below(4) == 0;
    let whole = random.below(100) < written_percent;
    let mut from = 0;
    while from < data.len() {
        // Up to the start of the next sector of the disk.
        let to = (from + SECTOR - (at + from) % SECTOR).min(data.len());
        if if torn { random.below(100) < written_percent } else { whole } {
            // Data beyond a lost extension is lost too.
            let (begin, end) = (at + from, (at + to).min(content.len()));
            if begin < end {
                content[begin..end].copy_from_slice(&data[from..from + (end - begin)]);
            }
        }
        from = to;
    }
}

impl State {
    /// Fails without power; otherwise counts one change.
    fn count_change(&mut self) -> io::Result<()> {
        if self.is_cut {
            return Err(power_off());
        }
        if let Some(left) = &mut self.left {
            if *left == 0 {
                self.is_cut = true;
            }
            *left = left.saturating_sub(1);
        }
        Ok(())
    }

    /// A change at the moment of the cut gets no answer, though it may have been written.
    fn check_power(&self) -> io::Result<()> {
        if self.is_cut { Err(power_off()) } else { Ok(()) }
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
        state.check_power().map(|()| state.now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        state.check_power()?;
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
        state.count_change()?;
        let change = Change::Length(usize::try_from(len).unwrap());
        apply(&mut state.now, &change);
        state.since.push(change);
        state.check_power()
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.count_change()?;
        // A cut during the sync: some of it was written.
        state.check_power()?;
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
        state.count_change()?;
        let change = Change::Write(usize::try_from(offset).unwrap(), data.to_vec());
        apply(&mut state.now, &change);
        state.since.push(change);
        state.check_power()
    }
}
