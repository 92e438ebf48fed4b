//! What is said of a device that cannot be modelled.

use super::figure::BadFile;

/// A device that cannot be modelled.
#[derive(Debug, thiserror::Error)]
pub enum UnknownDevice {
    /// Not `CORE@BOARD`.
    #[error("{0:?} is no modelled device: write CORE@BOARD, for example cortex-a57@jetson-nano")]
    Malformed(String),
    /// No such core or board.
    #[error(
        "no {what} {name:?}: {nearest}; a TOML file of your own will do as well (docs/METHODOLOGY.md)"
    )]
    Unknown {
        /// `core` or `board`.
        what: &'static str,
        /// As it was asked for.
        name: String,
        /// Those that are most like it, or all.
        nearest: String,
    },
    /// A file that cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file that describes no core or no board.
    #[error(transparent)]
    Bad(#[from] BadFile),
    /// A board without such a core.
    #[error("{board} has no core {core:?}: it has {has}")]
    NotThere {
        /// The board.
        board: String,
        /// The core.
        core: String,
        /// The board's cores.
        has: String,
    },
    /// Caches of the one that the other does not know.
    #[error(
        "{core} has {levels} caches, {board} sizes of {sizes} and {latencies} latencies: expected as many sizes as caches at most, and a latency each, memory's in place of the first's"
    )]
    Caches {
        /// The core.
        core: String,
        /// The board.
        board: String,
        /// Caches that the core describes.
        levels: usize,
        /// Sizes that the board has.
        sizes: usize,
        /// Latencies that the board has.
        latencies: usize,
    },
}
