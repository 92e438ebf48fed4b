//! The check that stands before every measurement.

use crate::{device::Target, interrupt};
use anyhow::ensure;
use ops::{Graph, Keep, Session, Tensor, verify};
use profile::{DeviceKind, Verification};

/// Largest difference between a whole network's outputs on two devices, relative to the largest
/// value. Each operator is held to a far tighter bound on its own; over a hundred of them the
/// roundings of two devices drift apart.
pub const AGREEMENT: f64 = 1e-3;

/// What was found, and the outputs that were found right.
pub struct Verified {
    /// For the profile.
    pub verification: Verification,
    /// The network's outputs.
    pub outputs: Vec<Tensor>,
}

impl Verified {
    /// Refuses a device that computes something else than its network.
    ///
    /// # Errors
    /// In that case, naming the node.
    pub fn demand(&self) -> anyhow::Result<()> {
        let v = &self.verification;
        let note = if v.note.is_empty() { String::new() } else { format!("; {}", v.note) };
        ensure!(
            v.passed || v.worst_share.is_finite(),
            "verification failed: the output of `{}`, or what it should be, is not finite{note}",
            v.worst_op
        );
        ensure!(
            v.passed || v.worst_share <= 1.0,
            "verification failed: the output of `{}` is wrong by {:.3e} times its tolerance",
            v.worst_op,
            v.worst_share
        );
        ensure!(v.passed, "verification failed: {}", v.note);
        Ok(())
    }
}

/// Checks every operator of `graph` on `target` against its reference, and the network's outputs
/// against those of the CPU, if known. `tell` hears of each operator.
///
/// # Errors
/// Where the device is lost, or the user wants to stop.
pub fn verify_on(
    target: &dyn Target,
    graph: &Graph,
    seed: u64,
    cpu: Option<&[Tensor]>,
    tell: &mut (dyn FnMut(usize) + Send),
) -> anyhow::Result<Verified> {
    let inputs = graph.drawn_inputs(seed);
    let mut prepared = target.prepare(graph, Keep::Each)?;
    let session = prepared.session();
    let found = verify::verify_observed(session, &inputs, seed, &mut |node| {
        interrupt::check()?;
        tell(node);
        Ok(())
    })?;
    let outputs = outputs(session)?;
    let against_cpu = cpu.map(|cpu| largest_difference(&outputs, cpu));
    let agrees = against_cpu.is_none_or(|d| d <= AGREEMENT);
    let verification = Verification {
        passed: found.passed() && agrees,
        ops: found.nodes,
        elements: found.elements,
        note: note(&found, against_cpu.filter(|_| !agrees), graph.stored.is_some()),
        worst_op: found.worst.0,
        worst_share: found.worst.1,
        against_cpu,
    };
    Ok(Verified { verification, outputs })
}

