//! Help texts and wrong usage.

use crate::{counterfoil, succeeded};

#[test]
fn help_names_every_command_and_option() {
    let cases: [(&[&str], &[&str]); 5] = [
        (&["--help"], &["demo", "bench", "deploy", "--version"]),
        (&["demo", "--help"], &["--port", "--folder", "--keep"]),
        (&["bench", "--help"], &["--seconds", "--runs", "--folder"]),
        (
            &["deploy", "--help"],
            &[
                "--rpc",
                "--chain-id",
                "--key-file",
                "--check",
                "--addresses",
                "Examples:",
            ],
        ),
        (&["--version"], &["counterfoil 0."]),
    ];
    for (arguments, expected) in cases {
        let text = succeeded(&counterfoil(arguments).output().unwrap());
        for part in expected {
            assert!(
                text.contains(part),
                "{arguments:?}: {text:?} lacks {part:?}"
            );
        }
    }
}

// An endpoint's address may hold credentials.
#[test]
fn help_does_not_show_the_endpoint_of_the_environment() {
    let mut command = counterfoil(&["deploy", "--help"]);
    command.env("COUNTERFOIL_RPC", "https://user:sesame@rpc.example");
    let text = succeeded(&command.output().unwrap());
    assert!(!text.contains("sesame"), "{text}");
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_missing() {
    let cases: [(&[&str], &str); 6] = [
        (&[], "Usage: counterfoil <COMMAND>"),
        (&["nonsense"], "nonsense"),
        (&["demo", "--port", "65536"], "65536"),
        (&["deploy", "--chain-id", "1", "--check"], "--rpc <URL>"),
        (
            &["deploy", "--rpc", "http://127.0.0.1:1", "--check"],
            "--chain-id <ID>",
        ),
        (
            &["deploy", "--rpc", "http://127.0.0.1:1", "--chain-id", "1"],
            "--key-file <FILE>",
        ),
    ];
    for (arguments, expected) in cases {
        let output = counterfoil(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(expected), "{text:?} lacks {expected:?}");
    }
}

#[test]
fn a_bench_of_nothing_is_refused() {
    for option in ["--runs", "--seconds"] {
        let output = counterfoil(&["bench", option, "0"]).output().unwrap();
        crate::failed(&output, &["have to be at least 1"]);
    }
    let bench = ["bench", "--folder", "/dev/null/folder"];
    let output = counterfoil(&bench).output().unwrap();
    crate::failed(&output, &["the folder /dev/null/folder cannot be used"]);
}
