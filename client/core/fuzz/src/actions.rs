//! What the bytes may decide: the peer's frames, the user's commands, the chain, the disk.

use crate::forge;
use crate::opened::{DEPOSIT, EXPIRY, PRICE, holding, key_of, registry};
use crate::script::Script;
use crate::world::{Survives, World};
use alloy_primitives::{Address, B256, Bytes, U256};
use counterfoil_core::effect::{ChainEvent, Command, Depth, Input, OnChain, RecordId, Status};
use counterfoil_core::types::{Amount, Nonce, Timestamp};

/// How many deliveries one action may cause.
const MOST_DELIVERIES: usize = 32;

/// One step; none when the script is over.
pub(crate) fn step(world: &mut World, script: &mut Script<'_>) -> Option<()> {
    match script.below(24)? {
        0 => drop(world.listen()),
        1 => drop(world.hear()),
        2 => {
            for _ in 0..MOST_DELIVERIES {
                if !(world.hear() | world.listen()) {
                    break;
                }
            }
        }
        3 => drop(world.to_us.pop_front()),
        4 => repeat(world, script)?,
        5 => mutate(world, script)?,
        6 => raw(world, script)?,
        7 | 8 => {
            let message = forge::update(world, script)?;
            deliver(world, &message);
        }
        9 => {
            let message = forge::answer(world, script)?;
            deliver(world, &message);
        }
        10 => {
            let message = forge::talk(world, script)?;
            deliver(world, &message);
        }
        11..=13 => {
            let command = command(world, script, 0)?;
            world.input(Input::Command(command));
        }
        14 | 15 => {
            let command = command(world, script, 1)?;
            world.theirs(Input::Command(command));
        }
        16 => block(world, script)?,
        17 => reading(world, script)?,
        18 => registry_says(world, script)?,
        19 => {
            let peer = world.theirs.engine.address();
            world.input(Input::Connected { peer });
        }
        20 => {
            let peer = world.ours.engine.address();
            world.theirs(Input::Connected { peer });
        }
        21 => {
            let survives = [Survives::Records, Survives::Nothing];
            world.survives = survives[script.below(2)?];
        }
        22 => match script.below(2)? {
            0 => world.back_up(),
            _ => world.restore_backup(),
        },
        _ => loaded(world, script)?,
    }
    Some(())
}

fn deliver(world: &mut World, message: &counterfoil_core::wire::Message) {
    if let Ok(frame) = counterfoil_core::wire::encode(message) {
        world.frame(frame);
    }
}

fn repeat(world: &mut World, script: &mut Script<'_>) -> Option<()> {
    let back = script.below(world.came.len().clamp(1, 256))?;
    let frame = world.came.iter().rev().nth(back).cloned()?;
    world.frame(frame);
    Some(())
}

/// The next honest frame, or the last one again, with other bytes in it.
fn mutate(world: &mut World, script: &mut Script<'_>) -> Option<()> {
    let last = world.came.last().cloned();
    let mut frame = world.to_us.pop_front().or(last)?;
    for _ in 0..=script.below(3)? {
        let (place, byte) = (script.byte()?, script.byte()?);
        let at = usize::from(place) % frame.len().max(1);
        match script.below(3)? {
            0 => frame[at] ^= byte.max(1),
            1 => frame.truncate(at.max(3)),
            _ => frame.insert(at.max(3).min(frame.len()), byte),
        }
    }
    framed(&mut frame);
    world.frame(frame);
    Some(())
}

/// Arbitrary bytes with a code of the protocol and a length that fits.
fn raw(world: &mut World, script: &mut Script<'_>) -> Option<()> {
    const CODES: [u8; 24] = [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 20, 22, 32, 91, 93, 95, 96, 97, 98, 99, 0, 10, 201,
    ];
    let mut frame = vec![0, 0, CODES[script.below(CODES.len())?]];
    let fields = script.bytes()?;
    alloy_rlp::Header {
        list: true,
        payload_length: fields.len(),
    }
    .encode(&mut frame);
    frame.extend_from_slice(fields);
    framed(&mut frame);
    world.frame(frame);
    Some(())
}

/// Makes the length field fit.
fn framed(frame: &mut [u8]) {
    let length = u16::try_from(frame.len().saturating_sub(2)).unwrap_or(u16::MAX);
    if let Some(field) = frame.first_chunk_mut::<2>() {
        *field = length.to_be_bytes();
    }
}

/// A wish of the user here (`side` 0) or of the honest peer's (1).
fn command(world: &World, script: &mut Script<'_>, side: usize) -> Option<Command> {
    let channel = world.id;
    Some(match script.below(12)? {
        0..=2 => Command::Pay {
            channel,
            amount: Amount::new(script.units()?),
            tag: Bytes::copy_from_slice(&vec![7; script.below(40)?]),
        },
        3 | 4 => {
            let secret = script.below(world.secrets.len())?;
            let sane = script.chance()?;
            Command::Send {
                channel,
                key: key_of(world.secrets[secret]),
                amount: Amount::new(if sane { PRICE } else { script.units()? }),
                expiry: Timestamp::new(if sane {
                    EXPIRY
                } else {
                    world.now.saturating_add(script.seconds()?)
                }),
                payload: world.payloads[1 - side][secret].clone(),
            }
        }
        5 => Command::Expect {
            preimage: world.secrets[script.below(world.secrets.len())?],
            payment_secret: B256::ZERO,
            amount: Amount::new(PRICE),
            expiry: Timestamp::new(EXPIRY),
        },
        6 => Command::Deposit {
            channel,
            amount: Amount::new(script.units()?),
        },
        7 => Command::Withdraw {
            channel,
            amount: Amount::new(script.units()?),
            deadline: Timestamp::new(world.now.saturating_add(script.seconds()?)),
        },
        8 => Command::Close { channel },
        9 => match script.below(4)? {
            0 => Command::Challenge { channel },
            _ => Command::Close { channel },
        },
        10 => Command::Message {
            channel,
            bytes: Bytes::copy_from_slice(script.bytes()?),
        },
        _ => Command::Ping {
            peer: if script.chance()? {
                world.theirs.engine.address()
            } else {
                world.ours.engine.address()
            },
            token: 7,
        },
    })
}

