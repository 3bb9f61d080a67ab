//! The committed contracts in an EVM within this process; who calls, when and on which chain is free.

use crate::abi::{Adjudicator, HashlockRegistry, PointlockRegistry};
use crate::foreign::{CONDITION, CONDITION_CODE, REFUSING_CODE, TOKEN, TOKEN_CODE, slot};
use alloy_primitives::{Address, Bytes, Log, TxKind, U256, address, hex};
use alloy_sol_types::SolCall;
use counterfoil_deploy::{FACTORY, SALT};
use revm::bytecode::Bytecode;
use revm::context::result::ExecutionResult;
use revm::context::{BlockEnv, CfgEnv, Context, TxEnv};
use revm::database::InMemoryDB;
use revm::handler::{MainnetContext, MainnetEvm};
use revm::primitives::hardfork::SpecId;
use revm::state::AccountInfo;
use revm::{DatabaseRef, ExecuteCommitEvm, ExecuteEvm, MainBuilder};

/// Pays for deposits and sends what no participant sends.
pub(crate) const STRANGER: Address = address!("00000000000000000000000000000000000c0de3");

/// The chain on which the adjudicator was created.
pub(crate) const HOME: u64 = 31_337;

/// What the adjudicator holds for others, of each currency: money that no channel of a test may touch.
pub(crate) const OTHERS: u128 = 1 << 100;

/// A transaction may have no more under EIP-7825.
const GAS: u64 = 1 << 24;

/// The runtime code of the canonical CREATE2 proxy.
const FACTORY_CODE: [u8; 69] = hex!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f580151560395781"
    "82fd5b8082525050506014600cf3"
);

/// The contracts as created, for any number of courts.
#[derive(Clone)]
pub(crate) struct Genesis {
    storage: InMemoryDB,
    pub(crate) adjudicator: Address,
    pub(crate) hashlocks: Address,
    pub(crate) pointlocks: Address,
}

/// A chain of its own with the contracts on it.
pub(crate) struct Court {
    evm: MainnetEvm<MainnetContext<InMemoryDB>>,
    /// Time of the block in which calls happen.
    pub(crate) time: u64,
    adjudicator: Address,
}

/// What became of a call: what it returned, or its revert data, and its events.
pub(crate) struct Answer {
    pub(crate) result: Result<Bytes, Bytes>,
    pub(crate) logs: Vec<Log>,
}

impl Genesis {
    /// Creates the contracts through the proxy, as a deployment does.
    pub(crate) fn create() -> Self {
        let mut storage = InMemoryDB::default();
        put_code(&mut storage, FACTORY, &FACTORY_CODE);
        put_code(&mut storage, CONDITION, &CONDITION_CODE);
        put_code(&mut storage, TOKEN, &TOKEN_CODE);
        let mut court = Court::over(storage, HOME, 1_700_000_000, Address::ZERO);
        let mut create = |init: &[u8]| {
            let data = [SALT.as_slice(), init].concat();
            let created = court
                .call(STRANGER, FACTORY, U256::ZERO, data)
                .result
                .unwrap();
            Address::from_slice(&created)
        };
        let adjudicator = create(&Adjudicator::BYTECODE);
        let hashlocks = create(&HashlockRegistry::BYTECODE);
        let pointlocks = create(&PointlockRegistry::BYTECODE);
        let mut storage = court.evm.ctx.journaled_state.database;
        let rich = U256::MAX >> 1;
        put_balance(&mut storage, STRANGER, rich);
        put_tokens(&mut storage, STRANGER, rich);
        put_balance(&mut storage, adjudicator, U256::from(OTHERS));
        put_tokens(&mut storage, adjudicator, U256::from(OTHERS));
        Self {
            storage,
            adjudicator,
            hashlocks,
            pointlocks,
        }
    }

