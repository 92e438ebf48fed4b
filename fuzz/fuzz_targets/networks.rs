//! Any bytes as an ONNX file: refused in words, or a graph whose costs add up at every level, and that is the
//! same once it was written and read again.

#![no_main]

use onnx::{Error, Options};
use ops::Stop;

/// Parameters of networks that are written again: more take too long.
const FEW: u64 = 1 << 16;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let options = Options::default();
    let part = onnx::read_partial(fuzz::file(bytes), options);
    if let Err(refused) = &part {
        assert!(!refused.to_string().contains('\n'), "{refused}");
    }
    let graph = match onnx::read(fuzz::file(bytes), options) {
        Ok(graph) => graph,
        Err(Error::Unsupported(missing)) => {
            // What is counted may still not fit together.
            return part.iter().for_each(|part| assert_eq!(part.missing, missing));
        }
        Err(refused) => return assert!(!refused.to_string().contains('\n'), "{refused}"),
    };
    fuzz::costs(&graph);
    let part = part.expect("what can be read can be counted");
    assert_eq!((part.operators.len(), part.missing.len()), (graph.nodes.len(), 0));
    if graph.cost().params <= FEW {
        let written = onnx::bytes(&graph, 0, &Stop::default()).expect("a small network");
        let options = Options { batch: graph.inputs[0].n, ..options };
        let again = onnx::read(fuzz::file(&written), options).expect("what was written is read");
        assert_eq!(again.cost().mul_adds, graph.cost().mul_adds);
    }
});
