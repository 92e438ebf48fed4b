//! `probe man`: the manual page of the command or of a verb.

use crate::args::{Cli, ManArgs};
use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use report::screen;
use std::process::ExitCode;

/// Runs the verb.
///
/// # Errors
/// Where there is no such verb.
pub fn run(args: &ManArgs) -> anyhow::Result<ExitCode> {
    let mut command = Cli::command();
    command.build();
    let described = match &args.verb {
        None => command,
        Some(name) => verb(&command, name)?,
    };
    let mut page = Vec::new();
    Man::new(described).render(&mut page)?;
    screen::print(&String::from_utf8(page)?)?;
    Ok(ExitCode::SUCCESS)
}

fn verb(command: &Command, name: &str) -> anyhow::Result<Command> {
    command.find_subcommand(name).cloned().with_context(|| {
        let verbs: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        format!("no verb `{name}`: expected {}", verbs.join(", "))
    })
}
