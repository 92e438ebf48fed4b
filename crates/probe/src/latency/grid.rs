//! A grid of operators: values of each parameter, and an operator for each combination that makes one.

use super::alone::alone;
use crate::args::InputSize;
use anyhow::{Context, anyhow, bail, ensure};
use clap::{Args, ValueEnum};
use ops::{
    Binary, ChannelShuffle, Conv2d, Graph, GraphBuilder, Linear, Op, Pool2d, Unary, UnaryFn, Value,
};
use profile::{Level, Shape, file, shortened};
use serde::Deserialize;
use std::{fmt, io, path::Path, str::FromStr};

/// Most combinations of a table.
const MOST: usize = 20_000;

/// Functions of one input that need no number.
const FUNCTIONS: [UnaryFn; 9] = [
    UnaryFn::Relu,
    UnaryFn::Relu6,
    UnaryFn::Sigmoid,
    UnaryFn::Tanh,
    UnaryFn::Silu,
    UnaryFn::HardSigmoid,
    UnaryFn::HardSwish,
    UnaryFn::Gelu,
    UnaryFn::Mish,
];

/// Functions of two inputs.
const OF_TWO: [Binary; 2] = [Binary::ADD, Binary::MUL];

/// What a grid is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Convolutions with a bias, padded to keep the size: in, out-channels, kernel, stride, groups, size.
    Conv2d,
    /// Fully connected: in, out-channels.
    Linear,
    /// Pooling: in, function (max, average, global), kernel, stride, size.
    Pool,
    /// Channel shuffle: in, groups, size.
    Shuffle,
    /// Element by element: in, function (relu, add, mul, sigmoid, …), size.
    ElementWise,
}

/// Groups of a convolution or a shuffle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Groups {
    /// So many.
    Count(usize),
    /// As many as channels; the convolution then has as many outputs as inputs.
    Depthwise,
}

impl FromStr for Groups {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.parse()) {
            ("depthwise", _) => Ok(Self::Depthwise),
            (_, Ok(count)) if count > 0 => Ok(Self::Count(count)),
            _ => Err("expected a whole number from 1, or depthwise"),
        }
    }
}

/// Values of each parameter. A kind of operator refuses those that it has no use for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Axes {
    /// The kind of operators.
    pub kind: Option<Kind>,
    /// Input channels.
    #[arg(long = "in", value_name = "C", value_delimiter = ',')]
    #[serde(rename = "in")]
    pub channels: Vec<usize>,
    /// Output channels; without it, as many as input channels.
    #[arg(long, value_name = "C", value_delimiter = ',')]
    pub out_channels: Vec<usize>,
    /// Sizes of square kernels and windows.
    #[arg(long, value_name = "K", value_delimiter = ',')]
    pub kernel: Vec<usize>,
    /// Strides.
    #[arg(long, value_name = "S", value_delimiter = ',')]
    pub stride: Vec<usize>,
    /// Groups of channels; `depthwise` for as many as channels.
    #[arg(long, value_name = "G", value_delimiter = ',')]
    #[serde(deserialize_with = "spelled")]
    pub groups: Vec<Groups>,
    /// Heights and widths of the input: `56` or `56x28`.
    #[arg(long, value_name = "HxW", value_delimiter = ',')]
    #[serde(deserialize_with = "spelled")]
    pub size: Vec<InputSize>,
    /// Functions of pools (`max`, `average`, `global`) and of element-wise operators (`relu`, `add`, …).
    #[arg(long, value_name = "F", value_delimiter = ',')]
    pub function: Vec<String>,
}

/// Values of a file, numbers or texts, each read as the command line reads it.
fn spelled<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    let values: Vec<toml::Value> = Vec::deserialize(deserializer)?;
    let text =
        |value: &toml::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let read =
        |value| text(value).parse().map_err(|e| serde::de::Error::custom(format!("{value}: {e}")));
    values.iter().map(read).collect()
}

