//! What a node does not start with. Each error says what was wrong, what was expected and what to do, and no file changes.

use crate::kit::{End, Net, PERIOD, wish};
use counterfoil_chain::{ChainConfig, ConnectError};
use counterfoil_core::channel::Policy;
use counterfoil_core::types::{Address, Amount, B256, ChannelId};
use counterfoil_deploy::devnet::{AnvilOptions, Devnet};
use counterfoil_deploy::{Bytes, CheckError};
use counterfoil_node::{Node, NodeError, PayError, StartError, Wish};
use counterfoil_store::OpenError;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn a_builder_without_key_database_or_chain_is_refused() {
    let net = Net::start().await;
    let cases = [
        (Node::builder(), "a signing key"),
        (Node::builder().key(Devnet::secret(1)), "a database file"),
        (
            Node::builder()
                .key(Devnet::secret(1))
                .store(net.database(1)),
            "a chain",
        ),
    ];
    for (builder, missing) in cases {
        let error = builder.start().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the node needs {missing}; set it on the builder")
        );
    }
    untouched(&net.database(1));
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let net = Net::start().await;
    for secret in [B256::ZERO, B256::repeat_byte(0xff)] {
        let error = net.builder(1).key(secret).start().await.unwrap_err();
        assert!(matches!(error, StartError::Key), "{error}");
        assert!(!error.to_string().contains("ffff"), "{error}");
    }
    untouched(&net.database(1));
}

// At risk: every payment taken under a hash at the pointlock registry, where its preimage can never be shown in time.
#[tokio::test]
async fn a_policy_that_lists_the_pointlock_registry_is_refused() {
    let net = Net::start().await;
    let addresses = net.devnet.addresses();
    let policy = Policy {
        conditions: vec![addresses.hashlock_registry, addresses.pointlock_registry],
        ..Policy::default()
    };
    let error = net.builder(1).policy(policy).start().await.unwrap_err();
    let registry = addresses.pointlock_registry;
    assert!(matches!(error, StartError::Condition(one) if one == registry));
    untouched(&net.database(1));
}

#[tokio::test]
async fn a_payout_address_that_would_lose_the_money_is_refused() {
    let net = Net::start().await;
    for address in [Address::ZERO, net.devnet.addresses().adjudicator] {
        let error = net.builder(1).payout(address).start().await.unwrap_err();
        assert!(matches!(error, StartError::Payout(one) if one == address));
        says(
            &error,
            &[&address.to_string(), "expected an account of yours"],
        );
    }
    untouched(&net.database(1));
}

#[tokio::test]
async fn another_chain_and_other_contracts_are_refused_and_leave_no_database() {
    let net = Net::start().await;
    let wrong_chain = ChainConfig {
        chain_id: 1,
        ..net.config()
    };
    let error = net.builder(1).chain(wrong_chain).start().await.unwrap_err();
    let expected = matches!(
        check_error(&error),
        CheckError::WrongChain {
            expected: 1,
            received: 31337,
            ..
        }
    );
    assert!(expected, "{error}");
    says(
        &error,
        &["serves chain 31337", "expected chain 1", "use an endpoint"],
    );

    let mut no_code = net.config();
    no_code.addresses.adjudicator = Address::repeat_byte(7);
    let error = net.builder(1).chain(no_code).start().await.unwrap_err();
    assert!(matches!(check_error(&error), CheckError::NoCode { .. }));
    says(
        &error,
        &[
            "has no code",
            "expected the adjudicator",
            "counterfoil deploy",
        ],
    );

    let registry = net.devnet.addresses().hashlock_registry;
    let code = Bytes::from_static(&[0x60, 0x00]);
    net.devnet.set_code(registry, code).await.unwrap();
    let error = net.builder(1).start().await.unwrap_err();
    assert!(matches!(check_error(&error), CheckError::OtherCode { .. }));
    says(
        &error,
        &["expected code hash", "found", "correct the address"],
    );
    // A database of the wrong chain would keep the right start from its file.
    untouched(&net.database(1));
}

#[tokio::test]
async fn an_endpoint_that_is_dead_mute_or_talks_nonsense_is_refused() {
    let net = Net::start().await;
    let dead = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead_url = url(&dead);
    drop(dead);
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let garbage = serve(b"\x00\xffnonsense\r\n\r\n");
    let html = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n<html></html>");
    let empty = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    for rpc_url in [dead_url, url(&mute), garbage, html, empty] {
        let config = ChainConfig {
            rpc_url: rpc_url.clone(),
            request_timeout: Duration::from_millis(500),
            ..net.config()
        };
        let error = net.builder(1).chain(config).start().await.unwrap_err();
        assert!(matches!(check_error(&error), CheckError::Rpc(_)), "{error}");
        says(&error, &[&rpc_url]);
    }
    for rpc_url in ["", "nonsense", "ftp://127.0.0.1", "http://"] {
        let config = ChainConfig {
            rpc_url: rpc_url.into(),
            ..net.config()
        };
        let error = net.builder(1).chain(config).start().await.unwrap_err();
        let bad = matches!(error, StartError::Chain(ConnectError::Url(_)));
        assert!(bad, "{rpc_url:?}: {error}");
    }
    untouched(&net.database(1));
}

