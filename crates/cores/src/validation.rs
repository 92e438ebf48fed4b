//! The model against real cores, beside a naive one with as many scalars.
//!
//! Scalars are fitted to every other kernel's products, and the rest are predicted.

use super::{
    core::Core,
    products::{self, Product, Products},
};
use serde::Serialize;

/// Scalars that a core's model has at most.
const SCALARS: usize = 4;

/// Values of them.
type Scalars = [f64; SCALARS];

/// How far a model is from what was measured on a core.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Validation {
    /// The core.
    pub core: String,
    /// Where its measured times stand.
    pub source: String,
    /// The model.
    pub model: &'static str,
    /// How many scalars were fitted.
    pub scalars: usize,
    /// Of the products that they were fitted to.
    pub fitted: Errors,
    /// Of those that were predicted.
    pub predicted: Errors,
    /// Of products of a matrix and a vector, predicted as well.
    pub vectors: Errors,
}

/// Relative errors without their sign.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Errors {
    /// How many products.
    pub products: usize,
    /// Half of them are below this.
    pub median: f64,
    /// Nine tenths of them are.
    pub p90: f64,
}

/// A way to tell a product's time.
struct Model {
    name: &'static str,
    /// How many of its scalars are fitted, the first ones.
    free: usize,
    /// Nanoseconds.
    ns: fn(&Core, &Product, &Scalars) -> f64,
    start: Scalars,
}

/// The models: the figures of the core's file at whatever clock it ran; the same with factors of loads and stores, and
/// cycles that a tile takes to start; multiply-adds and bytes.
const MODELS: [Model; 3] = [
    Model { name: "figures", free: 1, ns: described, start: [1.0, 1.0, 1.0, 0.0] },
    Model { name: "fitted", free: SCALARS, ns: described, start: [1.0, 1.0, 1.0, 30.0] },
    Model { name: "naive", free: SCALARS, ns: naive, start: [0.1, 0.1, 0.1, 100.0] },
];

/// Nanoseconds a cycle, factors of loads and stores, cycles to start a tile.
fn described(core: &Core, product: &Product, &[ns, loads, stores, start]: &Scalars) -> f64 {
    let cycles = core.cycles(&product.instructions, product.chains, [loads, stores]);
    ns * (core.together(&cycles) + start * product.tiles as f64)
}

/// Nanoseconds a multiply-add, a byte, an element of the product, and a product.
fn naive(_: &Core, product: &Product, scalars: &Scalars) -> f64 {
    let [m, k, n] = product.size.map(|axis| axis as f64);
    let counts = [m * k * n, 4.0 * (m * k + k * n + m * n), m * n, 1.0];
    counts.iter().zip(scalars).map(|(count, ns)| count * ns).sum()
}

/// Every model on every core that was measured.
///
/// # Errors
/// Where the lab's file of products is broken.
pub fn validate() -> Result<Vec<Validation>, toml::de::Error> {
    let measured = Products::read()?;
    let mut all = Vec::new();
    for of_core in &measured.cores {
        let Some(core) = products::core(&of_core.name) else { continue };
        let (mut fitted, mut predicted, mut vectors) = (Vec::new(), Vec::new(), Vec::new());
        for (column, kernel) in measured.kernels.iter().enumerate() {
            let group = match (kernel.is_tile(), column % 2) {
                (false, _) => &mut vectors,
                (true, 0) => &mut fitted,
                (true, _) => &mut predicted,
            };
            group.extend(kernel.products(of_core, column, &core));
        }
        all.extend(MODELS.iter().map(|model| {
            let scalars = model.fit(&core, &fitted);
            let errors = |products: &[Product]| Errors::of(model.errors(&core, products, &scalars));
            Validation {
                core: core.name.clone(),
                source: of_core.source.clone(),
                model: model.name,
                scalars: model.free,
                fitted: errors(&fitted),
                predicted: errors(&predicted),
                vectors: errors(&vectors),
            }
        }));
    }
    Ok(all)
}

impl Model {
    fn errors(&self, core: &Core, products: &[Product], scalars: &Scalars) -> Vec<f64> {
        let error =
            |product: &Product| ((self.ns)(core, product, scalars) / product.ns - 1.0).abs();
        products.iter().map(error).collect()
    }

    /// The scalars of the least mean error that steps from the start lead to, one scalar at a time, ever shorter.
    fn fit(&self, core: &Core, products: &[Product]) -> Scalars {
        let loss = |scalars: &Scalars| self.errors(core, products, scalars).iter().sum::<f64>();
        let (mut best, mut step) = (self.start, 2.0_f64);
        let mut least = loss(&best);
        while step > 1.001 {
            let before = least;
            for scalar in 0..self.free {
                for factor in [step, 1.0 / step] {
                    let mut tried = best;
                    tried[scalar] *= factor;
                    let lost = loss(&tried);
                    if lost < least {
                        (least, best) = (lost, tried);
                    }
                }
            }
            if least >= before {
                step = step.sqrt();
            }
        }
        best
    }
}

impl Errors {
    fn of(mut errors: Vec<f64>) -> Self {
        errors.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * errors.len() as f64) as usize;
            errors.get(place).copied().unwrap_or(0.0)
        };
        Self { products: errors.len(), median: at(0.5), p90: at(0.9) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'v>(all: &'v [Validation], core: &str, model: &str) -> &'v Validation {
        all.iter().find(|v| v.core.contains(core) && v.model == model).unwrap()
    }

    #[test]
    fn products_that_were_not_fitted_are_predicted_and_better_than_naively() {
        let all = validate().unwrap();
        for core in ["A53", "M1"] {
            let [figures, fitted, naive] =
                ["figures", "fitted", "naive"].map(|model| of(&all, core, model).predicted);
            assert_eq!(fitted.products, 2 * if core == "A53" { 311 } else { 272 });
            assert!(fitted.median <= 0.10 && fitted.p90 <= 0.25, "{core}: {fitted:?}");
            assert!(figures.median < naive.median, "{core}: {figures:?} {naive:?}");
            assert!(2.0 * fitted.p90 < naive.p90, "{core}: {fitted:?} {naive:?}");
        }
    }

    #[test]
    fn errors_are_ranked_by_hand() {
        let errors = Errors::of((0..10).rev().map(f64::from).collect());
        assert_eq!(errors, Errors { products: 10, median: 5.0, p90: 9.0 });
    }
}
