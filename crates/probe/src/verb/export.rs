//! `probe export`: the very networks that the lab times, for other engines. Of each network M it
//! writes `M.onnx` with the weights of the seed, `M.in.bin`, the input that profiles use, and
//! `M.out.bin`, the output that the CPU computes from it (32-bit floats, little-endian, N, C, H, W).

use crate::{args::ExportArgs, machine::machine, memory, models};
use anyhow::{Context, ensure};
use ops::{
    Graph, Session, Tensor,
    cpu::{CpuOptions, CpuSession},
    input_tensor,
};
use profile::Level;
use report::{
    names::{Name, told_apart},
    screen,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Runs the verb; prints the path of each `M.onnx` when all three files are there.
///
/// # Errors
/// Where a network cannot be built, does not fit into memory or a file, or cannot be written.
pub fn run(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    ensure!(
        args.models.level != Level::Fused,
        "what level fused absorbs has no standard operators: export --level raw or folded"
    );
    let machine = machine()?;
    let graphs = models::graphs(&args.models)?;
    graphs.iter().try_for_each(|graph| memory::demand(graph, &machine))?;
    fs::create_dir_all(&args.out).with_context(|| format!("--out {}", args.out.display()))?;
    let asked: Vec<&str> = match args.models.all {
        true => graphs.iter().map(|graph| graph.name.as_str()).collect(),
        false => args.models.model.iter().map(String::as_str).collect(),
    };
    let names: Vec<Name> = asked.into_iter().map(name).collect();
    for (graph, name) in graphs.iter().zip(told_apart(&names)) {
        let path = export(graph, args.seed, &args.out, &name)?;
        screen::print(&format!("{}\n", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the three files of `graph`, the network itself last: where it is, the others are.
fn export(graph: &Graph, seed: u64, folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let network = onnx::bytes(graph, seed)?;
    let input = input_tensor(seed, graph.input);
    let result = computed(graph, seed, &input)?;
    let files = [("in.bin", raw(&input)), ("out.bin", raw(&result)), ("onnx", network)];
    let path = |end: &str| folder.join(format!("{name}.{end}"));
    for (end, bytes) in files {
        let path = path(end);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(path("onnx"))
}

/// The output of `graph` on the CPU.
fn computed(graph: &Graph, seed: u64, input: &Tensor) -> anyhow::Result<Tensor> {
    let node = graph.output.node().context("the network has no operators")?;
    let mut session = CpuSession::prepare(graph, CpuOptions { seed, ..CpuOptions::default() });
    session.set_input(input)?;
    session.run()?;
    Ok(session.fetch(node)?)
}

fn raw(tensor: &Tensor) -> Vec<u8> {
    tensor.to_nchw().into_iter().flat_map(f32::to_le_bytes).collect()
}

/// The network as the user wrote it, which every file system takes: `shufflenet_v1(groups=3)`.
/// Whatever else a name could hold becomes `-`.
fn name(asked: &str) -> Name {
    Name::plain(asked.trim(), "=(), ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_networks_are_asked_for() {
        for plain in ["shufflenet_v2_x1_0", "g2(channels=8, groups=2)", "mobilenet_v2(width=0.75)"]
        {
            assert_eq!(name(&format!(" {plain} ")).alone(), plain);
        }
        // The same network twice is two files, as is one whose name reads the same.
        let names = ["lenet5", "lenet5(classes=10)", "lenet5", "lenet5(classes=10\t)"].map(name);
        let told = told_apart(&names);
        assert_eq!([&*told[0], &told[1], &told[2]], ["lenet5", "lenet5(classes=10)", "lenet5-2"]);
        assert!(told[3].starts_with("lenet5(classes=10-)"), "{told:?}");
    }

    #[test]
    fn tensors_are_written_channel_by_channel() {
        let shape = profile::Shape::new(1, 2, 1, 3);
        let tensor = Tensor::from_fn(shape, |[_, c, _, w]| (10 * c + w) as f32);
        let floats = raw(&tensor);
        let floats: Vec<f32> =
            floats.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        assert_eq!(floats, [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
    }
}
