//! What is wrong with a rule: every fault at once, before it is saved.

use crate::domain::access::pattern::Compiled;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::pattern::PatternError;
use crate::domain::access::pattern::PhraseError;
use crate::domain::access::rule::statement::Rule;
use crate::domain::access::rule::template::Template;

/// The most templates in one rule.
pub const MOST_GRANTS: usize = 32;
/// The longest reason, in bytes.
pub const LONGEST_REASON: usize = 512;

/// A fault of a rule. Grants are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// Of the matcher.
    #[error("{0}")]
    Pattern(PatternError),
    /// Of a phrase.
    #[error("Grant {grant}: {error}")]
    Phrase {
        /// Which.
        grant: usize,
        /// What.
        error: PhraseError,
    },
    /// Nothing to give.
    #[error("A rule needs between 1 and {MOST_GRANTS} grants.")]
    Grants,
    /// No room systems.
    #[error("Grant {0}: name at least one room system.")]
    NoRooms(usize),
    /// Restricts nothing.
    #[error("Grant {0}: a restriction sets privilege or privacy (AG8).")]
    EmptyLimit(usize),
    /// Without words, or with too many.
    #[error("Grant {0}: a reason has between 1 and {LONGEST_REASON} bytes.")]
    Reason(usize),
    /// Without name.
    #[error("Grant {0}: name the application role.")]
    NoRole(usize),
    /// A place where none belongs, or none where one does.
    #[error("Grant {0}: this administrator's role is held at a place, or at none; mend the scope.")]
    Scope(usize),
    /// LE6.
    #[error(
        "A glob or regular expression cannot give administrator's rights (LE6). Match by id or exact name."
    )]
    Wildcard,
    /// LE6.
    #[error(
        "A rule that gives administrator's rights needs the approval of a second administrator (LE6)."
    )]
    NeedsApproval,
    /// AD6.
    #[error("Nobody approves their own rule (AD6). Ask another administrator.")]
    OwnApproval,
    /// GRP-02.
    #[error(
        "The approval of a rule that gives administrator's rights names the one group it is about (LE6)."
    )]
    UnpinnedApproval,
    /// Empty span.
    #[error("The rule ends before it begins. Mend validFrom or validTo.")]
    Validity,
    /// No people.
    #[error("maxAffected is at least 1; switch the rule off instead.")]
    MaxAffected,
    /// No tests.
    #[error("The user filter has no test. Remove it or add one.")]
    EmptyFilter,
}

/// Every fault of `rule`.
pub fn faults(rule: &Rule) -> Vec<RuleFault> {
    let mut found = Vec::new();
    match rule.matcher.compile() {
        Ok(compiled) => phrases(rule, &compiled, &mut found),
        Err(error) => found.push(RuleFault::Pattern(error)),
    }
    if rule.grants.is_empty() || rule.grants.len() > MOST_GRANTS {
        found.push(RuleFault::Grants);
    }
    for (place, grant) in rule.grants.iter().enumerate() {
        found.extend(own_fault(grant, place + 1));
    }
    approval(rule, &mut found);
    if rule.valid_from.zip(rule.valid_to).is_some_and(|(from, to)| from >= to) {
        found.push(RuleFault::Validity);
    }
    if rule.max_affected == Some(0) {
        found.push(RuleFault::MaxAffected);
    }
    if rule.user_filter.as_ref().is_some_and(|filter| filter.0.is_empty()) {
        found.push(RuleFault::EmptyFilter);
    }
    found
}

fn phrases(rule: &Rule, compiled: &Compiled, found: &mut Vec<RuleFault>) {
    let names: Vec<&str> = compiled.names().collect();
    for (place, grant) in rule.grants.iter().enumerate() {
        for phrase in grant.words() {
            if let Err(error) = phrase.check(names.iter().copied()) {
                found.push(RuleFault::Phrase { grant: place + 1, error });
            }
        }
    }
}

fn own_fault(grant: &Template, number: usize) -> Option<RuleFault> {
    match grant {
        Template::Rooms { systems } if systems.is_empty() => Some(RuleFault::NoRooms(number)),
        Template::Limit { limit } if limit.privilege.is_none() && limit.privacy.is_none() => {
            Some(RuleFault::EmptyLimit(number))
        }
        Template::LoginDisabled { reason }
            if reason.trim().is_empty() || reason.len() > LONGEST_REASON =>
        {
            Some(RuleFault::Reason(number))
        }
        Template::ApplicationRole { role } if role.trim().is_empty() => {
            Some(RuleFault::NoRole(number))
        }
        Template::Admin { role, scope } if role.has_scope() != scope.is_some() => {
            Some(RuleFault::Scope(number))
        }
        _ => None,
    }
}

fn approval(rule: &Rule, found: &mut Vec<RuleFault>) {
    let privileged = rule.is_privileged();
    if privileged && rule.matcher.is_wildcard() {
        found.push(RuleFault::Wildcard);
    }
    if privileged && !rule.needs_approval {
        found.push(RuleFault::NeedsApproval);
    }
    let Some(approval) = rule.approved_by else { return };
    if approval.by == rule.written_by {
        found.push(RuleFault::OwnApproval);
    }
    let by_name = matches!(rule.matcher, Matcher::Exact(_));
    if privileged && by_name && approval.group.is_none() {
        found.push(RuleFault::UnpinnedApproval);
    }
}
