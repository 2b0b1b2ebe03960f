//! A mapping rule as it is saved.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::rule::filter::UserFilter;
use crate::domain::access::rule::template::Template;

/// When a pushed group of `connection` matches, its members get the grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its record.
    pub id: Id,
    /// Number of the connection whose groups it is about (LE8).
    pub connection: u32,
    /// Number of the organization of that connection: what words without a number are about.
    pub organization: u32,
    /// Numbers of further organizations that captured words may reach.
    pub reach: Vec<u32>,
    /// Which groups.
    pub matcher: Matcher,
    /// Which of their members; all if absent.
    pub user_filter: Option<UserFilter>,
    /// What they get.
    pub grants: Vec<Template>,
    /// The greater wins.
    pub priority: i32,
    /// Switched on.
    pub enabled: bool,
    /// Counts from this instant on.
    pub valid_from: Option<Moment>,
    /// Counts until just before this instant.
    pub valid_to: Option<Moment>,
    /// The most people it may be about; more is held back.
    pub max_affected: Option<u32>,
    /// Grants nothing before it is approved.
    pub needs_approval: bool,
    /// The approval of what stands here; an edit takes it away.
    pub approved_by: Option<Approval>,
    /// The account of the administrator who wrote what stands here.
    pub written_by: Id,
}

/// Somebody agreed to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The account of the second administrator; never the writer (AD6).
    pub by: Id,
    /// When.
    pub at: Moment,
    /// The pushed group that bore the name then; needed where rights of administrators are
    /// given by an exact name.
    pub group: Option<Id>,
}

/// Why a rule grants nothing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Idle {
    /// Not enabled.
    #[error("The rule is switched off.")]
    Off,
    /// Before `valid_from`.
    #[error("The rule is not valid yet.")]
    Early,
    /// At or after `valid_to`.
    #[error("The rule is no longer valid.")]
    Late,
    /// Needs an approval that it has not, or that is worth nothing (LE6, AD6).
    #[error("The rule waits for the approval of a second administrator (LE6).")]
    Unapproved,
}

impl Rule {
    /// Whether any grant is privileged (LE6).
    pub fn is_privileged(&self) -> bool {
        self.grants.iter().any(Template::is_privileged)
    }

    /// Why the rule grants nothing at `at`, if it does not. A privileged rule with a wildcard,
    /// however it came to be saved, is never approved.
    pub fn idle(&self, at: Moment) -> Option<Idle> {
        if !self.enabled {
            return Some(Idle::Off);
        }
        if self.valid_from.is_some_and(|from| at < from) {
            return Some(Idle::Early);
        }
        if self.valid_to.is_some_and(|to| at >= to) {
            return Some(Idle::Late);
        }
        let privileged = self.is_privileged();
        let waits = (self.needs_approval || privileged) && !self.approved(privileged);
        waits.then_some(Idle::Unapproved)
    }

    /// The matcher that counts: a privileged rule is about the group that was approved.
    pub fn matcher(&self) -> Cow<'_, Matcher> {
        let pinned = self.approved_by.and_then(|approval| approval.group);
        match pinned {
            Some(group) if self.is_privileged() => Cow::Owned(Matcher::Id(group)),
            _ => Cow::Borrowed(&self.matcher),
        }
    }

    fn approved(&self, privileged: bool) -> bool {
        let Some(approval) = self.approved_by else { return false };
        let known = match &self.matcher {
            Matcher::Id(group) => approval.group.is_none_or(|pinned| pinned == *group),
            Matcher::Exact(_) => approval.group.is_some(),
            Matcher::Glob(_) | Matcher::Regex(_) => false,
        };
        approval.by != self.written_by && (!privileged || known)
    }
}
