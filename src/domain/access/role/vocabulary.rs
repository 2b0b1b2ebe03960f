//! The vocabularies beside roles: services, credentials, application roles, modules, levels.

use crate::domain::access::role::word::Catalogue;
use crate::domain::access::role::word::Fixed;
use crate::domain::access::role::word::Named;
use crate::domain::access::role::word::Word;

/// Code of the video service; menus say eVisit, files PCVC (A16).
pub const PCVC: &str = "PCVC";
/// Code of the eConsult service.
pub const ECONSULT: &str = "ECONSULT";
/// Code of the directory.
pub const DIRECTORY: &str = "DIRECTORY";
/// Code of scheduling access in Ncompass.
pub const NCOMPASS: &str = "NCOMPASS";
/// The application role that needs an access group (AG1).
pub const ATC_USER: &str = "ATCUser";
/// The module whose Full Access makes a health-centre administrator effective (AD5).
pub const ADMINISTRATOR: &str = "administrator";
/// The module whose Full Access lets a health-centre administrator manage groups.
pub const IDENTITY_MANAGEMENT: &str = "identityManagement";
/// The module whose privilege is always full (AG10).
pub const SECURE_MESSAGING: &str = "secureMessaging";
/// The module in which scheduling is done (AG14).
pub const PROVIDERS_OFFICE: &str = "providersOffice";
/// The module that everybody has; it cannot be stored (AG5), and so is in no catalogue.
pub const USER_PREFERENCES: Fixed = fixed("userPreferences", "User Preferences", &[]);

/// A service that accounts hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Code, and the label of lists and exports (A13).
    pub word: Word,
    /// The label of menus.
    pub menu: String,
    /// Whether it can still be given.
    pub active: bool,
}

impl Named for Service {
    fn word(&self) -> &Word {
        &self.word
    }
}

/// How far somebody may change things (C9); the later, the more restrictive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privilege {
    /// Everything on the pages of the module.
    Full,
    /// Looking, listing, reporting and printing.
    ReadOnly,
}

/// How much of patients and providers is hidden (C15); the later, the more restrictive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privacy {
    /// Shown until the user hides it.
    ToggleOff,
    /// Hidden until the user shows it.
    ToggleOn,
    /// Patients are hidden.
    ForcedPatient,
    /// Patients and providers are hidden.
    ForcedPatientAndProvider,
}

impl Privilege {
    /// Both, least restrictive first.
    pub const ALL: [Self; 2] = [Self::Full, Self::ReadOnly];

    /// Code and text.
    pub fn word(self) -> Fixed {
        match self {
            Self::Full => fixed("full", "Full Access", &[]),
            Self::ReadOnly => fixed("readOnly", "Read-Only Access", &["Read-Only", "Read Only"]),
        }
    }

    /// The level that `text` is read as: code or text, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| Word::from(level.word()).reads(text))
    }
}

impl Privacy {
    /// All four, least restrictive first.
    pub const ALL: [Self; 4] =
        [Self::ToggleOff, Self::ToggleOn, Self::ForcedPatient, Self::ForcedPatientAndProvider];

    /// Code and text.
    pub fn word(self) -> Fixed {
        match self {
            Self::ToggleOff => fixed("toggleOff", "Privacy Toggle (Default Off)", &[]),
            Self::ToggleOn => fixed("toggleOn", "Privacy Toggle (Default On)", &[]),
            Self::ForcedPatient => fixed("forcedPatient", "Forced Patient Privacy", &[]),
            Self::ForcedPatientAndProvider => {
                fixed("forcedPatientAndProvider", "Forced Patient & Provider Privacy", &[])
            }
        }
    }

    /// The level that `text` is read as: code or text, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| Word::from(level.word()).reads(text))
    }
}

/// Services, by their labels A to Z.
const SERVICES: [(Fixed, &str); 4] = [
    (fixed(DIRECTORY, "Directory", &[]), "Directory"),
    (fixed(ECONSULT, "eConsult", &[]), "eConsult"),
    (fixed(PCVC, "eVisit/Videoconference", &["eVisit"]), "eVisit"),
    (fixed(NCOMPASS, "Ncompass/Scheduling Access", &[]), "Ncompass"),
];

/// Credentials (A14).
const CREDENTIALS: [Fixed; 2] =
    [fixed("OTN", "OTN Credential", &[]), fixed("ONE_ID", "ONE ID", &[])];

