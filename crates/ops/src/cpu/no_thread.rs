//! Threads that the system does not start, and what it allows.

use std::{fs, io};

/// The system refused a thread.
#[derive(Debug, thiserror::Error)]
#[error(
    "the system starts no further thread ({source}): {allowed} (`ulimit -u`), or its container fewer; \
     raise the limit, end other programs, or ask for fewer threads"
)]
pub struct NoThread {
    source: io::Error,
    /// What this user may have.
    allowed: String,
}

impl From<io::Error> for NoThread {
    fn from(source: io::Error) -> Self {
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let allowed = match most(&limits) {
            Some(most) => format!("this user's limit of processes and threads is {most}"),
            None => "a user may have a limited number of processes and threads".to_owned(),
        };
        Self { source, allowed }
    }
}

/// The processes and threads that this user may have, from Linux's `/proc/self/limits` (man 5 proc).
fn most(limits: &str) -> Option<u64> {
    limits
        .lines()
        .find_map(|line| line.strip_prefix("Max processes"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{NoThread, most};
    use std::io;

    #[test]
    fn the_limit_is_told_where_the_system_tells_it() {
        let table = |soft: &str| {
            format!(
                "Limit  Soft Limit  Units\nMax processes  {soft}  96225  processes\nMax open files  4\n"
            )
        };
        assert_eq!(most(&table("2")), Some(2));
        assert_eq!([table("unlimited").as_str(), ""].map(most), [None; 2]);
        let message = NoThread::from(io::Error::from(io::ErrorKind::WouldBlock)).to_string();
        assert!(!message.contains('\n') && message.contains("`ulimit -u`"), "{message}");
    }
}
