//! What stands before a shader's text: its bindings, and the functions that it reads and writes them with.
//!
//! Of a map, binding `i` has `load_i(n)`, the n-th of its quads, pixel by pixel; and, for shaders that walk
//! along pixels, `read_i(pixel_i(p), q)`, quad q of pixel p. `store_i(n, v)` and `put_i(p, q, v)` write.
//! How the map lies in its memory is in `override` constants, so that compilers drop what does not
//! apply: where it lies alone there, a quad's number is its index. What is written shuffled is written channel by
//! channel.

use super::{Constants, Layout, constants::Constant, quads};

/// What a shader's `@binding(i)` is bound to: quads, which it reads with `load_i(number)` or writes with
/// `store_i(number, value)`. Both are declared before its text, for buffers or for textures, and for maps that
/// lie in others, so that one shader serves all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The node's i-th input.
    Input(usize),
    /// The node's output.
    Output,
    /// The i-th packed weight.
    Weight(usize),
    /// What one dispatch of the plan leaves for later ones, as it is written.
    ScratchOut(Scratch),
    /// The same, as it is read.
    ScratchIn(Scratch),
}

/// Memory in which a plan's dispatches leave something for later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scratch {
    /// Which of the plan's it is.
    pub id: usize,
    /// Its quads.
    pub quads: usize,
}

impl Binding {
    /// Whether the shader writes what is bound.
    pub(crate) const fn is_written(self) -> bool {
        matches!(self, Self::Output | Self::ScratchOut(_))
    }
}

/// Names of the constants that say how the map of binding `i` lies.
struct Names {
    own: &'static str,
    pitch: &'static str,
    first: &'static str,
    step: &'static str,
    round: &'static str,
}

macro_rules! names {
    ($($i:literal)*) => {
        [$(Names {
            own: concat!("OWN_", $i),
            pitch: concat!("PITCH_", $i),
            first: concat!("FIRST_", $i),
            step: concat!("STEP_", $i),
            round: concat!("ROUND_", $i),
        }),*]
    };
}

/// As many as every WebGPU adapter binds.
const NAMES: [Names; 8] = names!(0 1 2 3 4 5 6 7);

/// The constants that say how the map of binding `i` lies.
pub(super) fn lying(i: usize, layout: Layout) -> Constants {
    let Layout { own, pitch, first, step, round } = layout;
    let names = &NAMES[i];
    let mut constants = vec![(names.own, own.value()), (names.pitch, pitch.value())];
    if !layout.is_whole() {
        constants.extend([(names.first, first.value()), (names.step, step.value())]);
    }
    if layout.is_shuffled() {
        constants.push((names.round, round.value()));
    }
    constants
}

/// What is done to a quad before it is written, and what is written beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// The binding of the map that is added.
    pub added: Option<usize>,
    /// Whether a function is applied.
    pub function: bool,
    /// What is written beside it.
    pub beside: Option<Beside>,
}

/// A map of which a store writes a quad for each of the output's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The map at this binding goes to the channels before the output's.
    Before(usize),
    /// The map at this binding goes to the even channels, between the output's.
    Between(usize),
}

impl Beside {
    /// What the statements need beside how the maps lie: quads of a pixel of both, of `channels` each, together.
    pub(super) fn constants(self, channels: usize) -> Constants {
        match self {
            Self::Before(_) => Constants::new(),
            Self::Between(_) => vec![("BOTH", quads(2 * channels).value())],
        }
    }

    /// Statements that write the quad `own` at `at`, a pixel's first, of binding `i`, and what belongs beside it.
    fn statements(self, i: usize) -> String {
        match self {
            Self::Before(n) => format!(
                "    write_{i}(at + quad, own);\n    \
                 if (quad < OWN_{n}) {{\n        \
                 write_{i}(at - OWN_{n} + quad, read_{n}(pixel_{n}(pixel), quad));\n    }}\n"
            ),
            Self::Between(n) => format!(
                "    let even = read_{n}(pixel_{n}(pixel), quad);\n    \
                 write_{i}(at + 2u * quad, vec4f(even.x, own.x, even.y, own.y));\n    \
                 if (2u * quad + 1u < BOTH) {{\n        \
                 write_{i}(at + 2u * quad + 1u, vec4f(even.z, own.z, even.w, own.w));\n    }}\n"
            ),
        }
    }
}

