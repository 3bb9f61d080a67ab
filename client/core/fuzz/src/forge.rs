//! Frames that only the owner of the peer's key can make: any content, signed.

use crate::opened::{EXPIRY, PRICE, domain, key_of, registry};
use crate::script::Script;
use crate::world::World;
use alloy_primitives::{Address, B256, Bytes};
use counterfoil_core::state::{
    Content, Signature, Withdrawing, close_digest, state_digest, withdraw_digest,
};
use counterfoil_core::types::{
    Amount, ChannelId, Lock, LockId, Nonce, Pair, Participant, SignedAmount, Timestamp,
};
use counterfoil_core::wire::{
    Cancel, ChannelReestablish, ClosingCreated, ClosingSigned, ErrorMessage, Expire, FundingLocked,
    Message, NewLock, NewestState, Operation, Pay, Reason, Refused, RequestCommit, Settle,
    Shutdown, ShutdownAck, Unsupported, Update, UpdateAck, UpdateError, Withdraw, WithdrawSigned,
};

/// A proposal, mostly one that an honest peer could make.
pub(crate) fn update(world: &World, script: &mut Script<'_>) -> Option<Message> {
    let base = world.summary().nonce;
    let mut content = world.content();
    let theirs = world.local.other();
    let ours = world.proposed.as_ref().filter(|ours| ours.base == base);
    let (answers, kept, refused) = match ours {
        Some(ours) if script.chance()? => {
            let (kept, refused) = merged(ours, script)?;
            (ours.nonce, kept, refused)
        }
        _ => (Nonce::ZERO, Vec::new(), Vec::new()),
    };
    let nonce = nonce(world, script, answers)?;
    let mut operations = Vec::new();
    for _ in 0..script.below(5)? {
        let operation = operation(world, script, &content)?;
        apply(&mut content, theirs, nonce, &operation);
        operations.push(operation);
    }
    for operation in &kept {
        apply(&mut content, world.local, nonce, operation);
    }
    if script.below(16)? == 0 {
        content.net = SignedAmount::new(content.net.units() ^ 1);
    }
    Some(Message::Update(Update {
        channel: world.id,
        nonce,
        base: if script.below(16)? == 0 {
            answers
        } else {
            base
        },
        answers,
        refused,
        operations,
        signature: sign(world, nonce, &content),
    }))
}

/// Our operations as a crossing update would take them in, and those that it would not.
fn merged(ours: &Update, script: &mut Script<'_>) -> Option<(Vec<Operation>, Vec<Refused>)> {
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for (index, operation) in (0u16..).zip(&ours.operations) {
        if script.below(4)? == 0 {
            let reason = reason(script)?;
            refused.push(Refused { index, reason });
        } else {
            kept.push(operation.clone());
        }
    }
    Some((kept, refused))
}

/// An answer to what we have proposed, signed over the state that it names.
pub(crate) fn answer(world: &World, script: &mut Script<'_>) -> Option<Message> {
    let base = world.summary().nonce;
    let ours = world.proposed.as_ref().map_or(base, |ours| ours.nonce);
    let ours = if script.below(8)? == 0 {
        world.oracle.highest()
    } else {
        ours
    };
    if script.chance()? {
        let content = world.ours.content(world.id, ours)?;
        return Some(Message::UpdateAck(UpdateAck {
            channel: world.id,
            nonce: ours,
            signature: sign(world, ours, &content),
        }));
    }
    let nonce = nonce(world, script, ours)?;
    Some(Message::UpdateError(UpdateError {
        channel: world.id,
        refused: ours,
        index: u16::from(script.byte()? % 8),
        reason: reason(script)?,
        nonce,
        base,
        signature: sign(world, nonce, &world.content()),
    }))
}

/// Everything besides updates and their answers.
pub(crate) fn talk(world: &World, script: &mut Script<'_>) -> Option<Message> {
    let channel = world.id;
    let net = world.content().net;
    let closing = world.key.sign(close_digest(&domain(), channel, net));
    Some(match script.below(12)? {
        0 => Message::Shutdown(Shutdown { channel }),
        1 => Message::ShutdownAck(ShutdownAck { channel }),
        2 => Message::ClosingCreated(ClosingCreated {
            channel,
            net,
            signature: closing,
        }),
        3 => Message::ClosingSigned(ClosingSigned {
            channel,
            signature: closing,
        }),
        4 => Message::RequestCommit(RequestCommit {
            channel,
            lock: lock_id(world, script, &world.content())?,
            preimage: secret(world, script)?,
        }),
        5 | 6 => reestablish(world, script)?,
        7 => newest(world, script)?,
        8 => grant(world, script)?,
        9 => Message::FundingLocked(FundingLocked {
            channel,
            deposits: Pair::new(
                SignedAmount::new(script.units()? as i128),
                SignedAmount::new(script.units()? as i128),
            ),
        }),
        10 => Message::InbandMessage(counterfoil_core::wire::InbandMessage {
            channel,
            bytes: Bytes::copy_from_slice(script.bytes()?),
        }),
        _ => Message::Error(ErrorMessage {
            channel: if script.chance()? {
                channel
            } else {
                ChannelId(B256::ZERO)
            },
            text: "the end".into(),
        }),
    })
}

