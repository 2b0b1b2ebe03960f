//! The derivation of an answer: the steps that decided, and their text for people.

use std::fmt;

use crate::domain::access::effective::group::AccessGroup;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;

/// Where a level was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    Group,
    Pool,
    Provider,
}

/// What restricted it further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    Limit,
    Override,
}

/// How one group came to one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step<T> {
    /// The level of the group.
    pub group: T,
    /// What stands instead of it, if an entry says so.
    pub base: T,
    pub origin: Origin,
    /// Set if a restriction of the user counts more than the base.
    pub by: Option<By>,
    pub result: T,
}

/// What one group contributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub group: &'a AccessGroup,
    /// For the module as a whole, not for the provider.
    pub whole: bool,
    pub privilege: Step<Privilege>,
    pub privacy: Step<Privacy>,
}

/// Why an answer is what it is. `to_string` gives the text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation<'a> {
    module: Module,
    privilege: Privilege,
    privacy: Option<Privacy>,
    parts: Vec<Part<'a>>,
    /// Groups that carry the right to schedule.
    schedulers: Vec<&'a str>,
}

impl<'a> Derivation<'a> {
    pub(super) fn preferences() -> Self {
        let (module, privilege) = (Module::UserPreferences, Privilege::Full);
        Self::of(module, privilege, None, Vec::new(), Vec::new())
    }

    pub(super) fn of(
        module: Module,
        privilege: Privilege,
        privacy: Option<Privacy>,
        parts: Vec<Part<'a>>,
        schedulers: Vec<&'a str>,
    ) -> Self {
        Self { module, privilege, privacy, parts, schedulers }
    }

    /// The names of the groups that took part, in order.
    pub fn groups(&self) -> impl Iterator<Item = &'a str> {
        self.parts.iter().map(|part| part.group.name.as_str())
    }

    /// Whether an entry of a provider or pool relaxes the level of its group (Q28).
    pub fn relaxes(&self) -> bool {
        let relaxed = |part: &Part<'_>| {
            part.privilege.base < part.privilege.group || part.privacy.base < part.privacy.group
        };
        self.parts.iter().any(relaxed)
    }
}

impl fmt::Display for Derivation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.module {
            Module::UserPreferences => {
                return f.write_str(
                    "Full Access because User Preferences comes with every access group.",
                );
            }
            Module::SecureMessaging => {
                f.write_str("Full Access because Secure Messaging knows no other privilege.")?;
            }
            _ => {
                write!(f, "{} because ", self.privilege.display())?;
                sentence(f, &self.parts, |part| part.privilege, Privilege::display)?;
            }
        }
        if let Some(privacy) = self.privacy {
            write!(f, " {} because ", privacy.display())?;
            sentence(f, &self.parts, |part| part.privacy, Privacy::display)?;
        }
        self.scheduling(f)
    }
}

impl Derivation<'_> {
    fn scheduling(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let full = self.privilege == Privilege::Full;
        let Some((first, rest)) = self.schedulers.split_first() else { return Ok(()) };
        f.write_str(if full { " Scheduling because " } else { " No scheduling although " })?;
        write!(f, "group \"{first}\"")?;
        for name in rest {
            write!(f, " and group \"{name}\"")?;
        }
        let verb = if rest.is_empty() { "allows" } else { "allow" };
        let link = if full { "and" } else { "because" };
        let is = if full { "is" } else { "is not" };
        write!(f, " {verb} it, {link} Provider's Office {is} at Full Access.")
    }
}

fn sentence<T: Ord + Copy>(
    f: &mut fmt::Formatter<'_>,
    parts: &[Part<'_>],
    step: fn(&Part<'_>) -> Step<T>,
    word: fn(T) -> &'static str,
) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(" and ")?;
        }
        clause(f, part, step(part), word)?;
    }
    f.write_str(if parts.len() > 1 { ": most restrictive wins." } else { "." })
}

fn clause<T: Ord + Copy>(
    f: &mut fmt::Formatter<'_>,
    part: &Part<'_>,
    step: Step<T>,
    word: fn(T) -> &'static str,
) -> fmt::Result {
    write!(f, "group \"{}\" sets {}", part.group.name, word(step.base))?;
    match step.origin {
        Origin::Group if part.whole => f.write_str(" for the module")?,
        Origin::Group => {}
        Origin::Provider => f.write_str(" for this provider")?,
        Origin::Pool => f.write_str(" for the pool")?,
    }
    if step.base < step.group {
        write!(f, " (relaxes {})", word(step.group))?;
    }
    match step.by {
        Some(By::Override) => write!(f, ", restricted to {} for this user", word(step.result)),
        Some(By::Limit) => {
            write!(f, ", restricted to {} in all groups of this user", word(step.result))
        }
        None => Ok(()),
    }
}
