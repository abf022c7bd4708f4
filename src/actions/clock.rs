//! What time it is. Everything that depends on time asks the clock that it was given.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};

/// A clock. Its moments have whole milliseconds, which is what is kept.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// A rehearsal's: it takes place in another year, runs on from there, and may run faster.
    Simulated(Arc<RwLock<SimulatedTime>>),
    /// Stands until it is set, in milliseconds since the Unix epoch.
    Manual(Arc<AtomicI64>),
}

/// How a rehearsal's clock goes since it was last set.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedTime {
    /// What the machine's clock showed then.
    machine: Timestamp,
    /// What this one showed.
    simulated: Timestamp,
    /// How many times as fast as the machine's it goes.
    speed: u32,
}

impl SimulatedTime {
    /// What it shows when the machine's clock shows `machine`.
    fn at(self, machine: Timestamp) -> Timestamp {
        let since = machine.duration_since(self.machine);
        let since = i32::try_from(self.speed).ok().and_then(|speed| since.checked_mul(speed));
        self.simulated.checked_add(since.unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX)
    }
}

impl Clock {
    /// A clock that shows this moment now and runs on, so many times as fast as the machine's.
    #[must_use]
    pub fn starting_at(moment: Timestamp, speed: u32) -> Clock {
        Clock::Simulated(Arc::new(RwLock::new(SimulatedTime { machine: Timestamp::now(), simulated: moment, speed })))
    }

    /// Goes on so many times as fast as the machine's. Only a rehearsal's can.
    pub fn set_speed(&self, speed: u32) {
        if let Clock::Simulated(simulation) = self {
            let mut simulation = simulation.write().unwrap_or_else(PoisonError::into_inner);
            let machine = Timestamp::now();
            *simulation = SimulatedTime { machine, simulated: simulation.at(machine), speed };
        }
    }

    /// The moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let moment = match self {
            Clock::System => Timestamp::now(),
            Clock::Simulated(simulation) => {
                simulation.read().unwrap_or_else(PoisonError::into_inner).at(Timestamp::now())
            }
            Clock::Manual(ms) => Timestamp::from_millisecond(ms.load(Ordering::Relaxed)).unwrap_or(Timestamp::MIN),
        };
        Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_afternoon_passes_in_two_minutes() {
        let simulation = SimulatedTime { machine: at(1_000_000), simulated: at(5_000), speed: 120 };
        assert_eq!(simulation.at(at(1_000_000)), at(5_000));
        assert_eq!(simulation.at(at(1_000_120)), at(5_000 + 4 * 3600));
        assert_eq!(simulation.at(at(999_999)), at(5_000 - 120), "the machine's clock was set back");
        assert_eq!(SimulatedTime { speed: u32::MAX, ..simulation }.at(at(2_000_000)), Timestamp::MAX);
    }

    #[test]
    fn it_never_jumps_when_its_pace_changes() {
        let clock = Clock::starting_at(at(5_000), 1);
        let before = clock.now();
        clock.set_speed(600);
        clock.set_speed(1);
        let after = clock.now();
        assert!(before >= at(5_000) && after >= before && after < at(5_000 + 3600), "{before} {after}");
    }
}
