//! A person, and the account that a person may have.

use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::people::status;
use crate::domain::people::status::Status;

/// Somebody, with or without an account (question 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The person's record.
    pub id: Id,
    /// Legal first name.
    pub given: String,
    /// Legal last name.
    pub family: String,
    /// The account; without one there are no grants and no signing in (US7).
    pub account: Option<Account>,
}

/// What a person signs in with, and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its record; a person's that is made as a SCIM user is the same.
    pub id: Id,
    /// As it was written. Compared by its canonical form, which the caller makes.
    pub user_name: String,
    /// The organization that the person belongs to; needed before any grant is effective.
    pub home_organization: Option<Id>,
    /// Other organizations that the person belongs to.
    pub affiliations: BTreeSet<Id>,
    /// Open vocabulary (A15).
    pub profession: Option<String>,
    /// Code of the credential (A14).
    pub credential: Option<String>,
    /// The person signs in at the organization (C19).
    pub partner_sign_in: bool,
    /// Codes of application roles: `ATCUser`.
    pub application_roles: BTreeSet<String>,
    /// The moments that make the status.
    pub facts: status::Facts,
}

impl Account {
    /// Whether it is a user of `organization` (question 34): home or affiliated. A closed account
    /// keeps the organizations that it had.
    pub fn belongs_to(&self, organization: Id) -> bool {
        self.home_organization == Some(organization) || self.affiliations.contains(&organization)
    }
}

/// Why an account cannot be made or renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An account that is not closed has the name.
    #[error("Another account of this organization has this user name (US1). Choose another.")]
    Taken,
    /// The person has one.
    #[error("This person has an account already (US3).")]
    SecondAccount,
    /// The setting forbids it to this caller.
    #[error("The user name cannot be changed here. Its identity provider may change it.")]
    Rename,
}

/// An account as far as its name goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// The account.
    pub id: Id,
    /// The organization in which the name must be unique.
    pub organization: u32,
    /// The canonical form of the user name.
    pub canonical: &'a str,
    /// Whether the account is closed; a closed account leaves its name free.
    pub closed: bool,
}

/// Whether `one` may have its name beside `others` (US1): unique in its organization among
/// accounts that are not closed, disabled ones included.
pub fn may_be_named<'a>(
    one: Named<'_>,
    others: impl IntoIterator<Item = Named<'a>>,
) -> Result<(), Refusal> {
    let clash = |other: Named<'a>| {
        other.id != one.id
            && !other.closed
            && other.organization == one.organization
            && other.canonical == one.canonical
    };
    let taken = !one.closed && others.into_iter().any(clash);
    if taken { Err(Refusal::Taken) } else { Ok(()) }
}

/// Gives `person` its account (US3).
pub fn with_account(person: Person, account: Account) -> Result<Person, Refusal> {
    match person.account {
        Some(_) => Err(Refusal::SecondAccount),
        None => Ok(Person { account: Some(account), ..person }),
    }
}

/// Who may change user names (question 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserNameChange {
    /// The connection that the account comes from.
    #[default]
    IdpOnly,
    /// Nobody.
    Never,
    /// Connections and administrators.
    Anyone,
}

impl UserNameChange {
    /// Whether a connection, or else an administrator, may change a name.
    pub fn permits(self, connection: bool) -> Result<(), Refusal> {
        let may = match self {
            Self::IdpOnly => connection,
            Self::Never => false,
            Self::Anyone => true,
        };
        if may { Ok(()) } else { Err(Refusal::Rename) }
    }
}

/// What an account can hold, by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holding {
    /// A place with a role.
    Assignment,
    /// A service.
    Service,
    /// A delegation, in either direction.
    Delegation,
    /// The right to schedule a room system.
    SchedulingAccess,
    /// Membership of an access group.
    AccessGroup,
    /// An application role.
    ApplicationRole,
    /// An administrator's right.
    AdminRole,
    /// A session that is signed in.
    Session,
    /// A token that acts for the account.
    Token,
}

impl Holding {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Assignment,
        Self::Service,
        Self::Delegation,
        Self::SchedulingAccess,
        Self::AccessGroup,
        Self::ApplicationRole,
        Self::AdminRole,
        Self::Session,
        Self::Token,
    ];

    /// Whether it is a grant of the ledger, rather than a way in.
    pub fn is_grant(self) -> bool {
        !matches!(self, Self::Session | Self::Token)
    }
}

/// What befalls an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Signing in is switched off.
    Disable,
    /// Signing in is switched on.
    Enable,
    /// The account is closed.
    Close,
    /// A closing is undone within its window.
    Undo,
    /// A closed account is opened again.
    Reinstate,
}

