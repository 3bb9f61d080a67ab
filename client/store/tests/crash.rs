//! The process dies, or the disk refuses, in the middle of writing: what was acknowledged is there.
//!
//! Money at risk: a channel record that is older than a signature that already left lets the node sign
//! a second state at the same nonce.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

use counterfoil_core::effect::{Record, RecordId};
use counterfoil_core::types::{Address, B256, ChannelId, Nonce};
use counterfoil_store::{Owner, Store, WriteError};
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const OWNER: Owner = Owner {
    chain_id: 1,
    adjudicator: Address::ZERO,
    node: Address::ZERO,
};

/// Set in the process that writes and dies; the database's path.
const WRITER: &str = "COUNTERFOIL_STORE_WRITER";

// req: E3
#[test]
fn every_commit_acknowledged_before_kill_9_is_there() {
    if let Some(path) = env::var_os(WRITER) {
        write_for_ever(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    let mut last = 0;
    for round in 1..=8 {
        let mut writer = spawn(
            &path,
            "every_commit_acknowledged_before_kill_9_is_there",
            "exec",
        );
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let mut acknowledged = 0;
        // A different number each round, so that the kill comes at another place of the log.
        while acknowledged < last + 97 * round {
            acknowledged = number(&lines.next().unwrap().unwrap()).unwrap_or(acknowledged);
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            acknowledged = number(&line).unwrap_or(acknowledged);
        }
        last = assert_whole(&path, acknowledged);
    }
}

// req: E3
#[test]
fn a_disk_that_refuses_to_grow_stops_the_store_and_loses_nothing() {
    if let Some(path) = env::var_os(WRITER) {
        write_until_refused(Path::new(&path));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    // A limit of 2,048 blocks of 512 bytes (dash) or of 1,024 bytes (bash); writing past it is an error, not a signal.
    let limited = "trap '' XFSZ; ulimit -f 2048; exec";
    let name = "a_disk_that_refuses_to_grow_stops_the_store_and_loses_nothing";
    let writer = spawn(&path, name, limited).wait_with_output().unwrap();
    assert!(writer.status.success(), "{writer:?}");
    let output = String::from_utf8(writer.stdout).unwrap();
    let acknowledged = output.lines().filter_map(number).next_back().unwrap();
    assert!(output.contains("refused twice"), "{output}");
    assert_whole(&path, acknowledged);
}

/// The test `name` of this file in a process of its own, as the writer.
fn spawn(path: &Path, name: &str, exec: &str) -> Child {
    Command::new("sh")
        .arg("-c")
        .arg(format!("{exec} \"$0\" \"$@\""))
        .arg(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(WRITER, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn write_for_ever(path: &Path) -> ! {
    let mut store = Store::open(path, OWNER).unwrap();
    let mut n = newest(&store);
    loop {
        n += 1;
        store.commit(&records(n)).unwrap();
        acknowledge(n);
    }
}

fn write_until_refused(path: &Path) {
    let mut store = Store::open(path, OWNER).unwrap();
    let mut n = 0;
    let refused = loop {
        match store.commit(&records(n + 1)) {
            Ok(()) => n += 1,
            Err(error) => break error,
        }
        acknowledge(n);
        assert!(n < 100_000, "the limit does not work");
    };
    assert!(!matches!(refused, WriteError::Halted), "{refused:?}");
    assert!(matches!(
        store.commit(&records(n + 1)),
        Err(WriteError::Halted)
    ));
    assert_eq!(newest(&store), n, "reads go on");
    println!("\nrefused twice");
}

fn acknowledge(n: u64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nstored {n}").unwrap();
    out.flush().unwrap();
}

fn number(line: &str) -> Option<u64> {
    line.strip_prefix("stored ")?.parse().ok()
}

/// A channel record that carries the newest nonce, the state at that nonce, and a payment.
fn records(n: u64) -> Vec<Record> {
    let mut bytes = n.to_be_bytes().to_vec();
    bytes.resize(400, 7);
    [
        RecordId::Channel(ChannelId(B256::ZERO)),
        RecordId::State(ChannelId(B256::ZERO), Nonce::new(n).unwrap()),
        RecordId::Payment(B256::ZERO),
    ]
    .map(|id| Record {
        id,
        bytes: bytes.clone(),
    })
    .to_vec()
}

fn newest(store: &Store) -> u64 {
    let channels = store.load().unwrap().channels;
    channels.first().map_or(0, |(_, bytes)| {
        u64::from_be_bytes(*bytes.first_chunk().unwrap())
    })
}

/// The newest number, after checking that all up to it are there and that its commit is whole.
fn assert_whole(path: &Path, acknowledged: u64) -> u64 {
    let store = Store::open(path, OWNER).unwrap();
    let newest = newest(&store);
    // One more may have reached the disk before its acknowledgement was written.
    assert!(
        newest == acknowledged || newest == acknowledged + 1,
        "{newest}, {acknowledged}"
    );
    let image = store.load().unwrap();
    assert_eq!(
        image.channels.first().unwrap().1,
        image.payments.first().unwrap().1
    );
    for n in 1..=newest {
        let state = store
            .state(ChannelId(B256::ZERO), Nonce::new(n).unwrap())
            .unwrap();
        assert_eq!(
            state.as_deref(),
            Some(records(n).first().unwrap().bytes.as_slice()),
            "{n}"
        );
    }
    newest
}
