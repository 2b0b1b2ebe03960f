//! The two tables as they are written: nine tasks by three of the matrix (B16), then table 2.3.

use std::fmt;

use crate::domain::access::role::administrator::AdminRole;
use crate::domain::place::tree::Rank;

/// A column: a kind of administrator, and for a regional one where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Global.
    Global,
    /// Regional, current location a region.
    RegionalAtRegion,
    /// Regional, current location a division or what lies in it.
    RegionalAtDivision,
    /// Division or Public Health, at their own division or in it.
    Division,
    /// Health centre.
    HealthCentre,
    /// Identity account manager.
    IdentityAccountManager,
    /// Primary contact.
    PrimaryContact,
    /// Help desk.
    HelpDesk,
    /// Auditor.
    Auditor,
    /// Operator.
    Operator,
}

impl Column {
    /// Every column, in the order of the cells.
    pub const ALL: [Self; 10] = [
        Self::Global,
        Self::RegionalAtRegion,
        Self::RegionalAtDivision,
        Self::Division,
        Self::HealthCentre,
        Self::IdentityAccountManager,
        Self::PrimaryContact,
        Self::HelpDesk,
        Self::Auditor,
        Self::Operator,
    ];

    /// The column of a kind that stands at a place of rank `current`.
    pub fn of(kind: AdminRole, current: Option<Rank>) -> Self {
        match kind {
            AdminRole::Global => Self::Global,
            AdminRole::Regional if current == Some(Rank::Region) => Self::RegionalAtRegion,
            AdminRole::Regional => Self::RegionalAtDivision,
            AdminRole::Division | AdminRole::PublicHealth => Self::Division,
            AdminRole::HealthCentre => Self::HealthCentre,
            AdminRole::IdentityAccountManager => Self::IdentityAccountManager,
            AdminRole::PrimaryContact => Self::PrimaryContact,
            AdminRole::HelpDesk => Self::HelpDesk,
            AdminRole::Auditor => Self::Auditor,
            AdminRole::Operator => Self::Operator,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Global => "Global Admin",
            Self::RegionalAtRegion => "Regional Admin, current location Region",
            Self::RegionalAtDivision => "Regional Admin, current location Division",
            Self::Division => {
                "Division Admin / Public Health Admin, current location their Division"
            }
            Self::HealthCentre => "Health-centre Admin",
            Self::IdentityAccountManager => "IdentityAccountManager",
            Self::PrimaryContact => "Primary contact",
            Self::HelpDesk => "Help desk",
            Self::Auditor => "Auditor",
            Self::Operator => "Operator",
        })
    }
}

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// No.
    No,
    /// Yes, within reach.
    Yes,
    /// Yes, with the warning of footnote `*`.
    YesWarned,
    /// Yes for the role, no for the place.
    YesRole,
    /// Yes, to the own current location only: footnote `**`, AD9.
    YesToCurrent,
    /// Yes for people with an assignment there.
    YesAssigned,
    /// Yes for the own centre, with Full Access to Identity Management.
    YesOwnCentre,
    /// Yes for the own actions.
    YesOwnActions,
    /// Asking for it only.
    Request,
    /// As a setting says, off by default (question 19 and table 2.3).
    Setting,
}

/// A row of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// Matrix 1.
    ViewRegion,
    /// Matrix 2.
    ViewDivision,
    /// Matrix 3.
    ViewOtherLocations,
    /// Matrix 4.
    AddLocation,
    /// Matrix 5.
    EditHere,
    /// Matrix 6.
    EditElsewhere,
    /// Matrix 7.
    ChangeDefault,
    /// Matrix 8.
    DeleteHere,
    /// Matrix 9.
    DeleteElsewhere,
    /// One user.
    ViewUser,
    /// Accounts and profiles.
    EditAccount,
    /// Signing in off.
    Lock,
    /// Signing in on.
    Unlock,
    /// Closing and opening.
    Close,
    /// Temporary passwords.
    ResetPassword,
    /// Services, delegations, room access.
    EditGrants,
    /// Access groups.
    AccessGroups,
    /// Other administrators.
    Administrators,
    /// The five exports.
    Exports,
    /// Attesting.
    Attest,
    /// Looking at reviews.
    ViewReviews,
    /// Certificates and contacts.
    Duties,
    /// Looking at them.
    ViewDuties,
    /// Notices.
    Notices,
    /// Rules, connections, tokens, TLS.
    Configure,
    /// Looking at them.
    ViewConfiguration,
    /// Approving privileged changes.
    Approve,
    /// The audit log.
    Audit,
}

impl Row {
    /// The nine rows of the matrix.
    pub const MATRIX: [Self; 9] = [
        Self::ViewRegion,
        Self::ViewDivision,
        Self::ViewOtherLocations,
        Self::AddLocation,
        Self::EditHere,
        Self::EditElsewhere,
        Self::ChangeDefault,
        Self::DeleteHere,
        Self::DeleteElsewhere,
    ];

    /// What stands in this row under `column`.
    pub fn cell(self, column: Column) -> Cell {
        let mut pairs = Column::ALL.into_iter().zip(self.cells());
        pairs.find(|(one, _)| *one == column).map_or(Cell::No, |(_, cell)| cell)
    }

