//! The demo: what it prints, writes, pays and leaves behind.

use crate::{counterfoil, failed};
use counterfoil_deploy::rpc::Rpc;
use counterfoil_deploy::{Address, B256, U256};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A coin in base units.
const COIN: u128 = 1_000_000_000_000_000_000;

// req: S8, S16, S19, S23, S26, S28-S30, A1, A3, E53
#[tokio::test]
async fn the_demo_ends_well_and_the_chain_shows_what_its_report_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = counterfoil(&["demo", "--keep", "--folder"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut text = Vec::new();
    let url = loop {
        let line = lines.next().expect("the chain is kept").unwrap();
        if let Some(rest) = line.strip_prefix("the chain stays at ") {
            break rest.split(' ').next().unwrap().to_owned();
        }
        text.push(line);
    };
    assert_eq!(text.last().unwrap(), "demo: ok");
    let report = report(folder.path());
    assert_eq!(report["outcome"], "ok");
    let rpc = Rpc::new(&url, Duration::from_secs(10)).unwrap();
    assert_eq!(rpc.chain_id().await.unwrap(), report["chainId"]);
    let last = payouts(&report);
    for (account, paid) in &last {
        // Payout accounts start with one base unit.
        let balance = rpc.balance(account.parse().unwrap()).await.unwrap();
        assert_eq!(balance, U256::from(paid + 1), "{account}");
    }
    check_transactions(&rpc, &report).await;

    // By its id, as an init system would.
    let pid = demo.id().to_string();
    assert!(Command::new("kill").arg(pid).status().unwrap().success());
    let output = demo.wait_with_output().unwrap();
    assert!(output.status.success(), "the demo was over: {output:?}");
    rpc.chain_id().await.expect_err("Anvil ends with the demo");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "the report and nothing else: {left:?}");
}

// It used to panic, as in `counterfoil demo | head`.
#[test]
fn the_demo_ends_quietly_with_its_chain_when_nobody_reads_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = counterfoil(&["demo", "--folder"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let address = lines.find_map(|line| {
        let line = line.unwrap();
        let (_, rest) = line.split_once("http://")?;
        rest.split_once(' ').map(|(address, _)| address.to_owned())
    });
    let address = address.expect("the demo says where its chain is");
    TcpStream::connect(&address).expect("the chain is there");
    drop(lines);

    let output = demo.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    TcpStream::connect(&address).expect_err("the chain is gone");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "it was broken off");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let mut demo = counterfoil(&["demo", "--port", &port, "--folder"]);
    let output = demo.arg(folder.path()).output().unwrap();
    failed(
        &output,
        &[&format!("port {port}"), "check that the port is free"],
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_anvil_that_is_not_there_or_ends_at_once_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (anvil, parts) in [
        (
            "/nowhere/anvil",
            ["cannot be started as /nowhere/anvil", "COUNTERFOIL_ANVIL"],
        ),
        ("false", ["Anvil did not come to listen", "It said"]),
    ] {
        let mut demo = counterfoil(&["demo", "--folder"]);
        demo.arg(folder.path()).env("COUNTERFOIL_ANVIL", anvil);
        failed(&demo.output().unwrap(), &parts);
    }
}

// Also root cannot make a folder below a file.
#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let demo = ["demo", "--folder", "/dev/null/folder"];
    let output = counterfoil(&demo).output().unwrap();
    failed(&output, &["the folder /dev/null/folder cannot be used"]);
}

fn report(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What the report says that each account was paid in the end, after checking the sums that every reader can work out.
fn payouts(report: &Value) -> BTreeMap<String, u128> {
    let mut last = BTreeMap::new();
    let stories = report["stories"].as_array().unwrap();
    // Coins that went into each story's channels.
    for (story, deposited) in stories.iter().zip([100, 400, 100, 1]) {
        let mut of_story = BTreeMap::new();
        for payout in story["payouts"].as_array().unwrap() {
            assert_eq!(payout["expected"], payout["paid"]);
            let account = payout["account"].as_str().unwrap().to_owned();
            let paid = payout["paid"].as_str().unwrap().parse::<u128>().unwrap();
            of_story.insert(account, paid);
        }
        let sum = of_story.values().sum::<u128>();
        assert_eq!(
            sum,
            deposited * COIN,
            "nothing is lost in {}",
            story["name"]
        );
        last.append(&mut of_story);
    }
    assert_eq!(stories.len(), 4);
    // 5 were withdrawn before the close.
    assert_eq!(paid(report, 0), [5 * COIN, 80 * COIN, 20 * COIN]);
    assert_eq!(paid(report, 1), [0, 400 * COIN]);
    last
}

fn paid(report: &Value, story: usize) -> Vec<u128> {
    let payouts = report["stories"][story]["payouts"].as_array().unwrap();
    let paid = payouts.iter().map(|payout| &payout["paid"]);
    paid.map(|paid| paid.as_str().unwrap().parse().unwrap())
        .collect()
}

async fn check_transactions(rpc: &Rpc, report: &Value) {
    let mut seen = 0;
    for story in report["stories"].as_array().unwrap() {
        for channel in story["channels"].as_array().unwrap() {
            let _: B256 = channel["id"].as_str().unwrap().parse().unwrap();
            let _: [Address; 2] = [0, 1].map(|side| {
                let signer = channel["signers"][side].as_str().unwrap();
                signer.parse().unwrap()
            });
        }
        let steps = story["steps"].as_array().unwrap().iter();
        for transaction in steps.flat_map(|step| step["transactions"].as_array().unwrap()) {
            let Some(hash) = transaction["hash"].as_str() else {
                continue;
            };
            let receipt = rpc.receipt(hash.parse().unwrap()).await.unwrap().unwrap();
            assert!(receipt.succeeded());
            assert_eq!(receipt.gas_used, transaction["gasUsed"]);
            assert_eq!(receipt.block_number, transaction["block"]);
            seen += 1;
        }
    }
    assert!(seen >= 13, "{seen} transactions");
}
