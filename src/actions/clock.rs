//! The clock. All code that depends on time receives one.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};

/// A clock with whole milliseconds, the resolution of stored times.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system clock.
    System,
    /// A rehearsal's clock: starts at a chosen moment and may run faster than real time.
    Simulated(Arc<RwLock<SimulatedTime>>),
    /// Stands still until it is set; milliseconds since the Unix epoch. For tests.
    Manual(Arc<AtomicI64>),
}

/// Course of a simulated clock since it was last set.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedTime {
    /// System time when it was set.
    machine: Timestamp,
    /// Simulated time when it was set.
    simulated: Timestamp,
    /// Simulated seconds per second of system time.
    speed: u32,
}

impl SimulatedTime {
    /// Simulated time at system time `machine`.
    fn at(self, machine: Timestamp) -> Timestamp {
        let since = machine.duration_since(self.machine);
        let since = i32::try_from(self.speed).ok().and_then(|speed| since.checked_mul(speed));
        self.simulated.checked_add(since.unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX)
    }
}

impl Clock {
    /// A clock that shows `moment` now and runs `speed` times as fast as the system clock.
    #[must_use]
    pub fn starting_at(moment: Timestamp, speed: u32) -> Clock {
        Clock::Simulated(Arc::new(RwLock::new(SimulatedTime { machine: Timestamp::now(), simulated: moment, speed })))
    }

    /// Changes the speed from now on. Has an effect on simulated clocks only.
    pub fn set_speed(&self, speed: u32) {
        if let Clock::Simulated(simulation) = self {
            let mut simulation = simulation.write().unwrap_or_else(PoisonError::into_inner);
            let machine = Timestamp::now();
            *simulation = SimulatedTime { machine, simulated: simulation.at(machine), speed };
        }
    }

    /// The current time, in whole milliseconds.
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
    fn a_change_of_speed_causes_no_jump() {
        let clock = Clock::starting_at(at(5_000), 1);
        let before = clock.now();
        clock.set_speed(600);
        clock.set_speed(1);
        let after = clock.now();
        assert!(before >= at(5_000) && after >= before && after < at(5_000 + 3600), "{before} {after}");
    }
}
