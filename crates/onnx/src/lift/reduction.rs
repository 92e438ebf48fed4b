//! Reductions that the lab has no operator for, written as those that it has: over pixels first, then over channels,
//! each keeping its axes; smallest as largest of the negative, sums over pixels as means.

use super::{
    anew::{Anew, int, ints},
    pool::is_whole,
};
use crate::{
    proto::Attribute,
    read::{
        infer,
        net::{FileNet, FileStep, Id},
    },
};

/// `net` with such reductions written so.
pub(super) fn reductions(net: FileNet) -> FileNet {
    net.written_anew(reduction)
}

/// What the elements become before they are put together, how that is done, and what their result becomes.
#[derive(Clone, Copy)]
enum Way {
    Mean,
    Max,
    Min,
    Sum,
    /// Of absolute values.
    L1,
    SumOfSquares,
    L2,
}

impl Way {
    fn of(kind: &str, p: i64) -> Option<Self> {
        Some(match kind {
            "ReduceMean" => Self::Mean,
            "ReduceMax" => Self::Max,
            "ReduceMin" => Self::Min,
            "ReduceSum" => Self::Sum,
            "ReduceL1" => Self::L1,
            "ReduceSumSquare" => Self::SumOfSquares,
            "ReduceL2" => Self::L2,
            "GlobalLpPool" if p == 1 => Self::L1,
            "GlobalLpPool" if p == 2 => Self::L2,
            _ => return None,
        })
    }
}

fn reduction(net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    if call.kind == "LpPool" {
        return windows(net, step);
    }
    let way = Way::of(call.kind, call.int("p", 2))?;
    let (x, dims) = (step.input(0)?, call.dims(0)?.to_vec());
    let over = match call.kind {
        "GlobalLpPool" => (2..dims.len()).collect(),
        _ => infer::reduce(&call)?.over,
    };
    // Whatever else is left would be taken for another map.
    let stays = net.dims(step.outputs[0])?.len() == dims.len() || over == [2, 3];
    let known = stays && is_whole(call.kind, &over, dims.len());
    (!known && !over.is_empty() && over[0] > 0 && net.shape(x).is_some()).then_some(())?;
    let mut anew = Anew::new(net, step);
    let x = before(&mut anew, way, x, &dims);
    let mut reduced = Reduced { anew: &mut anew, x, dims };
    let (pixels, channels): (Vec<usize>, Vec<usize>) = over.iter().partition(|a| **a > 1);
    reduced.over(way, &pixels);
    reduced.over(way, &channels);
    let Reduced { x, dims, .. } = reduced;
    let made = behind(&mut anew, way, x, &dims);
    Some(anew.end(made))
}

fn before(anew: &mut Anew<'_>, way: Way, x: Id, dims: &[usize]) -> Id {
    match way {
        Way::Min => anew.node("Neg", Vec::new(), &[x], dims),
        Way::L1 => anew.node("Abs", Vec::new(), &[x], dims),
        Way::SumOfSquares | Way::L2 => anew.node("Mul", Vec::new(), &[x, x], dims),
        Way::Mean | Way::Max | Way::Sum => x,
    }
}

fn behind(anew: &mut Anew<'_>, way: Way, x: Id, dims: &[usize]) -> Id {
    match way {
        Way::Min => anew.node("Neg", Vec::new(), &[x], dims),
        Way::L2 => anew.node("Sqrt", Vec::new(), &[x], dims),
        _ => x,
    }
}

/// The sums of powers under windows, as means of them.
fn windows(net: &mut FileNet, step: &FileStep) -> Option<Vec<FileStep>> {
    let call = net.call(step)?;
    let way = match call.int("p", 2) {
        1 => Way::L1,
        2 => Way::L2,
        _ => return None,
    };
    // A window that ends beyond the padding would be a mean of fewer.
    (call.int("ceil_mode", 0) == 0).then_some(())?;
    let taps: i64 = call.ints("kernel_shape").iter().product();
    let mut attributes: Vec<Attribute> =
        call.attributes.iter().filter(|a| a.name != "p").cloned().collect();
    attributes.push(int("count_include_pad", 1));
    let (x, dims) = (step.input(0)?, call.dims(0)?.to_vec());
    let made = net.dims(step.outputs[0])?.to_vec();
    let mut anew = Anew::new(net, step);
    let x = before(&mut anew, way, x, &dims);
    let mean = anew.node("AveragePool", attributes, &[x], &made);
    let taps = anew.number(taps as f32);
    let sum = anew.node("Mul", Vec::new(), &[mean, taps], &made);
    let made = behind(&mut anew, way, sum, &made);
    Some(anew.end(made))
}

