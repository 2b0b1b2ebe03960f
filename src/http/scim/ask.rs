//! What a request asks beside its body: attributes, instant, version.

use std::borrow::Cow;

use crate::base::clock::Moment;
use crate::http::query;
use crate::http::scim::Knock;
use crate::http::scim::tags;
use crate::scim::error::ScimType;
use crate::scim::project::Projection;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Kind;

/// The pairs of the query of a request; 400 when it cannot be decoded.
pub fn pairs<'a>(knock: &Knock<'a>) -> Result<Vec<(Cow<'a, str>, Cow<'a, str>)>, Error> {
    let raw = knock.head.uri.query().unwrap_or_default();
    query::pairs(raw).ok_or_else(|| {
        refuse("The query cannot be decoded. Percent-encode it as UTF-8, every `%` as `%25`.")
    })
}

/// What is asked about one resource: `attributes`, `excludedAttributes`, `asOf`, and the
/// version header fields.
pub fn one(knock: &Knock<'_>) -> Result<Asked, Error> {
    let pairs = match knock.head.uri.query() {
        Some(_) => pairs(knock)?,
        None => Vec::new(),
    };
    let value = |wanted: &str| {
        let found = pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_ref())
    };
    Ok(Asked {
        view: view(value("attributes"), value("excludedAttributes"))?,
        precondition: tags::precondition(&knock.head.headers)?,
        new_id: None,
        tolerance: knock.caller.tolerance(),
        at: value("asOf").map(instant).transpose()?,
    })
}

fn view(attributes: Option<&str>, excluded: Option<&str>) -> Result<Projection, Error> {
    if attributes.is_none() && excluded.is_none() {
        return Ok(Projection::default());
    }
    Ok(Projection::parse(attributes, excluded)?)
}

fn instant(text: &str) -> Result<Moment, Error> {
    text.parse().map_err(|_| {
        refuse("`asOf` is no RFC 3339 date and time with an offset, such as ...T12:00:00Z.")
    })
}

fn refuse(said: &str) -> Error {
    Error::new(Kind::Scim(ScimType::InvalidValue), said)
}
