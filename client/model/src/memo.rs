//! What was computed once and never changes: a turn is a function of the node before it and its input.
//!
//! The same node meets the same input in thousands of states that differ elsewhere, and a turn costs signatures; so each is
//! run once, and equal nodes are one allocation.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{Arc, Mutex};

/// 64 bits that stand for a value, as the checker's own fingerprints do.
pub(crate) fn print<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Results by the print of what they follow from.
pub(crate) struct Memo<T>(Mutex<HashMap<u64, Arc<T>, BuildHasherDefault<AsIs>>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Memo<T> {
    pub(crate) fn recall(&self, key: u64, compute: impl FnOnce() -> T) -> Arc<T> {
        if let Some(known) = self.0.lock().expect("no thread panics here").get(&key) {
            return known.clone();
        }
        // Computed without the lock; another thread comes to the same result.
        let result = Arc::new(compute());
        let mut results = self.0.lock().expect("no thread panics here");
        results.entry(key).or_insert(result).clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().expect("no thread panics here").len()
    }
}

/// Prints are hashes already.
#[derive(Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}
