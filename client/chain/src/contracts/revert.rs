//! Why the contracts refuse a call, in words.

use super::adjudicator;
use alloy::sol_types::SolInterface;
use counterfoil_deploy::Bytes;
use std::fmt;

/// An error with which a contract refused a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    name: Option<&'static str>,
    text: Box<str>,
    data: Bytes,
}

impl Revert {
    pub(crate) fn new(data: Bytes, message: &str) -> Self {
        let name = data
            .first_chunk::<4>()
            .and_then(|selector| adjudicator::IAdjudicatorErrors::name_by_selector(*selector));
        let text = match adjudicator::IAdjudicatorErrors::abi_decode(&data) {
            Ok(error) => inner(&format!("{error:?}")).into(),
            Err(_) if data.is_empty() => message.into(),
            Err(_) => format!("{message} ({data})").into(),
        };
        Self { name, text, data }
    }

    /// Name of the contracts' error; none when it is not one of theirs.
    pub const fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// The ABI-encoded error; empty when the endpoint did not say.
    pub const fn data(&self) -> &Bytes {
        &self.data
    }

    /// Whether the same call may succeed on a later block although nobody does anything.
    pub(crate) fn passes_with_time(&self) -> bool {
        matches!(
            self.name,
            Some("FinalizationPeriodRunning" | "NothingResolved" | "InsufficientGas")
        )
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

// The enum's variant has the name of the struct that it holds.
fn inner(text: &str) -> &str {
    text.split_once('(')
        .and_then(|(_, inner)| inner.strip_suffix(')'))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::U256;
    use alloy::sol_types::SolError;

    #[test]
    fn an_error_of_the_contracts_is_named_with_its_arguments() {
        let error = adjudicator::StaleNonce {
            stored: U256::from(7),
            received: U256::from(5),
        };
        let revert = Revert::new(error.abi_encode().into(), "execution reverted");
        assert_eq!(revert.name(), Some("StaleNonce"));
        assert_eq!(revert.to_string(), "StaleNonce { stored: 7, received: 5 }");
        assert!(!revert.passes_with_time());
    }

    #[test]
    fn an_unknown_error_shows_its_data() {
        let revert = Revert::new(vec![1, 2, 3, 4].into(), "execution reverted");
        assert_eq!(revert.name(), None);
        assert_eq!(revert.to_string(), "execution reverted (0x01020304)");
    }
}
