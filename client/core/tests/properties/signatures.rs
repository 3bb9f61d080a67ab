//! A signature is good for one digest, and a digest for one chain, contract, channel, nonce and content.

use crate::strategies::{address, amount, channel, content, nonce, signature, signed_amount, word};
use counterfoil_core::state::{
    BlindingSeed, Domain, SigningKey, close_digest, state_digest, will_digest, withdraw_digest,
};
use counterfoil_core::types::{B256, ChannelId, Nonce, Pair, Timestamp};
use proptest::prelude::*;

fn key() -> impl Strategy<Value = SigningKey> {
    word().prop_filter_map("below the curve's order", |secret| {
        SigningKey::from_secret(&secret)
    })
}

fn domain() -> impl Strategy<Value = Domain> {
    (any::<u64>(), address()).prop_map(|(chain_id, adjudicator)| Domain::new(chain_id, adjudicator))
}

proptest! {
    // req: A36, A37, GAP-S4
    #[test]
    fn a_state_signature_is_good_for_nothing_else(
        key in key(),
        (here, there) in (domain(), domain()),
        (channel, another) in (channel(), channel()),
        (nonce, later) in (nonce(), nonce()),
        (content, other) in (content(), content()),
        seed in word(),
    ) {
        let seed = BlindingSeed::new(Pair::new(seed, B256::ZERO));
        let digest = |domain: &Domain, channel: ChannelId, nonce: Nonce, content: &counterfoil_core::state::Content| {
            state_digest(domain, channel, nonce, content.opening(&seed, nonce).commitment())
        };
        let signature = key.sign(digest(&here, channel, nonce, &content));
        let good = |digest| signature.verify(digest, key.address()).is_ok();
        prop_assert!(good(digest(&here, channel, nonce, &content)));
        prop_assert!(!good(digest(&here, another, nonce, &content)));
        prop_assert_eq!(good(digest(&here, channel, later, &content)), later == nonce);
        prop_assert_eq!(good(digest(&there, channel, nonce, &content)), here == there);
        let same = (content.net, &*content.locks) == (other.net, &*other.locks);
        prop_assert_eq!(good(digest(&here, channel, nonce, &other)), same);
        let commitment = content.opening(&seed, nonce).commitment();
        prop_assert!(!good(will_digest(&here, channel, nonce, commitment)));
        prop_assert!(!good(close_digest(&here, channel, content.net)));
    }

    // req: GAP-S4
    #[test]
    fn a_signature_by_any_other_key_or_over_any_other_digest_is_refused(
        (key, other) in (key(), key()), (digest, another) in (word(), word()), random in signature(),
    ) {
        prop_assume!(key.address() != other.address() && digest != another);
        let signature = key.sign(digest);
        prop_assert_eq!(signature.recover(digest), Some(key.address()));
        prop_assert!(signature.verify(digest, other.address()).is_err());
        prop_assert!(signature.verify(another, key.address()).is_err());
        prop_assert!(random.verify(digest, key.address()).is_err());
    }

    #[test]
    fn a_close_and_a_withdrawal_name_all_that_they_pay(
        domain in domain(), channel in channel(), nonce in nonce(), later in nonce(),
        (net, other_net) in (signed_amount(), signed_amount()),
        (a, b, c) in (amount(), amount(), amount()), deadline in 0u64..1 << 40,
    ) {
        let close = close_digest(&domain, channel, net);
        prop_assert_eq!(close == close_digest(&domain, channel, other_net), net == other_net);
        let until = Timestamp::new(deadline);
        let digest = withdraw_digest(&domain, channel, nonce, Pair::new(a, b), until);
        let differs = |other, same: bool| (digest == other) == same;
        prop_assert!(differs(withdraw_digest(&domain, channel, later, Pair::new(a, b), until), later == nonce));
        prop_assert!(differs(withdraw_digest(&domain, channel, nonce, Pair::new(a, c), until), b == c));
        prop_assert!(differs(withdraw_digest(&domain, channel, nonce, Pair::new(b, a), until), a == b));
        let changed = Timestamp::new(deadline ^ 1);
        prop_assert!(differs(withdraw_digest(&domain, channel, nonce, Pair::new(a, b), changed), false));
    }

    // Whoever knows one opening must not be able to guess another.
    #[test]
    fn the_same_content_has_another_commitment_at_every_nonce_and_seed(
        content in content(), (nonce, later) in (nonce(), nonce()), (seed, another) in (word(), word()),
    ) {
        prop_assume!(seed != another && nonce != later);
        let seed = BlindingSeed::new(Pair::new(seed, B256::ZERO));
        let another = BlindingSeed::new(Pair::new(another, B256::ZERO));
        let commitment = content.opening(&seed, nonce).commitment();
        prop_assert_ne!(commitment, content.opening(&seed, later).commitment());
        prop_assert_ne!(commitment, content.opening(&another, nonce).commitment());
    }
}