impl End {
    /// What becomes of the quad `v`, `added` what the added map has in its place.
    fn of_quad(self, added: impl Fn(usize) -> String) -> String {
        let sum = self.added.map_or_else(|| "v".to_owned(), |n| format!("v + {}", added(n)));
        if self.function { format!("apply({sum})") } else { sum }
    }

    /// `put_i` and `store_i` of a map that is written shuffled: each channel of a quad goes to another place.
    fn scatters(self, i: usize) -> String {
        let by_pixel = self.of_quad(|n| format!("read_{n}(pixel_{n}(pixel), quad)"));
        format!(
            "override ROUND_{i}: u32;\n\
             fn put_{i}(pixel: u32, quad: u32, v: vec4f) {{\n    \
             let own = {by_pixel};\n    \
             let at = pixel * PITCH_{i} * 4u + FIRST_{i};\n    \
             for (var lane = 0u; lane < min(4u, ROUND_{i} - 4u * quad); lane++) {{\n        \
             let steps = (4u * quad + lane) * STEP_{i};\n        \
             write_{i}(at + steps % ROUND_{i} + steps / ROUND_{i}, own[lane]);\n    }}\n}}\n\
             fn store_{i}(i: u32, v: vec4f) {{\n    \
             put_{i}(i / OWN_{i}, i % OWN_{i}, v);\n}}\n"
        )
    }

    /// `put_i` and `store_i`.
    fn stores(self, i: usize) -> String {
        let by_pixel = self.of_quad(|n| format!("read_{n}(pixel_{n}(pixel), quad)"));
        let by_number = self.of_quad(|n| format!("load_{n}(i)"));
        let write = self.beside.map_or_else(
            || format!("    write_{i}(at + quad, own);\n"),
            |beside| beside.statements(i),
        );
        let both = match self.beside {
            Some(Beside::Between(_)) => "override BOTH: u32;\n",
            _ => "",
        };
        format!(
            "{both}fn put_{i}(pixel: u32, quad: u32, v: vec4f) {{\n    \
             let own = {by_pixel};\n    \
             let at = pixel * PITCH_{i} + FIRST_{i} / 4u;\n{write}}}\n\
             fn store_{i}(i: u32, v: vec4f) {{\n    \
             if (STEP_{i} == 0u) {{\n        write_{i}(i, {by_number});\n    \
             }} else {{\n        put_{i}(i / OWN_{i}, i % OWN_{i}, v);\n    }}\n}}\n"
        )
    }
}