/// What the peer says it holds: true, behind, or ahead of what we know.
fn reestablish(world: &World, script: &mut Script<'_>) -> Option<Message> {
    let newest = world.summary().nonce;
    let co_signed = match script.below(4)? {
        0 | 1 => newest,
        2 => world.oracle.highest(),
        _ => nonce(world, script, newest)?,
    };
    let signed = nonce(world, script, newest)?;
    let commitment = |nonce: Nonce| {
        let content = world.ours.content(world.id, nonce).unwrap_or_default();
        content.opening(&world.seed, nonce).commitment()
    };
    let digest = state_digest(&domain(), world.id, co_signed, commitment(co_signed));
    // Only what has left us can be shown to us.
    let yours = world
        .oracle
        .signature(co_signed)
        .unwrap_or_else(|| world.key.sign(digest));
    Some(Message::ChannelReestablish(ChannelReestablish {
        channel: world.id,
        co_signed,
        commitment: commitment(co_signed),
        yours,
        signed,
        signed_commitment: commitment(signed),
        known: co_signed,
    }))
}

/// A state that we have signed, with the peer's signature: what a peer shows who has lost it.
fn newest(world: &World, script: &mut Script<'_>) -> Option<Message> {
    let nonce = if script.chance()? {
        world.oracle.highest()
    } else {
        world.summary().nonce
    };
    let mut content = world
        .ours
        .content(world.id, nonce)
        .unwrap_or_else(|| world.content());
    if script.below(8)? == 0 {
        content.net = SignedAmount::new(content.net.units() ^ 1);
    }
    if script.below(8)? == 0 {
        // No part of what is signed.
        content.withdrawing = vec![Withdrawing {
            by: world.local,
            nonce: Nonce::new(u64::from(script.byte()?))?,
            amount: Amount::new(script.units()?),
            deadline: Timestamp::new(world.now.saturating_add(script.seconds()?)),
        }];
        content.last_lock.zero = script.units()? as u64;
    }
    let ours = world.oracle.signature(nonce).unwrap_or(Signature::NONE);
    Some(Message::NewestState(NewestState {
        channel: world.id,
        nonce,
        signatures: Pair::from_side(world.local, ours, sign(world, nonce, &content)),
        content,
    }))
}

/// The peer's signature on a withdrawal of ours, the real one or another.
fn grant(world: &World, script: &mut Script<'_>) -> Option<Message> {
    let content = world.content();
    let pending = content.withdrawing.iter().find(|one| one.by == world.local);
    let (nonce, amount, deadline) = match pending {
        Some(one) if script.below(4)? > 0 => (one.nonce, one.amount, one.deadline),
        _ => {
            let deadline = world.now.saturating_add(script.seconds()?);
            (
                world.summary().nonce,
                Amount::new(script.units()?),
                Timestamp::new(deadline),
            )
        }
    };
    let amounts = Pair::from_side(world.local, amount, Amount::ZERO);
    let digest = withdraw_digest(&domain(), world.id, nonce, amounts, deadline);
    Some(Message::WithdrawSigned(WithdrawSigned {
        channel: world.id,
        nonce,
        signature: world.key.sign(digest),
    }))
}

/// The peer's next nonce above one of those that matter; rarely any other.
fn nonce(world: &World, script: &mut Script<'_>, answers: Nonce) -> Option<Nonce> {
    let newest = world.summary().nonce;
    let next = world.next_nonce(newest);
    Some(match script.below(8)? {
        0..=2 => world.next_nonce(newest.max(answers)),
        3 => next,
        4 => world.next_nonce(next),
        5 => world.next_nonce(world.oracle.highest()),
        6 => world.next_nonce(world.next_nonce(world.oracle.highest())),
        _ => Nonce::new(u64::from(script.byte()?))?,
    })
}

