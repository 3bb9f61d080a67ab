//! A fuzzer's bytes, read as decisions; the run is over when they are.

/// What is left of the bytes.
pub(crate) struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// One of `choices`, which are at least one.
    pub(crate) fn below(&mut self, choices: usize) -> Option<usize> {
        Some(usize::from(self.byte()?) % choices)
    }

    pub(crate) fn chance(&mut self) -> Option<bool> {
        Some(self.byte()? & 1 == 1)
    }

    /// As many bytes as the next one says, fewer at the end.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at(usize::from(self.byte()?).min(self.0.len()));
        self.0 = rest;
        Some(taken)
    }

    /// An amount: mostly small, sometimes at an edge of what can be held.
    pub(crate) fn units(&mut self) -> Option<u128> {
        let byte = self.byte()?;
        Some(match byte {
            0..=199 => u128::from(byte),
            200..=249 => u128::from(byte - 199) * 50,
            250 => 1 << 90,
            251 => 1 << 120,
            252 => i128::MAX as u128,
            253 => 1 << 127,
            254 => u128::MAX - 1,
            255 => u128::MAX,
        })
    }

    /// Seconds: mostly a few, sometimes days, rarely for ever.
    pub(crate) fn seconds(&mut self) -> Option<u64> {
        let byte = u64::from(self.byte()?);
        Some(match byte {
            0..=127 => byte * 12,
            128..=251 => (byte - 127) * 1800,
            252 => 1 << 39,
            253 => (1 << 40) - 1,
            254 => 1 << 40,
            _ => u64::MAX,
        })
    }
}