/// What was reduced so far.
struct Reduced<'a, 'n> {
    anew: &'a mut Anew<'n>,
    x: Id,
    dims: Vec<usize>,
}

impl Reduced<'_, '_> {
    /// Over these axes, which stay with a length of 1.
    fn over(&mut self, way: Way, axes: &[usize]) {
        if axes.is_empty() {
            return;
        }
        let count: usize = axes.iter().map(|&a| self.dims[a]).product();
        axes.iter().for_each(|&a| self.dims[a] = 1);
        let kind = match way {
            Way::Mean => "ReduceMean",
            Way::Max | Way::Min => "ReduceMax",
            _ if axes == [1] => "ReduceSum",
            _ => "ReduceMean",
        };
        let list = axes.iter().map(|&a| a as i64).collect();
        let attributes = vec![ints("axes", list), int("keepdims", 1)];
        self.x = self.anew.node(kind, attributes, &[self.x], &self.dims);
        if kind == "ReduceMean" && !matches!(way, Way::Mean) {
            let count = self.anew.number(count as f32);
            self.x = self.anew.node("Mul", Vec::new(), &[self.x, count], &self.dims);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lift::testing::{Sketch, kinds};

    fn reduced(kind: &str, axes: &[i64], keep: i64) -> String {
        let mut s = Sketch::new(&[1, 4, 9, 8]);
        let x = s.with(kind, &["input"], &[("axes", axes), ("keepdims", &[keep])]);
        let x = if keep == 0 { x } else { s.node("Relu", &[&x]) };
        kinds(&s.net(&x)).join(" ")
    }

    #[test]
    fn sums_and_lengths_are_said_with_means_and_squares() {
        assert_eq!(reduced("ReduceSum", &[2, 3], 1), "global_avg_pool2d scale relu");
        assert_eq!(reduced("ReduceSum", &[1, 2, 3], 1), "global_avg_pool2d scale channel_sum relu");
        assert_eq!(reduced("ReduceMin", &[2, 3], 1), "scale global_max_pool2d scale relu");
        assert_eq!(reduced("ReduceL1", &[1], 1), "abs channel_sum relu");
        assert_eq!(reduced("ReduceL2", &[3], 1), "mul avg_pool2d scale sqrt relu");
        assert_eq!(reduced("ReduceSumSquare", &[1], 1), "mul channel_sum relu");
        assert_eq!(reduced("ReduceL2", &[2, 3], 1), "global_l2_pool2d relu");
    }

    #[test]
    fn pools_of_powers_are_means_of_them() {
        let pooled = |kind: &str, p: i64| {
            let mut s = Sketch::new(&[1, 4, 9, 8]);
            let x = s.with(kind, &["input"], &[("p", &[p]), ("kernel_shape", &[2, 3])]);
            kinds(&s.net(&x)).join(" ")
        };
        assert_eq!(pooled("LpPool", 2), "mul avg_pool2d scale sqrt");
        assert_eq!(pooled("LpPool", 1), "abs avg_pool2d scale");
        assert_eq!(pooled("LpPool", 3), "LpPool");
        assert_eq!(pooled("GlobalLpPool", 2), "mul global_avg_pool2d scale sqrt");
    }

    #[test]
    fn axes_that_go_are_dropped_behind() {
        assert_eq!(reduced("ReduceMean", &[2, 3], 0), "global_avg_pool2d");
        assert_eq!(reduced("ReduceMean", &[1], 0), "channel_mean reshape");
        assert_eq!(reduced("ReduceMax", &[3], 0), "max_pool2d reshape");
        assert!(reduced("ReduceSum", &[0, 1], 1).contains("ReduceSum"));
    }
}
