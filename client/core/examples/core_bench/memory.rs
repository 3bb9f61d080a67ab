//! What an idle channel holds on to.

use crate::pair::Nodes;
use stats_alloc::Region;

const CHANNELS: usize = 2_000;

pub(crate) fn print() {
    let mut nodes = Nodes::new();
    let first = nodes.open();
    nodes.pay(0, first, 1);
    let region = Region::new(crate::ALLOCATOR);
    for _ in 1..CHANNELS {
        let channel = nodes.open();
        nodes.pay(0, channel, 1);
    }
    let opened = live(&region);
    // A copy holds what the engine needs, and no room that a growing list has left over.
    let copied = Region::new(crate::ALLOCATOR);
    let copy = nodes.engines[0].clone();
    let exact = live(&copied);
    println!(
        "| {CHANNELS} idle channels in each of two nodes, one payment each | bytes per channel |"
    );
    println!("|---|---:|");
    println!(
        "| live on the heap of one node | {} |",
        opened / 2 / (CHANNELS - 1)
    );
    println!("| a copy of one node | {} |", exact / CHANNELS);
    println!("| the channel's stored record | {} |", nodes.record);
    assert_eq!(copy.channels().len(), CHANNELS);
}

/// Allocated and not freed since the region began.
fn live(region: &Region<'_, std::alloc::System>) -> usize {
    let change = region.change();
    change
        .bytes_allocated
        .saturating_sub(change.bytes_deallocated)
}