/// Application roles (C21).
const APPLICATION_ROLES: [Fixed; 2] = [
    fixed(ATC_USER, "ATC user", &[]),
    fixed("IdentityAccountManager", "Identity account manager", &[]),
];

/// Modules in the order of the source (C7).
const MODULES: [Fixed; 10] = [
    fixed(ADMINISTRATOR, "Administrator", &[]),
    fixed(PROVIDERS_OFFICE, "Provider's Office", &["Provider\u{2019}s Office"]),
    fixed(SECURE_MESSAGING, "Secure Messaging", &[]),
    fixed("reports", "Reports", &[]),
    fixed("careVenue", "Care Venue", &[]),
    fixed("preSurgicalScreening", "Pre-Surgical Screening", &[]),
    fixed("patientRegistration", "Patient Registration", &[]),
    fixed(IDENTITY_MANAGEMENT, "Identity Management", &[]),
    fixed("eRequest", "eRequest", &[]),
    fixed("wtisDataEntry", "WTIS Data Entry", &[]),
];

/// The services that we ship.
pub fn services() -> Catalogue<Service> {
    let service = |(word, menu): &(Fixed, &str)| Service {
        word: (*word).into(),
        menu: (*menu).to_owned(),
        active: true,
    };
    catalogue(SERVICES.iter().map(service).collect())
}

/// The credentials.
pub fn credentials() -> Catalogue<Word> {
    words(&CREDENTIALS)
}

/// The application roles.
pub fn application_roles() -> Catalogue<Word> {
    words(&APPLICATION_ROLES)
}

/// The modules that an access group may name.
pub fn modules() -> Catalogue<Word> {
    words(&MODULES)
}

fn words(all: &[Fixed]) -> Catalogue<Word> {
    catalogue(all.iter().map(|word| (*word).into()).collect())
}

/// Ours are never ambiguous; a test holds that none comes out empty.
fn catalogue<T: Named>(all: Vec<T>) -> Catalogue<T> {
    Catalogue::new(all).unwrap_or_else(|_| Catalogue::empty())
}

const fn fixed(value: &'static str, display: &'static str, also: &'static [&'static str]) -> Fixed {
    Fixed { value, display, also }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a13_services_read_from_every_label_and_stand_in_order() {
        let all = services();
        let labels: Vec<&str> = all.all().iter().map(|one| one.word.display()).collect();
        assert_eq!(
            labels,
            ["Directory", "eConsult", "eVisit/Videoconference", "Ncompass/Scheduling Access"]
        );
        for (text, code) in
            [("eVisit", PCVC), ("pcvc", PCVC), ("econsult", ECONSULT), ("directory", DIRECTORY)]
        {
            assert_eq!(all.parse(text).map(|one| one.word.value()), Some(code));
        }
        assert_eq!(all.find(PCVC).unwrap().menu, "eVisit");
    }

    #[test]
    fn a14_credentials() {
        let all = credentials();
        assert_eq!(all.parse("ONE ID").map(Word::value), Some("ONE_ID"));
        assert_eq!(all.display("OTN"), "OTN Credential");
    }

    #[test]
    fn ag5_modules_without_user_preferences() {
        let all = modules();
        assert_eq!(all.all().len(), MODULES.len());
        assert_eq!(application_roles().all().len(), APPLICATION_ROLES.len());
        assert!(all.parse(USER_PREFERENCES.display).is_none());
        assert!(all.parse(USER_PREFERENCES.value).is_none());
        assert_eq!(all.parse("Provider's Office").map(Word::value), Some(PROVIDERS_OFFICE));
        for code in [ADMINISTRATOR, IDENTITY_MANAGEMENT, SECURE_MESSAGING] {
            assert!(all.find(code).is_some(), "{code}");
        }
    }

    #[test]
    fn ag9_the_most_restrictive_level_is_the_greatest() {
        assert!(Privilege::Full < Privilege::ReadOnly);
        assert!(Privacy::ALL.is_sorted() && Privilege::ALL.is_sorted());
        for level in Privacy::ALL {
            assert_eq!(Privacy::parse(level.word().value), Some(level));
            assert_eq!(Privacy::parse(&level.word().display.to_uppercase()), Some(level));
        }
        for level in Privilege::ALL {
            assert_eq!(Privilege::parse(level.word().value), Some(level));
            assert_eq!(Privilege::parse(level.word().display), Some(level));
        }
        assert_eq!(Privilege::parse("read-only"), Some(Privilege::ReadOnly));
        assert_eq!(Privacy::parse("none"), None);
    }
}
