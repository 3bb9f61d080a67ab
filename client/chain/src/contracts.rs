//! The contracts' ABI, and the way between it and the core's types.

mod request;
mod revert;

use alloy::primitives::aliases::U40;
use alloy::primitives::{I256, U256};
use alloy::sol_types::{SolCall, SolEvent};
use counterfoil_core::effect::{OnChain, Status};
use counterfoil_core::state::{Opening, Signature};
use counterfoil_core::types::{
    Address, B256, ChannelId, Nonce, Pair, Participant, SignedAmount, Terms, Timestamp,
};
use counterfoil_deploy::Bytes;
use counterfoil_deploy::rpc::{At, Log, Request, Rpc, RpcError};
use sha2::{Digest, Sha256};

pub(crate) use request::request;
pub use revert::Revert;

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::restriction
)]
mod abi {
    pub(super) mod adjudicator {
        alloy::sol!(
            #[sol(all_derives)]
            IAdjudicator,
            "../../deploy/artifacts/IAdjudicator.json"
        );
    }
    pub(super) mod registry {
        alloy::sol!(
            IHashlockRegistry,
            "../../deploy/artifacts/IHashlockRegistry.json"
        );
    }
    pub(super) mod token {
        alloy::sol! {
            interface IERC20 {
                function balanceOf(address owner) external view returns (uint256);
                function allowance(address owner, address spender) external view returns (uint256);
                function approve(address spender, uint256 amount) external returns (bool);
            }
        }
    }
}

use abi::adjudicator::IAdjudicator as adjudicator;
use abi::registry::IHashlockRegistry as registry;
use abi::token::IERC20 as token;

/// The transaction that lets the adjudicator pull `amount` of an ERC-20.
pub(crate) fn approval(asset: Address, from: Address, court: Address, amount: U256) -> Request {
    let data = token::approveCall {
        spender: court,
        amount,
    }
    .abi_encode()
    .into();
    Request {
        from,
        to: asset,
        value: U256::ZERO,
        data,
    }
}

/// What the adjudicator stores for many channels at one block, in their order.
///
/// # Errors
/// [`RpcError`], also when the answer is not what the adjudicator answers.
pub(crate) async fn statuses(
    rpc: &Rpc,
    court: Address,
    channels: &[ChannelId],
    at: At,
) -> Result<Vec<OnChain>, RpcError> {
    let malformed = || RpcError::malformed(rpc, "eth_call");
    let mut all = Vec::with_capacity(channels.len());
    for some in channels.chunks(CHANNELS_PER_CALL) {
        let ids = some.iter().map(|channel| channel.0).collect();
        let data = adjudicator::statusesCall { channelIds: ids }
            .abi_encode()
            .into();
        let answer = rpc.call(court, data, at).await?;
        // Blocks from before the adjudicator was created know no channel.
        if answer.is_empty() && at != At::Latest {
            all.extend(some.iter().map(|_| OnChain::default()));
            continue;
        }
        let views = adjudicator::statusesCall::abi_decode_returns(&answer);
        let views = views.map_err(|_| malformed())?;
        if views.len() != some.len() {
            return Err(malformed());
        }
        for view in views {
            all.push(on_chain(&view).ok_or_else(malformed)?);
        }
    }
    Ok(all)
}

/// When the preimage of a key was first revealed, as a block knows it.
///
/// # Errors
/// [`RpcError`], also when the answer is not what a registry answers.
pub(crate) async fn revealed_at(
    rpc: &Rpc,
    condition: Address,
    key: B256,
    at: At,
) -> Result<Option<Timestamp>, RpcError> {
    let data = registry::revealedAtCall { key }.abi_encode().into();
    let answer = rpc.call(condition, data, at).await?;
    let malformed = |_| RpcError::malformed(rpc, "eth_call");
    let seconds = registry::revealedAtCall::abi_decode_returns(&answer).map_err(malformed)?;
    let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
    Ok((seconds != 0).then(|| Timestamp::new(seconds)))
}

