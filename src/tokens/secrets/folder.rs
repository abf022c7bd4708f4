//! Secrets that the program makes by itself, in a folder beside the embedded store.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::sources::several;
use super::{BadSecret, Named, Secrets};
use crate::tokens::base32::Bits;
use crate::tokens::random;

const FOLDER: &str = "secrets";
const CODES: &str = "codes";
const IDENTITY: &str = "identity";
const JWT: &str = "jwt";
const JWT_PREVIOUS: &str = "jwt-previous";

impl Secrets {
    /// Reads the secrets in the folder `secrets` of this data folder, which must exist; makes them
    /// when that folder is absent or empty. A missing `jwt` alone is made too: that is how it is rotated.
    ///
    /// Safe against a crash at any moment, and against other processes that start at the same one:
    /// all of them end up with the same secrets.
    ///
    /// # Errors
    /// When the folder cannot be read or written, a file can be read by other users, is too weak
    /// or the same as another, or when `codes` or `identity` was there and is gone.
    pub fn load_or_make(data_folder: &Path) -> Result<Secrets, BadSecret> {
        let folder = data_folder.join(FOLDER);
        if is_empty(&folder)? {
            make_all(data_folder, &folder)?;
        }
        load(&folder)
    }

    /// Reads the secrets beside a store that is in use already, and makes none but a missing `jwt`:
    /// with new ones, every printed code and every resident's passport would be lost.
    ///
    /// # Errors
    /// As [`Secrets::load_or_make`], and when the folder is absent or empty.
    pub fn load(data_folder: &Path) -> Result<Secrets, BadSecret> {
        let folder = data_folder.join(FOLDER);
        if is_empty(&folder)? {
            return Err(BadSecret::Lost { path: folder });
        }
        load(&folder)
    }
}

fn load(folder: &Path) -> Result<Secrets, BadSecret> {
    if !folder.join(JWT).exists() {
        make_jwt(folder)?;
    }
    let one = |name: &str| {
        let path = folder.join(name);
        let text = read(&path)?.ok_or_else(|| BadSecret::Lost { path: path.clone() })?;
        Named::new(path.display().to_string(), &text)
    };
    let path = folder.join(JWT_PREVIOUS);
    let previous = read(&path)?.map_or_else(|| Ok(Vec::new()), |text| several(&path.display().to_string(), &text))?;
    Secrets::checked(one(CODES)?, one(IDENTITY)?, one(JWT)?, previous)
}

/// What a file holds, or nothing if it is absent. Refused when others can read it: these files were
/// made for the program's own user alone.
fn read(path: &Path) -> Result<Option<String>, BadSecret> {
    let rights = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(BadSecret::io(path)(error)),
    };
    if rights & 0o077 != 0 {
        return Err(BadSecret::Readable { path: path.into() });
    }
    fs::read_to_string(path).map(Some).map_err(BadSecret::io(path))
}

fn is_empty(folder: &Path) -> Result<bool, BadSecret> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(BadSecret::io(folder)(error)),
    }
}

/// Makes all of them in a folder of another name, then renames it: either all are there or none,
/// so that an absent `codes` can only mean a lost one. Whoever renames first wins; a rename onto a
/// folder that is not empty fails, and what stands there counts.
fn make_all(data_folder: &Path, folder: &Path) -> Result<(), BadSecret> {
    let draft = data_folder.join(format!("secrets-{}", random_text::<8>()?));
    DirBuilder::new().mode(0o700).create(&draft).map_err(BadSecret::io(&draft))?;
    for name in [CODES, IDENTITY, JWT] {
        write_new(&draft.join(name))?;
    }
    sync(&draft)?;
    if let Err(error) = fs::rename(&draft, folder) {
        fs::remove_dir_all(&draft).map_err(BadSecret::io(&draft))?;
        if is_empty(folder)? {
            return Err(BadSecret::io(folder)(error));
        }
    }
    sync(data_folder)
}

