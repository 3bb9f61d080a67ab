//! From an offer to a co-signed first state (E10-E44). Until the initiator's first signature leaves, nothing is at stake
//! and nothing is stored.

use super::offers::terms_of;
use super::{Engine, Error};
use crate::channel::{Agreement, Channel};
use crate::effect::{Event, OpenChannel, Watch};
use crate::state::{BlindingSeed, Signature, state_digest};
use crate::types::{Address, B256, ChannelId, Nonce, Pair, Participant, Terms};
use crate::wire::{
    ChannelAccept, ChannelOpen, ErrorMessage, FundingCreated, FundingSigned, Message,
};

/// The most offers of one peer that wait for the user.
pub(super) const MAX_OFFERS: usize = 16;

/// An offer on its way to a channel.
#[derive(Clone, Debug, Hash)]
pub(super) enum Offer {
    /// Ours; waits for the peer's agreement.
    Sent {
        peer: Address,
        open: Box<ChannelOpen>,
    },
    /// Theirs; waits for our user.
    Received {
        peer: Address,
        open: Box<ChannelOpen>,
    },
    /// Theirs, and we agree; waits for the first signature.
    Joined {
        peer: Address,
        open: Box<ChannelOpen>,
        agreement: Box<Agreement>,
        accept: Vec<u8>,
    },
}

impl Offer {
    pub(super) const fn peer(&self) -> Address {
        match self {
            Self::Sent { peer, .. } | Self::Received { peer, .. } | Self::Joined { peer, .. } => {
                *peer
            }
        }
    }
}

impl Engine {
    /// Offers a channel to a peer.
    pub(super) fn offer(&mut self, wish: &OpenChannel) -> Result<(), Error> {
        if wish.peer == self.address() {
            return Err(Error::Terms("the peer is this node; expected another one"));
        }
        let open = ChannelOpen {
            chain_id: self.domain.chain_id,
            adjudicator: self.domain.adjudicator,
            temporary_id: wish.temporary_id(),
            token: wish.token,
            signer: self.address(),
            payout: self.payout,
            initiator_amount: wish.amount,
            responder_amount: wish.remote_amount,
            push_amount: wish.push_amount,
            reserve: wish.reserve,
            finalization_period: wish.finalization_period,
            salt: wish.derive(1),
            seed: wish.derive(2),
        };
        self.check_offer(&open).map_err(Error::Terms)?;
        if self.offers.contains_key(&open.temporary_id) {
            return Err(Error::Terms(
                "the entropy was used before; expected fresh random bytes",
            ));
        }
        self.send(wish.peer, &Message::ChannelOpen(open.clone()));
        self.offers.insert(
            open.temporary_id,
            Offer::Sent {
                peer: wish.peer,
                open: Box::new(open),
            },
        );
        Ok(())
    }

    pub(super) fn on_open(&mut self, peer: Address, open: ChannelOpen) {
        let id = open.temporary_id;
        match self.offers.get(&id) {
            Some(Offer::Received {
                peer: known,
                open: same,
            }) if *known == peer && **same == open => {
                return;
            }
            Some(Offer::Joined {
                peer: known,
                open: same,
                accept,
                ..
            }) if *known == peer && **same == open => {
                let frame = accept.clone();
                self.waiting
                    .push(crate::effect::Effect::Send { peer, frame });
                return;
            }
            Some(_) => {
                return self.abort(peer, id, "the temporary id is in use; expected a fresh one");
            }
            None => {}
        }
        if let Err(why) = self.check_incoming(peer, &open) {
            return self.abort(peer, id, why);
        }
        self.notify(Event::ChannelOffered {
            peer,
            offer: Box::new(open.clone()),
        });
        self.offers.insert(
            id,
            Offer::Received {
                peer,
                open: Box::new(open),
            },
        );
    }

