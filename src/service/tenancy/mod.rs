//! Organizations, their connections, and the tokens of both connections and administrators.
//!
//! All three are records of the network's own partition, so that their history and their events
//! come with the store. After each change the registry of credentials is built anew
//! (`registry`): a revoked token is refused by the next request.

mod connections;
mod group_names;
mod organizations;
mod record;
mod registry;
mod tokens;

pub use connections::add as add_connection;
pub use connections::list as list_connections;
pub use connections::set as set_connection;
pub use connections::show as show_connection;
pub use organizations::add as add_organization;
pub use organizations::list as list_organizations;
pub use organizations::set as set_organization;
pub use record::cause as operator;
pub use registry::load;
pub use tokens::add as add_token;
pub use tokens::add_admin as add_admin_token;
pub use tokens::list as list_tokens;
pub use tokens::revoke as revoke_token;

/// How long a token lives when nobody says otherwise.
pub const DEFAULT_DAYS: u32 = 365;
/// The longest life of a token.
pub const MOST_DAYS: u32 = 3_650;
