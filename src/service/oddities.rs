//! What was tolerated, counted per connection.

/// The counters.
#[derive(Debug, Default)]
pub struct Oddities {}
