//! Does an adapter compute at all? A driver without hardware, or a layer that drops commands, takes all
//! that it is given, says that it is done, and leaves memory as it was.

use super::{Adapter, GpuOptions, GpuSession, Patience, layers};
use crate::{GraphBuilder, Session, SessionError, Stop, Tensor, Unary, UnaryFn, Value};
use profile::Shape;
use std::time::Duration;

/// How long four numbers may take: the system refuses a rasteriser its threads, say, and then it waits for
/// them for ever.
const LONGEST: Duration = Duration::from_secs(20);

/// What is given to the adapter, and what it should make of it.
const GIVEN: [f32; 4] = [-1.0, 2.0, -3.0, 4.0];
const EXPECTED: [f32; 4] = [0.0, 2.0, 0.0, 4.0];

impl Adapter {
    /// Refuses an adapter that cannot tell positive numbers from negative ones, or does not answer. Opens it.
    ///
    /// # Errors
    /// In that case, where the device is lost, or where `stop` is set meanwhile.
    pub fn demand_computing(&self, stop: &Stop) -> Result<(), SessionError> {
        let error = |what: String| SessionError::Device { device: self.device().name, what };
        if self.is_stub() {
            return Err(error(
                "there is no hardware behind its driver, so it computes nothing: choose another adapter"
                    .to_owned(),
            ));
        }
        if let Some(layer) = layers::dropping() {
            return Err(error(format!(
                "the Vulkan layer {layer} drops all commands: take it out of VK_INSTANCE_LAYERS"
            )));
        }
        let found = self.positive(stop).map_err(|e| match e {
            SessionError::Device { what, .. } => error(format!("it cannot compute: {what}")),
            other => other,
        })?;
        if found == EXPECTED {
            return Ok(());
        }
        Err(error(format!(
            "it computes nothing: the positive numbers of {GIVEN:?} are {EXPECTED:?}, and it says \
             {found:?}: is it a driver without hardware, or does a layer drop commands? choose another \
             adapter"
        )))
    }

    /// The given numbers, those that are not positive replaced by 0.
    fn positive(&self, stop: &Stop) -> Result<Vec<f32>, SessionError> {
        let shape = Shape::new(1, GIVEN.len(), 1, 1);
        let mut graph = GraphBuilder::new("proof", shape);
        let relu = graph.push("relu", Unary(UnaryFn::Relu), &[Value::INPUT]);
        let output = relu.expect("four numbers have positive ones");
        let graph = graph.finish(output);
        let patience = Patience { stop: stop.clone(), at_most: Some(LONGEST) };
        let options = GpuOptions { patience, ..GpuOptions::default() };
        let mut session = GpuSession::prepare(self, &graph, &options)?;
        session.set_inputs(&[Tensor::from_nhwc(shape, GIVEN.to_vec())])?;
        session.run()?;
        Ok(session.fetch(0)?.data().to_vec())
    }
}
