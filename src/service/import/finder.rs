//! Finds records by what people call them.

use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::admin::Scope;
use crate::domain::place::organization;
use crate::domain::record::Field;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::domain::record::Record;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::import::Row;
use crate::service::wire::model::Model;
use crate::store;
use crate::store::change::Key;
use crate::store::change::Unique;
use crate::store::select::Condition;
use crate::store::select::Select;

/// Why a row came to nothing.
#[derive(Debug)]
pub enum Stop {
    /// The row is wrong: in which column, and a sentence.
    Row(Option<&'static str>, String),
    /// We could not even look.
    Fault(Error),
}

impl Stop {
    /// The row is wrong in `column`.
    pub(super) fn at(column: &'static str, said: impl Into<String>) -> Self {
        Self::Row(Some(column), said.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error.kind {
            ErrorKind::Internal | ErrorKind::Busy => Self::Fault(error),
            _ => Self::Row(None, error.said),
        }
    }
}

impl From<crate::store::Fault> for Stop {
    fn from(fault: crate::store::Fault) -> Self {
        Self::Fault(fault.into())
    }
}

/// Finds records by what people call them.
#[derive(Clone, Copy)]
pub struct Finder<'a> {
    /// Where to look.
    pub work: Work<'a>,
    /// The organization of rows that name none.
    pub organization: Option<u32>,
}

impl Finder<'_> {
    /// The number and the record of the organization that a row names in `column`, or else the
    /// one of the command.
    pub(super) fn organization_of(
        &self,
        row: &Row,
        column: &'static str,
    ) -> Result<(u32, Id), Stop> {
        match row.text(column) {
            Some(code) => self.organization(column, code),
            None => {
                let number = self.organization.ok_or_else(|| {
                    Stop::at(column, "name the organization (ORG####) here, or with --organization")
                })?;
                self.numbered(number).ok_or_else(|| {
                    Stop::at(column, "the organization of --organization does not exist")
                })
            }
        }
    }

    /// The organization behind `ORG####`.
    pub(super) fn organization(&self, column: &'static str, code: &str) -> Result<(u32, Id), Stop> {
        let found = organization::number(code).and_then(|number| self.numbered(number));
        found.ok_or_else(|| {
            Stop::at(column, "no such organization; write ORG and four digits of one that exists")
        })
    }

    fn numbered(&self, number: u32) -> Option<(u32, Id)> {
        let id = self.work.ports.registry.snapshot().organization(number)?;
        Some((number, id))
    }

    /// The site that a row names: by its code, after `ORG####/` where the organization is not
    /// that of the row.
    pub(super) async fn site(
        &self,
        column: &'static str,
        text: &str,
        row: (&Row, &'static str),
    ) -> Result<Record, Stop> {
        let (number, code) = match text.split_once('/') {
            Some((organization, code)) => (self.organization(column, organization)?.0, code),
            None => (self.organization_of(row.0, row.1)?.0, text),
        };
        let found = self.unique(Kind::SITE, "siteCode", code, home(number)).await?;
        found.ok_or_else(|| Stop::at(column, "no such site; write its code, or ORG####/CODE"))
    }

    /// The person of an organization with a user name.
    pub(super) async fn person(
        &self,
        column: &'static str,
        name: &str,
        organization: u32,
    ) -> Result<Record, Stop> {
        let found = self.unique(Kind::USER, "userName", name, home(organization)).await?;
        found.ok_or_else(|| {
            Stop::at(column, "nobody of the organization has this user name, or not any more")
        })
    }

    /// The record with a unique value.
    pub(super) async fn unique(
        &self,
        kind: Kind,
        name: &str,
        text: &str,
        partition: Partition,
    ) -> Result<Option<Record>, Stop> {
        let model = self.model(kind)?;
        let field = model.field(None, name, None).ok_or_else(Error::not_found)?;
        let Some(value) = field.form.bytes(&Value::String(text.to_owned())) else {
            return Ok(None);
        };
        // Names of groups are unique where nobody says otherwise.
        let unique = if kind == Kind::GROUP { Unique::Partition } else { field.unique };
        let Some(within) = unique.within(partition) else { return Ok(None) };
        let key = Key { within, kind, field: field.field, value };
        match self.work.ports.store.find(key).await? {
            Some(id) => Ok(self.work.ports.store.get(id, None).await?),
            None => Ok(None),
        }
    }

    /// Every record of `partition` whose attributes have these values.
    pub(super) async fn all(
        &self,
        kind: Kind,
        wanted: &[(&str, Option<&str>, &str)],
        partition: Partition,
    ) -> Result<Vec<Record>, Stop> {
        let model = self.model(kind)?;
        let mut conditions = Vec::new();
        for (name, sub, text) in wanted {
            let field = model.field(None, name, *sub).ok_or_else(Error::not_found)?;
            let Some(value) = field.form.bytes(&Value::String((*text).to_owned())) else {
                return Ok(Vec::new());
            };
            conditions.push(Condition::Is(field.field, value));
        }
        let scope = match partition {
            Partition::NETWORK => Scope::network(),
            home => Scope::of_administrator(vec![home]),
        };
        self.select(scope, kind, Condition::All(conditions)).await
    }

    /// Whether an account with this user name was closed.
    pub(super) async fn was_closed(&self, name: &str, organization: u32) -> Result<bool, Stop> {
        let field = Field::of(Kind::CLOSED, "username");
        let Ok(name) = crate::scim::compare::canon(name) else { return Ok(false) };
        let condition = Condition::Is(field, name.as_bytes().to_vec());
        let scope = Scope::of_administrator(vec![home(organization)]);
        Ok(!self.select(scope, Kind::CLOSED, condition).await?.is_empty())
    }

    async fn select(
        &self,
        scope: Scope,
        kind: Kind,
        condition: Condition,
    ) -> Result<Vec<Record>, Stop> {
        let select = Select::of(scope, vec![kind], condition);
        Ok(store::every(self.work.ports.store.as_ref(), select).await?)
    }

    fn model(&self, kind: Kind) -> Result<&Model, Stop> {
        let model = self.work.ports.models.of_kind(kind).ok_or_else(Error::not_found)?;
        Ok(model)
    }
}

/// What belongs to the organization, and not to a connection.
pub(super) fn home(organization: u32) -> Partition {
    Partition { organization, connection: 0 }
}
