//! How to read a page.

use super::block::{Block, Section};
use crate::sentences;

const TITLE: &str = "How to read this";

/// Words, and what is meant by them.
const TERMS: [(&str, &str); 11] = [
    (
        "Time of an operator",
        "Taken inside the running network, not alone: caches hold what the operator before left there. \
         The median of all samples; ± is the larger side of its 95 % interval, which comes from order \
         statistics and assumes no distribution.",
    ),
    (
        "Σ operators, non-additivity, residual, whole run",
        "The whole run is timed without looking at its operators. Medians do not add up where operators \
         are slow in different runs (an interrupt strikes one operator here, another there): the median \
         of a run's operators together, less the sum of their medians, is the non-additivity. The rest of the \
         whole run is the residual: dispatch, barriers, timer. It is negative where timing an operator \
         costs more than what stands between two.",
    ),
    (
        "Share",
        "Of the sum of the operators' medians, not of the whole run. Where a place says \"operators by \
         submission\", each was submitted alone, since time stamps were missing or unfit: shares are then \
         those of submissions, encoding and waiting included.",
    ),
    (
        "On the GPU, encoding, submitting, waiting",
        "What the whole run consists of: the one pass by the GPU's time stamps at its ends, the processor's time \
         to encode its commands and to submit them, and the rest.",
    ),
    (
        "GFLOP/s and GB/s",
        "FLOPs and memory access cost over time. Both amounts are what the operator must do by formula, \
         not what a kernel issued or a bus carried.",
    ),
    (
        "Bound",
        "The least time that an operator could take on this device as it was calibrated, and what sets \
         it: compute (its FLOPs at the peak of fused multiply-adds), a level of memory (the bytes that \
         must cross it, at its measured bandwidth), or overhead (starting the operator). Maps are taken \
         to lie in the first level that holds the operator's maps and weights, weights in the first that \
         holds those of the whole network. \"% of it\" is that time over the time taken: 100 is the \
         ceiling; more means that data lay nearer, or that the kernel computed less than the FLOPs by \
         formula.",
    ),
    (
        "% warm",
        "The same share of the time that the operator took in other runs, in which its maps were read \
         just before its clock started. Where it is much larger than \"% of it\", the kernel is not what \
         is slow: the maps were gone from the cache, pushed out by weights, by other programs, or by \
         neighbours on the same processor. Where both are small, it is the kernel.",
    ),
    (
        "Class",
        "The buckets of the ShuffleNetV2 paper's figure 2: conv (depthwise included); element-wise \
         (activations, add, multiply, a batch norm that stands alone); data (split, concat, pad, \
         flatten); shuffle; other (pooling, linear, normalisation over a window, softmax).",
    ),
    (
        "real, software-rendered, emulated, modelled",
        "Whether the device is what its kind says. A software-rendered GPU is a GPU interface drawn by \
         the processor: its times are true of itself and say nothing about a graphics card. An emulated \
         device proves results, and its times are not shown. A modelled one never ran.",
    ),
    (
        "Verified",
        "Before the clock started, every operator's output was compared with a reference in 64-bit \
         arithmetic, within a tolerance that follows from rounding.",
    ),
    (
        "Noisy",
        "The machine did something else, its clock moved, or the samples did not settle: the numbers may \
         be off by more than their intervals say.",
    ),
];

/// The section, with the conventions.
pub fn section<'a>() -> Section<'a> {
    let terms = TERMS.map(|(term, meaning)| (term.to_owned(), meaning.to_owned()));
    let blocks = vec![Block::Terms(terms.into()), conventions()];
    let (id, entry) = (Some("how-to-read".to_owned()), Some(TITLE.to_owned()));
    Section { id, entry, blocks: vec![Block::folded(TITLE.to_owned(), blocks)] }
}

/// What counts are of.
pub fn conventions<'a>() -> Block<'a> {
    Block::note(sentences::conventions())
}
