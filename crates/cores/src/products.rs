//! Measured matrix products on real cores: what a core's figures are held against.

use super::{
    device::CoreOnBoard,
    figure::{BadFile, Described, Flaw},
    hierarchy::Traffic,
};
use profile::Instruction;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The file.
const PRODUCTS: &str = include_str!("../../../experiments/arm/products.toml");

/// Kernels, and their times on cores.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Products {
    /// The kernels.
    #[serde(rename = "kernel")]
    pub kernels: Vec<TileKernel>,
    /// The cores.
    #[serde(rename = "core")]
    pub cores: Vec<MeasuredCore>,
}

/// A kernel for a tile of the product.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TileKernel {
    rows: u64,
    columns: u64,
    /// Multiply-adds of 128 bits a step of k.
    fma: u64,
    /// Loads a step of k.
    load: u64,
}

/// What was measured on a core.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredCore {
    /// The name of its file.
    pub name: String,
    /// The board whose caches and memory stand for its own.
    pub board: String,
    /// Where the times stand.
    pub source: String,
    /// m, k, n, and each kernel's microseconds.
    products: Spanned<Vec<Vec<f64>>>,
}

/// A product of one kernel: what it does, and what that took.
#[derive(Clone, Debug)]
pub struct Product {
    /// Instructions by kind.
    pub instructions: BTreeMap<Instruction, u64>,
    /// Cycles of its chains: those of a tile end before the next tile's begin.
    pub chains: u64,
    /// Tiles.
    pub tiles: u64,
    /// Lines that come from beyond the first-level cache.
    pub traffic: Traffic,
    /// m, k, n.
    pub size: [u64; 3],
    /// Nanoseconds measured.
    pub ns: f64,
}

impl Products {
    /// Those of the lab's file.
    ///
    /// # Errors
    /// Where the file is broken.
    pub fn read() -> Result<Self, BadFile> {
        Self::parse("experiments/arm/products.toml", PRODUCTS)
    }
}

impl Described for Products {
    fn check(&self) -> Result<(), Flaw> {
        let figures = 3 + self.kernels.len();
        for MeasuredCore { name, products, .. } in &self.cores {
            let is_whole = |row: &Vec<f64>| row.len() == figures && row.iter().all(|&x| x > 0.0);
            if let Some(row) = products.get_ref().iter().position(|row| !is_whole(row)) {
                let what = format!("{name}.products[{row}]: expected {figures} figures above 0");
                return Err((products.span(), what));
            }
        }
        Ok(())
    }
}

impl TileKernel {
    /// Whether its tile has several columns: else it multiplies a matrix by a vector, each number of which is read once.
    pub const fn is_tile(&self) -> bool {
        self.columns > 1
    }

    /// Its products on a core, whose `column`th kernel it is.
    pub fn products(
        &self,
        measured: &MeasuredCore,
        column: usize,
        device: &CoreOnBoard,
    ) -> Vec<Product> {
        let product = |row: &Vec<f64>| {
            let size = [row[0], row[1], row[2]].map(|axis| axis as u64);
            let [m, k, n] = size;
            let tiles = m.div_ceil(self.rows) * n.div_ceil(self.columns);
            Product {
                instructions: BTreeMap::from([
                    (Instruction::Fma, tiles * k * self.fma),
                    (Instruction::Load, tiles * k * self.load),
                    (Instruction::Store, tiles * self.rows * self.columns / 4),
                ]),
                chains: tiles * k * device.core().accumulate.get().round() as u64,
                tiles,
                traffic: self.traffic(size, device),
                size,
                ns: 1e3 * row[3 + column],
            }
        };
        measured.products.get_ref().iter().map(product).collect()
    }

    /// Lines that each level has where nearer ones do not, in a product after many of its kind. One factor's panels are
    /// the outer loop, the other's the inner: a panel comes again for each tile where what is read until then does not
    /// fit.
    fn traffic(&self, [m, k, n]: [u64; 3], device: &CoreOnBoard) -> Traffic {
        let (rows, columns) = (m.div_ceil(self.rows), n.div_ceil(self.columns));
        let (row, column) = (4 * self.rows * k, 4 * self.columns * k);
        let inwards = |size: u64| {
            let outer = if row + column <= size { row * rows } else { row * rows * columns };
            let inner = if row + column * columns <= size { 1 } else { rows } * column * columns;
            let fits = row * rows + column * columns + 4 * m * n <= size;
            if fits { 0 } else { (outer + inner) / device.line() as u64 }
        };
        let inwards: Vec<u64> = device.cache_sizes().into_iter().map(inwards).collect();
        let next = inwards.iter().skip(1).chain([&0]);
        let served = inwards.iter().zip(next).map(|(lines, next)| lines.saturating_sub(*next));
        let served: Vec<u64> = [0].into_iter().chain(served).collect();
        Traffic { streamed: served.clone(), served, outwards: vec![0; inwards.len()], inwards }
    }
}