    /// Agrees to a peer's offer.
    pub(super) fn join(&mut self, temporary_id: B256, seed: B256) -> Result<(), Error> {
        let Some(Offer::Received { peer, open }) = self.offers.get(&temporary_id).cloned() else {
            return Err(Error::UnknownOffer(temporary_id));
        };
        let terms = terms_of(&open, self.address(), self.payout);
        let agreement = Agreement {
            deposits: Pair::new(open.initiator_amount, open.responder_amount),
            push: open.push_amount,
            minimum_depth: self.policy.minimum_depth,
            seed: BlindingSeed::new(Pair::new(open.seed, seed)),
            terms: terms.clone(),
        };
        let accept = ChannelAccept {
            chain_id: open.chain_id,
            adjudicator: open.adjudicator,
            temporary_id,
            terms,
            initiator_amount: open.initiator_amount,
            responder_amount: open.responder_amount,
            push_amount: open.push_amount,
            minimum_depth: agreement.minimum_depth,
            seed,
        };
        let accept = self.send(peer, &Message::ChannelAccept(accept));
        self.offers.insert(
            temporary_id,
            Offer::Joined {
                peer,
                open,
                agreement: Box::new(agreement),
                accept,
            },
        );
        Ok(())
    }

    /// Declines a peer's offer.
    pub(super) fn decline(&mut self, temporary_id: B256) -> Result<(), Error> {
        match self.offers.get(&temporary_id) {
            Some(Offer::Received { peer, .. }) => {
                let peer = *peer;
                self.offers.remove(&temporary_id);
                self.abort(peer, temporary_id, "the offer was declined");
                Ok(())
            }
            Some(_) | None => Err(Error::UnknownOffer(temporary_id)),
        }
    }

    pub(super) fn on_accept(&mut self, peer: Address, accept: &ChannelAccept) {
        let id = accept.temporary_id;
        let open = match self.offers.get(&id) {
            Some(Offer::Sent { peer: known, open }) if *known == peer => open.clone(),
            // A repeat: the channel has its id and our first signature, which is sent again on reconnect.
            Some(_) | None => return,
        };
        match self
            .check_accept(peer, &open, accept)
            .and_then(|()| self.begin(peer, id, &open, accept))
        {
            Ok(()) => {
                self.offers.remove(&id);
            }
            Err(why) => {
                self.offers.remove(&id);
                self.abort(peer, id, why);
                let channel = ChannelId(id);
                self.notify(Event::ConversationEnded {
                    peer,
                    channel,
                    text: why.to_owned(),
                });
            }
        }
    }

    pub(super) fn on_funding_created(&mut self, peer: Address, created: &FundingCreated) {
        let id = created.temporary_id;
        if let Some(channel) = self.channels.get(&created.channel) {
            if channel.peer == peer && channel.local == Participant::One {
                let frame = channel.greeting.clone();
                self.waiting
                    .push(crate::effect::Effect::Send { peer, frame });
            }
            return;
        }
        let agreement = match self.offers.get(&id) {
            Some(Offer::Joined {
                peer: known,
                agreement,
                ..
            }) if *known == peer => (**agreement).clone(),
            Some(_) | None => {
                return self.abort(peer, created.channel.0, "no such offer was accepted");
            }
        };
        self.offers.remove(&id);
        if let Err(why) = self.co_sign_first(peer, created, agreement) {
            self.abort(peer, id, why);
        }
    }

    /// Tells the peer that an offer is off.
    pub(super) fn abort(&mut self, peer: Address, temporary_id: B256, why: &str) {
        let channel = ChannelId(temporary_id);
        self.send(
            peer,
            &Message::Error(ErrorMessage {
                channel,
                text: why.to_owned(),
            }),
        );
    }

    /// Forgets an offer that the peer has called off.
    pub(super) fn on_offer_error(&mut self, peer: Address, temporary_id: B256, text: String) {
        if self
            .offers
            .get(&temporary_id)
            .is_some_and(|offer| offer.peer() == peer)
        {
            self.offers.remove(&temporary_id);
            let channel = ChannelId(temporary_id);
            self.notify(Event::ConversationEnded {
                peer,
                channel,
                text,
            });
        }
    }

