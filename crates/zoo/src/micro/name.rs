//! The names of the experiments' networks, so that one of them can be asked for like any other:
//! `g2(channels=128,groups=1,blocks=10,size=56x56)`.

use super::{Arrangement, Block, Stack};
use crate::{
    ZooError,
    model::{LARGEST, demand_once, split},
};
use std::{
    fmt::{self, Display},
    str::FromStr,
};

/// The blocks' names: each after its guideline.
const NAMES: [&str; 4] = ["g1", "g2", "g3", "g4"];

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
    const ALL: [Self; 2] = [Self::Series, Self::Parallel];

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
        let (name, parameters) = split(spec)?;
        let Some(family) = NAMES.into_iter().find(|known| *known == name) else { return Ok(None) };
        let mut given = Given::read(family, parameters)?;
        let block = match family {
            "g1" => Block::Pair { c1: given.channels("c1")?, c2: given.channels("c2")? },
            "g2" => Block::Grouped {
                channels: given.channels("channels")?,
                groups: given.channels("groups")?,
            },
            "g3" => Block::Fragments {
                channels: given.channels("channels")?,
                fragments: given.channels("fragments")?,
                arrangement: given.arrangement()?,
            },
            _ => Block::Bottleneck {
                outer: given.channels("outer")?,
                inner: given.channels("inner")?,
                relu: given.take("relu", Some(true), "true or false")?,
                shortcut: given.take("shortcut", Some(true), "true or false")?,
                depthwise: given.take("depthwise", Some(false), "true or false")?,
            },
        };
        let Whole(blocks) = given.take("blocks", Some(Whole(10)), WHOLE)?;
        let Size(h, w) = given.take("size", Some(Size(56, 56)), "height x width, like 56x56")?;
        given.nothing_left()?;
        Ok(Some(Self { block, blocks, size: (h, w), batch: 1 }))
    }
}

/// What a [`Whole`] must be.
const WHOLE: &str = "a whole number from 1 to 65536";

/// A whole number from 1 to [`LARGEST`].
struct Whole(usize);

impl FromStr for Whole {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let n = text.parse().map_err(|_| ())?;
        (1..=LARGEST).contains(&n).then_some(Self(n)).ok_or(())
    }
}

/// Height and width.
struct Size(usize, usize);

impl FromStr for Size {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (h, w) = text.split_once('x').ok_or(())?;
        Ok(Self(h.parse::<Whole>()?.0, w.parse::<Whole>()?.0))
    }
}

/// Parameters that were given and not read yet.
struct Given<'a> {
    family: &'static str,
    left: Vec<(&'a str, &'a str)>,
    read: Vec<&'static str>,
}

impl<'a> Given<'a> {
    /// `a=1, b` as pairs; a word without a value has an empty one.
    fn read(family: &'static str, text: &'a str) -> Result<Self, ZooError> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let pair = |part: &'a str| part.split_once('=').unwrap_or((part, ""));
        let left: Vec<_> =
            parts.map(pair).map(|(name, value)| (name.trim(), value.trim())).collect();
        demand_once(family, &left)?;
        Ok(Self { family, left, read: Vec::new() })
    }

    fn value(&mut self, name: &'static str) -> Option<&'a str> {
        self.read.push(name);
        let at = self.left.iter().position(|(n, _)| *n == name)?;
        Some(self.left.remove(at).1)
    }

    fn take<T: FromStr>(
        &mut self,
        name: &'static str,
        default: Option<T>,
        expected: &str,
    ) -> Result<T, ZooError> {
        let (value, parsed) = match self.value(name) {
            Some(value) => (value, value.parse().ok()),
            None => ("missing", default),
        };
        parsed.ok_or_else(|| ZooError::BadParameter {
            family: self.family,
            parameter: name.to_owned(),
            value: value.to_owned(),
            expected: expected.to_owned(),
        })
    }

    fn channels(&mut self, name: &'static str) -> Result<usize, ZooError> {
        let Whole(n) = self.take(name, None, WHOLE)?;
        Ok(n)
    }

    /// One of the bare words `series` and `parallel`.
    fn arrangement(&mut self) -> Result<Arrangement, ZooError> {
        let value = match Arrangement::ALL.map(|a| self.value(a.name()).map(|_| a)) {
            [Some(one), None] | [None, Some(one)] => return Ok(one),
            [None, None] => "missing",
            [Some(_), Some(_)] => "both",
        };
        Err(ZooError::BadParameter {
            family: self.family,
            parameter: "arrangement".to_owned(),
            value: value.to_owned(),
            expected: "the word series or parallel".to_owned(),
        })
    }

    fn nothing_left(self) -> Result<(), ZooError> {
        let Some((name, _)) = self.left.first() else { return Ok(()) };
        Err(ZooError::UnknownParameter {
            family: self.family,
            parameter: (*name).to_owned(),
            known: self.read.join(", "),
        })
    }
}
