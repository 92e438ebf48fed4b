//! Errors as they are told.

/// An error and its causes in one line; a cause that the error itself quotes is not told twice.
pub fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        match (told.is_empty(), told.contains(&cause)) {
            (true, _) => cause,
            (false, true) => told,
            (false, false) => format!("{told}: {cause}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_each_cause_once() {
        let error = anyhow::anyhow!("disk full").context("cannot write a: disk full").context("b");
        assert_eq!(chain(&error), "b: cannot write a: disk full");
    }
}
