//! Secrets that the program creates for itself, in a folder beside the embedded store.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::sources::previous_keys;
use super::{NamedSecret, SecretError, Secrets};
use crate::tokens::base32::BitString;
use crate::tokens::random;

const FOLDER: &str = "secrets";
const CODES: &str = "codes";
const IDENTITY: &str = "identity";
const JWT: &str = "jwt";
const JWT_PREVIOUS: &str = "jwt-previous";

impl Secrets {
    /// Reads the secrets in the folder `secrets` of this data folder, which must exist. Creates them if that folder is
    /// absent or empty. A missing `jwt` is created too: that is how it is rotated.
    ///
    /// Safe against a crash at any moment and against other processes that start at the same time: all of them get the
    /// same secrets.
    ///
    /// # Errors
    /// Fails if the folder cannot be read or written; if a file is readable by other users, too weak, or equal to
    /// another; or if `codes` or `identity` is missing from a folder that has other files.
    pub fn load_or_create(data_folder: &Path) -> Result<Secrets, SecretError> {
        let folder = data_folder.join(FOLDER);
        if is_empty(&folder)? {
            create_all(data_folder, &folder)?;
        }
        load(&folder)
    }

    /// Reads the secrets of a store that is in use, and creates none except a missing `jwt`: new ones would invalidate
    /// every printed code and every resident's passport.
    ///
    /// # Errors
    /// As [`Secrets::load_or_create`], and if the folder is absent or empty.
    pub fn load(data_folder: &Path) -> Result<Secrets, SecretError> {
        let folder = data_folder.join(FOLDER);
        if is_empty(&folder)? {
            return Err(SecretError::Lost { path: folder });
        }
        load(&folder)
    }
}

fn load(folder: &Path) -> Result<Secrets, SecretError> {
    if !folder.join(JWT).exists() {
        create_jwt(folder)?;
    }
    let one = |name: &str| {
        let path = folder.join(name);
        let text = read(&path)?.ok_or_else(|| SecretError::Lost { path: path.clone() })?;
        NamedSecret::new(path.display().to_string(), &text)
    };
    let path = folder.join(JWT_PREVIOUS);
    let previous =
        read(&path)?.map_or_else(|| Ok(Vec::new()), |text| previous_keys(&path.display().to_string(), &text))?;
    Secrets::validated(one(CODES)?, one(IDENTITY)?, one(JWT)?, previous)
}

/// The content of a file, or `None` if it is absent. Fails if others can read it: only the program's own user needs
/// these files.
fn read(path: &Path) -> Result<Option<String>, SecretError> {
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(SecretError::io(path)(error)),
    };
    if mode & 0o077 != 0 {
        return Err(SecretError::InsecurePermissions { path: path.into() });
    }
    fs::read_to_string(path).map(Some).map_err(SecretError::io(path))
}

fn is_empty(folder: &Path) -> Result<bool, SecretError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(SecretError::io(folder)(error)),
    }
}

/// Creates all secrets in a folder of another name and then renames it. So either all exist or none, and a missing
/// `codes` can only mean a lost one. The first process to rename wins: a rename onto a folder that is not empty fails,
/// and its content is used.
fn create_all(data_folder: &Path, folder: &Path) -> Result<(), SecretError> {
    let staging = data_folder.join(format!("secrets-{}", random_text::<8>()?));
    DirBuilder::new().mode(0o700).create(&staging).map_err(SecretError::io(&staging))?;
    for name in [CODES, IDENTITY, JWT] {
        write_new(&staging.join(name))?;
    }
    sync(&staging)?;
    if let Err(error) = fs::rename(&staging, folder) {
        fs::remove_dir_all(&staging).map_err(SecretError::io(&staging))?;
        if is_empty(folder)? {
            return Err(SecretError::io(folder)(error));
        }
    }
    sync(data_folder)
}