impl Act {
    /// Whether holdings of `kind` end in the same transaction: all when the account is closed
    /// (US4), no grant when it is disabled (US5) but what is signed in.
    pub fn ends(self, kind: Holding) -> bool {
        match self {
            Self::Close => true,
            Self::Disable => !kind.is_grant(),
            Self::Enable | Self::Undo | Self::Reinstate => false,
        }
    }

    /// Whether holdings of `kind` that the closing ended come back (US8): the grants when it is
    /// undone, nothing when the account is reinstated. Sessions and tokens never do.
    pub fn restores(self, kind: Holding) -> bool {
        self == Self::Undo && kind.is_grant()
    }
}

/// What is counted to tell whether an account has access at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether the person has an account.
    pub account: bool,
    /// Whether its home organization is known.
    pub home_organization: bool,
    /// Whether that organization assigns its people to locations.
    pub uses_locations: bool,
    /// Live assignments.
    pub assignments: usize,
    /// Whether the account has the application role `ATCUser`.
    pub needs_group: bool,
    /// Live memberships of access groups.
    pub access_groups: usize,
    /// Other live grants: services, delegations, room systems.
    pub other_grants: usize,
}

/// Whether an account has any effective grant; status is another question (domain 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessState {
    /// It has.
    Granted,
    /// Not yet, and why; never empty.
    Pending(Vec<PendingReason>),
}

/// Why an account has no effective grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum PendingReason {
    /// No account.
    #[error("needs an account (US7)")]
    NoAccount,
    /// No home organization.
    #[error("needs a home organization")]
    NoHomeOrganization,
    /// No assignment where one is needed.
    #[error("needs a location with a role (AS1)")]
    NoAssignment,
    /// No access group where one is needed.
    #[error("needs an access group (AG1)")]
    NoAccessGroup,
    /// Nothing at all.
    #[error("has no grant yet")]
    NoGrant,
}

/// Whether an account that stands like this has effective access.
pub fn access_state(standing: &Standing) -> AccessState {
    let grants = standing.assignments + standing.access_groups + standing.other_grants;
    let (no_place, no_group) = (standing.assignments == 0, standing.access_groups == 0);
    let found = [
        (!standing.account, PendingReason::NoAccount),
        (!standing.home_organization, PendingReason::NoHomeOrganization),
        (standing.uses_locations && no_place, PendingReason::NoAssignment),
        (standing.needs_group && no_group, PendingReason::NoAccessGroup),
    ];
    let mut reasons: Vec<_> =
        found.into_iter().filter(|(wanting, _)| *wanting).map(|(_, reason)| reason).collect();
    if reasons.is_empty() && grants == 0 {
        reasons.push(PendingReason::NoGrant);
    }
    if reasons.is_empty() { AccessState::Granted } else { AccessState::Pending(reasons) }
}

impl AccessState {
    /// The word on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Pending(_) => "pending",
        }
    }
}

/// Whether the person may sign in at `now` (US7).
pub fn may_sign_in(person: &Person, now: Moment, dormant_after_months: u16) -> bool {
    let status = |account: &Account| status::status(&account.facts, now, dormant_after_months);
    person.account.as_ref().map(status).is_some_and(Status::may_sign_in)
}

