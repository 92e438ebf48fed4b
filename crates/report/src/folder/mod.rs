//! A folder that a program of the lab writes, and what in it is the lab's own.
//!
//! A list in the folder, `.lab/files.json`, has each file that the lab wrote and its digest. What stands there
//! as it was written may be replaced or removed; whatever else is in the way is named and left alone.
//! New files are written beside, and take their places when all are on the disk.

mod claim;
mod error;
mod own;
mod places;
mod replacement;

pub use claim::{Folder, Found};
pub use error::FolderError;
pub use own::Scope;
pub use places::demand_plain;
pub use replacement::Replacement;
