//! A person whose grants are worked out: as they are, and as they will be.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::base::id::Id;
use crate::domain::access::grant::Grant;
use crate::domain::access::grant::Held;
use crate::domain::access::grant::Source;
use crate::domain::access::ledger::Desired;
use crate::domain::access::ledger::Member;
use crate::domain::access::ledger::Membership;
use crate::domain::access::ledger::difference;
use crate::domain::record::Kind;
use crate::domain::record::Partition;
use crate::service::Error;
use crate::service::Ports;
use crate::service::ledger::crowd::Overlay;
use crate::service::ledger::line;
use crate::service::ledger::line::BY_HAND;
use crate::service::ledger::line::Line;
use crate::service::ledger::read;
use crate::service::ledger::said;
use crate::service::ledger::said::Said;
use crate::service::wire::render;

/// A person.
#[derive(Debug)]
pub(super) struct Person {
    pub id: Id,
    pub home: Partition,
    /// The version that the decision is about; none of somebody new.
    pub version: Option<u64>,
    /// The document before; none of somebody new.
    pub old: Option<Map<String, Value>>,
    /// The document as it will be.
    pub document: Map<String, Value>,
    /// What they hold.
    pub lines: Vec<Line>,
    /// The groups they will be in.
    pub memberships: Vec<Membership>,
    /// What is said on the person.
    pub said: Said,
    /// What channels say now, each with its source; one that says nothing is not in it.
    pub channels: Vec<(Source, BTreeSet<Grant>)>,
    /// What they will hold.
    pub after: Vec<Held>,
    /// Whether that was worked out.
    pub ready: bool,
}

impl Person {
    /// Someone as the store has them; nothing if there is no such person.
    pub(super) async fn load(
        ports: &Ports,
        id: Id,
        overlay: &Overlay,
    ) -> Result<Option<Self>, Error> {
        let Some(record) = read::record(ports, Kind::USER, id, overlay.at).await? else {
            return Ok(None);
        };
        let document = render::document(&record)?;
        let head = record.head;
        let old = Some(document.clone());
        let person = Self::of(ports, (id, head.partition), old, document, overlay).await?;
        Ok(Some(Self { version: Some(head.version), ..person }))
    }

    /// Someone whose document will be `document`, over `old`.
    pub(super) async fn of(
        ports: &Ports,
        (id, home): (Id, Partition),
        old: Option<Map<String, Value>>,
        document: Map<String, Value>,
        overlay: &Overlay,
    ) -> Result<Self, Error> {
        let lines = if old.is_some() { line::lines(ports, id).await? } else { Vec::new() };
        let memberships = match old {
            Some(_) => overlay.memberships(ports, id).await?,
            None => Vec::new(),
        };
        let own = ports.registry.snapshot().organization(home.organization);
        let said = Said::of(&document, old.as_ref(), (&lines, own));
        Ok(Self {
            id,
            home,
            version: None,
            old,
            document,
            lines,
            memberships,
            said,
            channels: Vec::new(),
            after: Vec::new(),
            ready: false,
        })
    }

    /// The person as rules see them.
    pub(super) fn member(&self, ports: &Ports) -> Member {
        let other = |source: &Source| !source.is_rule() && *source != BY_HAND;
        let held = self.current().into_iter().filter(|held| held.sources.iter().any(other));
        let mut outside: Vec<Grant> = held.map(|held| held.grant).collect();
        outside.splice(0..0, self.said.grants());
        Member {
            id: self.id,
            closed: false,
            facts: self.said.facts(ports, &self.document),
            memberships: self.memberships.clone(),
            outside,
        }
    }

    /// What is held before rules are asked: the lines, with what channels say now, and without
    /// the memory of what is no longer said on the person.
    fn current(&self) -> Vec<Held> {
        let mut held: Vec<Held> = self.lines.iter().map(|line| line.held.clone()).collect();
        for one in held.iter_mut().filter(|one| is_of_document(&one.grant)) {
            if !self.said.tells(&one.grant) {
                one.sources.remove(&BY_HAND);
            }
        }
        for (source, wanted) in &self.channels {
            for one in &mut held {
                one.sources.remove(source);
            }
            for grant in wanted {
                match held.iter_mut().find(|one| one.grant == *grant) {
                    Some(one) => drop(one.sources.insert(*source)),
                    None => held.push(Held {
                        subject: self.id,
                        grant: grant.clone(),
                        sources: BTreeSet::from([*source]),
                    }),
                }
            }
        }
        held
    }

    /// Takes over what rules want.
    pub(super) fn take(&mut self, desired: &Desired) {
        let current = self.current();
        let mut after = difference(&current, desired).apply(&current);
        for held in &mut after {
            if self.said.tells(&held.grant) && is_of_document(&held.grant) {
                held.sources.insert(BY_HAND);
            }
        }
        // A line that nothing but the record itself holds up is none of the ledger's.
        after.retain(|held| held.sources.iter().any(|source| *source != BY_HAND));
        self.after = after;
        self.ready = true;
    }

    /// The codes of the services that the person will hold.
    pub(super) fn services(&self) -> BTreeSet<Arc<str>> {
        let given = self.after.iter().filter_map(|held| match &held.grant {
            Grant::Service { service } => Some(Arc::clone(service)),
            _ => None,
        });
        let said = self.said.services.iter().filter_map(|one| said::part(one, "value"));
        given.chain(said.map(Arc::from)).collect()
    }

    /// The codes of the services that the person held.
    pub(super) fn services_before(&self) -> BTreeSet<Arc<str>> {
        self.old.as_ref().map(said::services).unwrap_or_default()
    }
}

/// Whether the grant is shown where there is no room for a source.
fn is_of_document(grant: &Grant) -> bool {
    matches!(
        grant,
        Grant::HomeOrganization { .. }
            | Grant::Credential { .. }
            | Grant::ApplicationRole { .. }
            | Grant::PartnerSignIn
    )
}