fn operation(world: &World, script: &mut Script<'_>, content: &Content) -> Option<Operation> {
    Some(match script.below(9)? {
        0 | 1 => Operation::Pay(Pay {
            amount: Amount::new(script.units()?),
            tag: Bytes::new(),
        }),
        2 | 3 => Operation::Lock(new_lock(world, script, content)?),
        4 => Operation::Settle(Settle {
            id: lock_id(world, script, content)?,
            preimage: secret(world, script)?,
        }),
        5 => Operation::Cancel(Cancel {
            id: lock_id(world, script, content)?,
            reason: reason(script)?,
        }),
        6 => Operation::Expire(Expire {
            id: lock_id(world, script, content)?,
        }),
        7 => Operation::Withdraw(Withdraw {
            amount: Amount::new(script.units()?),
            deadline: Timestamp::new(world.now.saturating_add(script.seconds()?)),
        }),
        _ => Operation::Unsupported(Unsupported {
            kind: script.byte()?.max(7),
            body: Bytes::from_static(&[0xc0]),
        }),
    })
}

fn new_lock(world: &World, script: &mut Script<'_>, content: &Content) -> Option<NewLock> {
    let theirs = world.local.other();
    let last = *content.last_lock.of(theirs);
    let above = last.saturating_add(1);
    let next = if above & 1 == u64::from(theirs.index()) {
        above
    } else {
        above.saturating_add(1)
    };
    let secret = script.below(world.secrets.len())?;
    let sane = script.below(4)? > 0;
    Some(NewLock {
        id: LockId(if sane {
            next
        } else {
            u64::from(script.byte()?)
        }),
        condition: if sane || script.chance()? {
            registry()
        } else {
            Address::ZERO
        },
        key: key_of(world.secrets[secret]),
        amount: Amount::new(if sane { PRICE } else { script.units()? }),
        expiry: Timestamp::new(if sane {
            EXPIRY
        } else {
            world.now.saturating_add(script.seconds()?)
        }),
        payload: match script.below(4)? {
            0 => Bytes::new(),
            1 => world.payloads[1][secret].clone(),
            _ => world.payloads[0][secret].clone(),
        },
    })
}

fn lock_id(world: &World, script: &mut Script<'_>, content: &Content) -> Option<LockId> {
    let proposed = world.proposed.iter().flat_map(|update| &update.operations);
    let proposed = proposed.filter_map(|operation| match operation {
        Operation::Lock(new) => Some(new.id),
        _ => None,
    });
    let ids: Vec<LockId> = content.locks.keys().copied().chain(proposed).collect();
    let byte = script.byte()?;
    let known = ids.get(usize::from(byte) % ids.len().max(1)).copied();
    Some(known.unwrap_or(LockId(u64::from(byte))))
}

fn secret(world: &World, script: &mut Script<'_>) -> Option<B256> {
    let which = script.below(world.secrets.len() + 1)?;
    Some(world.secrets.get(which).copied().unwrap_or_default())
}

fn reason(script: &mut Script<'_>) -> Option<Reason> {
    let number = script.byte()?;
    alloy_rlp::Decodable::decode(&mut alloy_rlp::encode(number).as_slice()).ok()
}

pub(crate) fn sign(world: &World, nonce: Nonce, content: &Content) -> Signature {
    let commitment = content.opening(&world.seed, nonce).commitment();
    world
        .key
        .sign(state_digest(&domain(), world.id, nonce, commitment))
}

/// What an operation does, without any of the limits.
fn apply(content: &mut Content, by: Participant, nonce: Nonce, operation: &Operation) {
    let paid = match operation {
        Operation::Pay(pay) => pay.amount,
        Operation::Lock(new) => {
            *content.last_lock.of_mut(by) = new.id.0;
            let lock = Lock {
                condition: new.condition,
                key: new.key,
                amount: new.amount,
                payer: by,
                expiry: new.expiry,
            };
            content.locks.insert(new.id, lock);
            return;
        }
        Operation::Settle(settle) => match content.locks.remove(&settle.id) {
            Some(lock) => lock.amount,
            None => return,
        },
        Operation::Cancel(Cancel { id, .. }) | Operation::Expire(Expire { id }) => {
            content.locks.remove(id);
            return;
        }
        Operation::Withdraw(withdraw) => {
            content.withdrawing.push(Withdrawing {
                by,
                nonce,
                amount: withdraw.amount,
                deadline: withdraw.deadline,
            });
            return;
        }
        Operation::Unsupported(_) => return,
    };
    content.net = content.net_after(by, paid).unwrap_or(content.net);
}
