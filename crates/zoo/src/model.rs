//! A family with its parameters: `shufflenet_v1(groups=3)`.

use crate::{
    Arguments, FAMILIES, Family, Preset, ZooError,
    naming::alike,
    net::{BuildError, Net},
};
use ops::Graph;
use profile::Shape;
use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write,
};

/// How a model is built beyond its own parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Height and width of the input; the model's own where `None`.
    pub input: Option<(usize, usize)>,
    /// Images a run.
    pub batch: usize,
}

impl Default for Options {
    /// The model's own input, one image.
    fn default() -> Self {
        Self { input: None, batch: 1 }
    }
}

impl Options {
    /// Height and width of the input of `model`, whose own are `own`.
    ///
    /// # Errors
    /// Where they, or the batch, are nothing that a network can take.
    pub(crate) fn size(self, model: &str, own: (usize, usize)) -> Result<(usize, usize), ZooError> {
        let (h, w) = self.input.unwrap_or(own);
        let asked = [("batch", self.batch), ("input height", h), ("input width", w)];
        let Some((option, value)) = asked.into_iter().find(|(_, v)| !(1..=LARGEST).contains(v))
        else {
            return Ok((h, w));
        };
        let expected = format!("1 to {LARGEST}");
        Err(ZooError::BadOption { model: model.to_owned(), option, value, expected })
    }
}

/// A family with a value for each of its parameters.
#[derive(Clone, Debug)]
pub struct Model {
    name: String,
    family: &'static Family,
    arguments: Arguments,
}

/// Largest batch, input height and input width, and largest count of a guideline's block.
pub const LARGEST: usize = 1 << 16;

impl Model {
    /// Reads `name` or `name(parameter=value, …)`, where the name is [like](alike) a preset's or a family's.
    ///
    /// # Errors
    /// Where there is no such model or parameter, or a value is out of its range.
    pub fn parse(spec: &str) -> Result<Self, ZooError> {
        let (name, given) = split(spec)?;
        let Known { name, family, preset } = find(name)?;
        let mut arguments = Arguments::of(family.parameters);
        let preset = pairs(spec, preset)?;
        let given = pairs(spec, given)?;
        demand_once(family.name, &given)?;
        for (parameter, value) in preset.iter().chain(&given) {
            assign(family, &mut arguments, parameter, value)?;
        }
        let name = canonical(name, &given, &arguments);
        Ok(Self { name, family, arguments })
    }

    /// Its name as profiles print it: the name asked for as the zoo spells it, and the parameters that were
    /// given with it in the family's order, without spaces.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its family.
    pub const fn family(&self) -> &'static Family {
        self.family
    }

    /// Every parameter's value.
    pub const fn arguments(&self) -> &Arguments {
        &self.arguments
    }

    /// Channels, height and width of its own input.
    pub fn default_input(&self) -> [usize; 3] {
        (self.family.input)(&self.arguments)
    }

    /// The network as its figure draws it, level raw.
    ///
    /// # Errors
    /// Where the parameters or the input make no network: the error names the parameters and the
    /// node.
    pub fn build(&self, options: Options) -> Result<Graph, ZooError> {
        let [c, h, w] = self.default_input();
        let (h, w) = options.size(&self.name, (h, w))?;
        let mut net = Net::new(&self.name, Shape::new(options.batch, c, h, w));
        match (self.family.build)(&mut net, &self.arguments) {
            Ok(output) => Ok(net.finish(output)),
            Err(error) => Err(self.error(error)),
        }
    }

    fn error(&self, error: BuildError) -> ZooError {
        let family = self.family.name;
        match error {
            BuildError::Graph(source) => ZooError::Graph {
                family,
                settings: self.arguments.to_string(),
                source: Box::new(source),
            },
            BuildError::Parameter { name, expected } => ZooError::BadParameter {
                family,
                parameter: name.to_owned(),
                value: self.arguments.get(name).to_string(),
                expected,
            },
        }
    }
}

impl Family {
    /// Every network that a preset names, once.
    pub fn models(&'static self) -> Vec<Model> {
        let mut models: Vec<Model> = Vec::new();
        for preset in self.presets {
            let model = Model::parse(preset.name).unwrap_or_else(|e| unreachable!("{e}"));
            if models.iter().all(|m| m.arguments() != model.arguments()) {
                models.push(model);
            }
        }
        models
    }
}

