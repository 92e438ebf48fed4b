//! The network that several tests run.

use ops::{
    BatchNorm, Binary, ChannelShuffle, ChannelSplit, Concat, Conv2d, Flatten, Graph, GraphBuilder,
    GraphError, Linear, Pool2d, Unary, UnaryFn, Value,
};
use profile::Shape;

/// A ShuffleNetV2 unit between a stem and a head: every class of operator.
pub fn unit(input: Shape) -> Result<Graph, GraphError> {
    let mut b = GraphBuilder::new("unit", input);
    let relu = Unary(UnaryFn::Relu);
    let stem = b.push("stem", Conv2d::new(12, 3).stride(2).padding(1), &[Value::INPUT])?;
    let stem = b.push("stem.bn", BatchNorm::default(), &[stem])?;
    let stem = b.push("stem.relu", relu, &[stem])?;
    let left = b.push("left", ChannelSplit { start: 0, len: 6 }, &[stem])?;
    let right = b.push("right", ChannelSplit { start: 6, len: 6 }, &[stem])?;
    let x = b.push("dw", Conv2d::depthwise(6, 3), &[right])?;
    let x = b.push("dw.bn", BatchNorm::default(), &[x])?;
    let x = b.push("pw", Conv2d::new(6, 1).groups(2).bias(), &[x])?;
    let x = b.push("pw.bn", BatchNorm::default(), &[x])?;
    let x = b.push("shortcut", Binary::ADD, &[x, right])?;
    let x = b.push("concat", Concat, &[left, x])?;
    let x = b.push("shuffle", ChannelShuffle { groups: 2 }, &[x])?;
    let x = b.push("pool", Pool2d::max(3, 2).padding(1), &[x])?;
    let x = b.push("flatten", Flatten, &[x])?;
    let x = b.push("fc", Linear::new(10), &[x])?;
    Ok(b.finish(x))
}
