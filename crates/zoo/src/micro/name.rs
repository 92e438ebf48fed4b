//! The names of the experiments' networks, so that one of them can be asked for like any other:
//! `g2(channels=128,groups=1,blocks=10,size=56x56)`.

use super::{Arrangement, Block, Stack};
use crate::{
    Arguments, Kind, Parameter, Setting, ZooError,
    model::{LARGEST, demand_once, split},
    naming::alike,
};
use std::fmt::{self, Display};

impl Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.block {
            Block::Pair { c1, c2 } => write!(f, "g1(c1={c1},c2={c2}")?,
            Block::Grouped { channels, groups } => {
                write!(f, "g2(channels={channels},groups={groups}")?;
            }
            Block::Fragments { channels, fragments, arrangement } => {
                write!(f, "g3(channels={channels},fragments={fragments},{}", arrangement.name())?;
            }
            Block::Bottleneck { outer, inner, relu, shortcut, depthwise } => {
                write!(f, "g4(outer={outer},inner={inner},relu={relu}")?;
                write!(f, ",shortcut={shortcut},depthwise={depthwise}")?;
            }
        }
        write!(f, ",blocks={},size={}x{})", self.blocks, self.size.0, self.size.1)
    }
}

impl Arrangement {
    const fn name(self) -> &'static str {
        match self {
            Self::Series => "series",
            Self::Parallel => "parallel",
        }
    }
}

impl Stack {
    /// The network that `spec` names, for one image; `None` where it names no guideline's.
    /// Parameters stand in any order; without them there are 10 blocks on 56×56 maps, as in the
    /// paper.
    ///
    /// # Errors
    /// Where a parameter is missing, unknown or out of its range.
    pub fn named(spec: &str) -> Result<Option<Self>, ZooError> {
        let (name, given) = split(spec)?;
        let Some(guide) = Guide::named(name) else { return Ok(None) };
        let args = guide.read(given)?;
        let block = (guide.block)(&args);
        Ok(Some(Self { block, blocks: args.whole("blocks"), size: args.size("size"), batch: 1 }))
    }
}

/// A guideline's block, as it can be asked for by name.
#[derive(Debug)]
pub struct Guide {
    /// Its name: the guideline's.
    pub name: &'static str,
    /// What it is, and where the paper has it.
    pub introduced: &'static str,
    /// The parameters that it takes.
    pub parameters: &'static [Parameter],
    block: fn(&Arguments) -> Block,
}

const fn channels(name: &'static str, doc: &'static str) -> Parameter {
    Parameter::whole(name, 1, [1, LARGEST], doc).required()
}

const BLOCKS: Parameter =
    Parameter::whole("blocks", 10, [1, LARGEST], "how many stand one after the other");
const SIZE: Parameter = Parameter {
    name: "size",
    doc: "of all maps",
    default: Some(Setting::Size(56, 56)),
    kind: Kind::Size { max: LARGEST },
};

/// The blocks of all guidelines.
pub static GUIDES: [Guide; 4] = [
    Guide {
        name: "g1",
        introduced: "blocks of two 1×1 convolutions, c1 → c2 → c1 (table 1)",
        parameters: &[
            channels("c1", "channels between blocks"),
            channels("c2", "channels within a block"),
            BLOCKS,
            SIZE,
        ],
        block: |args| Block::Pair { c1: args.whole("c1"), c2: args.whole("c2") },
    },
    Guide {
        name: "g2",
        introduced: "blocks of one 1×1 convolution in groups (table 2)",
        parameters: &[
            channels("channels", "channels in and out"),
            channels("groups", "groups, which must divide them"),
            BLOCKS,
            SIZE,
        ],
        block: |args| Block::Grouped {
            channels: args.whole("channels"),
            groups: args.whole("groups"),
        },
    },
    Guide {
        name: "g3",
        introduced: "blocks of several 1×1 convolutions (table 3)",
        parameters: &[
            channels("channels", "channels in and out of each convolution"),
            channels("fragments", "convolutions of a block"),
            Parameter::word(
                "arrangement",
                &["series", "parallel"],
                "one after the other, or side by side and added; the word alone will do",
            )
            .required(),
            BLOCKS,
            SIZE,
        ],
        block: |args| Block::Fragments {
            channels: args.whole("channels"),
            fragments: args.whole("fragments"),
            arrangement: match args.word("arrangement") {
                "parallel" => Arrangement::Parallel,
                _ => Arrangement::Series,
            },
        },
    },
    Guide {
        name: "g4",
        introduced: "ResNet's bottlenecks, 1×1, 3×3, 1×1 (table 4)",
        parameters: &[
            channels("outer", "channels between blocks"),
            channels("inner", "channels of the 3×3 convolution"),
            Parameter::flag("relu", true, "a ReLU after each convolution"),
            Parameter::flag("shortcut", true, "a block's input is added to its output"),
            Parameter::flag("depthwise", false, "the 3×3 convolution is depthwise"),
            BLOCKS,
            SIZE,
        ],
        block: |args| Block::Bottleneck {
            outer: args.whole("outer"),
            inner: args.whole("inner"),
            relu: args.flag("relu"),
            shortcut: args.flag("shortcut"),
            depthwise: args.flag("depthwise"),
        },
    },
];

impl Guide {
    /// The one that has a name [like](alike) `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        GUIDES.iter().find(|guide| alike(guide.name, name))
    }

    /// `a=1, b` as a value for every parameter. A word without a value is that of the parameter that has it.
    fn read(&self, text: &str) -> Result<Arguments, ZooError> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let pair = |part| match str::split_once(part, '=') {
            Some((name, value)) => (name.trim(), value.trim()),
            None => (self.owner(part).unwrap_or(part), part),
        };
        let given: Vec<(&str, &str)> = parts.map(pair).collect();
        demand_once(self.name, &given)?;
        let known = |name: &str| self.parameters.iter().any(|p| p.name == name);
        if let Some((name, _)) = given.iter().find(|(name, _)| !known(name)) {
            let names: Vec<&str> = self.parameters.iter().map(|p| p.name).collect();
            return Err(ZooError::UnknownParameter {
                family: self.name,
                parameter: (*name).to_owned(),
                known: names.join(", "),
            });
        }
        let setting = |p: &Parameter| {
            let value = given.iter().find(|(name, _)| *name == p.name).map(|(_, value)| *value);
            let setting = match (value, p.default) {
                (Some(value), _) => p.parse(value),
                (None, default) => default.ok_or_else(|| p.kind.to_string()),
            };
            let (family, parameter) = (self.name, p.name.to_owned());
            let value = value.unwrap_or("missing").to_owned();
            let bad = |expected| ZooError::BadParameter { family, parameter, value, expected };
            Ok((p.name, setting.map_err(bad)?))
        };
        self.parameters.iter().map(setting).collect::<Result<_, _>>().map(Arguments::new)
    }

    /// The parameter that has `word` as a value.
    fn owner(&self, word: &str) -> Option<&'static str> {
        let has =
            |p: &&Parameter| matches!(p.kind, Kind::Word { values } if values.contains(&word));
        self.parameters.iter().find(has).map(|p| p.name)
    }
}
