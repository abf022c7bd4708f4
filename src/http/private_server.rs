//! The server on a private Unix socket, for the commands of operators: the routes of the API and those for operators only.
//!
//! A user who may open the socket may open the store too, so no token is asked for, and nothing is limited but the time of
//! a request. The commands run next to a server through the socket in the folder of its store.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer, middleware};

use super::middleware::request;
use super::routes;
use super::state::ServerState;

/// A bound socket in a folder, removed when dropped. It answers once a server has it.
pub struct PrivateSocket {
    listener: UnixListener,
    file: SocketFile,
}

/// The file of a socket, removed when dropped.
struct SocketFile(PathBuf);

impl PrivateSocket {
    /// The path of the socket in a folder.
    #[must_use]
    pub fn path_in(folder: &Path) -> PathBuf {
        folder.join("carnival.sock")
    }

    /// Binds the socket, accessible to its owner only. The caller has the store in this folder open, so an existing socket
    /// was left behind and is replaced.
    ///
    /// # Errors
    /// The socket cannot be created; for example, the path of the folder is too long.
    pub fn bind(folder: &Path) -> io::Result<PrivateSocket> {
        let path = PrivateSocket::path_in(folder);
        // Under another name first, so that the socket is never visible with wider permissions, and one that was left
        // behind is replaced in one step.
        let fresh = path.with_extension("sock.new");
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&fresh)?;
        fs::set_permissions(&fresh, Permissions::from_mode(0o600))?;
        fs::rename(&fresh, &path)?;
        Ok(PrivateSocket { listener, file: SocketFile(path) })
    }

    /// Serves requests until [`PrivateServer::stop`]; running ones may then take `shutdown_timeout_s`.
    pub(super) fn serve(self, state: Data<ServerState>, shutdown_timeout_s: u64) -> io::Result<PrivateServer> {
        let server = HttpServer::new(move || {
            ActixApp::new()
                .app_data(state.clone())
                .app_data(Data::from(Arc::clone(&state.app)))
                .wrap(middleware::from_fn(request::wrap_request))
                .configure(routes::configure_private)
        })
        // Requests wait for the store or for pictures, and both have threads of their own.
        .workers(1)
        .shutdown_timeout(shutdown_timeout_s)
        .disable_signals()
        .listen_uds(self.listener)?
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Ok(PrivateServer { handle, file: self.file })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // A temporary folder may have been removed already, and the socket with it.
        if let Err(error) = fs::remove_file(&self.0)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, "the private socket was not removed");
        }
    }
}

/// A running server on a private socket.
pub struct PrivateServer {
    handle: ServerHandle,
    file: SocketFile,
}

impl PrivateServer {
    /// Removes the socket, and waits for running requests.
    pub async fn stop(self) {
        drop(self.file);
        self.handle.stop(true).await;
    }
}
