//! Files read and written whole: nothing waits for a pipe, a reader never sees half a file, and a disk
//! that is full leaves what was there.

use std::{
    fs::{self, File, FileType, Metadata},
    io::{self, ErrorKind, Read, Write},
    path::Path,
};
use tempfile::NamedTempFile;
#[cfg(unix)]
use {
    signal_hook::{consts::signal::SIGXFSZ, flag},
    std::sync::Arc,
};

/// Reads a file whole, as [`open`] opens it.
///
/// # Errors
/// As [`open`], or where the system cannot read it.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path)?.read_to_end(&mut content)?;
    Ok(content)
}

/// Opens a file for reading; whatever else is there, a pipe among it, is refused and not waited for.
///
/// # Errors
/// Where `path` is no regular file, or the system refuses.
pub fn open(path: &Path) -> io::Result<File> {
    demand_regular(path)?;
    File::open(path)
}

/// Demands that `path` is a regular file, or a link to one.
///
/// # Errors
/// Where it is something else: the error says what. Where the system refuses.
pub fn demand_regular(path: &Path) -> io::Result<()> {
    let kind = fs::metadata(path)?.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(io::Error::other(format!("it is {}, expected a regular file", name_of(kind))))
}

/// What stands there, in words.
pub fn name_of(kind: FileType) -> &'static str {
    if kind.is_file() {
        "a file"
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else {
        name_of_special(kind)
    }
}

#[cfg(unix)]
fn name_of_special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match (kind.is_fifo(), kind.is_socket()) {
        (true, _) => "a pipe",
        (_, true) => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn name_of_special(_: FileType) -> &'static str {
    "no regular file"
}

/// Demands that `path` is a regular file, a link to one, or nothing yet.
///
/// # Errors
/// As [`demand_regular`], but for a file that is not there.
pub fn demand_regular_or_none(path: &Path) -> io::Result<()> {
    match demand_regular(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Writes a file, and its folder where there is none: beside its place first, then into it. Either all
/// of it is there, on the disk, or what was there before.
///
/// # Errors
/// Where something else than a file is there, or the system refuses; nothing half is left then.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    demand_regular_or_none(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut new = new_file(&format!(".{name}."), folder)?;
    new.write_all(content)?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    sync_folder(folder);
    Ok(())
}

/// A file that goes away unless it is put into its place, with the permissions of any other.
fn new_file(prefix: &str, folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Whether what stands at `path` is the open `file`. Always, where the system does not tell files apart.
pub fn is_at(file: &File, path: &Path) -> bool {
    let opened = file.metadata().ok().as_ref().and_then(identity);
    opened == fs::metadata(path).ok().as_ref().and_then(identity)
}

/// What tells a file or folder from all others that are there: device and number.
#[cfg(unix)]
pub fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

/// Not told here.
#[cfg(not(unix))]
pub const fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// Makes a file that would grow beyond the limit which `ulimit -f` sets an error of the write, as a full disk
/// is one: the signal that comes with it would end the program in the middle of a line.
#[cfg(unix)]
pub fn outlive_size_limit() {
    // A handler instead of the signal's being ignored, which the programs started here would inherit. Where
    // the system refuses it, all stays as it was.
    let _ = flag::register(SIGXFSZ, Arc::default());
}

/// No such signal here.
#[cfg(not(unix))]
pub const fn outlive_size_limit() {}

/// Puts what a folder lists on the disk, where the system can: some have no such call, and a crash of
/// the machine leaves the old list there.
pub fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
