//! Direct labels that do not overlap.

use super::{
    axes::{Plot, write_at},
    canvas::text_width,
    picture::Rendered,
    style::label,
};

/// Size of every label.
pub const SIZE: i32 = 11;
const HEIGHT: i32 = 14;

/// A rectangle: left, top, right, bottom.
type Area = (i32, i32, i32, i32);

/// Where labels may stand, and what is taken already, in pixels of the picture.
#[derive(Clone, Debug)]
pub struct Labels {
    within: Area,
    taken: Vec<Area>,
}

impl Labels {
    /// Labels within a plot, or within two from the left one to the right one, clear of points of `radius` at
    /// `points`.
    pub fn on(
        [left, right]: [&Plot<'_>; 2],
        points: impl Iterator<Item = (i32, i32)>,
        radius: i32,
    ) -> Self {
        let (from, rows) = left.plotting_area().get_pixel_range();
        let (to, _) = right.plotting_area().get_pixel_range();
        Self::new((from.start, rows.start, to.end, rows.end), points, radius)
    }

    fn new(within: Area, points: impl Iterator<Item = (i32, i32)>, radius: i32) -> Self {
        let area = |(x, y): (i32, i32)| (x - radius, y - radius, x + radius, y + radius);
        Self { within, taken: points.map(area).collect() }
    }

    /// Labels the point `at` on a side where there is room. A label that fits nowhere is left out.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub fn render(&mut self, plot: &Plot<'_>, text: &str, (x, y): (i32, i32)) -> Rendered {
        let width = text_width(text, SIZE);
        let (right, left, middle) = (x + 8, x - 8 - width, x - width / 2);
        let sides = [
            (right, y),
            (left, y),
            (middle, y - 14),
            (middle, y + 14),
            (right - 3, y - 11),
            (right - 3, y + 11),
            (left + 3, y - 11),
            (left + 3, y + 11),
        ];
        match self.place(text, sides) {
            Some(side) => write_at(plot, text, &label(SIZE), side),
            None => Ok(()),
        }
    }

    /// The first of `spots` (left end, middle) where `text` has room; nothing else will stand there.
    pub fn place(
        &mut self,
        text: &str,
        spots: impl IntoIterator<Item = (i32, i32)>,
    ) -> Option<(i32, i32)> {
        let width = text_width(text, SIZE);
        let area = |(left, middle): (i32, i32)| {
            (left, middle - HEIGHT / 2, left + width, middle + HEIGHT / 2)
        };
        let spot = spots.into_iter().find(|&spot| self.is_free(area(spot)))?;
        self.taken.push(area(spot));
        Some(spot)
    }

    fn is_free(&self, (left, top, right, bottom): Area) -> bool {
        let (l, t, r, b) = self.within;
        let clear = |&(l, t, r, b): &Area| right <= l || left >= r || bottom <= t || top >= b;
        left >= l && top >= t && right <= r && bottom <= b && self.taken.iter().all(clear)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_off_points_edges_and_each_other() {
        let mut labels = Labels::new((0, 0, 200, 100), [(100, 50)].into_iter(), 4);
        assert_eq!(labels.place("name", [(90, 50), (110, 50)]), Some((110, 50)), "off the point");
        assert_eq!(labels.place("name", [(115, 55), (110, 80)]), Some((110, 80)), "off a label");
        assert_eq!(labels.place("name", [(190, 20), (5, 98)]), None, "inside the plot");
    }
}