/// A combination of values.
#[derive(Clone, Default)]
struct Point {
    channels: usize,
    out: Option<usize>,
    kernel: Option<usize>,
    stride: Option<usize>,
    groups: Option<Groups>,
    size: Option<InputSize>,
    function: Option<String>,
}

impl Axes {
    /// The operators of all combinations, each once, as networks of their own; and, of combinations that make none,
    /// the reasons.
    ///
    /// # Errors
    /// Where a value is missing or of no use to this kind, and where there are too many combinations or no operator.
    pub fn operators(&self, batch: usize) -> anyhow::Result<(Vec<Graph>, Vec<String>)> {
        let kind = self.kind.context(
            "no kind of operators: expected conv2d, linear, pool, shuffle or element-wise",
        )?;
        self.demand(kind)?;
        let mut points = vec![Point::default()];
        cross(&mut points, &self.channels, |p, &v| p.channels = v);
        cross(&mut points, &self.out_channels, |p, &v| p.out = Some(v));
        cross(&mut points, &self.kernel, |p, &v| p.kernel = Some(v));
        cross(&mut points, &self.stride, |p, &v| p.stride = Some(v));
        cross(&mut points, &self.groups, |p, &v| p.groups = Some(v));
        cross(&mut points, &self.size, |p, &v| p.size = Some(v));
        cross(&mut points, &self.function, |p, v| p.function = Some(v.clone()));
        let (mut made, mut left_out) = (Vec::new(), Vec::new());
        for point in points {
            match point.graph(kind, batch) {
                Ok(graph) => made.push(graph),
                Err(why) => left_out.push(format!("{why:#}")),
            }
        }
        ensure!(!made.is_empty(), "no combination makes an operator: {}", left_out[0]);
        Ok((made, left_out))
    }

    /// Refuses values of no use, missing ones, and too many combinations.
    fn demand(&self, kind: Kind) -> anyhow::Result<()> {
        let given = [
            ("in", self.channels.len()),
            ("out-channels", self.out_channels.len()),
            ("kernel", self.kernel.len()),
            ("stride", self.stride.len()),
            ("groups", self.groups.len()),
            ("size", self.size.len()),
            ("function", self.function.len()),
        ];
        let (needed, used): (&[&str], &[&str]) = match kind {
            Kind::Conv2d => (&["in", "kernel", "size"], &["out-channels", "stride", "groups"]),
            Kind::Linear => (&["in", "out-channels"], &[]),
            Kind::Pool => (&["in", "size"], &["function", "kernel", "stride"]),
            Kind::Shuffle => (&["in", "groups", "size"], &[]),
            Kind::ElementWise => (&["in", "function", "size"], &[]),
        };
        let name = kind.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
        for (axis, values) in given {
            let (must, may) = (needed.contains(&axis), used.contains(&axis));
            ensure!(values > 0 || !must, "{name} needs --{axis}");
            ensure!(values == 0 || must || may, "{name} has no use for --{axis}: leave it out");
        }
        let combinations = given.iter().map(|(_, values)| (*values).max(1) as f64).product::<f64>();
        ensure!(
            combinations <= MOST as f64,
            "{combinations} combinations of {name}: a table takes at most {MOST}; ask for fewer values"
        );
        Ok(())
    }
}

/// Each of `points` with each of `values`; as they are where there are none.
fn cross<T>(points: &mut Vec<Point>, values: &[T], set: impl Fn(&mut Point, &T)) {
    if values.is_empty() {
        return;
    }
    let with = |point: &Point, value| {
        let mut point = point.clone();
        set(&mut point, value);
        point
    };
    *points =
        points.iter().flat_map(|p| values.iter().map(|v| with(p, v)).collect::<Vec<_>>()).collect();
}

impl Point {
    /// The operator as a network of its own.
    fn graph(&self, kind: Kind, batch: usize) -> anyhow::Result<Graph> {
        let (op, inputs) = self.op(kind)?;
        let (h, w) = self.size.map_or((1, 1), |size| (size.h, size.w));
        let input = Shape::new(batch, self.channels, h, w);
        let mut builder = GraphBuilder::new("operator", input);
        let mut values = vec![Value::INPUT];
        values.extend((1..inputs).map(|_| builder.input(input)));
        let output = builder.push("operator", op, &values)?;
        Ok(alone(&builder.finish(output).at(Level::Folded), 0))
    }

