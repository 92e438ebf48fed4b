//! Files as memory: the system brings in what is touched, and takes it back where memory is short.

use memmap2::Mmap;
use std::{fs::File, io};

/// The bytes of a file, mapped into memory.
///
/// They are the file's as long as nobody writes to it. What another program writes meanwhile may be seen or not, and
/// where it cuts the file off, touching what is gone ends the program.
pub struct Mapped(Mmap);

impl Mapped {
    /// Maps the whole of `file`.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn of(file: &File) -> io::Result<Self> {
        // SAFETY: the map is private and read alone; the type's contract leaves it to the caller that no other program
        // changes the file.
        unsafe { Mmap::map(file).map(Self) }
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