#[tokio::test]
async fn a_file_that_is_no_database_or_another_programs_is_refused_and_left_alone() {
    let net = Net::start().await;
    let mut foreign = b"SQLite format 3\0".to_vec();
    foreign.resize(4096, 0);
    let other = [
        (b"my holiday diary".to_vec(), "is not a database"),
        (Vec::new(), "is not a database"),
        (foreign, "belongs to another program"),
    ];
    for (content, expected) in other {
        let path = net.database(1);
        std::fs::write(&path, &content).unwrap();
        let error = net.builder(1).start().await.unwrap_err();
        assert!(matches!(error, StartError::Store(_)), "{error}");
        says(&error, &[expected, "expected"]);
        assert_eq!(std::fs::read(&path).unwrap(), content);
        std::fs::remove_file(&path).unwrap();
    }
    let error = net.builder(1).store("/nowhere/at/all.sqlite").start().await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, StartError::Store(OpenError::Io { .. })),
        "{error}"
    );
}

// req: E3
#[tokio::test]
async fn a_damaged_database_is_refused_and_left_alone() {
    let net = Net::start().await;
    let alice = net.peer(1).await;
    alice.end(End::Stopped).await;
    let path = net.database(1);
    let mut content = std::fs::read(&path).unwrap();
    for byte in content.iter_mut().skip(4096) {
        *byte = 0x5a;
    }
    std::fs::write(&path, &content).unwrap();
    let error = net.builder(1).start().await.unwrap_err();
    assert!(matches!(error, StartError::Store(_)), "{error}");
    says(&error, &["damaged", "restore the backup"]);
    assert_eq!(std::fs::read(&path).unwrap(), content);
}

// Money at risk: two instances sign two states at one nonce.
#[tokio::test]
async fn a_second_instance_on_one_file_is_refused_while_the_first_goes_on() {
    let net = Net::start().await;
    let (mut alice, mut bob) = (net.peer(1).await, net.peer(2).await);
    counterfoil_node::connect(&alice.node, &bob.node);
    let id = net.open(&mut alice, &mut bob, 100).await;
    let error = net.builder(1).start().await.unwrap_err();
    assert!(
        matches!(error, StartError::Store(OpenError::InUse { .. })),
        "{error}"
    );
    says(&error, &["in use by another process", "stop that one"]);
    alice.pay(&mut bob, id, 20).await;
}

#[tokio::test]
async fn a_database_of_another_key_or_chain_is_refused_and_left_alone() {
    let net = Net::start().await;
    let alice = net.peer(1).await;
    alice.end(End::Stopped).await;
    let path = net.database(1);
    let before = std::fs::read(&path).unwrap();

    let error = net.builder(2).store(&path).start().await.unwrap_err();
    assert!(
        matches!(error, StartError::Store(OpenError::OtherNode { .. })),
        "{error}"
    );

    let options = AnvilOptions {
        chain_id: 31338,
        ..AnvilOptions::default()
    };
    let other = Devnet::start(&options).await.unwrap();
    let config = ChainConfig {
        rpc_url: other.url().into(),
        chain_id: 31338,
        ..net.config()
    };
    let error = net.builder(1).chain(config).start().await.unwrap_err();
    let expected = matches!(
        error,
        StartError::Store(OpenError::OtherChain {
            expected: 31338,
            received: 31337,
            ..
        })
    );
    assert!(expected, "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    net.builder(1).start().await.unwrap();
}

// req: E20-E32
#[tokio::test]
async fn commands_about_nothing_or_with_bad_terms_are_refused_with_a_reason() {
    let net = Net::start().await;
    let alice = net.peer(1).await;
    let node = &alice.node;
    let (id, bob) = (ChannelId(B256::repeat_byte(9)), Address::repeat_byte(2));
    let one = Amount::new(1);
    for refused in [
        node.pay(id, one, vec![]).await,
        node.deposit(id, one).await,
        node.close(id).await,
        node.challenge(id).await,
        node.join(B256::ZERO).await,
        node.decline(B256::ZERO).await,
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, NodeError::Refused(_)), "{error}");
        says(&error, &["is unknown; expected one"]);
    }
    let invoice = node.invoice(one, 60).await.unwrap();
    let paying = node.pay_invoice(&invoice, crate::kit::route(id, 0)).await;
    assert!(
        matches!(paying, Err(PayError::UnknownChannel(_))),
        "{paying:?}"
    );

    let good = wish(bob, 100);
    let bad = [
        wish(node.address(), 100),
        wish(bob, 0),
        wish(bob, u128::MAX),
        Wish {
            push_amount: Amount::new(101),
            ..good.clone()
        },
        Wish {
            finalization_period: PERIOD - 1,
            ..good.clone()
        },
    ];
    for wish in bad {
        let error = node.open(wish).await.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the channel cannot be opened"),
            "{error}"
        );
    }
    assert!(node.channels().await.unwrap().is_empty());
}

fn check_error(error: &StartError) -> &CheckError {
    match error {
        StartError::Chain(ConnectError::Check(error)) => error,
        other => panic!("{other}"),
    }
}

/// Checks that an error's text has all these parts.
fn says(error: &dyn std::error::Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{text:?} lacks {part:?}");
    }
}

fn untouched(path: &Path) {
    let folder = path.parent().unwrap();
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
    assert!(files.is_empty(), "{files:?}");
}

fn url(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

/// An endpoint that answers everything alike.
fn serve(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = url(&listener);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    url
}
