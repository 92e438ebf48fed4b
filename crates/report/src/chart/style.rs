//! How texts are set, and what a part of a picture stands for: what charts add to plotters' elements.

use super::{
    canvas::{Canvas, Drawn},
    palette::{self, Tone},
};
use plotters::{
    element::{Drawable, PointCollection},
    style::{
        Color, FontFamily, FontStyle, FontTransform, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use plotters_backend::BackendCoord;
use std::borrow::Borrow;

/// A text of `size` pixels: in ink, from the left, centred on its y.
pub fn label(size: i32) -> TextStyle<'static> {
    TextStyle::from((FontFamily::SansSerif, size))
        .color(&palette::INK)
        .pos(Pos::new(HPos::Left, VPos::Center))
}

/// How else a text may be set.
pub trait Set {
    /// In another tone.
    fn tone(self, tone: Tone) -> Self;
    /// In bold.
    fn bold(self) -> Self;
    /// Ending where it would begin.
    fn ends(self) -> Self;
    /// Centred where it would begin.
    fn centred(self) -> Self;
    /// Turned to read upwards.
    fn turned(self) -> Self;
}

impl Set for TextStyle<'_> {
    fn tone(self, tone: Tone) -> Self {
        Self { color: tone.to_backend_color(), ..self }
    }

    fn bold(self) -> Self {
        Self { font: self.font.style(FontStyle::Bold), ..self }
    }

    fn ends(self) -> Self {
        self.pos(Pos::new(HPos::Right, VPos::Center))
    }

    fn centred(self) -> Self {
        self.pos(Pos::new(HPos::Center, VPos::Center))
    }

    fn turned(self) -> Self {
        self.transform(FontTransform::Rotate270)
    }
}

/// An element that readers can ask about, with its points.
pub struct Mark<'m, E, C> {
    /// The operator that it stands for, by its name: whoever picks it sees it in other charts and tables as well.
    op: Option<&'m str>,
    /// What is told to those who ask; of an operator that has none here, the page tells what its chart along the
    /// network does.
    title: Option<String>,
    element: E,
    points: Vec<C>,
}

impl<'m, E, C: Clone> Mark<'m, E, C>
where
    for<'a> &'a E: PointCollection<'a, C>,
{
    /// `element` stands for an operator.
    pub fn operator(name: &'m str, element: E) -> Self {
        Self { op: Some(name), ..Self::new(element) }
    }

    /// `element` stands for anything that `title` tells about.
    pub fn told(title: impl Into<String>, element: E) -> Self {
        Self::new(element).title(title)
    }

    /// The same with what is told about it.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }

    fn new(element: E) -> Self {
        let points = element.point_iter().into_iter().map(|point| point.borrow().clone()).collect();
        Self { op: None, title: None, element, points }
    }
}

impl<'a, E, C> PointCollection<'a, C> for &'a Mark<'_, E, C> {
    type Point = &'a C;
    type IntoIter = &'a [C];

    fn point_iter(self) -> Self::IntoIter {
        &self.points
    }
}

impl<'c, E: Drawable<Canvas<'c>>, C> Drawable<Canvas<'c>> for Mark<'_, E, C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        canvas: &mut Canvas<'c>,
        size: (u32, u32),
    ) -> Drawn {
        canvas.open(self.op, self.title.as_deref())?;
        self.element.draw(points, canvas, size)?;
        canvas.close()
    }
}
