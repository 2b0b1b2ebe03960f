//! Whether an account can be used: a function of stored facts and the time (domain 2.4, US2).

use std::fmt;
use std::time::Duration;

use jiff::Span;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;

/// After how many calendar months without access an account is dormant (question 2).
pub const USUAL_DORMANT_AFTER_MONTHS: u16 = 6;
/// How long a closing can be undone.
pub const USUAL_UNDO_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// What is stored of an account's life. That a moment is there is what counts, not whether it has
/// come: a clock that steps back must not open what was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// When the account was closed, for good unless undone or reinstated.
    pub closed_at: Option<Moment>,
    /// When signing in was switched off.
    pub login_disabled_at: Option<Moment>,
    /// The last sign-in.
    pub last_access_at: Option<Moment>,
    /// When the account could first be used.
    pub activated_at: Option<Moment>,
    /// When it was last reinstated after a closing.
    pub reinstated_at: Option<Moment>,
}

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// In use.
    Active,
    /// Signing in is switched off.
    ActiveDisabled,
    /// Not used for months; the next sign-in wakes it.
    Dormant,
    /// Not used for months, and signing in is switched off.
    DormantDisabled,
    /// Closed.
    Deactivated,
}

/// How an account is deactivated (A23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deactivation {
    /// Signing in is switched off.
    Temporary,
    /// The account is closed.
    Permanent,
}

/// How a name is marked in lists (B6; never by a line alone).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Not at all.
    Plain,
    /// With a tag that says disabled.
    Tag,
    /// Struck through, with the word.
    StruckThrough,
}

/// Why an account does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is closed.
    #[error("This account is closed. Undo the closing or reinstate the account first (US8).")]
    Closed,
    /// It is not closed.
    #[error("This account is not closed, so there is nothing to undo or reinstate (US8).")]
    NotClosed,
    /// Undoing comes too late.
    #[error(
        "The time in which this closing could be undone has passed (US8). Reinstate the account; \
         its services and grants do not come back."
    )]
    WindowPassed,
    /// Signing in is switched off.
    #[error(
        "Signing in is switched off for this account (US6). An administrator can re-enable it."
    )]
    Disabled,
    /// A report from the future.
    #[error("A sign-in cannot be reported before it happens. Check the clock of the sender.")]
    Future,
}

/// What a reported sign-in comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The facts afterwards.
    pub facts: Facts,
    /// The sign-in happened although the account was disabled or closed. The facts then stay as
    /// they are, and somebody must look into it.
    pub although: Option<Deactivation>,
}

/// The status at `now` of an account with these facts. It is dormant when more than
/// `dormant_after_months` calendar months have passed since the last access, the activation or
/// the reinstating, whichever is last; the day is clamped to the month (31 August to 28 or 29
/// February) and months are counted in UTC. 0 months: never dormant.
pub fn status(facts: &Facts, now: Moment, dormant_after_months: u16) -> Status {
    let dormant = facts.awake_until(dormant_after_months).is_some_and(|last| now > last);
    match (facts.closed_at, facts.login_disabled_at, dormant) {
        (Some(_), _, _) => Status::Deactivated,
        (None, None, false) => Status::Active,
        (None, Some(_), false) => Status::ActiveDisabled,
        (None, None, true) => Status::Dormant,
        (None, Some(_), true) => Status::DormantDisabled,
    }
}

impl Facts {
    /// A new account, usable from `now`.
    pub fn activated(now: Moment) -> Self {
        Self { activated_at: Some(now), ..Self::default() }
    }

    /// Since when the months of dormancy are counted; none before the first activation.
    pub fn reference(&self) -> Option<Moment> {
        self.last_access_at.max(self.activated_at).max(self.reinstated_at)
    }

    /// The last moment at which the account is not dormant; none if it never will be by itself.
    pub fn awake_until(&self, dormant_after_months: u16) -> Option<Moment> {
        let months = (dormant_after_months > 0).then_some(dormant_after_months)?;
        months_after(self.reference()?, i32::from(months))
    }

    /// Switches signing in off; grants stay (US5). Once off, the first moment stays.
    pub fn disabled(self, now: Moment) -> Result<Self, Refusal> {
        self.open()?;
        Ok(Self { login_disabled_at: self.login_disabled_at.or(Some(now)), ..self })
    }

    /// Switches signing in on. A dormant account stays dormant until its user signs in (A9).
    pub fn enabled(self) -> Result<Self, Refusal> {
        self.open()?;
        Ok(Self { login_disabled_at: None, ..self })
    }

    /// Closes the account and touches nothing else, so that undoing can restore it exactly.
    pub fn closed(self, now: Moment) -> Result<Self, Refusal> {
        self.open()?;
        Ok(Self { closed_at: Some(now), ..self })
    }

    /// Undoes a closing up to `window` after it (the last moment included): exactly the state
    /// before.
    pub fn undone(self, now: Moment, window: Duration) -> Result<Self, Refusal> {
        let closed_at = self.closed_at.ok_or(Refusal::NotClosed)?;
        if now > closed_at.after(window) {
            return Err(Refusal::WindowPassed);
        }
        Ok(Self { closed_at: None, ..self })
    }

