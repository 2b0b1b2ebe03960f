//! Levels of access groups: modules, privilege, privacy, and the words for them.

use serde::{Deserialize, Serialize};

/// The spelling under which words of a catalogue are compared: letters and digits only, in
/// small letters, so that `ED-NORMAL`, `ed_normal` and `ED Normal` are one word.
pub fn word_key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A part of the surgical applications that access is given to (C7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Module {
    /// `Administrator`
    Administrator,
    /// `Provider's Office`
    ProvidersOffice,
    /// `Secure Messaging`: knows no privilege (C13, AG10).
    SecureMessaging,
    /// `Reports`
    Reports,
    /// `Care Venue`
    CareVenue,
    /// `Pre-Surgical Screening`
    PreSurgicalScreening,
    /// `Patient Registration`
    PatientRegistration,
    /// `Identity Management`
    IdentityManagement,
    /// `eRequest`
    ERequest,
    /// `WTIS Data Entry`
    WtisDataEntry,
    /// `User Preferences`: comes with every group and is never stored (C7, AG5).
    UserPreferences,
}

impl Module {
    /// What a group can list, in the order of the catalogue.
    pub const STORABLE: [Self; 10] = [
        Self::Administrator,
        Self::ProvidersOffice,
        Self::SecureMessaging,
        Self::Reports,
        Self::CareVenue,
        Self::PreSurgicalScreening,
        Self::PatientRegistration,
        Self::IdentityManagement,
        Self::ERequest,
        Self::WtisDataEntry,
    ];

    /// The stable code.
    pub fn value(self) -> &'static str {
        self.words().0
    }

    /// The word for people.
    pub fn display(self) -> &'static str {
        self.words().1
    }

    /// The module of this code or display text, in any letter case. `User Preferences` is
    /// read too, so that the check of a group can say why it is refused.
    pub fn parse(text: &str) -> Option<Self> {
        find(text, Self::STORABLE.into_iter().chain([Self::UserPreferences]), Self::words)
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Administrator => ("ADMINISTRATOR", "Administrator"),
            Self::ProvidersOffice => ("PROVIDERS_OFFICE", "Provider's Office"),
            Self::SecureMessaging => ("SECURE_MESSAGING", "Secure Messaging"),
            Self::Reports => ("REPORTS", "Reports"),
            Self::CareVenue => ("CARE_VENUE", "Care Venue"),
            Self::PreSurgicalScreening => ("PRE_SURGICAL_SCREENING", "Pre-Surgical Screening"),
            Self::PatientRegistration => ("PATIENT_REGISTRATION", "Patient Registration"),
            Self::IdentityManagement => ("IDENTITY_MANAGEMENT", "Identity Management"),
            Self::ERequest => ("EREQUEST", "eRequest"),
            Self::WtisDataEntry => ("WTIS_DATA_ENTRY", "WTIS Data Entry"),
            Self::UserPreferences => ("USER_PREFERENCES", "User Preferences"),
        }
    }
}

/// What may be done in a module; greater is more restrictive (C9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Privilege {
    /// `Full Access`
    Full,
    /// `Read-Only Access`: look, list, report and print.
    ReadOnly,
}

impl Privilege {
    /// Both, the weakest restriction first.
    pub const ALL: [Self; 2] = [Self::Full, Self::ReadOnly];

    /// The stable code.
    pub fn value(self) -> &'static str {
        self.words().0
    }

    /// The word for people.
    pub fn display(self) -> &'static str {
        self.words().1
    }

    /// The privilege of this code or display text, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        find(text, Self::ALL, Self::words)
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Full => ("FULL", "Full Access"),
            Self::ReadOnly => ("READ_ONLY", "Read-Only Access"),
        }
    }
}

/// How far patients and providers are hidden; greater is more restrictive (C15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Privacy {
    /// `Privacy Toggle (Default Off)`: the user may switch it.
    ToggleOff,
    /// `Privacy Toggle (Default On)`: the user may switch it.
    ToggleOn,
    /// `Forced Patient Privacy`
    ForcedPatient,
    /// `Forced Patient & Provider Privacy`
    ForcedPatientProvider,
}

impl Privacy {
    /// All four, the weakest restriction first.
    pub const ALL: [Self; 4] =
        [Self::ToggleOff, Self::ToggleOn, Self::ForcedPatient, Self::ForcedPatientProvider];

    /// The stable code.
    pub fn value(self) -> &'static str {
        self.words().0
    }

    /// The word for people.
    pub fn display(self) -> &'static str {
        self.words().1
    }

    /// The privacy level of this code or display text, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        find(text, Self::ALL, Self::words)
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ToggleOff => ("TOGGLE_OFF", "Privacy Toggle (Default Off)"),
            Self::ToggleOn => ("TOGGLE_ON", "Privacy Toggle (Default On)"),
            Self::ForcedPatient => ("FORCED_PATIENT", "Forced Patient Privacy"),
            Self::ForcedPatientProvider => {
                ("FORCED_PATIENT_PROVIDER", "Forced Patient & Provider Privacy")
            }
        }
    }
}

/// A restriction of one person in every group they are in: it can only take away (AG8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Limit {
    /// The module it holds in; every one if absent.
    pub module: Option<Module>,
    /// At least this restrictive.
    pub privilege: Option<Privilege>,
    /// At least this restrictive.
    pub privacy: Option<Privacy>,
}

fn find<T: Copy>(
    text: &str,
    all: impl IntoIterator<Item = T>,
    words: fn(T) -> (&'static str, &'static str),
) -> Option<T> {
    let key = word_key(text);
    let named = |item: &T| {
        let (value, display) = words(*item);
        word_key(value) == key || word_key(display) == key
    };
    all.into_iter().find(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_by_code_and_by_display_text() {
        for module in Module::STORABLE {
            assert_eq!(Module::parse(module.value()), Some(module));
            assert_eq!(Module::parse(&module.display().to_uppercase()), Some(module));
        }
        for privilege in Privilege::ALL {
            assert_eq!(Privilege::parse(privilege.value()), Some(privilege));
            assert_eq!(Privilege::parse(privilege.display()), Some(privilege));
        }
        for privacy in Privacy::ALL {
            assert_eq!(Privacy::parse(privacy.value()), Some(privacy));
            assert_eq!(Privacy::parse(privacy.display()), Some(privacy));
        }
        assert_eq!(Module::parse(""), None);
        assert_eq!(Module::parse("Provider\u{2019}s Office"), Some(Module::ProvidersOffice));
        assert_eq!(Privilege::parse("read-only"), Some(Privilege::ReadOnly));
        assert_eq!(Privilege::parse("Read"), None);
        assert_eq!(Privacy::parse("none"), None);
    }

    #[test]
    fn ag5_user_preferences_are_read_and_not_among_what_is_stored() {
        assert_eq!(Module::parse("User Preferences"), Some(Module::UserPreferences));
        assert!(!Module::STORABLE.contains(&Module::UserPreferences));
    }

    #[test]
    fn ag9_the_most_restrictive_level_is_the_greatest() {
        assert!(Privilege::ALL.is_sorted() && Privilege::Full < Privilege::ReadOnly);
        assert!(Privacy::ALL.is_sorted() && Privacy::ToggleOff < Privacy::ForcedPatientProvider);
    }
}
