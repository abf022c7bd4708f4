//! Shutdown signals.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::console::warn;

/// SIGTERM, SIGINT and SIGHUP. Create it early: a signal that arrives before would end the process without a clean
/// shutdown.
pub(crate) struct ShutdownSignal {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl ShutdownSignal {
    /// Installs the handlers.
    pub(crate) fn listen() -> io::Result<ShutdownSignal> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(ShutdownSignal { terminate, interrupt, hang_up: signal(SignalKind::hangup())? })
    }

    /// Waits for any of the signals.
    pub(crate) async fn recv(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }

    /// Waits for SIGTERM or SIGINT; at each SIGHUP, prints a message and continues.
    pub(crate) async fn recv_ignoring_sighup(mut self, sighup_message: String) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => warn(&sighup_message),
            }
        }
    }
}