    /// A court of its own; on another chain than [`HOME`] it is one that a fork has taken there. `refusing` take no payments.
    pub(crate) fn court(&self, chain_id: u64, time: u64, refusing: &[Address]) -> Court {
        let mut storage = self.storage.clone();
        for payee in refusing {
            put_code(&mut storage, *payee, &REFUSING_CODE);
        }
        Court::over(storage, chain_id, time, self.adjudicator)
    }
}

impl Court {
    fn over(storage: InMemoryDB, chain_id: u64, time: u64, adjudicator: Address) -> Self {
        let mut rules = CfgEnv::new_with_spec(SpecId::OSAKA);
        rules.chain_id = chain_id;
        rules.tx_chain_id_check = false;
        rules.disable_nonce_check = true;
        // A payee that is a contract claims its credit, which takes a transaction of its own here.
        rules.disable_eip3607 = true;
        let mut context = Context::new(storage, SpecId::OSAKA);
        context.cfg = rules;
        Self {
            evm: context.build_mainnet(),
            time,
            adjudicator,
        }
    }

    /// A transaction in a block of the current time.
    pub(crate) fn call(
        &mut self,
        from: Address,
        to: Address,
        value: U256,
        data: Vec<u8>,
    ) -> Answer {
        self.set_time();
        let transaction = transaction(from, to, value, data);
        answer(self.evm.transact_commit(transaction).unwrap())
    }

    /// Asks the adjudicator something that changes nothing.
    pub(crate) fn ask<C: SolCall>(&mut self, question: &C) -> C::Return {
        self.ask_at(self.adjudicator, question)
    }

    /// Asks any contract something that changes nothing.
    pub(crate) fn ask_at<C: SolCall>(&mut self, contract: Address, question: &C) -> C::Return {
        self.set_time();
        let transaction = transaction(STRANGER, contract, U256::ZERO, question.abi_encode());
        let given = answer(self.evm.transact(transaction).unwrap().result);
        C::abi_decode_returns(&given.result.unwrap()).unwrap()
    }

    /// What `owner` has of a currency; zero is the native coin.
    pub(crate) fn balance(&self, token: Address, owner: Address) -> U256 {
        let storage = &self.evm.ctx.journaled_state.database;
        if token == Address::ZERO {
            let account = storage.basic_ref(owner).unwrap();
            account.map_or(U256::ZERO, |account| account.balance)
        } else {
            storage.storage_ref(token, slot(owner)).unwrap()
        }
    }

    fn set_time(&mut self) {
        self.evm.set_block(BlockEnv {
            timestamp: U256::from(self.time),
            gas_limit: u64::MAX,
            ..BlockEnv::default()
        });
    }
}

fn transaction(from: Address, to: Address, value: U256, data: Vec<u8>) -> TxEnv {
    TxEnv {
        caller: from,
        gas_limit: GAS,
        kind: TxKind::Call(to),
        value,
        data: data.into(),
        ..TxEnv::default()
    }
}

fn answer(result: ExecutionResult) -> Answer {
    match result {
        ExecutionResult::Success { output, logs, .. } => Answer {
            result: Ok(output.into_data()),
            logs,
        },
        ExecutionResult::Revert { output, .. } => Answer {
            result: Err(output),
            logs: Vec::new(),
        },
        // No error that could be expected has no data.
        ExecutionResult::Halt { .. } => Answer {
            result: Err(Bytes::new()),
            logs: Vec::new(),
        },
    }
}

fn put_code(storage: &mut InMemoryDB, address: Address, code: &[u8]) {
    let code = Bytecode::new_raw(Bytes::copy_from_slice(code));
    storage.insert_account_info(address, AccountInfo::from_bytecode(code));
}

fn put_balance(storage: &mut InMemoryDB, address: Address, balance: U256) {
    let mut account = storage.basic_ref(address).unwrap().unwrap_or_default();
    account.balance = balance;
    storage.insert_account_info(address, account);
}

fn put_tokens(storage: &mut InMemoryDB, owner: Address, balance: U256) {
    storage
        .insert_account_storage(TOKEN, slot(owner), balance)
        .unwrap();
}
