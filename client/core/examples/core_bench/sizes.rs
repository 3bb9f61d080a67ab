//! Bytes of each message as two nodes say it.

use crate::pair::{NOW, Nodes, registry};
use alloy_primitives::Bytes;
use counterfoil_core::effect::{Command, Input};
use counterfoil_core::payment::{Contents, Payload, seal};
use counterfoil_core::state::{Content, Signature};
use counterfoil_core::types::{
    Amount, B256, ChannelId, LockId, Nonce, Pair, SignedAmount, Timestamp,
};
use counterfoil_core::wire::{
    Cancel, ErrorMessage, Expire, Message, NewLock, NewestState, Operation, Reason, Settle,
    UpdateError, Withdraw, decode, encode,
};
use sha2::{Digest, Sha256};

/// 0.001 of a coin of 18 decimals.
const AMOUNT: Amount = Amount::new(1_000_000_000_000_000);

pub(crate) fn print() {
    let frames = conversation();
    println!("| message | bytes of the frame |\n|---|---:|");
    let mut shown = Vec::new();
    for frame in &frames {
        let message = decode(frame).expect("a node's own").expect("known");
        let name = name(&message);
        if !shown.contains(&name) {
            println!("| {name} | {} |", frame.len());
            shown.push(name);
        }
    }
    for (name, message) in rare() {
        println!("| {name} | {} |", encode(&message).unwrap().len());
    }
    println!();

    println!("| one more operation in an update | bytes |\n|---|---:|");
    for (name, operation) in operations() {
        println!("| {name} | {} |", alloy_rlp::encode(operation).len());
    }
    println!();
}

/// What two nodes that lose nothing and refuse nothing do not say.
fn rare() -> Vec<(&'static str, Message)> {
    let channel = ChannelId(B256::repeat_byte(1));
    let signature = Signature::new(B256::repeat_byte(2), B256::repeat_byte(3));
    let nonce = |number| Nonce::new(number).unwrap();
    let content = Content {
        net: SignedAmount::new(AMOUNT.units() as i128),
        ..Content::default()
    };
    vec![
        (
            "UpdateError",
            Message::UpdateError(UpdateError {
                channel,
                refused: nonce(1000),
                index: 0,
                reason: Reason::NoRoute,
                nonce: nonce(1001),
                base: nonce(998),
                signature,
            }),
        ),
        (
            "NewestState without locks",
            Message::NewestState(NewestState {
                channel,
                nonce: nonce(1000),
                content,
                signatures: Pair::new(signature, signature),
            }),
        ),
        (
            "Error of 26 letters",
            Message::Error(ErrorMessage {
                channel,
                text: "state 4 was proposed twice".into(),
            }),
        ),
    ]
}

/// What two nodes say from the offer to the close, with a payment, a lock that is settled and a withdrawal.
fn conversation() -> Vec<Vec<u8>> {
    let mut nodes = Nodes::new();
    nodes.log = Some(Vec::new());
    let channel = nodes.open();
    nodes.pay(0, channel, 1);
    nodes.command(0, send(&nodes, channel));
    for node in 0..2 {
        let peer = nodes.engines[1 - node].address();
        nodes.input(node, Input::Connected { peer });
    }
    nodes.exchange();
    let withdraw = Command::Withdraw {
        channel,
        amount: AMOUNT,
        deadline: Timestamp::new(NOW + 3600),
    };
    nodes.command(0, withdraw);
    let peer = nodes.engines[1].address();
    nodes.command(0, Command::Ping { peer, token: NOW });
    let bytes = Bytes::from_static(b"twenty bytes of text");
    nodes.command(0, Command::Message { channel, bytes });
    let other = nodes.open();
    nodes.command(0, Command::Close { channel: other });
    nodes.log.unwrap_or_default()
}

fn send(nodes: &Nodes, channel: ChannelId) -> Command {
    let preimage = B256::repeat_byte(9);
    let key = B256::from_slice(Sha256::digest(preimage).as_slice());
    let expiry = Timestamp::new(NOW + 3600);
    let contents = Contents {
        total: AMOUNT,
        key,
        expiry,
        payment_secret: B256::ZERO,
        preimage: vec![preimage],
    };
    let sealed = seal(
        &contents,
        &nodes.engines[1].sealing_key(),
        B256::repeat_byte(8),
    );
    let payload = Payload {
        next: Vec::new(),
        sealed: sealed.expect("it is a public key"),
    };
    Command::Send {
        channel,
        key,
        amount: AMOUNT,
        expiry,
        payload: alloy_rlp::encode(payload).into(),
    }
}

fn name(message: &Message) -> String {
    let debug = format!("{message:?}");
    let name = debug
        .split(['(', ' '])
        .next()
        .unwrap_or_default()
        .to_owned();
    match message {
        Message::Update(update) => {
            let kinds = update.operations.iter().map(|operation| match operation {
                Operation::Pay(_) => "pay",
                Operation::Lock(_) => "lock with a sealed payload",
                Operation::Settle(_) => "settle",
                Operation::Cancel(_) => "cancel",
                Operation::Expire(_) => "expire",
                Operation::Withdraw(_) => "withdraw",
                Operation::Unsupported(_) => "unsupported",
            });
            format!("{name} with 1 {}", kinds.collect::<Vec<_>>().join(", "))
        }
        Message::InbandMessage(said) => format!("{name} of {} bytes", said.bytes.len()),
        _ => name,
    }
}

fn operations() -> Vec<(&'static str, Operation)> {
    let (id, expiry) = (LockId(2), Timestamp::new(NOW));
    let pay = |tag: &'static [u8]| {
        Operation::Pay(counterfoil_core::wire::Pay {
            amount: AMOUNT,
            tag: tag.into(),
        })
    };
    let lock = NewLock {
        id,
        condition: registry(),
        key: B256::repeat_byte(1),
        amount: AMOUNT,
        expiry,
        payload: Bytes::new(),
    };
    let (amount, deadline, reason) = (AMOUNT, expiry, Reason::NoRoute);
    vec![
        ("pay without a tag", pay(&[])),
        ("pay with a tag of 32 bytes", pay(&[0xff; 32])),
        ("lock without a payload", Operation::Lock(lock)),
        (
            "settle",
            Operation::Settle(Settle {
                id,
                preimage: B256::repeat_byte(1),
            }),
        ),
        ("cancel", Operation::Cancel(Cancel { id, reason })),
        ("expire", Operation::Expire(Expire { id })),
        (
            "withdraw",
            Operation::Withdraw(Withdraw { amount, deadline }),
        ),
    ]
}
