//! Operators, graphs of them, and the ways to run them.
//!
//! A [`Graph`] is a list of [`Node`]s with static shapes; each node holds an [`Op`]. What an
//! operator is (shape rule, cost, f64 reference, kernels) stands in one folder a kind, all behind
//! the one trait [`Operator`]. Passes in [`level`] and [`counterfactual`] turn graphs
//! into graphs. A graph is run by a
//! [`Session`]: [`cpu`] with kernels written once over [`simd::Lanes`], `gpu` (feature `gpu`) with
//! WGSL compute shaders.
//!
//! Every activation is laid out N, H, W, C; every shape is written N, C, H, W.
//!
//! ```
//! use ops::{
//!     Conv2d, GraphBuilder, Keep, Session, Unary, UnaryFn, Value,
//!     cpu::{CpuOptions, CpuSession},
//!     verify,
//! };
//! use profile::Shape;
//!
//! let mut graph = GraphBuilder::new("two operators", Shape::new(1, 3, 32, 32));
//! let x = graph.push("conv", Conv2d::new(16, 3).padding(1), &[Value::INPUT])?;
//! let x = graph.push("relu", Unary(UnaryFn::Relu), &[x])?;
//! let graph = graph.finish(x);
//! assert_eq!(graph.cost().mul_adds, 16 * 32 * 32 * 3 * 3 * 3);
//!
//! // Each operator is compared with its reference, in f64.
//! let options = CpuOptions { keep: Keep::Each, ..CpuOptions::default() };
//! let mut session = CpuSession::prepare(&graph, options)?;
//! assert!(verify::verify(&mut session, &graph.drawn_inputs(0), 0)?.passed());
//!
//! let mut session = CpuSession::prepare(&graph, CpuOptions::default())?;
//! session.set_inputs(&graph.drawn_inputs(0))?;
//! let mut nanoseconds = [0; 2];
//! session.run_timed(&mut nanoseconds)?;
//! assert_eq!(session.fetch(1)?.shape(), Shape::new(1, 16, 32, 32));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod ceiling;
pub mod counterfactual;
pub mod cpu;
#[cfg(test)]
mod dice;
mod draw;
mod epilogue;
mod exact;
pub mod gpu;
mod graph;
mod graph_builder;
mod keep;
pub mod level;
mod op;
mod operator;
mod residuals;
mod rewrite;
mod session;
mod sides;
pub mod simd;
mod stop;
mod tensor;
mod tune;
pub mod verify;
mod weights;

mod batch_norm;
mod binary;
mod channel_affine;
mod channel_conv;
mod channel_pad;
mod channel_pool;
mod channel_shuffle;
mod channel_slice;
mod channel_split;
mod concat;
mod concat2d;
mod concat_shuffle;
mod conv2d;
mod conv_transpose2d;
mod flatten;
mod global_l2_pool;
mod group_norm;
mod layer_norm;
mod linear;
mod local_response_norm;
mod log_softmax;
mod map_constant;
mod pad2d;
mod permute;
mod pick;
mod pixel_shuffle;
mod pool2d;
mod prelu;
mod reshape;
mod resize;
mod softmax;
mod transpose2d;
mod unary;

pub use batch_norm::BatchNorm;
pub use binary::{Binary, BinaryFn};
pub use channel_affine::ChannelAffine;
pub use channel_conv::ChannelConv;
pub use channel_pad::ChannelPad;
pub use channel_pool::ChannelPool;
pub use channel_shuffle::ChannelShuffle;
pub use channel_slice::ChannelSlice;
pub use channel_split::ChannelSplit;
pub use concat::Concat;
pub use concat_shuffle::ConcatShuffle;
pub use concat2d::Concat2d;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv2d::Conv2d;
pub use draw::{Source, Stored, input_tensor};
pub use epilogue::Epilogue;
pub use exact::Exact;
pub use flatten::Flatten;
pub use global_l2_pool::GlobalL2Pool;
pub use graph::{Graph, Node, Recipe, Value, input_name};
pub use graph_builder::{GraphBuilder, GraphError, MOST_NODES};
pub use group_norm::GroupNorm;
pub use keep::Keep;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use local_response_norm::LocalResponseNorm;
pub use log_softmax::LogSoftmax;
pub use map_constant::{MapConstant, MapFn};
pub use op::Op;
pub use operator::{Attrs, Operands, Operator, Weight};
pub use pad2d::{Pad2d, PadMode};
pub use permute::Permute;
pub use pixel_shuffle::{BlockOrder, Direction, PixelShuffle};
pub use pool2d::{Pool2d, PoolFn};
pub use prelu::PRelu;
pub use reshape::Reshape;
pub use resize::{Coordinates, Interpolation, Resize, Rounding};
pub use session::{Look, Parts, Session, SessionError};
pub use sides::Sides;
pub use softmax::{Along, Softmax};
pub use stop::Stop;
pub use tensor::{MapRef, Tensor};
pub use transpose2d::Transpose2d;
pub use tune::Tune;
pub use unary::{Unary, UnaryFn};
pub use weights::Weights;

/// Whether the kernels check themselves as they run, as those of this crate's tests do (`ops-checked`): bounds
/// and overflow in every inner loop, which makes them several times slower.
pub const CHECKED: bool = cfg!(debug_assertions);
