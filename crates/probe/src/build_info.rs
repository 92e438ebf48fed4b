//! What this program was built from, and whether it may take times.

use anyhow::bail;
use profile::Build;

/// The program as a profile names it.
pub fn build() -> Build {
    Build {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: env!("PROBE_COMMIT").to_owned(),
        rustc: env!("PROBE_RUSTC").to_owned(),
        target: env!("PROBE_TARGET").to_owned(),
    }
}

/// Refuses to time in a build that is not optimised.
///
/// # Errors
/// In such a build.
pub fn demand_optimised() -> anyhow::Result<()> {
    demand(env!("PROBE_OPT_LEVEL"))
}

fn demand(opt_level: &str) -> anyhow::Result<()> {
    if matches!(opt_level, "2" | "3") {
        return Ok(());
    }
    bail!(
        "built at opt-level {opt_level:?}, whose times mean nothing: build with opt-level 3, as the \
         workspace's own profiles do (`cost`, `list` and `verify` work in any build)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_optimised_builds_may_time() {
        for (level, may) in [("0", false), ("1", false), ("s", false), ("2", true), ("3", true)] {
            assert_eq!(demand(level).is_ok(), may, "opt-level {level}");
        }
    }

    #[test]
    fn the_build_is_known() {
        let build = build();
        assert!(build.rustc.starts_with("rustc "), "{build:?}");
        assert!(build.target.contains(std::env::consts::ARCH), "{build:?}");
    }
}
