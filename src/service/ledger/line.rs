//! A line of the ledger: one grant of one person with its sources, a record of its own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Held;
use crate::domain::access::grant::Source;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::domain::record::Relation;
use crate::service::Error;
use crate::service::Ports;
use crate::service::ledger::read;
use crate::service::wire::render;
use crate::store::End;
use crate::store::change::Draft;
use crate::store::change::Entry;
use crate::store::change::Unique;
use crate::store::change::Write;
use crate::store::select::value;

/// What is beside the ledger's own sources: said on the record itself, by hand.
pub const BY_HAND: Source = Source::Attribute { connection: 0 };

/// A line as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its record.
    pub id: Id,
    /// Who holds what, and why.
    pub held: Held,
    /// What it made beside: the record of a delegation.
    pub made: Option<Id>,
    /// It switched the login off, and switches it on when it ends.
    pub switched: bool,
}

#[derive(Serialize, Deserialize)]
struct Body {
    subject: Id,
    grant: Grant,
    sources: BTreeSet<Source>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made: Option<Id>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    switched: bool,
}

/// The lines of a person, by grant.
pub async fn lines(ports: &Ports, person: Id) -> Result<Vec<Line>, Error> {
    let links = read::links(ports, Relation::GRANTED, End::From(person), None).await?;
    let mut found = Vec::with_capacity(links.len());
    for link in links {
        let Some(record) = read::record(ports, Kind::GRANT, link.to, None).await? else { continue };
        found.push(Line::read(&record)?);
    }
    found.sort_by(|one, other| one.held.cmp(&other.held));
    Ok(found)
}

/// The field under which lines are found by what the grant is about: the record that it leads
/// to, or the code of a service, as [`topic`] writes it.
pub fn topic_field() -> Field {
    Field::of(Kind::GRANT, "topic")
}

/// The field under which lines are found by the rules behind them.
pub fn rule_field() -> Field {
    Field::of(Kind::GRANT, "rule")
}

/// What a grant is about, as lines are indexed by it.
pub fn topic(grant: &Grant) -> String {
    match grant {
        Grant::HomeOrganization { organization } => format!("home:{organization}"),
        Grant::Assignment { location, .. } => format!("location:{location}"),
        Grant::DefaultLocation { location } => format!("default:{location}"),
        Grant::Service { service } => format!("service:{service}"),
        Grant::Room { system } => format!("room:{system}"),
        Grant::Delegation { delegator, .. } => format!("delegator:{delegator}"),
        Grant::AccessGroup { group } => format!("group:{group}"),
        Grant::ApplicationRole { role } => format!("application:{role}"),
        Grant::Limit { .. } => "limit".to_owned(),
        Grant::LoginDisabled { .. } => "disabled".to_owned(),
        Grant::Admin { role, .. } => format!("admin:{}", role.value()),
        Grant::Credential { credential } => format!("credential:{credential}"),
        Grant::PartnerSignIn => "partner".to_owned(),
    }
}

impl Line {
    /// Reads a record of the ledger.
    pub fn read(record: &Record) -> Result<Self, Error> {
        let body: Body =
            serde_json::from_slice(&record.body).map_err(|_| render::damaged(record))?;
        let Body { subject, grant, sources, made, switched } = body;
        Ok(Self { id: record.head.id, held: Held { subject, grant, sources }, made, switched })
    }

    /// What is to be written.
    pub(super) fn draft(&self, home: Partition) -> Result<Draft, Error> {
        let Held { subject, grant, sources } = self.held.clone();
        let entry =
            |field, text: &str| Entry { field, value: value::text(text), unique: Unique::No };
        let rules = sources.iter().filter_map(|source| match source {
            Source::Rule { rule, .. } => Some(rule.to_string()),
            _ => None,
        });
        let rules: BTreeSet<String> = rules.collect();
        let mut entries = vec![entry(topic_field(), &topic(&grant))];
        entries.extend(rules.iter().map(|rule| entry(rule_field(), rule)));
        let body = Body { subject, grant, sources, made: self.made, switched: self.switched };
        Ok(Draft {
            id: self.id,
            kind: Kind::GRANT,
            partition: home,
            flags: 0,
            entries,
            body: serde_json::to_vec(&body).map_err(Error::internal)?,
        })
    }

    /// What is kept of it when it ends with an account: what it said, and its record.
    pub fn kept(&self) -> Result<Value, Error> {
        let Held { subject, grant, sources } = self.held.clone();
        let body = Body { subject, grant, sources, made: self.made, switched: self.switched };
        let mut kept = serde_json::to_value(&body).map_err(Error::internal)?;
        if let Some(kept) = kept.as_object_mut() {
            kept.insert("line".into(), Value::String(self.id.to_string()));
        }
        Ok(kept)
    }

    /// Reads what [`Line::kept`] wrote; nothing if it is something else.
    pub fn of_kept(kept: &Value) -> Option<Self> {
        let id = kept.get("line").and_then(Value::as_str).and_then(Id::parse)?;
        let Body { subject, grant, sources, made, switched } =
            serde_json::from_value(kept.clone()).ok()?;
        Some(Self { id, held: Held { subject, grant, sources }, made, switched })
    }

    /// What makes it again for a person of `home`, as it was.
    pub fn revived(&self, home: Partition) -> Result<[Write; 2], Error> {
        let (relation, from) = (Relation::GRANTED, self.held.subject);
        Ok([Write::Revive(self.draft(home)?), Write::Link { relation, from, to: self.id, note: 0 }])
    }

    /// Whether something other than the ledger holds it up too.
    pub(super) fn by_hand(&self) -> bool {
        self.held.sources.contains(&BY_HAND)
    }
}
