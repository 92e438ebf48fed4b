//! A graph made ready to run on one device.

use crate::{Graph, MapRef, Tensor, cpu::NoThread};
use profile::{Memory, Shape, Timing};
use std::ops::Add;

/// What the wall time of a whole run consists of, nanoseconds; the rest is waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// On the device, by its own clock, where that can be believed.
    pub gpu_ns: Option<u64>,
    /// Encoding commands.
    pub encode_ns: u64,
    /// Submitting them.
    pub submit_ns: u64,
}

impl Add for Parts {
    type Output = Self;

    /// Those of two runs; their time on the device where both know it.
    fn add(self, other: Self) -> Self {
        Self {
            gpu_ns: self.gpu_ns.zip(other.gpu_ns).map(|(a, b)| a + b),
            encode_ns: self.encode_ns + other.encode_ns,
            submit_ns: self.submit_ns + other.submit_ns,
        }
    }
}

/// A prepared network: weights packed, buffers planned, kernels chosen. Running it allocates
/// nothing.
pub trait Session {
    /// The graph that it runs.
    fn graph(&self) -> &Graph;

    /// The name of the kernel chosen for each node.
    fn kernels(&self) -> Vec<String>;

    /// For each node, the floating-point operations that its kernel executes, where its algorithm
    /// needs others than the operator's definition has.
    fn executed_flops(&self) -> Vec<Option<u64>> {
        vec![None; self.graph().nodes.len()]
    }

    /// For each node, how many times the usual rounding errors [`verify`](crate::verify) excuses: more than
    /// once where its kernel's algorithm makes larger ones.
    fn tolerances(&self) -> Vec<f64> {
        vec![1.0; self.graph().nodes.len()]
    }

    /// For each node, whether its output takes the place of an input.
    fn in_place(&self) -> Vec<bool> {
        vec![false; self.graph().nodes.len()]
    }

    /// What it keeps in memory; nothing where it does not know.
    fn memory(&self) -> Option<Memory> {
        None
    }

    /// Puts the graph's inputs in place.
    ///
    /// # Errors
    /// Where the device is lost, or the inputs' shapes are not the graph's.
    fn set_inputs(&mut self, inputs: &[Tensor]) -> Result<(), SessionError>;

    /// Runs the network once without looking at its operators; returns nanoseconds of wall time.
    ///
    /// # Errors
    /// Where the device is lost.
    fn run(&mut self) -> Result<u64, SessionError>;

    /// As [`Self::run`], and what that time consists of, where the session knows.
    ///
    /// # Errors
    /// Where the device is lost.
    fn run_in_parts(&mut self) -> Result<(u64, Option<Parts>), SessionError> {
        Ok((self.run()?, None))
    }

    /// Runs the network once and puts each operator's nanoseconds into `times`, one a node; returns
    /// nanoseconds of wall time.
    ///
    /// # Errors
    /// Where the device is lost.
    fn run_timed(&mut self, times: &mut [u64]) -> Result<u64, SessionError>;

    /// What times operators, as [`Timing::source`](profile::Timing) says it. It may become another within a run: what
    /// was timed before is then not to be mixed with what follows.
    fn clock(&self) -> &str {
        Timing::MONOTONIC
    }

    /// Runs node `node` so many times, one after the other, whatever its inputs hold; returns nanoseconds of all together.
    /// `None` where the device cannot.
    ///
    /// # Errors
    /// Where the device is lost.
    fn run_repeated(&mut self, _node: usize, _times: usize) -> Result<Option<u64>, SessionError> {
        Ok(None)
    }

    /// As [`Self::run_timed`], but each operator's maps are read just before its clock starts, so that it
    /// finds them as near as they fit. Whether the device can: else `times` is left alone.
    ///
    /// # Errors
    /// Where the device is lost.
    fn run_warm(&mut self, _times: &mut [u64]) -> Result<bool, SessionError> {
        Ok(false)
    }

    /// Runs the network once on `inputs` and shows `look` what each node read and what it made of it, in
    /// order, before anything else takes its place; ends with the first error of `look`. For a session
    /// that was not prepared for [`Keep::Output`](crate::Keep).
    ///
    /// # Errors
    /// As [`Self::set_inputs`], and those of `look`.
    fn run_each(&mut self, inputs: &[Tensor], look: &mut Look<'_>) -> Result<(), SessionError> {
        self.set_inputs(inputs)?;
        self.run()?;
        let graph = self.graph().clone();
        let last_reader = last_readers(&graph);
        let mut values: Vec<Option<Tensor>> = inputs.iter().cloned().map(Some).collect();
        for (i, node) in graph.nodes.iter().enumerate() {
            let output = self.fetch(i)?;
            let inputs = node.inputs.iter().filter_map(|v| values[graph.index(*v)].as_ref());
            let inputs: Vec<MapRef<'_>> = inputs.map(Tensor::as_map).collect();
            look(i, &inputs, output.as_map())?;
            values.push(Some(output));
            let read = values.iter_mut().zip(&last_reader).filter(|(_, last)| **last == i);
            read.for_each(|(value, _)| *value = None);
        }
        Ok(())
    }

    /// The output of node `i` after a run. Only a session prepared to keep its intermediates has
    /// them all; every session has those of the graph's outputs.
    ///
    /// # Errors
    /// Where the device is lost.
    fn fetch(&mut self, node: usize) -> Result<Tensor, SessionError>;
}

/// What is shown a network's nodes: which it is, its inputs, its output.
pub type Look<'a> =
    dyn FnMut(usize, &[MapRef<'_>], MapRef<'_>) -> Result<(), SessionError> + Send + 'a;

/// The last node that reads each value, by [`Graph::index`].
fn last_readers(graph: &Graph) -> Vec<usize> {
    let mut last = vec![usize::MAX; graph.inputs.len() + graph.nodes.len()];
    for (i, node) in graph.nodes.iter().enumerate() {
        for value in &node.inputs {
            last[graph.index(*value)] = i;
        }
    }
    last
}

/// Refuses inputs of other shapes than the graph's.
pub(crate) fn demand_inputs(graph: &Graph, inputs: &[Tensor]) -> Result<(), SessionError> {
    let got: Vec<Shape> = inputs.iter().map(Tensor::shape).collect();
    if got == graph.inputs {
        return Ok(());
    }
    Err(SessionError::Inputs { expected: graph.inputs.clone(), got })
}

/// A session that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The inputs have other shapes than the graph's.
    #[error("the network takes {}, the input given is {}", Shape::list(expected), Shape::list(got))]
    Inputs {
        /// The graph's.
        expected: Vec<Shape>,
        /// Those given.
        got: Vec<Shape>,
    },
    /// The device went away or refused.
    #[error("{device}: {what}")]
    Device {
        /// Its name.
        device: String,
        /// What it said.
        what: String,
    },
    /// [`Stop`](crate::Stop) was set.
    #[error("interrupted")]
    Interrupted,
    /// The system refused a thread.
    #[error(transparent)]
    NoThread(#[from] NoThread),
}
