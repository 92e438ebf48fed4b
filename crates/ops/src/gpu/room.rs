//! Does a network fit on an adapter? Asked before anything is measured.
//!
//! What an adapter's limits forbid is known without it: [`demand`] needs its [`AdapterLimits`] alone.

use super::{AdapterLimits, Candidate, Site, joined::joined, slots::Slots, vectors};
use crate::{Epilogue, Graph, Keep};
use profile::Shape;

/// Why a network does not fit on an adapter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// An activation or a weight.
    #[error(
        "{what} takes {bytes} bytes in one piece, and a shader of this adapter sees at most {most}: \
         use a smaller batch or input, or the CPU"
    )]
    Piece {
        /// What it is.
        what: String,
        /// Its size.
        bytes: u64,
        /// The adapter's limit.
        most: u64,
    },
    /// No kernel takes a node: its loops would be cut off, or its grid has no room.
    #[error(
        "node `{node}` ({kind}, output {output}) is too large for every GPU kernel: run it on the CPU"
    )]
    Kernel {
        /// The node.
        node: String,
        /// Its operator.
        kind: &'static str,
        /// Shape of its output.
        output: Shape,
    },
}

/// Refuses a network of which a piece is larger than the limits of an adapter of such traits.
///
/// # Errors
/// In that case, naming the piece, its size and the limit.
pub fn demand(graph: &Graph, traits: AdapterLimits) -> Result<(), NoRoom> {
    one_by_one(graph, traits).map(drop)
}

/// Dispatches of each node on an adapter of such traits where each has its own, with the kernels that are chosen
/// without tuning; none of a view.
///
/// # Errors
/// As [`demand`].
pub(super) fn one_by_one(graph: &Graph, traits: AdapterLimits) -> Result<Vec<usize>, NoRoom> {
    let demand = |what: &str, shape: Shape| piece(what, vectors(shape), traits);
    graph.inputs.iter().try_for_each(|&input| demand("the input", input))?;
    for node in &graph.nodes {
        demand(&format!("the output of `{}`", node.name), node.output)?;
    }
    let mut dispatches = vec![0; graph.nodes.len()];
    let run = &joined(graph, Keep::Output);
    Slots::new(run, Keep::Output, traits).each_site(run, traits, |i, site| {
        let kernels = kernels(run, i, site)?;
        dispatches[i] = kernels.first().map_or(0, |chosen| chosen.plan.dispatches.len());
        Ok(())
    })?;
    Ok(dispatches)
}

/// The kernels that can take node `i`, those that suit it well first; at least one.
pub(super) fn kernels<'a>(
    graph: &'a Graph,
    i: usize,
    site: &'a Site<'a>,
) -> Result<Vec<Candidate<'a>>, NoRoom> {
    let node = &graph.nodes[i];
    let kernels = node.op.gpu(site);
    let heaviest = |c: &Candidate<'_>| c.plan.weights.iter().copied().max().unwrap_or(0);
    if let Some(least) = kernels.iter().map(heaviest).min() {
        piece(&format!("a weight of `{}`", node.name), least, site.traits)?;
    }
    let kernels = fitting(kernels, node.epilogue, site);
    if kernels.is_empty() {
        let (node, kind, output) = (node.name.clone(), node.op.kind(), node.output);
        return Err(NoRoom::Kernel { node, kind, output });
    }
    Ok(kernels)
}

/// Those of `kernels` that fit on the adapter, with `end` done to what they write.
pub(super) fn fitting<'a>(
    mut kernels: Vec<Candidate<'a>>,
    end: Epilogue,
    site: &Site<'_>,
) -> Vec<Candidate<'a>> {
    kernels.iter_mut().for_each(|c| c.plan.finish(end, site));
    kernels.retain(|c| c.plan.fits(&site.traits));
    kernels
}

/// Refuses `what` of so many quads where a shader cannot see it whole.
pub(super) fn piece(what: &str, quads: usize, traits: AdapterLimits) -> Result<(), NoRoom> {
    let most = traits.most_quads();
    if quads <= most {
        return Ok(());
    }
    let [bytes, most] = [quads, most].map(|q| q as u64 * 16);
    Err(NoRoom::Piece { what: what.to_owned(), bytes, most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conv2d, GraphBuilder, Linear, Op, Value};

    fn of_one(op: impl Into<Op>, input: Shape) -> Graph {
        let mut b = GraphBuilder::new("one", input);
        let x = b.push("op", op, &[Value::INPUT]).unwrap();
        b.finish(x)
    }

    #[test]
    fn what_is_too_large_is_named_with_its_size_and_the_limit() {
        let small = |max_binding| AdapterLimits { max_binding, ..AdapterLimits::WEBGPU };
        let refused = |graph: &Graph, traits| match demand(graph, traits) {
            Err(NoRoom::Piece { what, bytes, most }) => Some((what, bytes, most)),
            Err(other) => panic!("{other}"),
            Ok(()) => None,
        };
        let grows = of_one(Conv2d::new(64, 1), Shape::new(1, 4, 8, 8));
        let found = |what: &str, bytes, most| Some((what.to_owned(), bytes, most));
        assert_eq!(refused(&grows, small(16 << 10)), None);
        let limit = (16 << 10) - 16;
        assert_eq!(refused(&grows, small(limit)), found("the output of `op`", 16 << 10, limit));
        assert_eq!(refused(&grows, small(512)), found("the input", 1 << 10, 512));
        let heavy = of_one(Linear::new(4), Shape::new(1, 4096, 1, 1));
        let (what, bytes, most) = refused(&heavy, small(32 << 10)).unwrap();
        assert_eq!((what.as_str(), most), ("a weight of `op`", 32 << 10));
        assert!(bytes >= 64 << 10, "{bytes}");
    }

    /// The limit of textures is their side; what is read back goes through a buffer.
    #[test]
    fn each_limit_of_an_adapter_is_heeded() {
        let graph = of_one(Conv2d::new(4, 1), Shape::new(1, 4, 64, 64));
        let textures = AdapterLimits { textures: true, ..AdapterLimits::WEBGPU };
        let outcomes = [
            textures,
            AdapterLimits { max_texture: 64, ..textures },
            AdapterLimits { max_texture: 63, ..textures },
            AdapterLimits { max_buffer: (64 << 10) - 1, ..textures },
            AdapterLimits { max_buffer: (64 << 10) - 1, ..AdapterLimits::WEBGPU },
            AdapterLimits { max_workgroups: 1, ..AdapterLimits::WEBGPU },
        ]
        .map(|traits| demand(&graph, traits).is_ok());
        assert_eq!(outcomes, [true, true, false, false, false, false]);
        let narrow = demand(&graph, AdapterLimits { max_workgroups: 1, ..AdapterLimits::WEBGPU });
        assert!(matches!(narrow, Err(NoRoom::Kernel { .. })), "{narrow:?}");
    }
}