/// What is wrong beyond a single element of a network, and what to do where its weights are a file's.
fn note(found: &verify::Verified, disagreement: Option<f64>, of_file: bool) -> String {
    let of = |nodes: &[String], what: &str| {
        (!nodes.is_empty()).then(|| format!("values of {} {what}", nodes.join(", ")))
    };
    let degenerate = "are not finite, all zero or denormal, which makes times wrong";
    let values = of(&found.degenerate, degenerate).map(|values| match of_file {
        true => {
            format!("{values} (`--weights drawn` measures the network with weights of the lab)")
        }
        false => values,
    });
    let overwritten = of(&found.overwritten, "come of inputs that were overwritten before");
    let against = disagreement
        .map(|d| format!("its output differs from the first by {d:.3e} of the largest value"));
    [values, overwritten, against].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Runs a session that is about to be timed, both ways, and compares its outputs with the one that
/// was verified: bit for bit on the CPU, within [`AGREEMENT`] on a GPU, which promises no bits.
///
/// # Errors
/// Where they differ, or the device is lost.
pub fn demand_same(
    session: &mut dyn Session,
    kind: DeviceKind,
    seed: u64,
    verified: &[Tensor],
) -> anyhow::Result<()> {
    let most = if kind == DeviceKind::Gpu { AGREEMENT } else { 0.0 };
    session.set_inputs(&session.graph().drawn_inputs(seed))?;
    let mut times = vec![0; session.graph().nodes.len()];
    for instrumented in [false, true] {
        interrupt::check()?;
        if instrumented {
            session.run_timed(&mut times)?
        } else {
            session.run()?
        };
        let difference = largest_difference(&outputs(session)?, verified);
        ensure!(
            difference <= most,
            "the timed session's output differs from the verified one by {difference:.3e} of the \
             largest value"
        );
    }
    Ok(())
}

/// The network's outputs after a run.
///
/// # Errors
/// Where it has no operators, or the device is lost.
pub fn outputs(session: &mut dyn Session) -> anyhow::Result<Vec<Tensor>> {
    let nodes: Vec<usize> = session.graph().output_nodes().collect();
    ensure!(!nodes.is_empty(), "the network has no operators");
    nodes.into_iter().map(|node| Ok(session.fetch(node)?)).collect()
}

/// The largest [`difference`] of outputs in one order.
fn largest_difference(a: &[Tensor], b: &[Tensor]) -> f64 {
    a.iter().zip(b).map(|(a, b)| difference(a, b)).fold(0.0, f64::max)
}

/// Largest difference of two tensors of one shape, relative to the largest value of `b`; not a
/// number counts as infinite.
fn difference(a: &Tensor, b: &Tensor) -> f64 {
    let scale = f64::from(b.max_abs()).max(f64::from(f32::MIN_POSITIVE));
    let apart = |(x, y): (&f32, &f32)| match f64::from((x - y).abs()) {
        d if d.is_nan() => f64::INFINITY,
        d => d / scale,
    };
    a.data().iter().zip(b.data()).map(apart).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use profile::Shape;

    fn features(values: &[f32]) -> Tensor {
        Tensor::from_nhwc(Shape::features(1, values.len()), values.to_vec())
    }

    #[test]
    fn differences_are_relative_and_see_what_is_no_number() {
        let b = features(&[1.0, -4.0, 2.0]);
        assert_eq!(difference(&b, &b), 0.0);
        assert_eq!(difference(&features(&[1.0, -4.0, 3.0]), &b), 0.25);
        assert_eq!(difference(&features(&[1.0, f32::NAN, 3.0]), &b), f64::INFINITY);
    }

    #[test]
    fn what_fails_is_said() {
        let verified = |verification| Verified { verification, outputs: vec![features(&[0.0])] };
        let good = Verification { passed: true, worst_share: 0.5, ..Verification::default() };
        assert!(verified(good.clone()).demand().is_ok());
        let off = Verification { passed: false, worst_op: "fc".into(), worst_share: 7.0, ..good };
        let error = verified(off.clone()).demand().unwrap_err().to_string();
        assert!(error.contains("`fc`") && error.contains("7.000e0"), "{error}");
        let infinite = Verification { worst_share: f64::INFINITY, ..off.clone() };
        let error = verified(infinite).demand().unwrap_err().to_string();
        assert!(error.contains("`fc`") && error.ends_with("is not finite"), "{error}");
        let (degenerate, overwritten) = (vec!["a".into()], vec!["b".into()]);
        let found = verify::Verified { degenerate, overwritten, ..verify::Verified::default() };
        let dead = Verification { worst_share: 0.5, note: note(&found, Some(0.25), false), ..off };
        let error = verified(dead).demand().unwrap_err().to_string();
        let parts = ["values of a are not", "values of b come of", "2.500e-1"];
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        let hint = |of_file| note(&found, None, of_file).contains("--weights drawn");
        assert_eq!([true, false].map(hint), [true, false]);
    }
}
