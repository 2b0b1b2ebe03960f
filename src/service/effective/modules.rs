//! The modules of the surgical applications: what a person may do there, for whom, and why.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::base::id::Id;
use crate::domain::access::effective;
use crate::domain::access::effective::AccessGroup;
use crate::domain::access::effective::Effective;
use crate::domain::access::level::Module;
use crate::domain::access::level::Privacy;
use crate::domain::access::level::Privilege;
use crate::service::Error;
use crate::service::Work;
use crate::service::effective::person;
use crate::service::effective::person::Named;
use crate::service::effective::person::Subject;

/// What a person may do in one module for one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The module.
    pub module: Module,
    /// The provider; none for User Preferences.
    pub provider: Option<Named>,
    /// The privilege that counts.
    pub privilege: Privilege,
    /// The privacy that counts; none for User Preferences.
    pub privacy: Option<Privacy>,
    /// May schedule cases for the provider (AG14).
    pub scheduling: bool,
    /// An entry of the wait lists relaxes the level of its group (Q28).
    pub relaxes: bool,
    /// Why, for people.
    pub why: String,
}

/// The answer about modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modules {
    /// By module, then provider; User Preferences last.
    pub answers: Vec<Answer>,
    /// Why there are none; only where there are none.
    pub none: Option<String>,
}

/// What `subject` may do: everywhere, in one module, for one provider, or both.
pub async fn modules(
    work: Work<'_>,
    subject: &Subject,
    module: Option<Module>,
    provider: Option<Id>,
) -> Result<Modules, Error> {
    let mut answers = Vec::new();
    let mut names: BTreeMap<Id, Named> = BTreeMap::new();
    for one in decided(subject, module, provider) {
        let provider = match one.provider {
            None => None,
            Some(id) => Some(match names.get(&id) {
                Some(known) => known.clone(),
                None => {
                    let named = person::name_of(work, id, subject.at).await?;
                    names.insert(id, named.clone());
                    named
                }
            }),
        };
        answers.push(answer(&one, provider));
    }
    let none = answers.is_empty().then(|| why_not(subject, module, provider));
    Ok(Modules { answers, none })
}

/// The modules in which a group of the centre gives Full Access to `subject`, for any provider:
/// what the rights of administrators depend on (AD4, AD5). Empty for a centre that no group of the
/// person belongs to.
pub fn full_modules(subject: &Subject, centre: Id) -> BTreeSet<Module> {
    let here: Vec<&AccessGroup> =
        subject.groups.iter().filter(|group| group.health_centre == centre).collect();
    let all = effective::effective(&subject.facts, &here, &subject.pools, subject.knob);
    let full = all.into_iter().filter(|one| one.privilege == Privilege::Full);
    full.map(|one| one.module).collect()
}

/// The bare decisions that fit a question.
pub(super) fn decided(
    subject: &Subject,
    module: Option<Module>,
    provider: Option<Id>,
) -> Vec<Effective<'_>> {
    let groups: Vec<&AccessGroup> = subject.groups.iter().collect();
    let mut all = effective::effective(&subject.facts, &groups, &subject.pools, subject.knob);
    let fits = |one: &Effective<'_>| {
        module.is_none_or(|module| one.module == module)
            && provider.is_none_or(|provider| one.provider == Some(provider))
    };
    all.retain(fits);
    all
}

fn answer(one: &Effective<'_>, provider: Option<Named>) -> Answer {
    Answer {
        module: one.module,
        provider,
        privilege: one.privilege,
        privacy: one.privacy,
        scheduling: one.scheduling,
        relaxes: one.derivation.relaxes(),
        why: one.derivation.to_string(),
    }
}

/// Why nothing fits, from the function that decides about one question.
fn why_not(subject: &Subject, module: Option<Module>, provider: Option<Id>) -> String {
    if let Some(why) = subject.barred() {
        return why;
    }
    let groups: Vec<&AccessGroup> = subject.groups.iter().collect();
    let ask = |module| {
        let question = (module, provider);
        effective::ask(&subject.facts, &groups, &subject.pools, subject.knob, question).err()
    };
    let why = match module {
        Some(module) => ask(module),
        // Whoever has anything has their preferences.
        None => ask(Module::UserPreferences).or_else(|| {
            let held = subject.groups.iter().flat_map(|group| group.modules.iter().copied());
            held.into_iter().find_map(ask)
        }),
    };
    why.map_or_else(|| "No access: nothing fits the question.".to_owned(), |why| why.to_string())
}
