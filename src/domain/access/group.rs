//! Rules of pushed groups.

/// The most groups in a chain of groups inside groups (GRP-06).
pub const DEEPEST_NESTING: u8 = 10;
