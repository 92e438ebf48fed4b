//! The parameters that a family takes, and the values given to them.

use serde::Serialize;
use std::fmt;

/// One parameter of a family.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Its value where none is given; `None` where one must be.
    pub default: Option<Setting>,
    /// The values that it can take.
    #[serde(flatten)]
    pub kind: Kind,
}

/// The values that a parameter can take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Kind {
    /// A whole number from `min` to `max`.
    Whole {
        /// Smallest.
        min: usize,
        /// Largest.
        max: usize,
    },
    /// One of these whole numbers.
    WholeOf {
        /// The numbers.
        values: &'static [usize],
    },
    /// A number from `min` to `max`.
    Real {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word {
        /// The words.
        values: &'static [&'static str],
    },
    /// Height and width, each from 1 to `max`.
    Size {
        /// Largest.
        max: usize,
    },
}

/// A parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// A whole number.
    Whole(usize),
    /// Any number.
    Real(f64),
    /// Yes or no.
    Flag(bool),
    /// A word.
    Word(&'static str),
    /// Height and width.
    Size(usize, usize),
}

impl Parameter {
    /// A whole number from `min` to `max`.
    pub(crate) const fn whole(
        name: &'static str,
        default: usize,
        [min, max]: [usize; 2],
        doc: &'static str,
    ) -> Self {
        Self { name, doc, default: Some(Setting::Whole(default)), kind: Kind::Whole { min, max } }
    }

    /// One of `values`.
    pub(crate) const fn whole_of(
        name: &'static str,
        default: usize,
        values: &'static [usize],
        doc: &'static str,
    ) -> Self {
        Self { name, doc, default: Some(Setting::Whole(default)), kind: Kind::WholeOf { values } }
    }

    /// A number from `min` to `max`.
    pub(crate) const fn real(
        name: &'static str,
        default: f64,
        [min, max]: [f64; 2],
        doc: &'static str,
    ) -> Self {
        Self { name, doc, default: Some(Setting::Real(default)), kind: Kind::Real { min, max } }
    }

    /// A flag.
    pub(crate) const fn flag(name: &'static str, default: bool, doc: &'static str) -> Self {
        Self { name, doc, default: Some(Setting::Flag(default)), kind: Kind::Flag }
    }

    /// One of `values`, the first of them by default.
    pub(crate) const fn word(
        name: &'static str,
        values: &'static [&'static str],
        doc: &'static str,
    ) -> Self {
        Self { name, doc, default: Some(Setting::Word(values[0])), kind: Kind::Word { values } }
    }

    /// The same, but a value must be given.
    pub(crate) const fn required(self) -> Self {
        Self { default: None, ..self }
    }

    /// The value that `text` stands for.
    ///
    /// # Errors
    /// What was expected, where it is out of the range.
    pub(crate) fn parse(&self, text: &str) -> Result<Setting, String> {
        self.kind.parse(text).ok_or_else(|| self.kind.to_string())
    }
}

impl Kind {
    fn parse(self, text: &str) -> Option<Setting> {
        let whole = || text.parse::<usize>().ok();
        match self {
            Self::Whole { min, max } => {
                whole().filter(|n| (min..=max).contains(n)).map(Setting::Whole)
            }
            Self::WholeOf { values } => whole().filter(|n| values.contains(n)).map(Setting::Whole),
            Self::Real { min, max } => {
                text.parse().ok().filter(|x| (min..=max).contains(x)).map(Setting::Real)
            }
            // Python spells them with capitals.
            Self::Flag => text.to_lowercase().parse().ok().map(Setting::Flag),
            Self::Word { values } => {
                values.iter().find(|word| **word == text).map(|word| Setting::Word(word))
            }
            Self::Size { max } => {
                let edge = |text: &str| text.parse().ok().filter(|n| (1..=max).contains(n));
                let (h, w) = text.split_once('x')?;
                Some(Setting::Size(edge(h)?, edge(w)?))
            }
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::WholeOf { values } => {
                let all: Vec<String> = values.iter().map(usize::to_string).collect();
                write!(f, "one of {}", all.join(", "))
            }
            Self::Real { min, max } => write!(f, "a number from {min} to {max}"),
            Self::Flag => f.write_str("true or false"),
            Self::Word { values } => write!(f, "one of {}", values.join(", ")),
            Self::Size { max } => write!(f, "height x width, like 56x56, each from 1 to {max}"),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(n) => write!(f, "{n}"),
            Self::Real(x) => write!(f, "{x}"),
            Self::Flag(b) => write!(f, "{b}"),
            Self::Word(w) => f.write_str(w),
            Self::Size(h, w) => write!(f, "{h}x{w}"),
        }
    }
}

/// A value for every parameter of a family, in the order in which the family declares them.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments(Vec<(&'static str, Setting)>);

impl Arguments {
    /// The defaults of those that have one.
    pub(crate) fn of(parameters: &[Parameter]) -> Self {
        Self(parameters.iter().filter_map(|p| Some((p.name, p.default?))).collect())
    }

    /// These.
    pub(crate) const fn new(settings: Vec<(&'static str, Setting)>) -> Self {
        Self(settings)
    }

    /// Changes one value.
    pub(crate) fn set(&mut self, name: &str, setting: Setting) {
        for (_, old) in self.0.iter_mut().filter(|(n, _)| *n == name) {
            *old = setting;
        }
    }

    /// Name and value of each parameter.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Setting)> {
        self.0.iter().copied()
    }

    /// The value of the parameter called `name`.
    ///
    /// # Panics
    /// Where the family declares no such parameter: its build function names its own.
    pub(crate) fn get(&self, name: &str) -> Setting {
        let found = self.iter().find(|(n, _)| *n == name);
        found.unwrap_or_else(|| unreachable!("the family declares no `{name}`")).1
    }

    /// The whole number called `name`.
    pub(crate) fn whole(&self, name: &str) -> usize {
        match self.get(name) {
            Setting::Whole(n) => n,
            other => unreachable!("`{name}` is declared otherwise: {other:?}"),
        }
    }

    /// The number called `name`.
    pub(crate) fn real(&self, name: &str) -> f64 {
        match self.get(name) {
            Setting::Real(x) => x,
            other => unreachable!("`{name}` is declared otherwise: {other:?}"),
        }
    }

    /// The flag called `name`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.get(name) {
            Setting::Flag(b) => b,
            other => unreachable!("`{name}` is declared otherwise: {other:?}"),
        }
    }

    /// The height and width called `name`.
    pub(crate) fn size(&self, name: &str) -> (usize, usize) {
        match self.get(name) {
            Setting::Size(h, w) => (h, w),
            other => unreachable!("`{name}` is declared otherwise: {other:?}"),
        }
    }

    /// The word called `name`.
    pub(crate) fn word(&self, name: &str) -> &'static str {
        match self.get(name) {
            Setting::Word(w) => w,
            other => unreachable!("`{name}` is declared otherwise: {other:?}"),
        }
    }
}

/// `groups=3, width=1`.
impl fmt::Display for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.iter().map(|(n, v)| format!("{n}={v}")).collect();
        f.write_str(&pairs.join(", "))
    }
}
