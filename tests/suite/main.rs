//! One binary for all stories and contracts: linking once keeps the loop short.

#[cfg(test)]
mod store_contract;
