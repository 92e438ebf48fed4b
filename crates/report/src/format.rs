//! Numbers and names as tables and charts write them.

/// What stands where there is no number.
pub const NOTHING: &str = "–";

/// From where on a number has an exponent: its digits would say nothing.
const HUGE: f64 = 1e15;
/// The same of a share in per cent.
const HUGE_PERCENT: f64 = 1e6;

/// Thousands set apart by a thin gap: `12 345.7`; nothing where it is no finite number.
pub fn grouped(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    if value.abs() >= HUGE {
        return huge(value);
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |(w, f)| (w, f));
    let mut out = String::new();
    // A value that rounds to nothing has no sign.
    if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// `1.8e19`.
fn huge(value: f64) -> String {
    format!("{value:.1e}").replacen('-', "−", 1)
}

/// Three significant digits, without an exponent: `0.0123`, `1.23`, `123`, `12 300`.
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return grouped(value, 0);
    }
    let magnitude = value.abs().log10().floor() as i32;
    grouped(value, usize::try_from(2 - magnitude).unwrap_or(0))
}

/// A round value with as many decimals as it has: `0.5`, `200`, `5 000`.
pub fn tick(value: f64) -> String {
    let decimals = value.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len());
    grouped(value, decimals)
}

/// Nanoseconds as microseconds.
pub fn micros(ns: f64) -> String {
    grouped(ns / 1e3, 2)
}

/// Nanoseconds in the unit that reads best: `812 µs`, `12.3 ms`.
pub fn duration(ns: f64) -> String {
    match ns.abs() {
        n if !n.is_finite() => NOTHING.to_owned(),
        n if n < 1e3 => format!("{} ns", significant(ns)),
        n if n < 1e6 => format!("{} µs", significant(ns / 1e3)),
        n if n < 1e9 => format!("{} ms", significant(ns / 1e6)),
        _ => format!("{} s", significant(ns / 1e9)),
    }
}

/// A [`count`] of things: `1 point`, `12 points`.
pub fn counted(n: usize, thing: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", count(n as u64))
}

/// A count in the unit that reads best: `145.8 M`.
pub fn count(value: u64) -> String {
    let v = value as f64;
    match value {
        _ if v >= HUGE => huge(v),
        0..1_000 => value.to_string(),
        1_000..1_000_000 => format!("{} k", grouped(v / 1e3, 1)),
        1_000_000..1_000_000_000 => format!("{} M", grouped(v / 1e6, 1)),
        _ => format!("{} G", grouped(v / 1e9, 2)),
    }
}

/// A round size in the largest binary unit of which it is at least one: `48 KiB`, `1.25 MiB`.
pub fn bytes(size: u64) -> String {
    in_binary_units(size, tick)
}

/// Any size, in three digits: `1.72 MiB`.
pub fn binary(size: u64) -> String {
    in_binary_units(size, significant)
}

fn in_binary_units(size: u64, number: impl Fn(f64) -> String) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    match units.into_iter().find(|(shift, _)| size >> shift > 0) {
        Some((shift, unit)) => format!("{} {unit}", number(size as f64 / (1_u64 << shift) as f64)),
        None => format!("{size} B"),
    }
}

/// A share from 0 to 1 in per cent, with one decimal.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent.abs() {
        n if !n.is_finite() => NOTHING.to_owned(),
        n if n >= HUGE_PERCENT => format!("{} %", huge(percent)),
        _ => format!("{} %", grouped(percent, 1)),
    }
}

/// A change by a share in per cent, with its sign.
pub fn change(share: f64) -> String {
    let sign = if share >= 0.0 && share.is_finite() { "+" } else { "" };
    sign.to_owned() + &percent(share)
}

/// `text` in at most `width` characters; what goes is taken from its middle, because names of
/// operators differ at both ends.
pub fn shorten(text: &str, width: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let tail = kept.div_ceil(2);
    let head = chars[..kept - tail].iter();
    head.chain(&['…']).chain(&chars[chars.len() - tail..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(grouped(1_234_567.891, 1), "1\u{202f}234\u{202f}567.9");
        assert_eq!(grouped(-12.0, 0), "−12");
        assert_eq!(grouped(-0.001, 1), "0.0");
        assert_eq!(significant(0.012345), "0.0123");
        assert_eq!(significant(1.0), "1.00");
        assert_eq!(significant(12345.0), "12\u{202f}345");
        assert_eq!(significant(0.0), "0");
        assert_eq!((tick(0.5).as_str(), tick(200.0).as_str()), ("0.5", "200"));
        assert_eq!(duration(812_345.0), "812 µs");
        assert_eq!(duration(-5.0), "−5.00 ns");
        assert_eq!(count(145_812_345), "145.8 M");
        assert_eq!(percent(0.1234), "12.3 %");
        assert_eq!([binary(1000), binary(1_803_886)], ["1000 B", "1.72 MiB"]);
        assert_eq!([bytes(7), bytes(48 << 10), bytes(5 << 18)], ["7 B", "48 KiB", "1.25 MiB"]);
    }

    #[test]
    fn one_thing_has_no_plural() {
        assert_eq!(counted(1, "point"), "1 point");
        assert_eq!(counted(0, "point"), "0 points");
        assert_eq!(counted(1200, "point"), "1.2 k points");
    }

    #[test]
    fn what_is_no_number_is_nothing() {
        let formatters: [fn(f64) -> String; 8] = [
            |v| grouped(v, 0),
            |v| grouped(v, 3),
            significant,
            tick,
            micros,
            duration,
            percent,
            change,
        ];
        for format in formatters {
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert_eq!(format(value), NOTHING);
            }
            for value in [f64::MAX, -f64::MAX, f64::MIN_POSITIVE, 0.0, -0.0] {
                let text = format(value);
                assert!(!text.contains("inf") && !text.contains("NaN"), "{text}");
            }
        }
        assert_eq!([change(0.5), change(-0.5), change(0.0)], ["+50.0 %", "−50.0 %", "+0.0 %"]);
    }

    #[test]
    fn what_is_too_large_to_mean_anything_is_short() {
        let shown = [percent(1e18), change(-1e18), grouped(1e18, 1), count(u64::MAX), tick(1e300)];
        assert_eq!(shown, ["1.0e20 %", "−1.0e20 %", "1.0e18", "1.8e19", "1.0e300"]);
        assert_eq!([percent(9e3), count(1 << 49)], ["900\u{202f}000.0 %", "562\u{202f}949.95 G"]);
    }

    #[test]
    fn names_keep_both_ends() {
        assert_eq!(shorten("stage2.0.branch2.conv1", 11), "stage…conv1");
        assert_eq!(shorten("conv1", 11), "conv1");
        assert_eq!(shorten("übergrößenträger", 5).chars().count(), 5);
        assert_eq!(shorten("conv1", 1), "…");
    }
}
