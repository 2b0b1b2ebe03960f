//! What an administrator may want to do, to whom, and on which row of the tables it stands.

use crate::base::id::Id;
use crate::domain::access::matrix::table::Row;
use crate::domain::access::role::administrator::AdminRole;
use crate::domain::place::tree::Rank;
use crate::domain::place::tree::Tree;

/// Something an administrator wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See the users of a place and of what lies in it; the subject is that place.
    ViewUsers,
    /// See one user.
    ViewUser,
    /// See where else the user has a role.
    ViewOtherLocations,
    /// Give the user a role at one more place.
    AddLocation {
        /// The place.
        location: Id,
    },
    /// Give the user another role at a place.
    EditRole {
        /// The place.
        location: Id,
    },
    /// Exchange a place of the user for another.
    EditLocation {
        /// The place that goes.
        location: Id,
        /// The place that comes.
        to: Id,
    },
    /// Make a place the user's default.
    ChangeDefault {
        /// The place.
        to: Id,
    },
    /// Take a place from the user; AS4 and AS5 are asked elsewhere.
    DeleteLocation {
        /// The place.
        location: Id,
    },
    /// Make an account at a place, or change one.
    EditAccount,
    /// Switch signing in off.
    Lock,
    /// Switch signing in on.
    Unlock,
    /// Close an account.
    Close,
    /// Undo a closing or reinstate an account.
    Reopen,
    /// Set a temporary password.
    ResetPassword,
    /// Change services, delegations or room access.
    EditGrants,
    /// Change access groups and wait lists; the subject is the health centre.
    EditAccessGroups,
    /// Make somebody an administrator of a kind.
    GrantAdmin(AdminRole),
    /// Take that from somebody.
    RevokeAdmin(AdminRole),
    /// Take one of the five exports.
    Export,
    /// Attest in a review.
    Attest,
    /// See reviews.
    ViewReviews,
    /// Change certificates and contacts.
    EditDuties,
    /// See certificates, contacts and notices.
    ViewDuties,
    /// Send notices.
    EditNotices,
    /// Change mapping rules, connections, tokens and TLS.
    Configure,
    /// See them.
    ViewConfiguration,
    /// Approve a privileged change.
    Approve {
        /// Who asked for it.
        requested_by: Id,
    },
    /// Read the audit log.
    ViewAudit,
}

/// What counts of a person who is acted on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub account: Option<Id>,
    /// Home organization and affiliations (question 34).
    pub organizations: Vec<Id>,
    /// Places of the live assignments.
    pub locations: Vec<Id>,
    /// Whether the account is the last one open and enabled of a global administrator (AD7).
    pub last_global: bool,
}

/// On what an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A person.
    Person(&'a Person),
    /// A place with all in it.
    Place(Id),
    /// The network itself.
    Network,
}

impl Action {
    /// The row of the tables, seen from `current`. "At the current location" is inside it: a
    /// division's administrator manages the hospitals of the division.
    pub fn row(self, subject: Subject<'_>, places: &Tree, current: Option<Id>) -> Row {
        let here = |location: Id| current.is_some_and(|current| places.within(location, current));
        match self {
            Self::ViewUsers => match subject {
                Subject::Place(place) if !is_region(places, place) => Row::ViewDivision,
                Subject::Place(_) | Subject::Network | Subject::Person(_) => Row::ViewRegion,
            },
            Self::ViewUser => Row::ViewUser,
            Self::ViewOtherLocations => Row::ViewOtherLocations,
            Self::AddLocation { .. } => Row::AddLocation,
            Self::EditRole { location } if here(location) => Row::EditHere,
            Self::EditLocation { location, to } if here(location) && here(to) => Row::EditHere,
            Self::EditRole { .. } | Self::EditLocation { .. } => Row::EditElsewhere,
            Self::ChangeDefault { .. } => Row::ChangeDefault,
            Self::DeleteLocation { location } if here(location) => Row::DeleteHere,
            Self::DeleteLocation { .. } => Row::DeleteElsewhere,
            Self::EditAccount => Row::EditAccount,
            Self::Lock => Row::Lock,
            Self::Unlock => Row::Unlock,
            Self::Close | Self::Reopen => Row::Close,
            Self::ResetPassword => Row::ResetPassword,
            Self::EditGrants => Row::EditGrants,
            Self::EditAccessGroups => Row::AccessGroups,
            Self::GrantAdmin(_) | Self::RevokeAdmin(_) => Row::Administrators,
            Self::Export => Row::Exports,
            Self::Attest => Row::Attest,
            Self::ViewReviews => Row::ViewReviews,
            Self::EditDuties => Row::Duties,
            Self::ViewDuties => Row::ViewDuties,
            Self::EditNotices => Row::Notices,
            Self::Configure => Row::Configure,
            Self::ViewConfiguration => Row::ViewConfiguration,
            Self::Approve { .. } => Row::Approve,
            Self::ViewAudit => Row::Audit,
        }
    }

    /// Places that the action names beside its subject.
    pub fn places(self) -> Vec<Id> {
        match self {
            Self::AddLocation { location }
            | Self::EditRole { location }
            | Self::DeleteLocation { location } => vec![location],
            Self::EditLocation { location, to } => vec![location, to],
            Self::ChangeDefault { to } => vec![to],
            _ => Vec::new(),
        }
    }

    /// Whether it updates a user's account, so that several locations want a confirmation (AD3).
    pub fn updates_account(self) -> bool {
        matches!(
            self,
            Self::AddLocation { .. }
                | Self::EditRole { .. }
                | Self::EditLocation { .. }
                | Self::ChangeDefault { .. }
                | Self::DeleteLocation { .. }
                | Self::EditAccount
                | Self::Lock
                | Self::Unlock
                | Self::Close
                | Self::Reopen
                | Self::EditGrants
        )
    }

    /// Whether it would take a global administrator away (AD7).
    pub fn removes_global(self) -> bool {
        matches!(self, Self::Lock | Self::Close | Self::RevokeAdmin(AdminRole::Global))
    }
}

/// An unknown place is taken for the highest, which the fewest may see.
fn is_region(places: &Tree, place: Id) -> bool {
    places.node(place).is_none_or(|node| node.rank == Rank::Region)
}