/// Makes the one secret that may be missing. A link never replaces a file, unlike a rename, so
/// whoever links first wins.
fn make_jwt(folder: &Path) -> Result<(), BadSecret> {
    let draft = folder.join(format!("{JWT}-{}", random_text::<8>()?));
    write_new(&draft)?;
    let linked = fs::hard_link(&draft, folder.join(JWT));
    fs::remove_file(&draft).map_err(BadSecret::io(&draft))?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(BadSecret::io(folder)(error)),
        _ => sync(folder),
    }
}

/// Writes a new random secret to a new file, and does not return before it is on disk.
fn write_new(path: &Path) -> Result<(), BadSecret> {
    let text = random_text::<32>()?;
    let written = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{text}")?;
        file.sync_all()
    };
    written().map_err(BadSecret::io(path))
}

/// Brings a folder's names to disk.
fn sync(folder: &Path) -> Result<(), BadSecret> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BadSecret::io(folder))
}

/// So many random bytes, in base32.
fn random_text<const N: usize>() -> Result<String, BadSecret> {
    Ok(Bits::default().and_bytes(&random::bytes::<N>()?).text())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn rights(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_first_start_makes_them_and_the_next_one_reads_them() {
        let data = tempfile::tempdir().unwrap();
        let made = Secrets::load_or_make(data.path()).unwrap();
        let read = Secrets::load_or_make(data.path()).unwrap();
        assert_eq!(made.codes, read.codes);
        assert_eq!(made.identity, read.identity);
        assert_eq!(made.jwt_current, read.jwt_current);
        assert_eq!(rights(&data.path().join("secrets")), 0o700);
        assert_eq!(rights(&data.path().join("secrets/codes")), 0o600);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn beside_a_store_in_use_lost_secrets_are_told_and_not_made_anew() {
        let data = tempfile::tempdir().unwrap();
        assert!(matches!(Secrets::load(data.path()), Err(BadSecret::Lost { .. })));
        assert!(!data.path().join("secrets").exists());
        let made = Secrets::load_or_make(data.path()).unwrap();
        assert_eq!(Secrets::load(data.path()).unwrap().codes, made.codes);
    }

    #[test]
    fn an_empty_folder_that_the_operator_made_is_filled() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir(data.path().join("secrets")).unwrap();
        assert!(Secrets::load_or_make(data.path()).is_ok());
    }

    #[test]
    fn eight_that_start_at_once_have_the_same() {
        let data = tempfile::tempdir().unwrap();
        let start = || Secrets::load_or_make(data.path()).unwrap().codes.bytes().to_vec();
        let codes: HashSet<Vec<u8>> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert_eq!(codes.len(), 1);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn moving_jwt_away_rotates_it() {
        let data = tempfile::tempdir().unwrap();
        let before = Secrets::load_or_make(data.path()).unwrap();
        let folder = data.path().join("secrets");
        fs::rename(folder.join(JWT), folder.join(JWT_PREVIOUS)).unwrap();
        let after = Secrets::load_or_make(data.path()).unwrap();
        assert_eq!(after.jwt_previous, vec![before.jwt_current.clone()]);
        assert_ne!(after.jwt_current, before.jwt_current);
        assert_eq!(after.codes, before.codes);
    }

    #[test]
    fn a_lost_secret_is_never_quietly_made_anew() {
        let data = tempfile::tempdir().unwrap();
        Secrets::load_or_make(data.path()).unwrap();
        let path = data.path().join("secrets/codes");
        fs::remove_file(&path).unwrap();
        let said = Secrets::load_or_make(data.path()).unwrap_err().to_string();
        assert!(said.starts_with(&format!("{} is missing", path.display())), "{said}");
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        let data = tempfile::tempdir().unwrap();
        Secrets::load_or_make(data.path()).unwrap();
        let path = data.path().join("secrets/identity");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let said = Secrets::load_or_make(data.path()).unwrap_err().to_string();
        assert!(said.ends_with(&format!("run `chmod 600 {}`", path.display())), "{said}");
    }
}
