//! What the core costs: time, bytes and memory, of two nodes in one process and thread, without disk or network.
//!
//! `cargo run --release -p counterfoil-core --example core_bench`

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

mod memory;
mod pair;
mod sizes;
mod speed;

/// Counts what is allocated; a few nanoseconds for each allocation, included in every time below.
#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

fn main() {
    println!("machine: {}", machine());
    speed::print();
    sizes::print();
    memory::print();
}

fn machine() -> String {
    let described = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = described
        .lines()
        .find_map(|line| line.strip_prefix("model name\t: "));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!(
        "{}, {cores} cores, {}",
        model.unwrap_or("unknown processor"),
        std::env::consts::OS
    )
}
