//! Activations that are alive while each operator runs, along the network: where it needs most memory.

use super::{
    axes::{self, write_at},
    canvas::{Area, text_width},
    filling::{Filled, Filling},
    frame::{Frame, MARGIN, WIDTH},
    labels, palette,
    picture::{Chart, Rendered},
    scale::Scale,
    stages,
    style::{Mark, Set, label},
};
use crate::{
    alive::Alive,
    analysis::{Analysis, Operator},
    format::{binary, shorten},
    names::Name,
};
use profile::Class;

const HEIGHT: i32 = 150;
/// Room over the bars for the name of the highest.
const HEAD: i32 = 18;
const NAME_LENGTH: usize = 60;
const MIB: f64 = (1 << 20) as f64;

/// The chart of one network; `None` where its operators do not say where their inputs come from.
///
/// # Errors
/// Where a picture cannot be written.
pub fn chart(a: &Analysis) -> Rendered<Option<Chart>> {
    let Some(alive) = Alive::of(&a.ops) else { return Ok(None) };
    let p = &a.profile;
    let classes = a.classes();
    let frame = Frame {
        title: format!("{}: activations alive along the network", p.model),
        subtitle: vec![
            a.network(),
            "MiB alive while each operator runs, whatever the device; a bar an operator, in the order in which they \
             run"
            .to_owned(),
        ],
        classes: classes.iter().map(|sum| sum.class).collect::<Vec<Class>>(),
        notes: vec![
            "A map is alive from the operator that writes it to the last that reads it. Each counts once, those of \
             splits and concatenations too."
                .to_owned(),
        ],
    };
    let name = Name::new(&[&p.model, &p.lowering(), &p.inputs(), "activations"], &[]);
    let height = HEAD + HEIGHT + stages::HEIGHT;
    frame.render(name, height, |area| plot(area, &a.ops, &alive)).map(Some)
}

fn plot(area: &Area<'_>, ops: &[Operator], alive: &Alive) -> Rendered {
    let (x, y) = (Scale::places(ops.len()), Scale::linear(alive.most() as f64 / MIB));
    let left = axes::left(&y);
    let below_head = area.margin(HEAD, 0, 0, 0);
    let mut plot = axes::plot(&below_head, (x, y), (left, stages::HEIGHT))?;
    let names: Vec<&str> = ops.iter().map(|op| op.record.name.as_str()).collect();
    stages::bands(&mut plot, &names)?;
    axes::mesh(&mut plot).x_labels(0).y_desc("MiB").draw()?;
    plot.draw_series(ops.iter().zip(&alive.bytes).enumerate().map(|(i, (op, &bytes))| {
        let corners = [(i as f64, bytes as f64 / MIB), ((i + 1) as f64, 0.0)];
        let tone = palette::of(op.record.class);
        let bar = Filled { corners, tone, filling: Filling::Solid };
        let name = &op.record.name;
        Mark::operator(name, bar).title(format!("{name} · {} alive", binary(bytes)))
    }))?;
    let text = format!("{} at {}", binary(alive.most()), shorten(names[alive.peak], NAME_LENGTH));
    let half = text_width(&text, labels::SIZE) / 2;
    let (x, top) = plot.backend_coord(&(alive.peak as f64 + 0.5, alive.most() as f64 / MIB));
    let x = x.clamp(left + half, (WIDTH - MARGIN - half).max(left + half));
    write_at(&plot, &text, &label(labels::SIZE).centred(), (x, top - HEAD / 2))
}
