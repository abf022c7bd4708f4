//! The server side: the program that has the database open.
//!
//! The door has its own thread, so it does not depend on the runtime of the program. After it is closed, nothing in
//! it holds the store.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use serde::Serialize;
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Builder;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::{PATIENCE, Request, SOCKET, read_frame, too_slow, write_frame};
use crate::store::{ClaimChange, NewStamps, Result, Store, StoreError};

/// Maximum number of concurrent connections; further ones wait.
const VISITORS: usize = 32;

/// An open door; dropping it closes it and removes the socket.
pub(in crate::store) struct Door {
    path: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Door {
    /// Opens the door of a store. The caller has the database in this folder open, so an existing socket is stale and
    /// is replaced.
    pub(in crate::store) fn open(folder: &Path, store: Arc<dyn Store>) -> io::Result<Door> {
        let path = folder.join(SOCKET);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            bind(&path)?
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("store-door".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = serve(listener, store) => {}
                }
            });
        })?;
        Ok(Door { path, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // The result of the thread does not matter here.
            let _ = thread.join();
        }
        // A rehearsal's scratch folder may have been removed already, and the socket with it.
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, "the socket beside the database was not removed");
        }
    }
}

/// Binds under a temporary name first, so that the socket is never visible with wider permissions, and a stale one is
/// replaced in one step.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let fresh = path.with_extension("sock.new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&fresh)?;
    fs::set_permissions(&fresh, Permissions::from_mode(0o600))?;
    fs::rename(&fresh, path)?;
    Ok(listener)
}

async fn serve(listener: UnixListener, store: Arc<dyn Store>) {
    let room = Arc::new(Semaphore::new(VISITORS));
    loop {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    if let Err(error) = attend(stream, &*store).await {
                        tracing::debug!(%error, "a client of the store's socket disconnected");
                    }
                    drop(permit);
                });
            }
            // For example, no file descriptors are left: some will be closed.
            Err(error) => {
                tracing::warn!(%error, "a client of the store's socket was not accepted");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn attend(mut stream: UnixStream, store: &dyn Store) -> io::Result<()> {
    let frame = timeout(PATIENCE, read_frame(&mut stream)).await.map_err(too_slow)??;
    let answer = match serde_json::from_slice(&frame) {
        Ok(request) => answer(request, store).await,
        Err(error) => Err(StoreError::Broken(format!("the running server does not understand the request: {error}"))),
    };
    let answer = match answer {
        Ok(answer) if answer.len() <= super::MOST as usize => answer,
        Ok(_) => written(&Err::<(), _>(StoreError::Broken("the result is too long for one answer".to_owned())))?,
        Err(error) => written(&Err::<(), _>(error))?,
    };
    timeout(PATIENCE, write_frame(&mut stream, &answer)).await.map_err(too_slow)?
}

fn written<T: Serialize>(answer: &Result<T>) -> io::Result<Vec<u8>> {
    serde_json::to_vec(answer).map_err(io::Error::other)
}

/// Calls the store and serializes the result.
async fn answer(request: Request, store: &dyn Store) -> Result<Vec<u8>> {
    let answer = match request {
        Request::Ping => written(&store.ping().await),
        Request::Shards => written(&Ok(store.shards())),
        Request::Control => written(&store.control().await),
        Request::Published(version) => written(&store.published_version(version).await),
        Request::Publish { after, published, stock } => written(&store.publish(after, &published, &stock).await),
        Request::Reissue { point, from } => written(&store.reissue(point, from).await),
        Request::TakeSerials(count) => written(&store.take_serials(count).await),
        Request::Passport(holder) => written(&store.passport(holder).await),
        Request::Stamp { holder, fresh, points, routes, how, moment } => {
            let new = NewStamps { holder, new_number: fresh, points, routes: routes.into(), how, moment };
            written(&store.stamp(&new).await)
        }
        Request::ErasePassport(holder) => written(&store.erase_passport(holder).await),
        Request::AddCompanion { resident, companion, limit } => {
            written(&store.add_companion(resident, companion, limit).await)
        }
        Request::RemoveCompanions { resident, companion } => {
            written(&store.remove_companions(resident, companion).await)
        }
        Request::Companions(resident) => written(&store.companions(resident).await),
        Request::Claims(of) => written(&store.claims(&of).await),
        Request::ClaimByVoucher(voucher) => written(&store.claim_by_voucher(voucher).await),
        Request::ChangeClaim { claimer, seen, claim, needs_left, event, by, at, tallies } => {
            let change = ClaimChange {
                claimer,
                expected: seen.as_deref(),
                claim: &claim,
                needs_left,
                event,
                by: by.as_ref(),
                at,
                tallies: &tallies,
            };
            written(&store.change_claim(&change).await)
        }
        Request::DropClaim { stored, at } => written(&store.drop_claim(&stored, at).await),
        Request::ForgetClaim { stored, instead } => written(&store.anonymise_claim(&stored, &instead).await),
        Request::Gifts { gifts, now } => written(&store.gift_states(&gifts, now).await),
        Request::ChangeStock { gift, change } => written(&store.change_stock(gift, &change).await),
        Request::SetHere { gift, booth, available } => {
            written(&store.set_gift_available(gift, &booth, available).await)
        }
        Request::Invite(invitation) => written(&store.invite(&invitation).await),
        Request::Invitation(id) => written(&store.invitation(&id).await),
        Request::Invitations => written(&store.invitations().await),
        Request::BeginSession { session, uses } => written(&store.begin_session(&session, uses).await),
        Request::Session(id) => written(&store.session(&id).await),
        Request::EndInvitation { id, at } => written(&store.end_invitation(&id, at).await),
        Request::EndSession { id, at } => written(&store.end_session(&id, at).await),
        Request::Tallies(counted) => written(&store.tallies(counted).await),
        Request::TalliesSince(day) => written(&store.tallies_since(day).await),
        Request::TalliesNamed(names) => written(&store.tallies_of(&names).await),
        Request::Note(notes) => written(&store.record_hints(&notes).await),
        Request::Hints => written(&store.hints().await),
        Request::Seen => written(&store.last_seen().await),
        Request::Record { kind, key } => written(&store.record(kind, &key).await),
        Request::Records(kind) => written(&store.records(kind).await),
        Request::ChangeRecords(changes) => written(&store.change_records(&changes).await),
        Request::Facts { log, from, limit } => written(&store.log_entries(log, from, limit).await),
    };
    answer.map_err(|error| StoreError::Broken(error.to_string()))
}
