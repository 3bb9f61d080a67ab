//! What holds for every value: codecs, arithmetic, settlement, signatures, sizes.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod arithmetic;
mod codec;
mod messages;
mod settlement;
mod signatures;
mod sizes;
mod strategies;
