//! A matrix that transforms vectors, as WGSL: written from the very matrices that the CPU's kernels are tested by.

/// A matrix, a row an output.
pub(super) struct Transform(Vec<Vec<f32>>);

impl Transform {
    /// That of these rows.
    pub fn new<const N: usize, const M: usize>(rows: [[f32; N]; M]) -> Self {
        Self(rows.iter().map(|row| row.to_vec()).collect())
    }

    /// Outputs.
    pub fn outputs(&self) -> usize {
        self.0.len()
    }

    /// WGSL of `all`, which transforms IN quads, and of `rows`, which makes the ROWS outputs of a block, of AHEAD
    /// columns of IN quads. They share a branch: compilers move loads into those in which they are used.
    pub fn text(&self, rows: usize, ahead: usize) -> String {
        let (quads, made) = ("array<vec4f, IN>", "array<array<vec4f, ROWS>, AHEAD>");
        let all = outputs("OF", &self.0, "x");
        let blocks: Vec<String> = self.0.chunks(rows).map(|block| columns(block, ahead)).collect();
        let last = blocks.len() - 1;
        let case = |(i, block): (usize, &String)| match i {
            i if i == last => format!("        default: {{ return {made}({block}); }}\n"),
            i => format!("        case {i}u: {{ return {made}({block}); }}\n"),
        };
        let cases: String = blocks.iter().enumerate().map(case).collect();
        format!(
            "fn all(x: {quads}) -> array<vec4f, OF> {{\n    return {all};\n}}\n\
             fn rows(block: u32, x: array<{quads}, AHEAD>) -> {made} {{\n    \
             switch block {{\n{cases}    }}\n}}\n"
        )
    }

    /// Floating-point operations of all outputs, a multiply-add being two.
    pub fn flops(&self) -> usize {
        self.0
            .iter()
            .map(|row| terms(row).map(|(i, _, factor)| cost(i, factor)).sum::<usize>())
            .sum()
    }

    /// Multiplications and additions of all outputs, a multiply-add being one.
    pub fn instructions(&self) -> usize {
        self.0.iter().map(|row| terms(row).count()).sum()
    }
}

/// The terms of a row: their places in the sum and in the vector, and their factors.
fn terms(row: &[f32]) -> impl Iterator<Item = (usize, usize, f32)> {
    row.iter()
        .enumerate()
        .filter(|(_, factor)| **factor != 0.0)
        .enumerate()
        .map(|(i, (j, f))| (i, j, *f))
}

/// Operations of the i-th term.
fn cost(i: usize, factor: f32) -> usize {
    usize::from(i > 0) + usize::from(factor.abs() != 1.0)
}

/// The outputs of some rows of each of so many columns `x`.
fn columns(rows: &[Vec<f32>], count: usize) -> String {
    let column = |k| outputs("ROWS", rows, &format!("x[{k}]"));
    (0..count).map(column).collect::<Vec<_>>().join(", ")
}

/// An array of the outputs of some rows, `x` transformed.
fn outputs(count: &str, rows: &[Vec<f32>], x: &str) -> String {
    let sums: Vec<String> = rows.iter().map(|row| sum(row, x)).collect();
    format!("array<vec4f, {count}>({})", sums.join(", "))
}

/// A row's sum over `x`, as an expression.
fn sum(row: &[f32], x: &str) -> String {
    terms(row).fold(String::new(), |sum, (i, j, factor)| match (i, factor) {
        (0, 1.0) => format!("{x}[{j}]"),
        (0, _) => format!("{factor:?} * {x}[{j}]"),
        (_, 1.0) => format!("{sum} + {x}[{j}]"),
        (_, -1.0) => format!("{sum} - {x}[{j}]"),
        _ => format!("fma(vec4f({factor:?}), {x}[{j}], {sum})"),
    })
}