/// People of `all` whose first and last names are those of another person in the list, closed or
/// not, letter case aside: a hint before one is made twice (C17).
pub fn namesakes(all: &[Person]) -> Vec<Id> {
    let key = |person: &Person| (person.family.to_lowercase(), person.given.to_lowercase());
    let mut count: HashMap<_, usize> = HashMap::new();
    for person in all {
        *count.entry(key(person)).or_default() += 1;
    }
    let twice = |person: &&Person| count.get(&key(person)).is_some_and(|many| *many > 1);
    all.iter().filter(twice).map(|person| person.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: u8) -> Account {
        Account {
            id: Id([id; 16]),
            user_name: "aa@hospital.org".to_owned(),
            home_organization: Some(Id([1; 16])),
            affiliations: BTreeSet::from([Id([2; 16])]),
            profession: None,
            credential: None,
            partner_sign_in: false,
            application_roles: BTreeSet::new(),
            facts: status::Facts::activated(Moment(0)),
        }
    }

    fn anu(account: Option<Account>) -> Person {
        let id = Id([7; 16]);
        Person { id, given: "Anu".to_owned(), family: "Alpha".to_owned(), account }
    }

    #[test]
    fn us1_a_name_is_taken_until_its_account_is_closed() {
        let named = |id, organization, canonical, closed| Named {
            id: Id([id; 16]),
            organization,
            canonical,
            closed,
        };
        let one = named(1, 1, "aa", false);
        assert_eq!(may_be_named(one, [named(2, 1, "aa", false)]), Err(Refusal::Taken));
        assert_eq!(may_be_named(one, [named(2, 1, "aa", true)]), Ok(()));
        assert_eq!(may_be_named(one, [named(2, 2, "aa", false)]), Ok(()));
        assert_eq!(may_be_named(one, [one, named(3, 1, "bb", false)]), Ok(()));
        let reopened = named(2, 1, "aa", false);
        assert_eq!(may_be_named(reopened, [one]), Err(Refusal::Taken), "reinstating asks again");
    }

    #[test]
    fn us1_who_may_change_a_name() {
        for (setting, connection, administrator) in [
            (UserNameChange::IdpOnly, true, false),
            (UserNameChange::Never, false, false),
            (UserNameChange::Anyone, true, true),
        ] {
            assert_eq!(setting.permits(true).is_ok(), connection, "{setting:?}");
            assert_eq!(setting.permits(false).is_ok(), administrator, "{setting:?}");
        }
    }

    #[test]
    fn us3_a_person_has_one_account() {
        let first = with_account(anu(None), account(1)).unwrap();
        assert_eq!(with_account(first, account(2)), Err(Refusal::SecondAccount));
    }

    #[test]
    fn us4_closing_ends_everything() {
        assert!(Holding::ALL.into_iter().all(|kind| Act::Close.ends(kind)));
    }

    #[test]
    fn us5_disabling_ends_no_grant_but_what_is_signed_in() {
        for kind in Holding::ALL {
            assert_eq!(Act::Disable.ends(kind), !kind.is_grant(), "{kind:?}");
            assert!(!Act::Enable.ends(kind) && !Act::Enable.restores(kind));
        }
    }

    #[test]
    fn us7_without_account_no_access_and_no_signing_in() {
        assert!(!may_sign_in(&anu(None), Moment(0), 6));
        assert!(may_sign_in(&anu(Some(account(1))), Moment(0), 6));
        let all = Standing { account: false, ..full() };
        assert_eq!(access_state(&all), AccessState::Pending(vec![PendingReason::NoAccount]));
    }

    #[test]
    fn us8_undo_restores_every_grant_and_reinstating_none() {
        for kind in Holding::ALL {
            assert_eq!(Act::Undo.restores(kind), kind.is_grant(), "{kind:?}");
            assert!(!Act::Reinstate.restores(kind), "{kind:?}");
        }
    }

    fn full() -> Standing {
        Standing {
            account: true,
            home_organization: true,
            uses_locations: true,
            assignments: 1,
            needs_group: true,
            access_groups: 1,
            other_grants: 0,
        }
    }

    #[test]
    fn as1_no_access_without_an_assignment_where_locations_are_used() {
        use PendingReason::{NoAccessGroup, NoAssignment, NoGrant, NoHomeOrganization};
        let pending = |standing| match access_state(&standing) {
            AccessState::Granted => vec![],
            AccessState::Pending(reasons) => reasons,
        };
        assert_eq!(pending(full()), []);
        let nowhere = Standing { assignments: 0, ..full() };
        assert_eq!(pending(nowhere), [NoAssignment]);
        assert_eq!(pending(Standing { uses_locations: false, ..nowhere }), []);
        let bare = Standing { access_groups: 0, home_organization: false, ..nowhere };
        assert_eq!(pending(bare), [NoHomeOrganization, NoAssignment, NoAccessGroup]);
        let free = Standing { uses_locations: false, needs_group: false, ..bare };
        assert_eq!(pending(Standing { home_organization: true, ..free }), [NoGrant]);
        assert_eq!(access_state(&nowhere).word(), "pending");
        let served = Standing { home_organization: true, other_grants: 1, ..free };
        assert_eq!(access_state(&served).word(), "granted");
    }

    #[test]
    fn q34_a_user_of_an_organization_is_at_home_or_affiliated() {
        let one = account(1);
        assert!(one.belongs_to(Id([1; 16])) && one.belongs_to(Id([2; 16])));
        assert!(!one.belongs_to(Id([3; 16])));
    }

    #[test]
    fn namesakes_are_found_in_any_letter_case() {
        let other = Person { id: Id([8; 16]), given: "ANU".to_owned(), ..anu(None) };
        let third = Person { id: Id([9; 16]), given: "Bemo".to_owned(), ..anu(None) };
        assert_eq!(namesakes(&[anu(None), other, third]), [Id([7; 16]), Id([8; 16])]);
    }
}
