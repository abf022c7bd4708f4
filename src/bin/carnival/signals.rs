//! When a server of ours is told to stop, or that its terminal is gone.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::console::warn;

/// SIGTERM, SIGINT and SIGHUP, from the moment on at which this is made: one that comes before would
/// end the process with no farewell.
pub(crate) struct ShutdownSignal {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl ShutdownSignal {
    /// Listens from now on.
    pub(crate) fn listen() -> io::Result<ShutdownSignal> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(ShutdownSignal { terminate, interrupt, hang_up: signal(SignalKind::hangup())? })
    }

    /// Returns when one of them has come.
    pub(crate) async fn recv(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }

    /// Returns when it is told to stop; to a SIGHUP it only says something.
    pub(crate) async fn recv_ignoring_sighup(mut self, sighup_message: &'static str) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => warn(sighup_message),
            }
        }
    }
}
