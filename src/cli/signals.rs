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

    /// Waits for SIGTERM or SIGINT. SIGHUP ends the wait too, or with a message, prints that and continues.
    pub(crate) async fn recv(mut self, sighup_message: Option<String>) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => match &sighup_message {
                    Some(message) => warn(message),
                    None => return,
                },
            }
        }
    }
}
