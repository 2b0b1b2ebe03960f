//! What a request asks beside its body.

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::scim::project::Projection;
use crate::scim::quirks::Tolerance;
use crate::service::Precondition;

/// What a request asks beside its body.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which attributes the answer shows.
    pub view: Projection,
    /// What it knows of the version.
    pub precondition: Precondition,
    /// The identifier of a new resource, where a bulk request has promised it already.
    pub new_id: Option<Id>,
    /// What is forgiven; the use case counts it for the connection.
    pub tolerance: Tolerance,
    /// What it takes from people was weighed by the brake before, together with all that belongs
    /// to it.
    pub weighed: bool,
    /// As of when; reads only.
    pub at: Option<Moment>,
}
