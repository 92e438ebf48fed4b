//! What shells and `man` are given: it works there.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::{Command, Output};

fn probe(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_probe")).args(args).output().unwrap()
}

/// Standard output of a command that must succeed, with nothing in it made visible for people.
fn stdout(args: &[&str]) -> String {
    let output = probe(args);
    assert!(output.status.success(), "{args:?}: {output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("[U+"), "{args:?}: {text}");
    text
}

/// What bash offers for the last of `words`, which follow `probe`.
fn offered(words: &str) -> Vec<String> {
    let script = stdout(&["completions", "bash"]);
    let ask = format!(
        "COMP_WORDS=(probe {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
         _probe probe \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[@]}}\""
    );
    let bash = Command::new("bash").args(["-c", &format!("{script}\n{ask}")]).output().unwrap();
    assert!(bash.status.success(), "{bash:?}");
    String::from_utf8(bash.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}

#[test]
fn bash_completes_verbs_options_and_networks() {
    assert_eq!(offered("li"), ["list"]);
    assert_eq!(offered("cost --par"), ["--partial"]);
    assert_eq!(offered("report --op"), ["--ops"]);
    assert_eq!(offered("--model mobilenet_v2"), ["mobilenet_v2"]);
    assert_eq!(
        offered("list --family shufflenet_v1_g"),
        [1, 2, 4, 8].map(|g| format!("shufflenet_v1_g{g}"))
    );
    assert_eq!(offered("guidelines vgg11"), ["vgg11", "vgg11_bn"]);
    assert!(offered("--model path/net").is_empty(), "files are left to the shell");
}

#[test]
fn other_shells_have_scripts_of_their_own() {
    assert!(stdout(&["completions", "zsh"]).starts_with("#compdef probe"));
    assert!(stdout(&["completions", "fish"]).contains("complete -c probe"));
}

#[test]
fn a_manual_page_has_the_command_and_one_each_verb() {
    let page = stdout(&["man"]);
    let verbs: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("probe\\-")).collect();
    assert!(verbs.contains(&"cost(1)") && page.contains(".TH probe 1"), "{page}");
    for verb in verbs {
        let name = verb.trim_end_matches("(1)");
        assert!(stdout(&["man", name]).contains(&format!(".TH probe-{name} 1")), "{name}");
    }
    assert!(stdout(&["man", "cost"]).contains("\\-\\-partial"));
    let unknown = probe(&["man", "price"]);
    let message = String::from_utf8(unknown.stderr).unwrap();
    assert!(
        !unknown.status.success() && message.contains("no verb `price`: expected list, cost"),
        "{message}"
    );
}