    /// The operator, and how many inputs it has.
    fn op(&self, kind: Kind) -> anyhow::Result<(Op, usize)> {
        let (channels, stride) = (self.channels, self.stride.unwrap_or(1));
        Ok(match kind {
            Kind::Conv2d => {
                let k = self.kernel.unwrap_or(1);
                let out = self.out.unwrap_or(channels);
                let (out, groups) = match self.groups {
                    Some(Groups::Depthwise) => (channels, channels),
                    Some(Groups::Count(groups)) => (out, groups),
                    None => (out, 1),
                };
                (Conv2d::new(out, k).padding(k / 2).stride(stride).groups(groups).bias().into(), 1)
            }
            Kind::Linear => (Linear::new(self.out.unwrap_or(channels)).into(), 1),
            Kind::Pool => (self.pool(stride)?.into(), 1),
            Kind::Shuffle => {
                let groups = match self.groups {
                    Some(Groups::Count(groups)) => groups,
                    _ => bail!("a shuffle takes a number of groups"),
                };
                (ChannelShuffle { groups }.into(), 1)
            }
            Kind::ElementWise => self.element_wise()?,
        })
    }

    /// A pooling, padded to keep the size at stride 1.
    fn pool(&self, stride: usize) -> anyhow::Result<Pool2d> {
        let kernel = || self.kernel.context("pool needs --kernel, but for the function global");
        let function = self.function.as_deref().unwrap_or("max");
        Ok(match function {
            "global" => Pool2d::global_average(),
            "max" => Pool2d::max(kernel()?, stride).padding(kernel()? / 2),
            "average" => Pool2d::average(kernel()?, stride).padding(kernel()? / 2),
            _ => bail!("no pooling {function:?}: expected max, average or global"),
        })
    }

    fn element_wise(&self) -> anyhow::Result<(Op, usize)> {
        let asked = self.function.clone().unwrap_or_default().replace('-', "_");
        let of_one = FUNCTIONS.iter().find(|f| f.name() == asked).map(|&f| (Op::from(Unary(f)), 1));
        let of_two = OF_TWO.iter().find(|f| f.0.name() == asked).map(|&f| (Op::from(f), 2));
        of_one.or(of_two).with_context(|| {
            let names: Vec<&str> = FUNCTIONS
                .iter()
                .map(|f| f.name())
                .chain(OF_TWO.iter().map(|f| f.0.name()))
                .collect();
            format!("no function {asked:?}: expected one of {}", names.join(", "))
        })
    }
}

/// Grids of a file: `[[operators]]`, each a kind with its axes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grids {
    operators: Vec<Axes>,
}