/// What `owner` holds of an ERC-20.
///
/// # Errors
/// [`RpcError`], also when the answer is no number.
pub(crate) async fn token_balance(
    rpc: &Rpc,
    asset: Address,
    owner: Address,
) -> Result<U256, RpcError> {
    let data = token::balanceOfCall { owner }.abi_encode().into();
    number(rpc, asset, data).await
}

/// How much of an ERC-20 of `owner` the adjudicator may pull.
///
/// # Errors
/// [`RpcError`], also when the answer is no number.
pub(crate) async fn allowance(
    rpc: &Rpc,
    asset: Address,
    owner: Address,
    court: Address,
) -> Result<U256, RpcError> {
    let data = token::allowanceCall {
        owner,
        spender: court,
    }
    .abi_encode()
    .into();
    number(rpc, asset, data).await
}

/// The key and the preimage that an event of a registry records, if it does.
pub(crate) fn revealed(log: &Log) -> Option<(B256, B256)> {
    let topics = log.topics.iter().copied();
    let event = registry::Revealed::decode_raw_log(topics, &log.data).ok()?;
    Some((event.key, event.preimage))
}

/// The key under which a registry records a preimage.
pub(crate) fn key_of(preimage: &B256) -> B256 {
    B256::from(<[u8; 32]>::from(Sha256::digest(preimage)))
}

async fn number(rpc: &Rpc, asset: Address, data: Bytes) -> Result<U256, RpcError> {
    let answer = rpc.call(asset, data, At::Latest).await?;
    answer
        .get(..32)
        .map(U256::from_be_slice)
        .ok_or_else(|| RpcError::malformed(rpc, "eth_call"))
}

fn on_chain(view: &adjudicator::ChannelView) -> Option<OnChain> {
    let [deposit0, deposit1] = &view.deposits;
    Some(OnChain {
        status: match view.status {
            0 => Status::Open,
            1 => Status::Disputed,
            2 => Status::Settling,
            3 => Status::Closed,
            _ => return None,
        },
        deposits: Pair::new(amount(*deposit0)?, amount(*deposit1)?),
        nonce: Nonce::new(view.nonce.to())?,
        finalizes_at: Timestamp::new(view.finalizesAt.into()),
        commitment: view.commitment,
        resolved_locks: view.resolvedLocks,
    })
}

fn terms_abi(terms: &Terms) -> adjudicator::Terms {
    adjudicator::Terms {
        signers: terms.signers.into_array(),
        payouts: terms.payouts.into_array(),
        token: terms.token,
        finalizationPeriod: terms.finalization_period,
        reserve: terms.reserve.units(),
        app: Address::ZERO,
        salt: terms.salt,
    }
}

fn opening_abi(opening: &Opening) -> adjudicator::Opening {
    let lock = |lock: &counterfoil_core::types::Lock| adjudicator::Lock {
        condition: lock.condition,
        key: lock.key,
        amount: lock.amount.units(),
        payer: lock.payer.index(),
        expiry: uint40(lock.expiry.seconds()),
    };
    adjudicator::Opening {
        blinding: opening.blinding,
        net: opening.net.units(),
        locks: opening.locks.iter().map(lock).collect(),
        appState: Bytes::new(),
    }
}

/// Both signatures, but for the sender's own: whoever calls for itself counts as a signer, and 64 zero bytes are cheaper.
fn signatures_abi(
    signatures: &Pair<Signature>,
    terms: &Terms,
    from: Address,
) -> [adjudicator::Signature; 2] {
    Participant::BOTH.map(|side| {
        let needed = *terms.signers.of(side) != from;
        signature_abi(if needed {
            signatures.of(side)
        } else {
            &Signature::NONE
        })
    })
}

fn signature_abi(signature: &Signature) -> adjudicator::Signature {
    adjudicator::Signature {
        r: signature.r(),
        vs: signature.vs(),
    }
}

fn signed(amount: SignedAmount) -> I256 {
    I256::try_from(amount.units()).unwrap_or(I256::ZERO)
}

fn amount(value: I256) -> Option<SignedAmount> {
    i128::try_from(value).ok().map(SignedAmount::new)
}

fn uint40(value: u64) -> U40 {
    U40::from(value.min(Nonce::MAX.number()))
}

pub(crate) const CHANNELS_PER_CALL: usize = 100;