fn block(world: &mut World, script: &mut Script<'_>) -> Option<()> {
    let (seconds, lag) = (script.seconds()?, script.seconds()?);
    // Reorgs take time back a little.
    world.now = match script.below(8)? {
        0 => world.now.saturating_sub(seconds.min(600)),
        _ => world.now.saturating_add(seconds.min(1 << 41)),
    };
    let event = ChainEvent::Block {
        number: world.now / 12,
        timestamp: Timestamp::new(world.now),
        finalized: Timestamp::new(world.now.saturating_sub(lag)),
    };
    world.theirs(Input::Chain(event.clone()));
    world.input(Input::Chain(event));
    Some(())
}

/// What the adjudicator stores, true or not.
fn reading(world: &mut World, script: &mut Script<'_>) -> Option<()> {
    let depth = if script.chance()? {
        Depth::Confirmed
    } else {
        Depth::Latest
    };
    let nonce = match script.below(6)? {
        0 | 1 => Nonce::ZERO,
        2 => world.summary().nonce,
        3 => world.oracle.highest(),
        4 => stored(world, script.below(256)?),
        _ => Nonce::new(u64::from(script.byte()?))?,
    };
    let deposits = match script.below(8)? {
        0..=3 => holding(DEPOSIT, DEPOSIT),
        4 => holding(DEPOSIT.wrapping_add(script.units()? as i128), DEPOSIT),
        5 => holding(DEPOSIT, DEPOSIT.wrapping_add(script.units()? as i128)),
        6 => holding(
            DEPOSIT - i128::from(script.byte()?),
            DEPOSIT - i128::from(script.byte()?),
        ),
        _ => holding(
            (script.units()? as i128).wrapping_neg(),
            script.units()? as i128,
        ),
    };
    let statuses = [
        Status::Open,
        Status::Open,
        Status::Disputed,
        Status::Settling,
        Status::Closed,
    ];
    let status = statuses[script.below(statuses.len())?];
    // An open channel's nonce is that of a withdrawal, which both have signed.
    let impossible = status == Status::Open && nonce > world.summary().nonce;
    let status = OnChain {
        status,
        nonce: if impossible { Nonce::ZERO } else { nonce },
        finalizes_at: Timestamp::new(world.now.saturating_add(script.seconds()?)),
        commitment: B256::repeat_byte(script.byte()?),
        resolved_locks: U256::from(script.byte()?),
        ..deposits
    };
    let event = ChainEvent::Channel {
        channel: world.id,
        depth,
        as_of: Timestamp::new(world.now.saturating_sub(script.seconds()?)),
        status,
    };
    if script.chance()? {
        world.theirs(Input::Chain(event.clone()));
    }
    world.input(Input::Chain(event));
    Some(())
}

/// One of the nonces whose state is on our disk.
fn stored(world: &World, which: usize) -> Nonce {
    let nonces: Vec<Nonce> = world
        .ours
        .store
        .keys()
        .filter_map(|id| match id {
            RecordId::State(_, nonce) => Some(*nonce),
            RecordId::Channel(_) | RecordId::Payment(_) => None,
        })
        .collect();
    nonces
        .get(which % nonces.len().max(1))
        .copied()
        .unwrap_or_default()
}

fn registry_says(world: &mut World, script: &mut Script<'_>) -> Option<()> {
    let secret = world.secrets[script.below(world.secrets.len())?];
    let condition = if script.byte()? > 0 {
        registry()
    } else {
        Address::ZERO
    };
    let at = Timestamp::new(world.now.saturating_sub(script.seconds()?));
    let key = key_of(secret);
    let event = match script.below(4)? {
        0 | 1 => ChainEvent::Revealed {
            condition,
            key,
            preimage: if script.byte()? > 0 {
                secret
            } else {
                B256::ZERO
            },
            at,
        },
        kind => ChainEvent::Expired {
            condition,
            key,
            as_of: Timestamp::new(world.now.saturating_add(script.seconds()?)),
            revealed_at: (kind == 2).then_some(at),
        },
    };
    if script.chance()? {
        world.theirs(Input::Chain(event.clone()));
    }
    world.input(Input::Chain(event));
    Some(())
}

/// What a store might answer, asked or not.
fn loaded(world: &mut World, script: &mut Script<'_>) -> Option<()> {
    let which = script.below(256)?;
    let nonce = stored(world, which);
    let record = match script.below(3)? {
        0 => None,
        1 => world
            .ours
            .store
            .get(&RecordId::State(world.id, nonce))
            .cloned(),
        _ => Some(script.bytes()?.to_vec()),
    };
    world.input(Input::Loaded {
        channel: world.id,
        nonce,
        record,
    });
    Some(())
}
