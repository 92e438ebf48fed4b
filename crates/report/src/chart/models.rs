//! All networks of one device: what a network costs by formula against what it takes, a point a
//! network, with the rank correlation of the two.

use super::{
    Chart, Drawn,
    axes::{self, LEFT},
    canvas::Canvas,
    class_shares::place_name,
    frame::{Frame, MARGIN, WIDTH},
    labels::Labels,
    palette,
    scale::Scale,
};
use crate::{
    analysis::Analysis,
    format::{grouped, shorten},
};
use profile::Class;
use stats::{bootstrap, spearman};

const HEIGHT: i32 = 420;
const BOTTOM: i32 = 42;
const RADIUS: i32 = 4;

/// Networks that a rank correlation needs at least: of fewer, too many orders agree well by chance
/// (of random orders of five, one in fifteen correlates above 0.7; of eight, one in thirty-five).
pub const FEWEST: usize = 8;

/// A cost by formula that is set against time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// Multiply-adds.
    MulAdds,
    /// Memory access cost.
    Access,
    /// Trainable parameters.
    Params,
    /// Elements that convolutions write (as Radosavovic et al. 2020, arXiv 2003.13678, count them).
    Activations,
    /// Number of operators.
    Operators,
}

impl Proxy {
    /// Every proxy.
    pub const ALL: [Self; 5] =
        [Self::MulAdds, Self::Access, Self::Params, Self::Activations, Self::Operators];

    /// Its name in titles.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MulAdds => "mult-adds",
            Self::Access => "memory access cost",
            Self::Params => "parameters",
            Self::Activations => "activations",
            Self::Operators => "operators",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::MulAdds => "mult-adds, millions",
            Self::Access => "memory access cost, MiB",
            Self::Params => "parameters, millions",
            Self::Activations => "activations, millions of elements",
            Self::Operators => "operators",
        }
    }

    /// Its value for a network, in its unit.
    pub fn of(self, a: &Analysis<'_>) -> f64 {
        match self {
            Self::MulAdds => a.profile.mul_adds as f64 / 1e6,
            Self::Access => a.access_bytes() as f64 / f64::from(1 << 20),
            Self::Params => a.profile.params as f64 / 1e6,
            Self::Activations => {
                let convs = a.profile.ops.iter().filter(|op| op.class == Class::Conv);
                convs.map(|op| op.access.written as f64).sum::<f64>() / 1e6
            }
            Self::Operators => a.ops.len() as f64,
        }
    }
}

/// Spearman's rank correlation of a proxy with the time of a run, over networks, with its 95 %
/// bootstrap interval; `None` for fewer than [`FEWEST`] networks.
pub fn correlation(group: &[&Analysis<'_>], proxy: Proxy) -> Option<(f64, (f64, f64))> {
    let pairs: Vec<(f64, f64)> =
        group.iter().filter_map(|a| Some((proxy.of(a), a.whole?.median))).collect();
    if pairs.len() < FEWEST {
        return None;
    }
    Some((spearman(&pairs)?, bootstrap(&pairs, 0, spearman)?))
}

/// One chart a [`Proxy`]; none for fewer than three networks with times.
///
/// # Errors
/// Where plotters fails.
pub fn charts(group: &[&Analysis<'_>]) -> Drawn<Vec<Chart>> {
    let timed: Vec<&Analysis<'_>> = group
        .iter()
        .copied()
        .filter(|a| a.whole.is_some_and(|w| w.median > 0.0) && a.profile.mul_adds > 0)
        .collect();
    if timed.len() < 3 {
        return Ok(Vec::new());
    }
    Proxy::ALL.into_iter().map(|proxy| chart(&timed, proxy)).collect()
}

fn chart(group: &[&Analysis<'_>], proxy: Proxy) -> Drawn<Chart> {
    let (first, p) = (group[0], group[0].profile);
    let rank = correlation(group, proxy).map_or_else(
        || format!("fewer than {FEWEST}: too few for a rank correlation"),
        |(r, (low, high))| {
            let [r, low, high] = [r, low, high].map(|r| grouped(r, 2));
            format!("Spearman's rank correlation {r}, 95 % bootstrap interval {low} to {high}")
        },
    );
    let noisy = group.iter().filter(|a| !a.profile.noise.reasons.is_empty()).count();
    let mut notes = vec![match proxy {
        Proxy::MulAdds => profile::FLOPS_CONVENTION.to_owned() + ".",
        Proxy::Access => profile::ACCESS_CONVENTION.to_owned() + ".",
        Proxy::Params => "Trainable parameters, those of batch norms included.".to_owned(),
        Proxy::Activations => "Activations: elements that convolutions write.".to_owned(),
        Proxy::Operators => "Operators at this level, whatever they compute.".to_owned(),
    }];
    if noisy > 0 {
        notes.push(format!("{noisy} of the {} runs were NOISY (rings).", group.len()));
    }
    let frame = Frame {
        title: format!("Every network: {} against time", proxy.name()),
        subtitle: vec![
            format!("{} · {}, batch {}", first.place(), p.lowering(), p.batch),
            format!("ms a run (median, uninstrumented) against {}, both logarithmic", proxy.unit()),
            format!("{} networks · {rank}", group.len()),
        ],
        classes: Vec::new(),
        notes,
    };
    let name = place_name(first, proxy.name());
    frame.draw(name, HEIGHT, |canvas, top| plot(canvas, group, proxy, top))
}

fn plot(canvas: &Canvas<'_>, group: &[&Analysis<'_>], proxy: Proxy, top: i32) -> Drawn {
    let ms = |a: &Analysis<'_>| a.whole.map_or(0.0, |w| w.median / 1e6);
    let bottom = top + HEIGHT - BOTTOM;
    let x = Scale::log(group.iter().map(|a| proxy.of(a)), (LEFT, WIDTH - MARGIN));
    let y = Scale::log(group.iter().map(|a| ms(a)), (bottom, top));
    axes::vertical(canvas, &y, "ms", &[x.pixels()])?;
    axes::horizontal(canvas, (&x, &y), proxy.unit(), axes::round(&x))?;
    let points: Vec<_> = group.iter().map(|a| (x.at(proxy.of(a)), y.at(ms(a)))).collect();
    for (a, &at) in group.iter().zip(&points) {
        canvas.dot(at, RADIUS, palette::POINT, !a.profile.noise.reasons.is_empty())?;
    }
    let within = (LEFT, top, WIDTH - MARGIN, bottom);
    let mut labels = Labels::new(within, points.iter().copied(), RADIUS);
    for (a, &at) in group.iter().zip(&points) {
        labels.draw(canvas, &shorten(&a.profile.model, 30), at)?;
    }
    Ok(())
}
