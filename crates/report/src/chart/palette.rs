//! The colours of every chart, and how they turn dark.
//!
//! A chart names its tones. A style sheet ([`style`]) says what each looks like: light, or dark where the reader
//! prefers that, in the page and in a chart that stands alone. What is printed is light.
//!
//! The class colours keep apart for readers with protanopia, deuteranopia and tritanopia
//! (simulated after Machado et al. 2009): they differ in lightness as well as in hue.

use plotters::style::{Color, ShapeStyle};
use plotters_backend::BackendColor;
use profile::Class;

/// A colour on a light ground and its twin on a dark one, as 0xRRGGBB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tone {
    name: &'static str,
    light: u32,
    dark: u32,
}

impl Tone {
    const fn new(name: &'static str, light: u32, dark: u32) -> Self {
        Self { name, light, dark }
    }

    const fn in_theme(self, theme: Theme) -> u32 {
        match theme {
            Theme::Light => self.light,
            Theme::Dark => self.dark,
        }
    }

    /// The class that charts give what has it.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// A dot in it, or a ring.
    pub fn dot(self, ring: bool) -> ShapeStyle {
        ShapeStyle { filled: !ring, ..self.into() }
    }
}

/// To plotters a tone is its light colour.
impl Color for Tone {
    fn to_backend_color(&self) -> BackendColor {
        let [_, red, green, blue] = self.light.to_be_bytes();
        BackendColor { alpha: 1.0, rgb: (red, green, blue) }
    }
}

/// The tone of a colour; ink where it is none's.
pub fn tone(rgb: (u8, u8, u8)) -> Tone {
    ALL.into_iter().find(|tone| tone.rgb() == rgb).unwrap_or(INK)
}

/// How light a ground is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Ink on white.
    Light,
    /// White on ink.
    Dark,
}

/// The ground.
pub const PAPER: Tone = Tone::new("paper", 0xFFFFFF, 0x15171B);
/// Titles, values, whatever must be read.
pub const INK: Tone = Tone::new("ink", 0x1B1F24, 0xE7E9EC);
/// Axis labels, notes.
pub const MUTED: Tone = Tone::new("muted", 0x5A626C, 0xA3ABB5);
/// Grid lines.
pub const GRID: Tone = Tone::new("grid", 0xE3E6EA, 0x2C3138);
/// Axes, brackets, guide lines.
pub const RULE: Tone = Tone::new("rule", 0xB3BAC3, 0x565E69);
/// Every second stage.
pub const BAND: Tone = Tone::new("band", 0xF5F6F8, 0x1C1F25);
/// Points that have no class.
pub const POINT: Tone = Tone::new("point", 0x2B66A0, 0x6C9FE3);

/// The paper's GPU.
pub const PAPER_GPU: Tone = Tone::new("paper-gpu", 0xC2571A, 0xF08A4B);
/// The paper's ARM core.
pub const PAPER_ARM: Tone = Tone::new("paper-arm", 0x3E8E5A, 0x6CC48A);

const CONV: Tone = Tone::new("conv", 0x2F6DA8, 0x5B8FD9);
const ELEMENT_WISE: Tone = Tone::new("element-wise", 0xE0952C, 0xF0B44C);
const DATA: Tone = Tone::new("data", 0x6CC0B0, 0x7AD3C0);
const SHUFFLE: Tone = Tone::new("shuffle", 0xA8446F, 0xBE4579);
const OTHER: Tone = Tone::new("other", 0x8B929C, 0x9AA1AB);

/// Ground and ink of a loss, least first.
pub const HEAT: [(Tone, Tone); 5] = [
    (Tone::new("heat-0", 0xFDF4E6, 0x2A2218), INK),
    (Tone::new("heat-1", 0xFBDFB4, 0x4A3618), INK),
    (Tone::new("heat-2", 0xF5BE72, 0x6E4A1C), INK),
    (Tone::new("heat-3", 0xDE8F3C, 0xC98A3C), ON_LIGHT),
    (Tone::new("heat-4", 0xA3450F, 0xF4B566), ON_CONV),
];
/// Ground and ink of a gain.
pub const GAIN: (Tone, Tone) = (Tone::new("gain", 0xD6E7F6, 0x1E3650), INK);

