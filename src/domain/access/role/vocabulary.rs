//! The vocabularies beside roles: services, credentials, application roles.

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

/// One of the two things people sign in with (A14). Unlike services these are no configuration:
/// the source knows two, and no organization adds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// The network's own.
    Otn,
    /// ONE ID.
    OneId,
}

impl Credential {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Otn, Self::OneId];

    /// The stable code.
    pub fn value(self) -> &'static str {
        self.word().value
    }

    /// The word for people, in reports too.
    pub fn display(self) -> &'static str {
        self.word().display
    }

    /// The credential that `text` is read as: code or text, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| Word::from(one.word()).reads(text))
    }

    fn word(self) -> Fixed {
        match self {
            Self::Otn => fixed("OTN", "OTN Credential", &[]),
            Self::OneId => fixed("ONE_ID", "ONE ID", &[]),
        }
    }
}

/// Services, by their labels A to Z.
const SERVICES: [(Fixed, &str); 4] = [
    (fixed(DIRECTORY, "Directory", &[]), "Directory"),
    (fixed(ECONSULT, "eConsult", &[]), "eConsult"),
    (fixed(PCVC, "eVisit/Videoconference", &["eVisit"]), "eVisit"),
    (fixed(NCOMPASS, "Ncompass/Scheduling Access", &[]), "Ncompass"),
];

/// Application roles (C21).
const APPLICATION_ROLES: [Fixed; 2] = [
    fixed(ATC_USER, "ATC user", &[]),
    fixed("IdentityAccountManager", "Identity account manager", &[]),
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

/// The application roles.
pub fn application_roles() -> Catalogue<Word> {
    words(&APPLICATION_ROLES)
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
    fn a14_credentials_read_from_code_and_text() {
        for one in Credential::ALL {
            assert_eq!(Credential::parse(one.value()), Some(one));
            assert_eq!(Credential::parse(&one.display().to_lowercase()), Some(one));
        }
        assert_eq!(Credential::ALL.map(Credential::value), ["OTN", "ONE_ID"]);
        assert_eq!(Credential::ALL.map(Credential::display), ["OTN Credential", "ONE ID"]);
        assert_eq!(Credential::parse(""), None);
    }

    #[test]
    fn ag1_the_application_roles_are_whole() {
        assert_eq!(application_roles().all().len(), APPLICATION_ROLES.len());
        assert!(application_roles().find(ATC_USER).is_some());
    }
}
