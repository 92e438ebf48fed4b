//! The cores and boards that come with the lab, by the names of their files, and others by their paths.

use super::{
    core::Core,
    figure::{BadFile, Described},
    unknown::UnknownDevice,
};
use profile::file;
use std::{io, path::Path};

/// A file's name without its ending, and its text.
type Text = (&'static str, &'static str);

/// One a file of `experiments/`.
macro_rules! files {
    ($folder:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../experiments/", $folder, "/", $name, ".toml")))),*]
    };
}

/// The cores.
pub const CORES: &[Text] = files!("cores":
    "apple-m1-firestorm"
    "cortex-a53"
    "cortex-a55"
    "cortex-a57"
    "cortex-a72"
    "cortex-a73"
    "cortex-a76"
    "cortex-a78ae"
    "neoverse-n1"
    "zen4"
);

/// The boards.
pub const BOARDS: &[Text] = files!("boards":
    "hetzner-cax11"
    "jetson-agx-orin"
    "jetson-nano"
    "jetson-nano-2000"
    "khadas-vim3"
    "macbook-pro-m1"
    "macchiatobin"
    "nanopc-t4"
    "nanopc-t4-4.4"
    "orange-pi-4"
    "orange-pi-5"
    "quartz64-a"
    "raspberry-pi-3b-plus"
    "raspberry-pi-4b"
    "raspberry-pi-5"
    "rock-3a"
    "rockpro64"
);

/// What there are of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    what: &'static str,
    folder: &'static str,
    files: &'static [Text],
}

/// Cores.
pub const KIND_CORE: Kind = Kind { what: "core", folder: "cores", files: CORES };
/// Boards.
pub const KIND_BOARD: Kind = Kind { what: "board", folder: "boards", files: BOARDS };

/// What the built-in file `name` describes, or the file at that path, if it ends in `.toml`; and the name that
/// others know it by.
///
/// # Errors
/// Where there is none, or it describes nothing of the kind.
pub fn described<T: Described>(kind: Kind, name: &str) -> Result<(String, T), UnknownDevice> {
    let path = Path::new(name);
    if path.extension().is_some_and(|end| end == "toml") {
        let text = file::open(path).and_then(io::read_to_string);
        let text =
            text.map_err(|error| UnknownDevice::Unreadable { path: name.to_owned(), error })?;
        let stem = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
        return Ok((stem, T::parse(name, &text)?));
    }
    let Some((_, text)) = kind.files.iter().find(|(known, _)| *known == name) else {
        let nearest = nearest(kind, name);
        return Err(UnknownDevice::Unknown { what: kind.what, name: name.to_owned(), nearest });
    };
    Ok((name.to_owned(), T::parse(&format!("experiments/{}/{name}.toml", kind.folder), text)?))
}

/// The core that the built-in file `name` describes, or the file at that path; and the name that boards know it by.
///
/// # Errors
/// Where there is none, or it describes no core.
pub fn core(name: &str) -> Result<(String, Core), UnknownDevice> {
    described(KIND_CORE, name)
}

/// The built-in core that a machine calls `name`, as its file is named; `None` where there is none.
///
/// # Errors
/// Where a file is broken.
pub fn core_called(name: &str) -> Result<Option<&'static str>, BadFile> {
    for (id, text) in CORES {
        let core = Core::parse(id, text)?;
        if core.name == name || core.known_as.iter().any(|known| known == name) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The names that are most like `name`, or all.
fn nearest(kind: Kind, name: &str) -> String {
    let all = kind.files.iter().map(|(known, _)| *known);
    let likeness = |known: &str| strsim::jaro_winkler(known, &name.to_lowercase());
    let mut alike: Vec<&str> = all.clone().filter(|known| likeness(known) > 0.8).collect();
    alike.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    match alike.as_slice() {
        [] => format!("there are {}", all.collect::<Vec<_>>().join(", ")),
        alike => format!("did you mean {}", alike[..alike.len().min(3)].join(", ")),
    }
}