const ON_CONV: Tone = Tone::new("on-conv", 0xFEFEFE, 0x101215);
const ON_SHUFFLE: Tone = Tone::new("on-shuffle", 0xFDFDFD, 0xFDFDFE);
const ON_LIGHT: Tone = Tone::new("on-light", 0x14171B, 0x14171C);

const ALL: [Tone; 23] = [
    PAPER,
    INK,
    MUTED,
    GRID,
    RULE,
    BAND,
    POINT,
    PAPER_GPU,
    PAPER_ARM,
    CONV,
    ELEMENT_WISE,
    DATA,
    SHUFFLE,
    OTHER,
    ON_CONV,
    ON_SHUFFLE,
    ON_LIGHT,
    GAIN.0,
    HEAT[0].0,
    HEAT[1].0,
    HEAT[2].0,
    HEAT[3].0,
    HEAT[4].0,
];

/// The colour of a class.
pub const fn of(class: Class) -> Tone {
    match class {
        Class::Conv => CONV,
        Class::ElementWise => ELEMENT_WISE,
        Class::Data => DATA,
        Class::Shuffle => SHUFFLE,
        Class::Other => OTHER,
    }
}

/// The colour of text that stands on the colour of a class.
pub const fn on(class: Class) -> Tone {
    match class {
        Class::Conv => ON_CONV,
        Class::Shuffle => ON_SHUFFLE,
        Class::ElementWise | Class::Data | Class::Other => ON_LIGHT,
    }
}

/// What tones and texts look like, in the theme that the reader prefers.
pub fn style() -> String {
    let [light, dark] = [Theme::Light, Theme::Dark].map(tones);
    format!("{SHAPES}{light}@media screen and (prefers-color-scheme:dark){{{dark}}}")
}

/// The same in one theme, whatever the reader prefers.
#[cfg(feature = "png")]
pub fn style_in(theme: Theme) -> String {
    SHAPES.to_owned() + &tones(theme)
}

/// What every picture's elements have in common.
const SHAPES: &str = "svg text{font-family:Arial,Helvetica,Liberation Sans,sans-serif}svg .t10{font-size:10px}\
     svg .t11{font-size:11px}svg .t12{font-size:12px}svg .t16{font-size:16px}svg .b{font-weight:bold}\
     svg .e{text-anchor:end}svg .m{text-anchor:middle}svg .ring{stroke-width:2}";

/// The colours of `theme`: of what is filled, of lines, of rings and the edges of dots.
fn tones(theme: Theme) -> String {
    let rule = |tone: Tone| {
        let (name, color) = (tone.name, tone.in_theme(theme));
        format!(
            "svg .{name}{{fill:#{color:06X}}}svg path.{name}{{fill:none;stroke:#{color:06X}}}\
             svg .ring.{name}{{stroke:#{color:06X}}}"
        )
    };
    let paper = PAPER.in_theme(theme);
    let dots = format!("svg circle{{stroke:#{paper:06X}}}svg .ring{{fill:#{paper:06X}}}");
    ALL.map(rule).concat() + &dots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_can_be_told_apart_by_name_and_by_colour() {
        for (i, a) in ALL.iter().enumerate() {
            assert!(ALL[..i].iter().all(|b| b.name != a.name), "{} twice", a.name);
            assert_eq!(tone(a.rgb()), *a, "its light colour is another's");
        }
    }

    /// WCAG 2 contrast of two colours.
    fn contrast(a: u32, b: u32) -> f64 {
        let luminance = |c: u32| {
            let channel = |shift: u32| {
                let x = f64::from(c >> shift & 0xFF) / 255.0;
                if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
        };
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        (a / b).max(b / a)
    }

    #[test]
    fn text_can_be_read_on_its_ground() {
        for (text, ground) in [(INK, PAPER), (MUTED, PAPER), (MUTED, BAND)]
            .into_iter()
            .chain(Class::ALL.map(|class| (on(class), of(class))))
            .chain(HEAT.into_iter().chain([GAIN]).map(|(ground, ink)| (ink, ground)))
        {
            assert!(contrast(text.light, ground.light) >= 4.5, "{text:X?} on {ground:X?}");
            assert!(contrast(text.dark, ground.dark) >= 4.5, "{text:X?} on {ground:X?}");
        }
    }
}