/// The name, and the text between the parentheses.
pub(crate) fn split(spec: &str) -> Result<(&str, &str), ZooError> {
    let spec = spec.trim();
    let malformed = |what| ZooError::Malformed { spec: spec.to_owned(), what };
    if spec.is_empty() {
        return Err(malformed("is empty"));
    }
    let Some((name, rest)) = spec.split_once('(') else { return Ok((spec, "")) };
    let inside = rest.strip_suffix(')').ok_or_else(|| malformed("does not end in `)`"))?;
    Ok((name.trim(), inside))
}

/// `a=1, b=2` as pairs.
fn pairs<'a>(spec: &str, text: &'a str) -> Result<Vec<(&'a str, &'a str)>, ZooError> {
    let what = "has a parameter without `=`";
    let malformed = || ZooError::Malformed { spec: spec.to_owned(), what };
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').ok_or_else(malformed)?;
            Ok((name.trim(), value.trim()))
        })
        .collect()
}

/// Refuses parameters of which one stands twice: nobody can say which of its values is meant.
pub(crate) fn demand_once(family: &'static str, given: &[(&str, &str)]) -> Result<(), ZooError> {
    let mut names = HashSet::new();
    match given.iter().find(|(name, _)| !names.insert(*name)) {
        None => Ok(()),
        Some((name, _)) => {
            Err(ZooError::RepeatedParameter { family, parameter: (*name).to_owned() })
        }
    }
}

/// What can be asked for by a name: a published network, or a family with its default parameters.
struct Known {
    name: &'static str,
    family: &'static Family,
    /// The published network's parameters; none of a family.
    preset: &'static str,
}

/// All that can be asked for, published networks before families: some share a name.
fn known() -> impl Iterator<Item = Known> {
    let presets = |&family: &&'static Family| {
        let known = move |p: &Preset| Known { name: p.name, family, preset: p.arguments };
        family.presets.iter().map(known)
    };
    let family = |&family: &&'static Family| Known { name: family.name, family, preset: "" };
    FAMILIES.iter().flat_map(presets).chain(FAMILIES.iter().map(family))
}

/// The names of all published networks and families, each once.
pub fn names() -> Vec<&'static str> {
    let names: BTreeSet<&str> = known().map(|known| known.name).collect();
    names.into_iter().collect()
}

/// What the zoo has by a name like `name`.
fn find(name: &str) -> Result<Known, ZooError> {
    known().find(|known| alike(known.name, name)).ok_or_else(|| {
        let likeness = |known| strsim::jaro_winkler(known, &name.to_lowercase());
        let mut nearest: Vec<(f64, &str)> = names()
            .into_iter()
            .map(|known| (likeness(known), known))
            .filter(|(likeness, _)| *likeness > 0.8)
            .collect();
        nearest.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.cmp(y)));
        let nearest = nearest.into_iter().take(3).map(|(_, name)| name).collect();
        ZooError::UnknownModel { name: name.to_owned(), nearest }
    })
}

fn assign(
    family: &'static Family,
    arguments: &mut Arguments,
    name: &str,
    value: &str,
) -> Result<(), ZooError> {
    let Some(parameter) = family.parameters.iter().find(|p| p.name == name) else {
        let known: Vec<&str> = family.parameters.iter().map(|p| p.name).collect();
        return Err(ZooError::UnknownParameter {
            family: family.name,
            parameter: name.to_owned(),
            known: known.join(", "),
        });
    };
    let setting = parameter.parse(value).map_err(|expected| ZooError::BadParameter {
        family: family.name,
        parameter: name.to_owned(),
        value: value.to_owned(),
        expected,
    })?;
    arguments.set(name, setting);
    Ok(())
}

/// `name(a=1,b=2)` of the parameters that were given, whatever their order and spelling.
fn canonical(name: &str, given: &[(&str, &str)], arguments: &Arguments) -> String {
    let mut text = name.to_owned();
    let mut separator = '(';
    for (parameter, setting) in arguments.iter() {
        if given.iter().any(|(name, _)| *name == parameter) {
            let _ = write!(text, "{separator}{parameter}={setting}");
            separator = ',';
        }
    }
    if separator == ',' {
        text.push(')');
    }
    text
}
