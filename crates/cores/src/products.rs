//! Measured matrix products on real cores: what a core's figures are held against.

use super::{built_in::CORES, core::Core, figure::Described};
use profile::Instruction;
use serde::Deserialize;
use std::collections::BTreeMap;

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
    /// Where the times stand.
    pub source: String,
    /// m, k, n, and each kernel's microseconds.
    products: Vec<Vec<f64>>,
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
    pub fn read() -> Result<Self, toml::de::Error> {
        toml::from_str(PRODUCTS)
    }
}

impl TileKernel {
    /// Whether its tile has several columns: else it multiplies a matrix by a vector, each number of which is read once.
    pub const fn is_tile(&self) -> bool {
        self.columns > 1
    }

    /// Its products on a core, whose `column`th kernel it is.
    pub fn products(&self, measured: &MeasuredCore, column: usize, core: &Core) -> Vec<Product> {
        let product = |row: &Vec<f64>| {
            let [m, k, n] = [row[0], row[1], row[2]].map(|axis| axis as u64);
            let tiles = m.div_ceil(self.rows) * n.div_ceil(self.columns);
            Product {
                instructions: BTreeMap::from([
                    (Instruction::Fma, tiles * k * self.fma),
                    (Instruction::Load, tiles * k * self.load),
                    (Instruction::Store, tiles * self.rows * self.columns / 4),
                ]),
                chains: tiles * k * core.accumulate.get().round() as u64,
                tiles,
                size: [m, k, n],
                ns: 1e3 * row[3 + column],
            }
        };
        measured.products.iter().filter(|row| row.len() > 3 + column).map(product).collect()
    }
}

/// The core of this name that comes with the lab.
pub fn core(name: &str) -> Option<Core> {
    let (_, text) = CORES.iter().find(|(known, _)| *known == name)?;
    Core::parse(name, text).ok()
}
