//! The command as its users run it: the real binary, its output and its exit code.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

mod demo;
mod deploy;
mod help;

use std::process::{Command, Output};

fn counterfoil(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterfoil"));
    command.args(arguments).env_remove("COUNTERFOIL_RPC");
    command
}

/// What was printed, after checking that the command succeeded.
fn succeeded(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{output:?}");
    text
}

/// What was said, after checking that the command failed in a way of its own and named all `parts`.
fn failed(output: &Output, parts: &[&str]) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text.starts_with("error: "), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in parts {
        assert!(text.contains(part), "{text:?} lacks {part:?}");
    }
    text
}
