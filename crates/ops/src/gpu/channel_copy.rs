//! A run of channels copied from one map to another: what split, concat and pad are made of.

use super::{Binding, Dispatch, Site, constants, quads};

/// `len` channels of input `input`, from channel `from` of it to channel `to` of the output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChannelCopy {
    pub input: usize,
    pub from: usize,
    pub to: usize,
    pub len: usize,
    /// Whether the first input is copied along, the only one before this.
    pub both: bool,
}

impl ChannelCopy {
    /// The dispatch that copies, and writes zero after the copied channels up to channel `end`. A
    /// quad is written whole: the channels before `to` in it are those of the inputs before this
    /// one, which stand in the output one after the other.
    pub fn dispatch(self, site: &Site<'_>, end: usize) -> Dispatch {
        let Self { input, from, to, len, both } = self;
        let (first, last) = (if both { 0 } else { to / 4 }, quads(end));
        // A quad begins at most three inputs before this one. Where there are fewer, the first
        // stands for the rest; its channels begin at 0, so nothing is looked for beyond it. Where a quad
        // begins here nothing is looked for, and those before may lie in what is written.
        let looks = both || !to.is_multiple_of(4);
        let earlier = [1, 2, 3].map(|back| if looks { input.saturating_sub(back) } else { input });
        let start = |i: usize| site.inputs[..i].iter().map(|s| s.c).sum::<usize>();
        let constants = constants! {
            INPUT_QUADS: quads(site.inputs[input].c),
            OUTPUT_QUADS: quads(site.output.c),
            FROM: from,
            TO: to,
            LEN: len,
            FIRST: first,
            QUADS: last - first,
            QUADS_1: quads(site.inputs[earlier[0]].c),
            QUADS_2: quads(site.inputs[earlier[1]].c),
            QUADS_3: quads(site.inputs[earlier[2]].c),
            TO_1: start(earlier[0]),
            TO_2: start(earlier[1]),
            TO_3: start(earlier[2]),
        };
        let [a, b, c] = earlier.map(Binding::Input);
        let bindings = [Binding::Input(input), Binding::Output, a, b, c];
        let parts = [include_str!("channel_copy.wgsl")];
        let items = site.output.pixels() * (last - first);
        Dispatch::of_items(site, &parts, constants, &bindings, items)
    }
}
