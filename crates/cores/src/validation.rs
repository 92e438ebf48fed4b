//! The model against measured matrix products, beside a naive one with as many scalars.
//!
//! Scalars are fitted to every other tile's products, and the rest are predicted.

use super::{
    device::{CoreOnBoard, overlapped},
    products::{Product, Products},
    unknown::UnknownDevice,
};

/// Scalars that a core's model has at most.
const SCALARS: usize = 4;

/// Values of them.
type Scalars = [f64; SCALARS];

/// How far a model is from what was measured on a core: relative errors of products of kernels that it was not fitted
/// to.
#[derive(Clone, Debug, PartialEq)]
pub struct Validation {
    /// The core.
    pub core: String,
    /// Where its measured times stand.
    pub source: String,
    /// The model.
    pub model: &'static str,
    /// The scalars that were fitted.
    pub scalars: Vec<f64>,
    /// Of kernels with tiles.
    pub predicted: Vec<f64>,
    /// Of kernels for a matrix and a vector.
    pub vectors: Vec<f64>,
}

/// A way to tell a product's time.
struct Model {
    name: &'static str,
    /// How many of its scalars are fitted, the first ones.
    free: usize,
    /// Nanoseconds.
    ns: fn(&CoreOnBoard, &Product, &Scalars) -> f64,
    /// Where the fit begins; what is not fitted stays.
    start: fn(&CoreOnBoard) -> Scalars,
}

/// The models: the figures of the core's file at whatever clock it ran; the same with a factor of loads, cycles that a
/// tile takes to start and an overlap of their own; multiply-adds and bytes.
const MODELS: [Model; 3] = [
    Model {
        name: "figures",
        free: 1,
        ns: described,
        start: |device| [1.0, 1.0, 0.0, device.core().overlap.get()],
    },
    Model { name: "fitted", free: SCALARS, ns: described, start: |_| [1.0, 1.0, 300.0, 0.5] },
    Model { name: "naive", free: SCALARS, ns: naive, start: |_| [0.1, 0.1, 0.1, 100.0] },
];

/// Nanoseconds a cycle, a factor of loads, cycles to start a tile, the overlap of core and memory.
fn described(
    device: &CoreOnBoard,
    product: &Product,
    &[ns, loads, start, overlap]: &Scalars,
) -> f64 {
    let core = device.core();
    let cycles = core.cycles(&product.instructions, product.chains, loads);
    let core_ns = ns * (core.together(&cycles) + start * product.tiles as f64);
    overlapped(core_ns, device.memory_ns(&product.traffic), overlap)
}

/// Nanoseconds a multiply-add, a byte, an element of the product, and a product.
fn naive(_: &CoreOnBoard, product: &Product, scalars: &Scalars) -> f64 {
    let [m, k, n] = product.size.map(|axis| axis as f64);
    let counts = [m * k * n, 4.0 * (m * k + k * n + m * n), m * n, 1.0];
    counts.iter().zip(scalars).map(|(count, ns)| count * ns).sum()
}

/// Every model on every core that was measured.
///
/// # Errors
/// Where the lab's file of products is broken, or names a core or board that is not there.
pub fn validate() -> Result<Vec<Validation>, UnknownDevice> {
    let measured = Products::read()?;
    let mut all = Vec::new();
    for of_core in &measured.cores {
        let device: CoreOnBoard = format!("{}@{}", of_core.name, of_core.board).parse()?;
        let (mut fitted, mut predicted, mut vectors) = (Vec::new(), Vec::new(), Vec::new());
        for (column, kernel) in measured.kernels.iter().enumerate() {
            let group = match (kernel.is_tile(), column % 2) {
                (false, _) => &mut vectors,
                (true, 0) => &mut fitted,
                (true, _) => &mut predicted,
            };
            group.extend(kernel.products(of_core, column, &device));
        }
        all.extend(MODELS.iter().map(|model| {
            let scalars = model.fit(&device, &fitted);
            let errors = |products: &[Product]| model.errors(&device, products, &scalars);
            Validation {
                core: device.core().name.clone(),
                source: format!("sonos/tract {}", of_core.source),
                model: model.name,
                scalars: scalars[..model.free].to_vec(),
                predicted: errors(&predicted),
                vectors: errors(&vectors),
            }
        }));
    }
    Ok(all)
}

impl Model {
    fn errors(&self, device: &CoreOnBoard, products: &[Product], scalars: &Scalars) -> Vec<f64> {
        let error = |product: &Product| (self.ns)(device, product, scalars) / product.ns - 1.0;
        products.iter().map(error).collect()
    }

    /// The scalars of the least mean error.
    fn fit(&self, device: &CoreOnBoard, products: &[Product]) -> Scalars {
        let loss = |scalars: &Scalars| {
            self.errors(device, products, scalars).iter().map(|error| error.abs()).sum()
        };
        stats::descend((self.start)(device), self.free, loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'v>(all: &'v [Validation], core: &str, model: &str) -> &'v Validation {
        all.iter().find(|v| v.core.contains(core) && v.model == model).unwrap()
    }

    /// Median and 90th percentile.
    fn sizes(errors: &[f64]) -> [f64; 2] {
        let mut sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        [stats::median(&sizes), stats::quantile(&sizes, 0.9)].map(Option::unwrap)
    }

    #[test]
    fn products_that_were_not_fitted_are_predicted_and_better_than_naively() {
        let all = validate().unwrap();
        for core in ["A53", "M1"] {
            let predicted = |model| &of(&all, core, model).predicted;
            assert_eq!(predicted("fitted").len(), 2 * if core == "A53" { 311 } else { 272 });
            let [figures, fitted, naive] =
                ["figures", "fitted", "naive"].map(|model| sizes(predicted(model)));
            assert!(fitted[0] <= 0.10 && fitted[1] <= 0.25, "{core}: {fitted:?}");
            assert!(figures[0] < naive[0], "{core}: {figures:?} {naive:?}");
            assert!(1.5 * fitted[1] < naive[1], "{core}: {fitted:?} {naive:?}");
        }
    }

    #[test]
    fn a_core_s_file_has_the_overlap_that_fits() {
        let all = validate().unwrap();
        let fitted = *of(&all, "A53", "fitted").scalars.last().unwrap();
        let a53: CoreOnBoard = "cortex-a53@rockpro64".parse().unwrap();
        let of_file = a53.core().overlap.get();
        assert!((fitted - of_file).abs() < 0.05, "fitted {fitted}, in the file {of_file}");
    }
}