/// Declarations of binding `i`, which lies in a buffer or in a texture; in the latter, rows are 2 to the
/// power of `SHIFT_i` texels long. What is written to an output ends with `end`.
pub(super) fn declared(
    i: usize,
    binding: Binding,
    textures: bool,
    constants: &Constants,
    end: End,
) -> String {
    let says = |constant| constants.iter().any(|(name, _)| *name == constant);
    let (is_whole, is_shuffled) = (!says(NAMES[i].step), says(NAMES[i].round));
    let at = format!("@group(0) @binding({i}) var");
    let memory = match (binding.is_written(), textures) {
        (false, false) => format!(
            "{at}<storage, read> value_{i}: array<vec4f>;\n\
             fn quad_{i}(i: u32) -> vec4f {{ return value_{i}[i]; }}\n"
        ),
        (true, false) if is_shuffled => format!(
            "{at}<storage, read_write> value_{i}: array<f32>;\n\
             fn write_{i}(i: u32, x: f32) {{ value_{i}[i] = x; }}\n"
        ),
        (true, false) => format!(
            "{at}<storage, read_write> value_{i}: array<vec4f>;\n\
             fn write_{i}(i: u32, v: vec4f) {{ value_{i}[i] = v; }}\n"
        ),
        (false, true) => format!(
            "{at} value_{i}: texture_2d<f32>;\n\
             override SHIFT_{i}: u32;\n\
             fn quad_{i}(i: u32) -> vec4f {{\n    \
             return textureLoad(value_{i}, texel(i, SHIFT_{i}), 0);\n}}\n"
        ),
        (true, true) => format!(
            "{at} value_{i}: texture_storage_2d<rgba32float, write>;\n\
             override SHIFT_{i}: u32;\n\
             fn write_{i}(i: u32, v: vec4f) {{\n    \
             textureStore(value_{i}, texel(i, SHIFT_{i}), v);\n}}\n"
        ),
    };
    let functions = match binding {
        Binding::Input(_) | Binding::ScratchIn(_) if is_whole => whole_reads(i),
        Binding::Input(_) | Binding::ScratchIn(_) => map_reads(i),
        Binding::Output if is_shuffled => overrides(i) + &end.scatters(i),
        Binding::Output => overrides(i) + &end.stores(i),
        Binding::ScratchOut(_) => overrides(i) + &End::default().stores(i),
        Binding::Weight(_) => {
            format!("fn load_{i}(i: u32) -> vec4f {{ return quad_{i}(i); }}\n")
        }
    };
    memory + &functions
}

/// How a map lies. A step of 0 says that it is whole: its quads are numbered as they lie.
fn overrides(i: usize) -> String {
    format!(
        "override OWN_{i}: u32 = 1;\n\
         override PITCH_{i}: u32 = 1;\n\
         override FIRST_{i}: u32 = 0;\n\
         override STEP_{i}: u32 = 0;\n"
    )
}

/// `pixel_i`, `read_i` and `load_i` of a map that is alone in its memory. Some compilers take long over branches that
/// are never taken.
fn whole_reads(i: usize) -> String {
    format!(
        "override OWN_{i}: u32 = 1;\n\
         override PITCH_{i}: u32 = 1;\n\
         fn pixel_{i}(pixel: u32) -> u32 {{ return pixel * PITCH_{i}; }}\n\
         fn read_{i}(at: u32, quad: u32) -> vec4f {{ return quad_{i}(at + quad); }}\n\
         fn load_{i}(i: u32) -> vec4f {{ return quad_{i}(i); }}\n"
    )
}

/// `pixel_i`, `read_i` and `load_i`. Where a quad of the map is parts of two of the memory's, both are loaded.
fn map_reads(i: usize) -> String {
    let overrides = overrides(i);
    format!(
        "{overrides}\
         fn pixel_{i}(pixel: u32) -> u32 {{ return pixel * PITCH_{i} + FIRST_{i} / 4u; }}\n\
         fn read_{i}(at: u32, quad: u32) -> vec4f {{\n    \
         if (STEP_{i} == 2u) {{\n        \
         let a = quad_{i}(at + 2u * quad);\n        \
         let b = quad_{i}(at + 2u * quad + 1u);\n        \
         return select(vec4f(a.xz, b.xz), vec4f(a.yw, b.yw), FIRST_{i} % 2u == 1u);\n    }}\n    \
         let a = quad_{i}(at + quad);\n    \
         if (FIRST_{i} % 4u == 0u) {{ return a; }}\n    \
         let b = quad_{i}(at + quad + 1u);\n    \
         if (FIRST_{i} % 4u == 1u) {{ return vec4f(a.yzw, b.x); }}\n    \
         if (FIRST_{i} % 4u == 2u) {{ return vec4f(a.zw, b.xy); }}\n    \
         return vec4f(a.w, b.xyz);\n}}\n\
         fn load_{i}(i: u32) -> vec4f {{\n    \
         if (STEP_{i} == 0u) {{ return quad_{i}(i); }}\n    \
         return read_{i}(pixel_{i}(i / OWN_{i}), i % OWN_{i});\n}}\n"
    )
}