    /// Repeats our offers to a peer that is back.
    pub(super) fn repeat_offers(&mut self, peer: Address) {
        let sent: Vec<ChannelOpen> = self
            .offers
            .values()
            .filter_map(|offer| match offer {
                Offer::Sent { peer: to, open } if *to == peer => Some((**open).clone()),
                Offer::Sent { .. } | Offer::Received { .. } | Offer::Joined { .. } => None,
            })
            .collect();
        for open in sent {
            self.send(peer, &Message::ChannelOpen(open));
        }
    }

    fn begin(
        &mut self,
        peer: Address,
        temporary_id: B256,
        open: &ChannelOpen,
        accept: &ChannelAccept,
    ) -> Result<(), &'static str> {
        let agreement = Agreement {
            terms: accept.terms.clone(),
            deposits: Pair::new(open.initiator_amount, open.responder_amount),
            push: open.push_amount,
            // A responder's depth of nothing must not make us count what a reorg can still take away.
            minimum_depth: accept.minimum_depth.max(self.policy.minimum_depth),
            seed: BlindingSeed::new(Pair::new(open.seed, accept.seed)),
        };
        let too_much = "an amount is too large; expected less than 2^91 base units";
        let signature =
            Channel::sign_first(&self.domain, &agreement, &self.key).map_err(|_| too_much)?;
        let signatures = Pair::new(signature, Signature::NONE);
        let terms = agreement.terms.clone();
        let mut channel =
            Channel::begin(agreement, self.domain, peer, Participant::Zero, signatures)
                .map_err(|_| too_much)?;
        let id = channel.id;
        if self.channels.contains_key(&id) {
            return Err("the channel exists; expected fresh entropy for another one");
        }
        let created = FundingCreated {
            temporary_id,
            channel: id,
            signature,
        };
        channel.greeting = self.send(peer, &Message::FundingCreated(created));
        self.adopt(channel, temporary_id, terms);
        Ok(())
    }

    fn co_sign_first(
        &mut self,
        peer: Address,
        created: &FundingCreated,
        agreement: Agreement,
    ) -> Result<(), &'static str> {
        let too_much = "an amount is too large; expected less than 2^91 base units";
        let (_, opening) =
            crate::channel::first_state(&agreement.seed, agreement.push).map_err(|_| too_much)?;
        let id = agreement.terms.channel_id();
        let digest = state_digest(&self.domain, id, Nonce::FIRST, opening.commitment());
        let initiator = agreement.terms.signers.zero;
        if created.channel != id || created.signature.verify(digest, initiator).is_err() {
            return Err(
                "the first signature is not over the agreed state; expected the initiator's over state 2",
            );
        }
        let signatures = Pair::new(created.signature, self.key.sign(digest));
        let terms = agreement.terms.clone();
        let mut channel =
            Channel::begin(agreement, self.domain, peer, Participant::One, signatures)
                .map_err(|_| too_much)?;
        let signed = FundingSigned {
            channel: id,
            signature: signatures.one,
        };
        channel.greeting = self.send(peer, &Message::FundingSigned(signed));
        self.adopt(channel, created.temporary_id, terms);
        self.with_channel(id, |channel, _, out| channel.fund(out));
        Ok(())
    }

    fn adopt(&mut self, channel: Channel, temporary_id: B256, terms: Terms) {
        let (id, peer) = (channel.id, channel.peer);
        self.watch(Watch::Channel {
            channel: id,
            minimum_depth: channel.minimum_depth,
        });
        self.channels.insert(id, channel);
        self.touched_channels.insert(id);
        self.notify(Event::ChannelCreated {
            channel: id,
            temporary_id,
            peer,
            terms,
        });
    }
}
