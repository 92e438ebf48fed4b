//! The processor core that a worker ran on.

use serde::{Deserialize, Serialize};

/// A processor, as the system counts them: a core, or one of the threads that a core has.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Core {
    /// Its number.
    pub cpu: usize,
    /// The core's design (`Cortex-A76`), or the processor's brand; empty where the system does not tell.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `performance` or `efficiency`, where cores of one name are of several kinds; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The package that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<usize>,
    /// The cluster of cores that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<usize>,
    /// The other processors that are threads of the same core.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<usize>,
    /// What the system takes it to be worth, of 1024 for the machine's fastest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u64>,
    /// The highest frequency that the system allows, MHz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_mhz: Option<f64>,
    /// Its frequency right after the run, all workers busy, by a chain of additions of a cycle each, MHz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_mhz: Option<f64>,
    /// What chooses its frequency, e.g. `performance`; empty where the system does not tell.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub governor: String,
}

impl Core {
    /// What it is, for tables: the name, and the kind where there are several of it.
    pub fn design(&self) -> String {
        match (self.name.as_str(), self.kind.as_str()) {
            (name, "") => name.to_owned(),
            ("", kind) => format!("{kind} core"),
            (name, kind) => format!("{name}, {kind} core"),
        }
    }
}
