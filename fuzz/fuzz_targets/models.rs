//! Any text as a network's name, with a batch and an input's size on a second line: refused, or a graph
//! whose costs can be told at every level, and are the same sums whoever adds them.

#![no_main]

use zoo::Options;

/// `8 32 32` as batch, height and width; nothing where the line is not so.
fn options(line: Option<&str>) -> Option<Options> {
    let Some(line) = line else { return Some(Options::default()) };
    let numbers: Vec<usize> = line.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let &[batch, height, width] = numbers.as_slice() else { return None };
    Some(Options { batch, input: Some((height, width)) })
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let spec = lines.next().unwrap_or_default();
    let Some(options) = options(lines.next()).filter(|options| options.batch > 0) else { return };
    let raw = match zoo::build(spec, options) {
        Ok(graph) => graph,
        Err(refused) => return assert!(!refused.to_string().contains('\n'), "{refused}"),
    };
    fuzz::costs(&raw);
});