    /// Opens a closed account again, disabled and without anything it held (US8).
    pub fn reinstated(self, now: Moment) -> Result<Self, Refusal> {
        self.closed_at.ok_or(Refusal::NotClosed)?;
        let now = Some(now);
        Ok(Self { closed_at: None, login_disabled_at: now, reinstated_at: now, ..self })
    }

    /// A sign-in here and now; wakes a dormant account at once (US6).
    pub fn signed_in(self, now: Moment) -> Result<Self, Refusal> {
        self.open()?;
        if self.login_disabled_at.is_some() {
            return Err(Refusal::Disabled);
        }
        Ok(Self { last_access_at: self.last_access_at.max(Some(now)), ..self })
    }

    /// A sign-in at `at` that somebody reports at `now`. An older report than the last changes
    /// nothing.
    pub fn seen(self, at: Moment, now: Moment) -> Result<Seen, Refusal> {
        if at > now {
            return Err(Refusal::Future);
        }
        let after = |since: Option<Moment>| since.is_some_and(|since| at > since);
        let although = match (after(self.closed_at), after(self.login_disabled_at)) {
            (true, _) => Some(Deactivation::Permanent),
            (false, true) => Some(Deactivation::Temporary),
            (false, false) => None,
        };
        let last_access_at = self.last_access_at.max(Some(at));
        let facts = if although.is_some() { self } else { Self { last_access_at, ..self } };
        Ok(Seen { facts, although })
    }

    fn open(&self) -> Result<(), Refusal> {
        if self.closed_at.is_none() { Ok(()) } else { Err(Refusal::Closed) }
    }
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::ActiveDisabled,
        Self::Dormant,
        Self::DormantDisabled,
        Self::Deactivated,
    ];

    /// The word for people; the first four are also the status on the wire (A5).
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::ActiveDisabled => "Active (disabled)",
            Self::Dormant => "Dormant",
            Self::DormantDisabled => "Dormant (disabled)",
            Self::Deactivated => "Deactivated (permanent)",
        }
    }

    /// The status behind a word, in any letter case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word().eq_ignore_ascii_case(word.trim()))
    }

    /// `active` of SCIM; none when the resource is gone.
    pub fn active(self) -> Option<bool> {
        match self {
            Self::Active | Self::Dormant => Some(true),
            Self::ActiveDisabled | Self::DormantDisabled => Some(false),
            Self::Deactivated => None,
        }
    }

    /// Whether its user may sign in (US6).
    pub fn may_sign_in(self) -> bool {
        self.active() == Some(true)
    }

    /// Whether a sign-in makes it active again.
    pub fn wakes(self) -> bool {
        self == Self::Dormant
    }

    /// Whether it has a row in the report of users, active and dormant (A5, EX2).
    pub fn in_users_report(self) -> bool {
        self != Self::Deactivated
    }

    /// Its type in the report of deactivated users; none without a row (A23, EX2).
    pub fn deactivation(self) -> Option<Deactivation> {
        match self {
            Self::Active | Self::Dormant => None,
            Self::ActiveDisabled | Self::DormantDisabled => Some(Deactivation::Temporary),
            Self::Deactivated => Some(Deactivation::Permanent),
        }
    }

    /// Whether it has a row in the report of deactivated users.
    pub fn in_deactivated_report(self) -> bool {
        self.deactivation().is_some()
    }

    /// How its name is marked.
    pub fn mark(self) -> Mark {
        match self.deactivation() {
            None => Mark::Plain,
            Some(Deactivation::Temporary) => Mark::Tag,
            Some(Deactivation::Permanent) => Mark::StruckThrough,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Deactivation {
    /// The word of the report of deactivated users (A23).
    pub fn word(self) -> &'static str {
        match self {
            Self::Temporary => "temporary",
            Self::Permanent => "permanent",
        }
    }
}

impl fmt::Display for Deactivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The latest reference that is dormant at `now`, so that an index of references can answer
/// "who is dormant": all up to this moment, nobody after it. None when nobody can be.
pub fn dormant_up_to(now: Moment, dormant_after_months: u16) -> Option<Moment> {
    let months = (dormant_after_months > 0).then(|| i32::from(dormant_after_months))?;
    let dormant = |reference: i64| months_after(Moment(reference), months).is_some_and(|m| now > m);
    // Clamping moves a day by at most three, and never changes the order of references.
    let week = 7 * 24 * 60 * 60 * 1_000_000_i64;
    let about = months_after(now, -months)?.0;
    let (mut low, mut high) = (about.checked_sub(week)?, about.checked_add(week)?);
    if !dormant(low) {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if dormant(middle) { low = middle } else { high = middle }
    }
    Some(Moment(low))
}

/// `moment` moved by calendar months in UTC; none outside the years that can be counted.
fn months_after(moment: Moment, months: i32) -> Option<Moment> {
    let civil = Timestamp::from_microsecond(moment.0).ok()?.to_zoned(TimeZone::UTC).datetime();
    let moved = civil.checked_add(Span::new().try_months(months).ok()?).ok()?;
    let stamp = TimeZone::UTC.to_timestamp(moved).ok()?;
    Some(Moment(stamp.as_microsecond()))
}

#[cfg(test)]
mod tests;
