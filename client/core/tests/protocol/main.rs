//! The protocol between whole nodes, over links that carry bytes, with stores that crash and a chain that is a model.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

mod closing;
mod closing_rules;
mod conversation;
mod crash;
mod crossing;
mod crossing_orders;
mod deposit;
mod dispute;
mod hostile;
mod hostile_frames;
mod hostile_phases;
mod mediator;
mod mediator_chain;
mod opening;
mod opening_accept;
mod opening_deposit;
mod opening_first_state;
mod opening_offer;
mod payment;
mod payment_pull;
mod recovery;
mod recovery_hostile;
mod recovery_shown;
mod refusal;
mod regression;
mod update;
mod update_kept;
mod update_limits;
mod withdrawal;
mod withdrawal_rules;
