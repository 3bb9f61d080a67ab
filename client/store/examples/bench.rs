//! Durable commits per second on the disk that holds target/.
//!
//! `cargo run --release -p counterfoil-store --example bench [folder]`

use counterfoil_core::effect::{Record, RecordId};
use counterfoil_core::types::{Address, B256, ChannelId, Nonce};
use counterfoil_store::{Owner, Store};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs};

const OWNER: Owner = Owner {
    chain_id: 1,
    adjudicator: Address::ZERO,
    node: Address::ZERO,
};
const RECORD_BYTES: usize = 400;
const ROUNDS: u32 = 5;
const TIME_PER_ROUND: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = match env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => target()?,
    };
    let folder = tempfile::tempdir_in(folder)?;
    println!("{}", machine(folder.path()));
    println!("store: durable commits, median of {ROUNDS} rounds of {TIME_PER_ROUND:?}");
    for records in [1, 64] {
        let path = folder.path().join(format!("{records}.sqlite"));
        let Measured {
            commits,
            total,
            written,
        } = measure(&path, records)?;
        let noun = if records == 1 { "record" } else { "records" };
        println!(
            "  {records:>2} {noun:<7} of {RECORD_BYTES} bytes a commit: {commits:>5.0} commits/s, {:>6.0} records/s, \
             {:>5.0} us a commit, {written:>6.0} bytes to disk a record",
            commits * f64::from(records),
            1e6 / commits,
        );
        let bytes = fs::metadata(&path)?.len();
        let start = Instant::now();
        let store = Store::open(&path, OWNER)?;
        println!(
            "     opening and checking {total} records, {bytes} bytes: {:.1?}",
            start.elapsed()
        );
        drop(store);
    }
    Ok(())
}

struct Measured {
    /// Per second, the median of the rounds.
    commits: f64,
    /// Records in the database at the end.
    total: u32,
    /// Bytes that went to the disk per record, by Linux's own count.
    written: f64,
}

fn measure(path: &Path, records: u32) -> Result<Measured, Box<dyn Error>> {
    let mut store = Store::open(path, OWNER)?;
    let mut rates = Vec::new();
    let mut total = 0_u32;
    let before = bytes_written()?;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut commits = 0_u32;
        while start.elapsed() < TIME_PER_ROUND {
            let batch = (0..records)
                .map(|_| record(&mut total))
                .collect::<Result<Vec<_>, _>>()?;
            store.commit(&batch)?;
            commits = commits.checked_add(1).ok_or("too many commits")?;
        }
        rates.push(f64::from(commits) / start.elapsed().as_secs_f64());
    }
    let written = (bytes_written()? - before) / f64::from(total);
    rates.sort_by(f64::total_cmp);
    let commits = *rates.get(rates.len() / 2).ok_or("no round")?;
    Ok(Measured {
        commits,
        total,
        written,
    })
}

/// What this process has sent to disks so far.
fn bytes_written() -> Result<f64, Box<dyn Error>> {
    let counts = fs::read_to_string("/proc/self/io")?;
    let count = counts
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes: "));
    Ok(count.ok_or("this kernel does not count writes")?.parse()?)
}

/// The next state of one of a thousand channels, as a busy node writes them.
fn record(number: &mut u32) -> Result<Record, &'static str> {
    *number = number.checked_add(1).ok_or("too many records")?;
    // Ids are hashes: spread over the whole table.
    let spread = u64::from(*number % 1_000).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut channel = [0x5a; 32];
    if let Some(start) = channel.first_chunk_mut() {
        *start = spread.to_be_bytes();
    }
    let nonce = Nonce::new(u64::from(*number)).ok_or("too many records")?;
    Ok(Record {
        id: RecordId::State(ChannelId(B256::from(channel)), nonce),
        bytes: vec![0x5a; RECORD_BYTES],
    })
}

/// The target folder, found from this program's own place in it.
fn target() -> Result<PathBuf, Box<dyn Error>> {
    let program = env::current_exe()?;
    Ok(program
        .ancestors()
        .nth(3)
        .ok_or("not run by cargo")?
        .to_path_buf())
}

fn machine(folder: &Path) -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let disk = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((fields.next()?, fields.next()?))
        })
        .filter(|(mount, _)| folder.starts_with(mount))
        .max_by_key(|(mount, _)| mount.len())
        .map_or("unknown file system", |(_, kind)| kind);
    format!("machine: {cores} cores, {model}, {disk}")
}
