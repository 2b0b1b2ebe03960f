//! Scopes: which records a caller may see. Only this room makes them (TEN-08).

use crate::domain::record::Partition;

/// The partitions a caller may see. There is no scope over "everything": the caller's rights
/// are spelled out partition by partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    partitions: Vec<Partition>,
}

impl Scope {
    /// What a connection sees: its own records.
    pub fn of_connection(partition: Partition) -> Self {
        Self { partitions: vec![partition] }
    }

    /// The network's own records: organizations, connections, tokens. For our use cases only.
    pub fn network() -> Self {
        Self { partitions: vec![Partition::NETWORK] }
    }

    /// What a global administrator sees: these organizations and their connections.
    pub fn of_administrator(partitions: Vec<Partition>) -> Self {
        Self { partitions }
    }

    /// The partitions, in order.
    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }

    /// Whether a record of `partition` is inside.
    pub fn covers(&self, partition: Partition) -> bool {
        self.partitions.contains(&partition)
    }
}
