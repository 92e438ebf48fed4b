//! From nodes of the file to operators of the lab, one pass a file.
//!
//! Each pass looks at one step, and at what makes its inputs, which was lifted before. What exporters wrote
//! as several nodes becomes one operator at the last of them; whatever nobody reads after that is left out.

mod activation;
mod affine;
mod anew;
mod beside;
mod binary;
mod channels;
mod channels_last;
mod conv;
mod elements;
mod flatten;
mod gate;
mod gather;
mod groups;
mod linear;
mod map;
mod missing;
mod moments;
mod named;
mod norm;
mod operands;
mod pad;
mod parts;
mod permute;
mod pixels;
mod pool;
mod reduction;
mod repeat;
mod resize;
mod response;
mod rows;
mod scale;
mod sequences;
mod shuffle;
mod stack;
mod strided;
#[cfg(test)]
pub(crate) mod testing;
mod tokens;
mod transposed;
mod view;

use crate::read::net::{FileNet, FileStep};
pub(crate) use missing::{is_of_maps, unsupported};

/// What a step becomes; `None` where the pass is about others.
type Pass = fn(&FileNet, &FileStep) -> Option<Vec<FileStep>>;

/// The passes; the first that takes a step has it.
const PASSES: &[Pass] = &[
    shuffle::shuffle,
    groups::groups,
    pixels::reshaped,
    pad::transpose,
    norm::over_maps,
    permute::reshaped,
    flatten::flatten,
    view::view,
    conv::conv,
    conv::bias,
    transposed::conv_transpose,
    linear::linear,
    linear::bias,
    norm::norm,
    pool::pool,
    parts::parts,
    response::response,
    activation::activation,
    gate::gate,
    binary::binary,
    scale::scale,
    affine::affine,
    affine::prelu,
    map::map,
    pixels::named,
    pixels::sliced,
    channels::concat,
    channels::split,
    channels::pad,
    pad::crop,
    pad::pad,
    resize::resize,
];

/// Passes that come before channels are put first: what they find spans axes that are gone then.
const SPELLED: &[Pass] = &[shuffle::of_last, moments::moments];

/// `net` with each step that some pass takes as an operator of the lab. Before that, sums have two operands, channels
/// are put first, features have two axes, sequences one row, stacks are taken apart, and reductions and gathers said in
/// other words.
pub(crate) fn lift(net: FileNet) -> FileNet {
    let net = net.rewritten(|net, step| SPELLED.iter().find_map(|pass| pass(net, step)));
    let net = repeat::repeats(operands::of_two(net));
    let net = tokens::tokens(channels_last::channels_first(net));
    let net = gather::gathers(reduction::reductions(net));
    let net = stack::stacks(sequences::sequences(rows::rows(net)));
    let lifted = net.rewritten(|net, step| PASSES.iter().find_map(|pass| pass(net, step)));
    // What patterns did not look through.
    let lifted = strided::slices(lifted).rewritten(permute::transpose);
    lifted.rewritten(|net, step| view::reshape(net, step).or_else(|| resize::repeated(net, step)))
}
