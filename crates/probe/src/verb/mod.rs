//! What the command can do, a file a verb.

pub mod calibrate;
pub mod compare;
pub mod completions;
pub mod cost;
pub mod experiment;
pub mod export;
pub mod guidelines;
pub mod list;
pub mod man;
pub mod predict;
pub mod profile;
pub mod report;
pub mod table;
pub mod validate;
pub mod verify;