    /// The row, in the order of [`Column::ALL`]. A health-centre administrator stands as a
    /// division's on its own organization. A global one may configure as well as approve, since
    /// the first administrator of an installation must; nobody approves what they asked for.
    #[rustfmt::skip]
    fn cells(self) -> [Cell; 10] {
        use Cell::{No, Request, Setting, Yes, YesAssigned, YesOwnActions, YesOwnCentre, YesRole,
                   YesToCurrent, YesWarned};
        match self {
            //                          Global R@R  R@D           D/PH          Centre       IAM  PC       Desk Aud  Op
            Self::ViewRegion         => [Yes, Yes, No,           No,           No,           No,  No,      No,  Yes, No],
            Self::ViewDivision       => [Yes, Yes, Yes,          Yes,          Yes,          Yes, Yes,     Yes, Yes, No],
            Self::ViewOtherLocations => [Yes, Yes, YesWarned,    YesWarned,    YesWarned,    No,  No,      No,  Yes, No],
            Self::AddLocation        => [Yes, Yes, No,           No,           No,           No,  No,      No,  No,  No],
            Self::EditHere           => [Yes, Yes, Yes,          YesRole,      YesRole,      No,  No,      No,  No,  No],
            Self::EditElsewhere      => [Yes, Yes, No,           No,           No,           No,  No,      No,  No,  No],
            Self::ChangeDefault      => [Yes, Yes, YesToCurrent, YesToCurrent, YesToCurrent, No,  No,      No,  No,  No],
            Self::DeleteHere         => [Yes, Yes, Yes,          Setting,      Setting,      No,  No,      No,  No,  No],
            Self::DeleteElsewhere    => [Yes, Yes, No,           No,           No,           No,  No,      No,  No,  No],
            Self::ViewUser           => [Yes, Yes, Yes,          Yes,          Yes,          Yes, Yes,     Yes, Yes, No],
            Self::EditAccount        => [Yes, Yes, Yes,          YesAssigned,  Yes,          Yes, Request, No,  No,  No],
            Self::Lock               => [Yes, Yes, Yes,          Yes,          Yes,          Yes, Setting, No,  No,  No],
            Self::Unlock             => [Yes, Yes, Yes,          Yes,          Yes,          Yes, Setting, Yes, No,  No],
            Self::Close              => [Yes, Yes, Yes,          No,           Yes,          Yes, Request, No,  No,  No],
            Self::ResetPassword      => [Yes, Yes, Yes,          Yes,          Yes,          Yes, No,      Yes, No,  No],
            Self::EditGrants         => [Yes, Yes, Yes,          Yes,          Yes,          No,  Request, No,  No,  No],
            Self::AccessGroups       => [Yes, No,  No,           No,           YesOwnCentre, No,  No,      No,  No,  No],
            Self::Administrators     => [Yes, No,  No,           No,           No,           No,  No,      No,  No,  No],
            Self::Exports            => [Yes, Yes, Yes,          Yes,          Yes,          No,  Yes,     No,  Yes, No],
            Self::Attest             => [Yes, Yes, Yes,          Yes,          Yes,          No,  Yes,     No,  No,  No],
            Self::ViewReviews        => [Yes, Yes, Yes,          Yes,          Yes,          No,  Yes,     No,  Yes, No],
            Self::Duties             => [Yes, Yes, Yes,          No,           Yes,          No,  Yes,     No,  No,  Yes],
            Self::ViewDuties         => [Yes, Yes, Yes,          No,           Yes,          No,  Yes,     No,  Yes, Yes],
            Self::Notices            => [Yes, Yes, Yes,          No,           Yes,          No,  Yes,     Yes, No,  Yes],
            Self::Configure          => [Yes, No,  No,           No,           No,           No,  No,      No,  No,  Yes],
            Self::ViewConfiguration  => [Yes, No,  No,           No,           No,           No,  No,      No,  Yes, Yes],
            Self::Approve            => [Yes, No,  No,           No,           No,           No,  No,      No,  No,  No],
            Self::Audit              => [Yes, Yes, Yes,          Yes,          Yes,          No,  Yes,     No,  Yes, YesOwnActions],
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ViewRegion => "View all users in the Region",
            Self::ViewDivision => "View all users in a Division",
            Self::ViewOtherLocations => "View user's other locations",
            Self::AddLocation => "Add a location (and role) to a user's account",
            Self::EditHere => "Edit location and/or role at the current location",
            Self::EditElsewhere => "Edit location and/or role at other locations",
            Self::ChangeDefault => "Change a user's default location",
            Self::DeleteHere => "Delete a user's location (not the default)",
            Self::DeleteElsewhere => "Delete a user's other locations (not the default)",
            Self::ViewUser => "View users in scope",
            Self::EditAccount => "Create / edit account, profile",
            Self::Lock => "Lock (temporary)",
            Self::Unlock => "Unlock",
            Self::Close => "Deactivate / reinstate (permanent)",
            Self::ResetPassword => "Reset temporary password",
            Self::EditGrants => "Services, delegations, room access",
            Self::AccessGroups => "Access groups, wait lists",
            Self::Administrators => "Make administrators",
            Self::Exports => "Five source exports",
            Self::Attest => "Reviews (attest)",
            Self::ViewReviews => "Reviews (view)",
            Self::Duties => "Certificates, contacts",
            Self::ViewDuties => "Certificates, contacts, notices (view)",
            Self::Notices => "Notices",
            Self::Configure => "Mapping rules, connections, tokens, TLS",
            Self::ViewConfiguration => "Mapping rules, connections, tokens, TLS (view)",
            Self::Approve => "Approve privileged changes",
            Self::Audit => "Audit log",
        })
    }
}
