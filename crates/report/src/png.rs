//! Charts as PNG pictures, for slides and programs that take no SVG.

use crate::chart::{palette::Theme, picture::Chart};
use resvg::{
    render,
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};

/// Pixels of a picture for each of a chart.
const SCALE: f32 = 2.0;

/// A chart that could not be painted.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// There is nothing to set texts in.
    #[error(
        "cannot paint charts: the system has no fonts; install some, such as Liberation or DejaVu"
    )]
    NoFonts,
    /// The chart is no picture.
    #[error("cannot paint a chart")]
    Read(#[from] resvg::usvg::Error),
    /// It is too large.
    #[error("cannot paint a chart of {width} × {height} pixels")]
    Size {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// It could not be packed.
    #[error("cannot pack a chart: {0}")]
    Pack(String),
}

/// Paints charts with the system's fonts.
pub struct Painter(Options<'static>);

impl Painter {
    /// A painter who knows the system's fonts.
    ///
    /// # Errors
    /// Where there are none.
    pub fn new() -> Result<Self, PngError> {
        let mut options = Options::default();
        options.fontdb_mut().load_system_fonts();
        if options.fontdb.is_empty() { Err(PngError::NoFonts) } else { Ok(Self(options)) }
    }

    /// `chart` on a light ground and on a dark one: what to add to its name, and the picture.
    ///
    /// # Errors
    /// Where it cannot be painted.
    pub fn paint(&self, chart: &Chart) -> Result<[(&'static str, Vec<u8>); 2], PngError> {
        let paint = |theme| self.in_theme(chart, theme);
        Ok([("", paint(Theme::Light)?), ("-dark", paint(Theme::Dark)?)])
    }

    fn in_theme(&self, chart: &Chart, theme: Theme) -> Result<Vec<u8>, PngError> {
        let tree = Tree::from_str(&chart.in_theme(theme), &self.0)?;
        let [width, height] =
            [tree.size().width(), tree.size().height()].map(|length| (length * SCALE) as u32);
        let mut pixels = Pixmap::new(width, height).ok_or(PngError::Size { width, height })?;
        render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
        pixels.encode_png().map_err(|error| PngError::Pack(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Name;

    /// A chart's ground is its first pixel; the rest is not paper alone.
    #[test]
    fn a_chart_is_painted_light_and_dark() {
        let profile = crate::fixture::shufflenet_on(crate::fixture::core(), 1);
        let measured = crate::Measurements::of(&[profile]);
        let pages = crate::pages(&crate::Findings::of(&measured)).unwrap();
        let painter = Painter::new().unwrap();
        let grounds = painter.paint(&pages.charts[0]).unwrap().map(|(_, png)| {
            let pixels = Pixmap::decode_png(&png).unwrap();
            assert!(pixels.pixels().iter().any(|pixel| *pixel != pixels.pixels()[0]));
            let ground = pixels.pixels()[0];
            [ground.red(), ground.green(), ground.blue()]
        });
        assert_eq!(grounds, [[0xFF; 3], [0x15, 0x17, 0x1B]]);
        let broken = Chart { name: Name::new(&["x"], &[]), title: String::new(), svg: "<".into() };
        assert!(matches!(painter.paint(&broken), Err(PngError::Read(_))));
    }
}