/// The operators of a TOML file's grids, and the reasons for combinations that make none.
///
/// # Errors
/// Where it cannot be read, has a key that nobody reads, or a grid that [`Axes::operators`] refuses.
pub fn from_file(path: &Path, batch: usize) -> anyhow::Result<(Vec<Graph>, Vec<String>)> {
    let shown = path.display();
    let text = file::open(path).and_then(io::read_to_string).with_context(|| shown.to_string())?;
    let grids: Grids = toml::from_str(&text).map_err(|e| {
        let start = e.span().map_or(0, |span| span.start).min(text.len());
        let line = text[..start].matches('\n').count() + 1;
        anyhow!("{shown}:{line}: {}", shortened(e.message()))
    })?;
    let (mut made, mut left_out) = (Vec::new(), Vec::new());
    for (i, grid) in grids.operators.iter().enumerate() {
        let found = grid.operators(batch);
        let (graphs, reasons) = found.with_context(|| format!("{shown}: operators {}", i + 1))?;
        made.extend(graphs);
        left_out.extend(reasons);
    }
    ensure!(!made.is_empty(), "{shown}: no [[operators]]");
    Ok((made, left_out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Asked {
        #[command(flatten)]
        axes: Axes,
    }

    fn asked(line: &str) -> anyhow::Result<(Vec<Graph>, Vec<String>)> {
        let asked = Asked::parse_from(std::iter::once("test").chain(line.split(' ')));
        asked.axes.operators(1)
    }

    #[test]
    fn a_grid_has_every_combination_that_makes_an_operator() {
        let line = "conv2d --in 16,30 --out-channels 32 --kernel 1,3 --stride 1,2 --groups 1,4,depthwise --size 56,28x14";
        let (made, left_out) = asked(line).unwrap();
        assert_eq!(made.len() + left_out.len(), 2 * 2 * 2 * 3 * 2);
        assert_eq!(left_out.len(), 8, "30 channels have no 4 groups: {left_out:?}");
        assert!(left_out[0].contains("do not divide"), "{}", left_out[0]);
        let outputs = made.iter().map(|graph| graph.nodes[0].output);
        assert!(outputs.clone().any(|shape| shape == Shape::new(1, 32, 28, 28)));
        assert!(outputs.clone().any(|shape| shape == Shape::new(1, 30, 14, 7)));
    }

    #[test]
    fn each_kind_makes_its_operators() {
        for (line, made, inputs) in [
            ("linear --in 64 --out-channels 10,1000", 2, 1),
            ("pool --in 8 --size 14 --function max,average --kernel 3 --stride 2", 2, 1),
            ("pool --in 8 --size 14 --function global", 1, 1),
            ("shuffle --in 8 --groups 2,4 --size 14", 2, 1),
            ("element-wise --in 8 --function relu,hard-swish --size 14", 2, 1),
            ("element-wise --in 8 --function add --size 14", 1, 2),
        ] {
            let found = asked(line).unwrap().0;
            assert_eq!(found.len(), made, "{line}");
            assert!(found.iter().all(|graph| graph.inputs.len() == inputs), "{line}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_words() {
        for (line, words) in [
            ("conv2d --in 8 --size 14", "conv2d needs --kernel"),
            ("linear --in 8 --out-channels 8 --stride 2", "linear has no use for --stride"),
            (
                "element-wise --in 8 --function rleu --size 14",
                "no function \"rleu\": expected one of relu",
            ),
            ("shuffle --in 8 --groups depthwise --size 14", "a shuffle takes a number of groups"),
            ("conv2d --in 0 --kernel 3 --size 14", "no combination makes an operator"),
        ] {
            let refusal = format!("{:#}", asked(line).unwrap_err());
            assert!(refusal.contains(words), "{line}: {refusal}");
        }
        let many = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20";
        let line = format!(
            "conv2d --in {many} --out-channels {many} --kernel {many} --stride {many} --size 7"
        );
        assert!(asked(&line).unwrap_err().to_string().contains("at most 20000"));
    }

    #[test]
    fn a_file_has_several_grids() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grid.toml");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            from_file(&path, 2)
                .map(|(made, _)| made.iter().map(|g| g.inputs[0].to_string()).collect::<Vec<_>>())
        };
        let good = "[[operators]]\nkind = \"conv2d\"\nin = [8]\nkernel = [3]\ngroups = [1, \"depthwise\"]\nsize = [7, \"7x14\"]\n\
                    [[operators]]\nkind = \"linear\"\nin = [8]\nout-channels = [4]\n";
        assert_eq!(read(good).unwrap().len(), 5);
        for (bad, words) in [
            ("[[operators]]\nkind = \"conv3d\"\n", "grid.toml:2"),
            ("[[operators]]\nkind = \"linear\"\nins = [8]\n", "grid.toml:"),
            ("[[operators]]\nkind = \"linear\"\nin = [8]\n", "linear needs --out-channels"),
            ("", "grid.toml:1"),
        ] {
            let refusal = format!("{:#}", read(bad).unwrap_err());
            assert!(refusal.contains(words), "{bad}: {refusal}");
        }
    }
}
