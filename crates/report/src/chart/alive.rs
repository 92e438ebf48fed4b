//! Activations that are alive while each operator runs, along the network: where it needs most memory.

use super::{
    axes::{LEFT, vertical},
    canvas::{Canvas, Label, Mark, text_width},
    frame::{Frame, MARGIN, WIDTH},
    labels, palette,
    picture::{Chart, Rendered},
    scale::Scale,
    stages,
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
    frame.render(name, height, |canvas, top| plot(canvas, top + HEAD, &a.ops, &alive)).map(Some)
}

fn plot(canvas: &Canvas<'_>, top: i32, ops: &[Operator], alive: &Alive) -> Rendered {
    let bottom = top + HEIGHT;
    let right = WIDTH - MARGIN;
    let x = Scale::linear(ops.len() as f64, (LEFT, right));
    let y = Scale::linear(alive.most() as f64 / MIB, (bottom, top));
    let names: Vec<&str> = ops.iter().map(|op| op.record.name.as_str()).collect();
    stages::bands(canvas, &names, &x, (top, bottom))?;
    vertical(canvas, &y, "MiB", &[(LEFT, right)])?;
    for (i, (op, &bytes)) in ops.iter().zip(&alive.bytes).enumerate() {
        let (from, to) = (x.at(i as f64), x.at((i + 1) as f64));
        let gap = i32::from(to - from > 3);
        let height = y.at(bytes as f64 / MIB).min(bottom - 1);
        let name = &op.record.name;
        let mark = Mark::operator(name).title(format!("{name} · {} alive", binary(bytes)));
        canvas.mark(&mark, || {
            let to = (to.max(from + 1) - gap, bottom);
            canvas.rect((from, height), to, palette::of(op.record.class))
        })?;
    }
    canvas.line(&[(LEFT, bottom), (right, bottom)], palette::RULE)?;
    let label = format!("{} at {}", binary(alive.most()), shorten(names[alive.peak], NAME_LENGTH));
    let half = text_width(&label, labels::SIZE) / 2;
    let at = x.at(alive.peak as f64 + 0.5).clamp(LEFT + half, (right - half).max(LEFT + half));
    canvas.text(&label, (at, top - HEAD / 2), Label::new(labels::SIZE).centred())
}
