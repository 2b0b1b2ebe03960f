//! What the matrix answers: yes, after a confirmation, on request, or no and why.

use std::fmt;

use crate::base::id::Id;
use crate::domain::access::matrix::actor::NotEffective;
use crate::domain::access::matrix::table::Column;
use crate::domain::access::matrix::table::Row;

/// An answer with the cell that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The answer.
    pub verdict: Verdict,
    /// What was asked.
    pub row: Row,
    /// As what; none for somebody who is no administrator.
    pub column: Option<Column>,
    /// What the administrator must be told when the answer is yes (footnote `*`).
    pub warnings: Vec<Warning>,
    /// When the answer is no: current locations at which it would be another (B14).
    pub switch_to: Vec<Id>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Yes,
    /// Yes, after the administrator confirms it in view of these other locations (AD3).
    Confirm(Vec<Id>),
    /// The administrator may only ask for it.
    Request,
    /// No.
    No(Why),
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// No right at all.
    #[error("an administrator's right is needed (AD1)")]
    NoAdministrator,
    /// The cell says so.
    #[error("the table of administrators says No (AD1)")]
    Cell,
    /// A division's administrator changes the role, not the place.
    #[error("only the role can be changed here, not the location (AD1)")]
    RoleOnly,
    /// The default goes to the own current location only.
    #[error("the default can be moved to your current location only (AD9)")]
    DefaultElsewhere,
    /// Outside what the right is for, or what is seen from the current location.
    #[error("it lies outside what you administer at your current location (AD2)")]
    OutOfReach,
    /// No current location, or one that the right is not for.
    #[error("your current location is not one that this right is for (AD2)")]
    NotHere,
    /// A setting that is off.
    #[error("the setting that would allow it is off (AD1)")]
    SettingOff,
    /// A right without effect.
    #[error("your right is {0}")]
    NotEffective(NotEffective),
    /// Not Full Access to Identity Management.
    #[error("an access group must give you Full Access to the Identity Management module (AD1)")]
    NoIdentityManagement,
    /// Rights for oneself, or approval of an own request.
    #[error("nobody gives rights to themselves or approves their own request (AD6)")]
    Oneself,
    /// The last global administrator.
    #[error(
        "the last global administrator cannot be removed, disabled or closed (AD7); make another \
         one first"
    )]
    LastGlobal,
}

/// What an administrator is told before going on (footnote `*` of the matrix).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Elsewhere too.
    #[error("This user has a role at more than one location.")]
    SeveralLocations,
    /// Nothing here.
    #[error("This user has no role at this location.")]
    NoRoleHere,
}

impl Decision {
    /// Whether it may be done now.
    pub fn is_yes(&self) -> bool {
        self.verdict == Verdict::Yes
    }

    /// The text of a refusal (403), of a confirmation that is missing (409) or of a request that
    /// is all that is open; names the cell, and no person or place.
    pub fn sentence(&self) -> String {
        let cell = Cell(self);
        match &self.verdict {
            Verdict::Yes => format!("Allowed by {cell}."),
            Verdict::Confirm(_) => "This user has roles at other locations too (AD3). Confirm \
                                    that the change is meant, and send it again."
                .to_owned(),
            Verdict::Request => format!("{cell}: you may only request this (AD1)."),
            Verdict::No(why) if self.switch_to.is_empty() => format!("{cell}: {why}."),
            Verdict::No(why) => format!(
                "{cell}: {why}. Switch your current location to where you administer this, and \
                 try again."
            ),
        }
    }
}

/// The name of the cell.
struct Cell<'a>(&'a Decision);

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.column {
            Some(column) => write!(f, "\"{}\" for {column}", self.0.row),
            None => write!(f, "\"{}\"", self.0.row),
        }
    }
}
