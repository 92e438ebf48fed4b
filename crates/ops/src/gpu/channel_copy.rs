//! A run of channels copied from one map to another: what split, concat and pad are made of.

use super::{Binding, Dispatch, Site, constants, quads};

/// `len` channels of input `input`, from channel `from` of it to channel `to` of the output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChannelCopy {
    pub input: usize,
    pub from: usize,
    pub to: usize,
    pub len: usize,
}

impl ChannelCopy {
    /// The dispatch that copies, and writes zero after the copied channels up to channel `end`. It
    /// keeps what earlier dispatches wrote before `to`.
    pub fn dispatch(self, site: &Site<'_>, end: usize) -> Dispatch {
        let Self { input, from, to, len } = self;
        let (first, last) = (to / 4, quads(end));
        let pixels = site.output.pixels();
        let constants = constants! {
            PIXELS: pixels,
            INPUT_QUADS: quads(site.inputs[input].c),
            OUTPUT_QUADS: quads(site.output.c),
            FROM: from,
            TO: to,
            LEN: len,
            FIRST: first,
            QUADS: last - first,
        };
        let invocations = pixels * (last - first);
        let bindings = [Binding::Input(input), Binding::Output];
        let parts = [include_str!("channel_copy.wgsl")];
        Dispatch::of_invocations(site, &parts, constants, &bindings, invocations, 64)
    }
}
