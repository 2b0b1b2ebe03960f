//! What the reports know of a person.

use crate::base::id::Id;
use crate::domain::access::role::vocabulary::Credential;
use crate::domain::people::status::Status;
use crate::domain::report::order::Key;

/// An account, as of the instant of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: Id,
    /// Legal first name (A22).
    pub first: String,
    /// Legal last name (A22).
    pub last: String,
    /// The username.
    pub username: String,
    /// The e-mail address; empty if there is none.
    pub email: String,
    /// The profession; empty if there is none.
    pub profession: String,
    /// Labels of the services held, in any order.
    pub services: Vec<String>,
    /// How the person signs in, if that is known.
    pub credential: Option<Credential>,
    /// The state of the account.
    pub status: Status,
    /// The home organization.
    pub home: Option<Id>,
    /// Other organizations the person belongs to. Of a closed account: those at its closing.
    pub affiliations: Vec<Id>,
}

impl Person {
    /// Whether this is a user of `organization`: at home there, or affiliated (Q34).
    pub fn belongs(&self, organization: Id) -> bool {
        self.home == Some(organization) || self.affiliations.contains(&organization)
    }

    /// The place in the order of rows and columns.
    pub fn key(&self) -> Key {
        Key::person(&self.last, &self.first, &self.username, self.id)
    }

    /// First and last name, as a pivot column is headed; the username if both are missing.
    pub fn display(&self) -> String {
        match (self.first.as_str(), self.last.as_str()) {
            ("", "") => self.username.clone(),
            ("", one) | (one, "") => one.to_owned(),
            (first, last) => format!("{first} {last}"),
        }
    }

    /// The labels A to Z, each once, between semicolons (A12).
    pub fn service_cell(&self) -> String {
        let mut labels: Vec<&str> = self.services.iter().map(String::as_str).collect();
        labels.sort_by_cached_key(|label| Key::text(label));
        labels.dedup();
        labels.join(";")
    }

    /// The word for the credential; empty if none is known.
    pub fn credential_cell(&self) -> &'static str {
        self.credential.map_or("", Credential::display)
    }
}
