//! Values of the core attributes `roles[]` and `entitlements[]` (2.7, channel 2).

use std::fmt;

use crate::domain::access::grant::held::Grant;
use crate::domain::access::grant::places::Places;
use crate::domain::access::grant::places::Reach;
use crate::domain::access::grant::places::Unresolved;
use crate::domain::place::organization;

/// What a core value says, still in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoreValue {
    /// `ed-normal@ORG5555/ABCC`: a role at a location.
    Role {
        /// Code or display text of the role.
        role: String,
        /// Number of the organization.
        organization: u32,
        /// Code of the site, unless the role is at the organization.
        site: Option<String>,
    },
    /// `service:PCVC`: a service.
    Service {
        /// Code or display text of the service.
        service: String,
    },
}

/// The value follows neither form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The value is neither ROLE@ORG####/SITE nor service:CODE (LE1).")]
pub struct NotCore;

impl CoreValue {
    /// Reads a value.
    pub fn parse(text: &str) -> Result<Self, NotCore> {
        let text = text.trim();
        let plain = |part: &str| {
            let part = part.trim();
            (!part.is_empty() && !part.contains(char::is_control)).then(|| part.to_owned())
        };
        if let Some((role, place)) = text.rsplit_once('@') {
            let (organization, site) = place_of(place).ok_or(NotCore)?;
            return Ok(Self::Role { role: plain(role).ok_or(NotCore)?, organization, site });
        }
        let service = text.split_once(':').filter(|(kind, _)| kind.eq_ignore_ascii_case("service"));
        let service = service.and_then(|(_, code)| plain(code));
        service.map(|service| Self::Service { service }).ok_or(NotCore)
    }

    /// The grant behind the words.
    pub fn grant(&self, places: &Places, reach: Reach<'_>) -> Result<Grant, Unresolved> {
        match self {
            Self::Role { role, organization, site } => {
                let text = place_text(*organization, site.as_deref());
                let place = places.location(&text, reach)?;
                let role = places.role(role, place)?.code.clone();
                Ok(Grant::Assignment { location: place.id, role })
            }
            Self::Service { service } => Ok(Grant::Service { service: places.service(service)? }),
        }
    }
}

impl fmt::Display for CoreValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role { role, organization, site } => {
                write!(f, "{role}@{}", place_text(*organization, site.as_deref()))
            }
            Self::Service { service } => write!(f, "service:{service}"),
        }
    }
}

/// `ORG####` or `ORG####/SITE`.
pub(super) fn place_of(text: &str) -> Option<(u32, Option<String>)> {
    let text = text.trim();
    let Some((code, site)) = text.split_once('/') else {
        return organization::number(text).map(|number| (number, None));
    };
    let site = site.trim();
    let shaped = site.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    let number = organization::number(code.trim()).filter(|_| shaped && !site.is_empty())?;
    Some((number, Some(site.to_owned())))
}

/// What [`place_of`] reads.
pub(super) fn place_text(number: u32, site: Option<&str>) -> String {
    let code = organization::code(number);
    site.map_or_else(|| code.clone(), |site| format!("{code}/{site}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_values_are_read_and_printed() {
        for text in ["ed-normal@ORG5555/ABCC", "ED Normal@ORG0007", "service:PCVC"] {
            assert_eq!(CoreValue::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            CoreValue::parse(" ed-normal @ org5555/ABCC ").unwrap().to_string(),
            "ed-normal@ORG5555/ABCC"
        );
        for bad in ["", "@ORG5555", "a@", "a@ORG1", "a@ORG5555/", "a@ORG5555/A B", "service:"] {
            assert_eq!(CoreValue::parse(bad), Err(NotCore), "{bad}");
        }
        assert_eq!(CoreValue::parse("room:X"), Err(NotCore));
    }
}
