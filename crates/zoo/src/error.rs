//! What can be wrong with a model that was asked for.

use ops::GraphError;

/// A model that cannot be built.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ZooError {
    /// No family and no preset has this name.
    #[error("no model `{name}`{}; `probe list` shows them all", did_you_mean(.nearest))]
    UnknownModel {
        /// The name asked for.
        name: String,
        /// The names that are most like it.
        nearest: Vec<&'static str>,
    },
    /// The text is not `name` or `name(parameter=value, …)`.
    #[error("`{spec}` {what}: write a model as `name` or `name(parameter=value, …)`")]
    Malformed {
        /// The text.
        spec: String,
        /// Where it goes wrong.
        what: &'static str,
    },
    /// The family takes no such parameter.
    #[error("{family} takes no parameter `{parameter}`: it takes {known}")]
    UnknownParameter {
        /// The family.
        family: &'static str,
        /// The name asked for.
        parameter: String,
        /// The parameters that it takes.
        known: String,
    },
    /// A parameter stands more than once.
    #[error("{family}: parameter `{parameter}` stands twice: give it once")]
    RepeatedParameter {
        /// The family.
        family: &'static str,
        /// The parameter.
        parameter: String,
    },
    /// A parameter's value is out of its range.
    #[error("{family}: parameter `{parameter}` is {value}: expected {expected}")]
    BadParameter {
        /// The family.
        family: &'static str,
        /// The parameter.
        parameter: String,
        /// The value given.
        value: String,
        /// What would have been right.
        expected: String,
    },
    /// The batch or the input's size is nothing that a network can take.
    #[error("{model}: {option} is {value}: expected {expected}")]
    BadOption {
        /// The model.
        model: String,
        /// `batch`, `input height` or `input width`.
        option: &'static str,
        /// The value given.
        value: usize,
        /// What would have been right.
        expected: String,
    },
    /// The parameters, together with the input's size, make no network.
    #[error("{source} ({family} with {settings})")]
    Graph {
        /// The family.
        family: &'static str,
        /// All of its parameters and their values.
        settings: String,
        /// The node and what is wrong there.
        source: Box<GraphError>,
    },
}

fn did_you_mean(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        _ => format!(", did you mean {}", names.join(" or ")),
    }
}