/// Creates the one secret that may be missing. Unlike a rename, a link never replaces a file, so the first process to
/// link wins.
fn create_jwt(folder: &Path) -> Result<(), SecretError> {
    let staging = folder.join(format!("{JWT}-{}", random_text::<8>()?));
    write_new(&staging)?;
    let linked = fs::hard_link(&staging, folder.join(JWT));
    fs::remove_file(&staging).map_err(SecretError::io(&staging))?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(SecretError::io(folder)(error)),
        _ => sync(folder),
    }
}

/// Writes a new random secret to a new file and syncs it to disk.
fn write_new(path: &Path) -> Result<(), SecretError> {
    let text = random_text::<32>()?;
    let written = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{text}")?;
        file.sync_all()
    };
    written().map_err(SecretError::io(path))
}

/// Syncs a folder's entries to disk.
fn sync(folder: &Path) -> Result<(), SecretError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(SecretError::io(folder))
}

/// `N` random bytes, in base32.
fn random_text<const N: usize>() -> Result<String, SecretError> {
    Ok(BitString::default().push_bytes(&random::bytes::<N>()?).encode())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_first_start_creates_the_secrets_and_the_next_one_reads_them() {
        let data = tempfile::tempdir().unwrap();
        let made = Secrets::load_or_create(data.path()).unwrap();
        let read = Secrets::load_or_create(data.path()).unwrap();
        assert_eq!(made.codes, read.codes);
        assert_eq!(made.identity, read.identity);
        assert_eq!(made.jwt_current, read.jwt_current);
        assert_eq!(mode(&data.path().join("secrets")), 0o700);
        assert_eq!(mode(&data.path().join("secrets/codes")), 0o600);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "no staging folder is left");
    }

    #[test]
    fn lost_secrets_of_a_store_in_use_are_an_error_and_not_created() {
        let data = tempfile::tempdir().unwrap();
        assert!(matches!(Secrets::load(data.path()), Err(SecretError::Lost { .. })));
        assert!(!data.path().join("secrets").exists());
        let made = Secrets::load_or_create(data.path()).unwrap();
        assert_eq!(Secrets::load(data.path()).unwrap().codes, made.codes);
    }

    #[test]
    fn an_empty_folder_is_filled() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir(data.path().join("secrets")).unwrap();
        assert!(Secrets::load_or_create(data.path()).is_ok());
    }

    #[test]
    fn eight_concurrent_starts_get_the_same_secrets() {
        let data = tempfile::tempdir().unwrap();
        let start = || Secrets::load_or_create(data.path()).unwrap().codes.bytes().to_vec();
        let codes: HashSet<Vec<u8>> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert_eq!(codes.len(), 1);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "no staging folder is left");
    }

    #[test]
    fn moving_jwt_away_rotates_it() {
        let data = tempfile::tempdir().unwrap();
        let before = Secrets::load_or_create(data.path()).unwrap();
        let folder = data.path().join("secrets");
        fs::rename(folder.join(JWT), folder.join(JWT_PREVIOUS)).unwrap();
        let after = Secrets::load_or_create(data.path()).unwrap();
        assert_eq!(after.jwt_previous, vec![before.jwt_current.clone()]);
        assert_ne!(after.jwt_current, before.jwt_current);
        assert_eq!(after.codes, before.codes);
    }

    #[test]
    fn a_lost_secret_is_never_regenerated_silently() {
        let data = tempfile::tempdir().unwrap();
        Secrets::load_or_create(data.path()).unwrap();
        let path = data.path().join("secrets/codes");
        fs::remove_file(&path).unwrap();
        let message = Secrets::load_or_create(data.path()).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{} is missing", path.display())), "{message}");
        assert!(!path.exists());
    }

    #[test]
    fn a_file_readable_by_others_is_rejected_with_the_remedy() {
        let data = tempfile::tempdir().unwrap();
        Secrets::load_or_create(data.path()).unwrap();
        let path = data.path().join("secrets/identity");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let message = Secrets::load_or_create(data.path()).unwrap_err().to_string();
        assert!(message.ends_with(&format!("run `chmod 600 {}`", path.display())), "{message}");
    }
}
