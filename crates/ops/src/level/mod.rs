//! Lowering: passes from graph to graph, one a file.

mod absorb;
mod band_depthwise;
mod fold_batch_norm;
mod fuse_activation;
mod fuse_add;
mod fuse_shuffle;
mod join_maps;
mod view_concat;
mod view_split;

pub use fold_batch_norm::fold_batch_norm;

use crate::Graph;
use profile::Level;
use std::{fmt, str::FromStr};

/// A pass of level `fused`, which can be left out to see what it is worth.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// Its name on the command line and in files.
    pub name: &'static str,
    run: fn(&Graph) -> Graph,
}

/// The passes of level `fused` in the order in which they run.
pub const PASSES: &[Pass] = &[
    Pass { name: "fuse_activation", run: fuse_activation::fuse_activation },
    Pass { name: "fuse_add", run: fuse_add::fuse_add },
    Pass { name: "fuse_shuffle", run: fuse_shuffle::fuse_shuffle },
    Pass { name: "view_split", run: view_split::view_split },
    Pass { name: "view_concat", run: view_concat::view_concat },
    Pass { name: "join_maps", run: join_maps::join_maps },
    Pass { name: "band_depthwise", run: band_depthwise::band_depthwise },
];

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

/// A pass's name that is none.
#[derive(Debug, thiserror::Error)]
#[error("no pass {0:?}: expected one of {names}", names = names())]
pub struct UnknownPass(String);

fn names() -> String {
    PASSES.iter().map(|p| p.name).collect::<Vec<_>>().join(", ")
}

impl FromStr for Pass {
    type Err = UnknownPass;
    fn from_str(s: &str) -> Result<Self, UnknownPass> {
        PASSES.iter().copied().find(|p| p.name == s).ok_or_else(|| UnknownPass(s.to_owned()))
    }
}

impl Graph {
    /// This raw graph lowered to `level`.
    pub fn at(&self, level: Level) -> Self {
        match level {
            Level::Raw => self.clone(),
            Level::Folded => fold_batch_norm(self),
            Level::Fused => self.fused_without(&[]),
        }
    }

    /// This raw graph lowered to level `fused`, but for some of its passes.
    pub fn fused_without(&self, without: &[Pass]) -> Self {
        let passes = PASSES.iter().filter(|p| without.iter().all(|w| w.name != p.name));
        let fused = passes.fold(fold_batch_norm(self), |graph, pass| (pass.run)(&graph));
        Self { level: Level::Fused, ..fused }
    }
}
