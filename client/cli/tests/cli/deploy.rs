//! Deployment: created once, found afterwards, refused with a reason.

use crate::{counterfoil, failed, succeeded};
use counterfoil_deploy::devnet::{AnvilOptions, Devnet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// A chain without the contracts, and a folder for keys.
struct Bare {
    devnet: Devnet,
    folder: TempDir,
}

impl Bare {
    fn start() -> Self {
        Self {
            devnet: Devnet::bare(&AnvilOptions::default()).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn key_file(&self, content: &str) -> PathBuf {
        let path = self.folder.path().join("deployer.key");
        std::fs::write(&path, content).unwrap();
        set_mode(&path, 0o600);
        path
    }

    fn deploy(&self, chain_id: &str, key_file: &Path) -> Output {
        let mut command = counterfoil(&["deploy", "--rpc", self.devnet.url()]);
        command.args(["--chain-id", chain_id, "--key-file"]);
        command.arg(key_file).output().unwrap()
    }

    fn check(&self) -> Output {
        let mut command = counterfoil(&["deploy", "--check", "--chain-id", "31337"]);
        let command = command.env("COUNTERFOIL_RPC", self.devnet.url());
        command.output().unwrap()
    }
}

// req: S10
#[tokio::test]
async fn contracts_are_created_once_and_found_afterwards() {
    let bare = Bare::start();
    failed(&bare.check(), &["has no code", "counterfoil deploy"]);
    let key = bare.key_file(&format!("{}\n", Devnet::secret(1)));
    bare.devnet.funded(1).await.unwrap();

    let text = succeeded(&bare.deploy("31337", &key));
    assert_eq!(text.matches("created,").count(), 3, "{text}");
    let addresses = bare.devnet.addresses();
    assert!(text.contains(&addresses.adjudicator.to_string()), "{text}");
    let text = succeeded(&bare.deploy("31337", &key));
    assert_eq!(text.matches("was there already").count(), 3, "{text}");
    let text = succeeded(&bare.check());
    assert_eq!(text.matches("as expected").count(), 3, "{text}");
}

#[tokio::test]
async fn addresses_are_written_where_they_are_asked_for() {
    let bare = Bare::start();
    bare.devnet.funded(1).await.unwrap();
    let key = bare.key_file(&Devnet::secret(1).to_string());
    let folder = bare.folder.path().join("addresses");
    std::fs::create_dir(&folder).unwrap();
    let mut command = counterfoil(&["deploy", "--rpc", bare.devnet.url(), "--chain-id", "31337"]);
    command.arg("--key-file").arg(&key);
    command.arg("--addresses").arg(&folder);
    succeeded(&command.output().unwrap());
    let text = std::fs::read_to_string(folder.join("31337.json")).unwrap();
    let adjudicator = bare.devnet.addresses().adjudicator.to_string();
    assert!(text.contains(&adjudicator.to_lowercase()), "{text}");
}

#[tokio::test]
async fn a_wrong_chain_and_an_account_without_money_are_refused() {
    let bare = Bare::start();
    let key = bare.key_file(&Devnet::secret(1).to_string());
    let output = bare.deploy("1", &key);
    failed(&output, &["serves chain 31337", "expected chain 1"]);
    let output = bare.deploy("31337", &key);
    failed(
        &output,
        &["holds 0 wei", "expected at least", "send it native coin"],
    );
    failed(&bare.check(), &["has no code"]);
}

// Money at risk: the account of a key that others can read.
#[test]
fn a_key_file_that_is_missing_bad_or_open_to_others_is_refused_and_not_quoted() {
    let bare = Bare::start();
    let missing = bare.folder.path().join("missing.key");
    let output = bare.deploy("31337", &missing);
    failed(
        &output,
        &["missing.key cannot be read", "expected 32 bytes"],
    );

    let zero = "00".repeat(32);
    let long = format!("{}aa", Devnet::secret(1));
    for content in ["", "sesame", &zero, &long] {
        let key = bare.key_file(content);
        let text = failed(&bare.deploy("31337", &key), &["deployer.key holds no key"]);
        assert!(content.is_empty() || !text.contains(content), "{text}");
    }
    let key = bare.key_file(&Devnet::secret(1).to_string());
    set_mode(&key, 0o644);
    let output = bare.deploy("31337", &key);
    failed(&output, &["has mode 644", "expected 600", "chmod 600"]);
}

#[test]
fn an_endpoint_that_is_dead_or_none_is_named_without_its_credentials() {
    let check = ["deploy", "--check", "--chain-id", "1", "--rpc"];
    let run = |rpc: &str| counterfoil(&check).arg(rpc).output().unwrap();
    failed(
        &run("nonsense"),
        &["is not understood", "expected one like"],
    );
    let text = failed(&run("http://user:sesame@127.0.0.1:1"), &["127.0.0.1:1"]);
    assert!(!text.contains("sesame"), "{text}");
}

fn set_mode(path: &Path, mode: u32) {
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).unwrap();
}
