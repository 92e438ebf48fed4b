//! `probe export`: the very networks that the lab times, for other engines. Of each network M it
//! writes `M.onnx` with the weights of the seed, `M.in.bin`, the input that profiles use, and
//! `M.out.bin`, the output that the CPU computes from it (32-bit floats, little-endian, N, C, H, W; several
//! inputs or outputs stand one after the other).

use crate::{
    args::{ExportArgs, ModelArgs},
    interrupt,
    machine::machine,
    memory, models, verification,
};
use anyhow::ensure;
use ops::{
    Graph, Session, Tensor,
    cpu::{CpuOptions, CpuSession},
};
use profile::{Level, Shape};
use report::{
    folder::{Folder, Replacement, Scope},
    names::{Name, told_apart},
    screen,
};
use std::{path::PathBuf, process::ExitCode};

/// Runs the verb; prints the path of each `M.onnx` when all three files are there.
///
/// # Errors
/// Where a network cannot be built, does not fit into memory or a file, or cannot be written. Where the user
/// stops it: of the network under way nothing is written.
pub fn run(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    ensure!(
        args.models.level != Level::Fused,
        "what level fused absorbs has no standard operators: export --level raw or folded"
    );
    let machine = machine()?;
    let graphs = models::graphs(&args.models)?;
    graphs.iter().try_for_each(|graph| memory::demand_beside_file(graph, &machine))?;
    let names: Vec<String> = match args.models.all {
        true => graphs.iter().map(|graph| graph.name.clone()).collect(),
        false => graphs.iter().zip(asked(&args.models)).map(own_name).collect(),
    };
    let named = |(own, graph)| name(&format!("{own}{}", way(&args.models, graph)));
    let names: Vec<Name> = names.iter().zip(&graphs).map(named).collect();
    let names = told_apart(&names);
    let files = names.iter().flat_map(|name| files(name)).collect();
    let folder = Folder::open(&args.out, &Scope { files, ..Scope::default() })?;
    for (graph, name) in graphs.iter().zip(&names) {
        let path = export(graph, args.seed, &folder, name)?;
        screen::print(&format!("{}\n", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The files of a network of this name: input, output and, last, the network: where it is, the others
/// are.
fn files(name: &str) -> [String; 3] {
    ["in.bin", "out.bin", "onnx"].map(|end| format!("{name}.{end}"))
}

/// Writes the files of `graph`; returns the network's path.
fn export(graph: &Graph, seed: u64, folder: &Folder, name: &str) -> anyhow::Result<PathBuf> {
    interrupt::check()?;
    let network = onnx::bytes(graph, seed, &interrupt::stop())?;
    let inputs = graph.drawn_inputs(seed);
    let results = computed(graph, seed, &inputs)?;
    let files = files(name);
    let scope = Scope { files: files.clone().into(), ..Scope::default() };
    let mut export = Replacement::begin(folder, scope)?;
    for (file, content) in files.iter().zip([raw(&inputs), raw(&results), network]) {
        export.add(file, content)?;
    }
    export.finish()?;
    Ok(folder.path().join(&files[2]))
}

/// The outputs of `graph` on the CPU.
fn computed(graph: &Graph, seed: u64, inputs: &[Tensor]) -> anyhow::Result<Vec<Tensor>> {
    let options = CpuOptions { seed, stop: interrupt::stop(), ..CpuOptions::default() };
    let mut session = CpuSession::prepare(graph, options)?;
    session.set_inputs(inputs)?;
    session.run()?;
    interrupt::check()?;
    verification::outputs(&mut session)
}

fn raw(tensors: &[Tensor]) -> Vec<u8> {
    tensors.iter().flat_map(Tensor::to_nchw).flat_map(f32::to_le_bytes).collect()
}

/// The networks as the user wrote them, each as often as there are sizes of it.
fn asked(args: &ModelArgs) -> impl Iterator<Item = &String> {
    let sizes = models::sizes(args).len();
    args.model.iter().flat_map(move |spec| std::iter::repeat_n(spec, sizes))
}

/// The network as the user wrote it; of one out of a file, its name, which tells its content: another one
/// takes no other's place.
fn own_name((graph, asked): (&Graph, &String)) -> String {
    if models::is_file(asked) { graph.name.clone() } else { asked.trim().to_owned() }
}

/// What a name says of a network that is not as it would be unasked: it takes the other's place nowhere.
fn way(args: &ModelArgs, graph: &Graph) -> String {
    let Shape { n, h, w, .. } = graph.inputs[0];
    let level = (args.level != Level::default()).then(|| format!("-{}", args.level));
    let batch = (n != 1).then(|| format!("-b{n}"));
    let input = (!args.input.is_empty()).then(|| format!("-{h}x{w}"));
    [level, batch, input].into_iter().flatten().collect()
}

/// A name that every file system takes: `shufflenet_v1(groups=3)`, `net@d2e4e660`. Whatever else a name could
/// hold becomes `-`.
fn name(asked: &str) -> Name {
    Name::plain(&asked.trim().replace(".onnx@", "@"), "=(), @")
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
        let of_file = name("net.onnx@d2e4e660(weights=drawn)");
        assert_eq!(of_file.alone(), "net@d2e4e660(weights=drawn)");
        // The same network twice is two files, as is one whose name reads the same.
        let names = ["lenet5", "lenet5(classes=10)", "lenet5", "lenet5(classes=10\t)"].map(name);
        let told = told_apart(&names);
        assert_eq!([&*told[0], &told[1], &told[2]], ["lenet5", "lenet5(classes=10)", "lenet5-2"]);
        assert!(told[3].starts_with("lenet5(classes=10-)"), "{told:?}");
    }

    #[test]
    fn tensors_are_written_channel_by_channel() {
        let shape = Shape::new(1, 2, 1, 3);
        let tensor = Tensor::from_fn(shape, |[_, c, _, w]| (10 * c + w) as f32);
        let floats = raw(&[tensor]);
        let floats: Vec<f32> =
            floats.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        assert_eq!(floats, [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
    }
}
