//! Messages that repeat what a file holds.

/// Most characters of a message.
const LONGEST: usize = 600;

/// `message`, its middle left out where what it repeats is long: its start says where, its end what was expected.
pub fn shortened(message: &str) -> String {
    let chars = message.chars().count();
    if chars <= LONGEST {
        return message.to_owned();
    }
    let start = message.chars().take(LONGEST / 2);
    let end = message.chars().skip(chars - LONGEST / 2);
    start.chain(" … ".chars()).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_keeps_its_start_and_its_end() {
        let short = "é".repeat(LONGEST);
        assert_eq!(shortened(&short), short);
        let long = shortened(&format!("field `a`: {}, expected 1", "é".repeat(100_000)));
        assert_eq!(long.chars().count(), LONGEST + 3);
        assert!(long.starts_with("field `a`: é") && long.ends_with("é, expected 1"), "{long}");
    }
}
