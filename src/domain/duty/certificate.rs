//! What the register knows of one certificate.

use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;
use crate::base::id::Id;

/// The most addresses of a certificate beside its owner's (Q21).
pub const MOST_EXTRA: usize = 5;
/// From how many days before its end on a certificate is called expiring.
pub const EXPIRING_DAYS: i64 = 90;
/// Microseconds of a day of 24 hours (Q20).
pub const DAY: i64 = 86_400_000_000;

/// What a certificate is used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// The TLS certificate of a gateway or web server.
    GatewayTls,
    /// Shown by a client to prove who it is.
    Client,
    /// Signs SAML messages.
    SamlSigning,
    /// SAML messages are encrypted to it.
    SamlEncryption,
    /// Protects a data feed.
    DataFeed,
    /// Anything else.
    #[default]
    Other,
}

impl Use {
    /// Every use, in the order of the command line's help.
    pub const ALL: [Self; 6] = [
        Self::GatewayTls,
        Self::Client,
        Self::SamlSigning,
        Self::SamlEncryption,
        Self::DataFeed,
        Self::Other,
    ];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::GatewayTls => "gateway-tls",
            Self::Client => "client",
            Self::SamlSigning => "saml-signing",
            Self::SamlEncryption => "saml-encryption",
            Self::DataFeed => "data-feed",
            Self::Other => "other",
        }
    }

    /// The use behind a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

/// Where a certificate was learned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Someone handed in a file.
    Upload,
    /// It was served at this host and port.
    Probe(String),
    /// The gateway's own listener shows it (CE8).
    Listener,
}

impl Source {
    /// For people.
    pub fn text(&self) -> String {
        match self {
            Self::Upload => "upload".to_owned(),
            Self::Probe(at) => format!("probe {at}"),
            Self::Listener => "listener".to_owned(),
        }
    }
}

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Whose it is, as text.
    pub subject: String,
    /// Who signed it, as text.
    pub issuer: String,
    /// Its number at the issuer, in hexadecimal.
    pub serial: String,
    /// The host names it is good for.
    pub names: Vec<String>,
    /// From when on it holds.
    pub not_before: Moment,
    /// Until when it holds.
    pub not_after: Moment,
    /// SHA-256 of its DER, in hexadecimal.
    pub fingerprint: String,
    /// Whether it may sign others.
    pub authority: bool,
}

impl Facts {
    /// How long it holds from beginning to end, in microseconds; never negative.
    pub fn lifetime(&self) -> i64 {
        self.not_after.0.saturating_sub(self.not_before.0).max(0)
    }
}

/// A certificate of the register. It serves as the body of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Its record.
    pub id: Id,
    /// Number of the organization it belongs to; 0 is the network.
    pub organization: u32,
    /// What it is used for.
    #[serde(rename = "use")]
    pub usage: Use,
    /// The address of the Application Owner; empty when that person is gone (CE6).
    pub owner: String,
    /// Who stands in, and whoever else wants to know.
    pub extra: Vec<String>,
    /// How this organization renews it, in its own words (D6).
    pub process: String,
    /// Where it is used and who is affected, in plain words.
    pub place: String,
    /// Where it was learned from.
    pub source: Source,
    /// What it says of itself.
    pub facts: Facts,
    /// The rest of its chain, as subject and end.
    pub chain: Vec<(String, Moment)>,
    /// When it came into the register.
    pub registered: Moment,
    /// Its successor (CE5).
    pub replaced_by: Option<Id>,
}

/// How a certificate stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It holds and has time.
    Valid,
    /// It holds and ends within [`EXPIRING_DAYS`].
    Expiring,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// A successor is in the register.
    Replaced,
    /// It ends before it begins: nobody can say when it holds.
    Unreadable,
}

impl State {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::Replaced => "replaced",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Certificate {
    /// How it stands at `now`.
    pub fn state(&self, now: Moment) -> State {
        let facts = &self.facts;
        let left = facts.not_after.0.saturating_sub(now.0);
        match () {
            () if self.replaced_by.is_some() => State::Replaced,
            () if facts.not_after <= facts.not_before => State::Unreadable,
            () if left <= 0 => State::Expired,
            () if now < facts.not_before => State::NotYetValid,
            () if left <= EXPIRING_DAYS * DAY => State::Expiring,
            () => State::Valid,
        }
    }

    /// Whole days until it ends, rounded down: negative when it has ended.
    pub fn days_left(&self, now: Moment) -> i64 {
        self.facts.not_after.0.saturating_sub(now.0).div_euclid(DAY)
    }

    /// Who gets the letters: the owner, or in their absence the help desk, and the rest; each
    /// address once. The second is whether the owner is missing (CE6).
    pub fn recipients(&self, help_desk: &str) -> (Vec<String>, bool) {
        let gone = self.owner.is_empty();
        let first = if gone { help_desk } else { &self.owner };
        let mut all: Vec<String> = Vec::new();
        for address in std::iter::once(first).chain(self.extra.iter().map(String::as_str)) {
            if !address.is_empty() && !all.iter().any(|one| one.eq_ignore_ascii_case(address)) {
                all.push(address.to_owned());
            }
        }
        (all, gone)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A certificate that was registered when it began.
    pub(in crate::domain::duty) fn made(begins: i64, days: i64) -> Certificate {
        let not_before = Moment(begins);
        Certificate {
            id: Id([1; 16]),
            organization: 1,
            usage: Use::DataFeed,
            owner: "owner@northvale.example".into(),
            extra: Vec::new(),
            process: String::new(),
            place: String::new(),
            source: Source::Upload,
            facts: Facts {
                subject: "CN=feed.northvale.example".into(),
                issuer: "CN=Example CA".into(),
                serial: "01".into(),
                names: Vec::new(),
                not_before,
                not_after: Moment(begins.saturating_add(days.saturating_mul(DAY))),
                fingerprint: "00".into(),
                authority: false,
            },
            chain: Vec::new(),
            registered: not_before,
            replaced_by: None,
        }
    }

    #[test]
    fn ce2_each_state_has_its_time() {
        let one = made(1_000 * DAY, 365);
        let state = |day: i64| one.state(Moment(day * DAY));
        assert_eq!(state(999), State::NotYetValid);
        assert_eq!(state(1_000), State::Valid);
        assert_eq!(state(1_274), State::Valid);
        assert_eq!(state(1_275), State::Expiring);
        assert_eq!(state(1_364), State::Expiring);
        assert_eq!(state(1_365), State::Expired);
        let replaced = Certificate { replaced_by: Some(Id([2; 16])), ..one.clone() };
        assert_eq!(replaced.state(Moment(1_275 * DAY)), State::Replaced);
        assert_eq!(made(0, -1).state(Moment(0)), State::Unreadable);
        assert_eq!(one.days_left(Moment(1_365 * DAY + 1)), -1);
    }

    #[test]
    fn ce6_without_an_owner_the_help_desk_gets_it() {
        let mut one = made(0, 365);
        one.extra = vec!["OWNER@northvale.example".into(), "second@northvale.example".into()];
        let (all, gone) = one.recipients("desk@network.example");
        assert_eq!(all, ["owner@northvale.example", "second@northvale.example"]);
        assert!(!gone);
        one.owner.clear();
        one.extra.clear();
        assert_eq!(
            one.recipients("desk@network.example"),
            (vec!["desk@network.example".into()], true)
        );
        assert_eq!(one.recipients(""), (Vec::new(), true));
    }

    #[test]
    fn a_use_goes_by_its_word() {
        for one in Use::ALL {
            assert_eq!(Use::of(one.word()), Some(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.word());
        }
    }
}
