//! Picking on a GPU: rows and columns looked up in a table.

use super::definition::{Pick, Source};
use crate::gpu::{Binding, Dispatch, KernelPlan, Site, constants, quads};

/// One dispatch that picks.
pub(crate) fn plan(pick: &Pick, site: &Site<'_>) -> KernelPlan {
    let (x, y) = (site.inputs[0], site.output);
    let constants = constants! {
        QUADS: quads(x.c),
        INPUT_H: x.h,
        INPUT_W: x.w,
        OUTPUT_H: y.h,
        OUTPUT_W: y.w,
        FILL: pick.fill,
    };
    let bindings = [Binding::Input(0), Binding::Output, Binding::Weight(0)];
    let parts = [include_str!("pick.wgsl")];
    let dispatch = Dispatch::element_wise(site, &parts, constants, &bindings);
    KernelPlan { weights: vec![quads(y.h + y.w)], dispatches: vec![dispatch] }
}

/// The table: what each output row is, then what each column; −1 where it is filled.
pub(crate) fn table(pick: &Pick) -> Vec<f32> {
    let place = |source: &Source| source.map_or(-1.0, |at| at as f32);
    let mut table: Vec<f32> = pick.rows.iter().chain(&pick.columns).map(place).collect();
    table.resize(4 * quads(table.len()), 0.0);
    table
}
