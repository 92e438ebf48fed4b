//! How bars are filled: what is solid was measured, what is hatched modelled, what is outlined published.

use super::{
    canvas::Drawn,
    palette::{self, Tone},
};
use plotters::{
    element::{Drawable, PointCollection},
    style::Color,
};
use plotters_backend::{BackendCoord, DrawingBackend};
use std::fmt;

/// Pixels from one slanted line to the next.
const APART: usize = 7;

/// What is said where operators are hatched.
pub const NOTE: &str = "Hatched: modelled, not measured.";

/// How a bar is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// All of it.
    Solid,
    /// All of it, under slanted lines.
    Hatched,
    /// Its edge.
    Outlined,
}

/// Fills a bar between its upper left and its lower right corner.
///
/// # Errors
/// Where a picture cannot be written.
pub fn fill<B: DrawingBackend<ErrorType = fmt::Error>>(
    backend: &mut B,
    (left, top): BackendCoord,
    (right, bottom): BackendCoord,
    tone: Tone,
    filling: Filling,
) -> Drawn {
    let tone = tone.to_rgba();
    backend.draw_rect((left, top), (right, bottom), &tone, filling != Filling::Outlined)?;
    if filling != Filling::Hatched {
        return Ok(());
    }
    let height = bottom - top;
    for x in (left - height..right).step_by(APART) {
        let (from, to) = (left.max(x), right.min(x + height));
        let line = [(from, bottom - (from - x)), (to, bottom - (to - x))];
        backend.draw_path(line, &palette::GRID.to_rgba())?;
    }
    Ok(())
}

/// A bar, a pixel short of its right end, so that neighbours stand apart, and a pixel wide and high at least.
pub struct Filled<C> {
    /// Two opposite corners.
    pub corners: [C; 2],
    /// Its colour.
    pub tone: Tone,
    /// How it is filled.
    pub filling: Filling,
}

impl<'a, C> PointCollection<'a, C> for &'a Filled<C> {
    type Point = &'a C;
    type IntoIter = &'a [C];

    fn point_iter(self) -> Self::IntoIter {
        &self.corners
    }
}

impl<C, B: DrawingBackend<ErrorType = fmt::Error>> Drawable<B> for Filled<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut corners: I,
        backend: &mut B,
        _: (u32, u32),
    ) -> Drawn {
        let (Some(a), Some(b)) = (corners.next(), corners.next()) else { return Ok(()) };
        let (left, bottom) = (a.0.min(b.0), a.1.max(b.1));
        let (right, top) = ((a.0.max(b.0) - 1).max(left + 1), a.1.min(b.1).min(bottom - 1));
        fill(backend, (left, top), (right, bottom), self.tone, self.filling)
    }
}
