//! Does an adapter compute at all? A driver without hardware, or a layer that drops commands, takes all
//! that it is given, says that it is done, and leaves memory as it was.

use super::{Adapter, GpuOptions, GpuSession};
use crate::{GraphBuilder, Session, SessionError, Tensor, Unary, UnaryFn, Value};
use profile::Shape;
use std::error::Error;

/// What is given to the adapter, and what it should make of it.
const GIVEN: [f32; 4] = [-1.0, 2.0, -3.0, 4.0];
const EXPECTED: [f32; 4] = [0.0, 2.0, 0.0, 4.0];

impl Adapter {
    /// Refuses an adapter that cannot tell positive numbers from negative ones. Opens it.
    ///
    /// # Errors
    /// In that case, or where the device is lost.
    pub fn demand_computing(&self) -> Result<(), SessionError> {
        let error = |what: String| SessionError::Device { device: self.device().name, what };
        if self.is_stub() {
            return Err(error(
                "there is no hardware behind its driver, so it computes nothing: choose another adapter"
                    .to_owned(),
            ));
        }
        let found = self.positive().map_err(|e| error(format!("it cannot compute: {e}")))?;
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
    fn positive(&self) -> Result<Vec<f32>, Box<dyn Error>> {
        let shape = Shape::new(1, GIVEN.len(), 1, 1);
        let mut graph = GraphBuilder::new("proof", shape);
        let output = graph.push("relu", Unary(UnaryFn::Relu), &[Value::INPUT])?;
        let graph = graph.finish(output);
        let mut session = GpuSession::prepare(self, &graph, &GpuOptions::default())?;
        session.set_input(&Tensor::from_nhwc(shape, GIVEN.to_vec()))?;
        session.run()?;
        Ok(session.fetch(0)?.data().to_vec())
    }
}
