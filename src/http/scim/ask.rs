//! What a request asks beside its body: attributes, instant, version.

use crate::base::clock::Moment;
use crate::http::query;
use crate::http::scim::Knock;
use crate::http::scim::tags;
use crate::scim::error::ScimType;
use crate::scim::project::Projection;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Kind;

/// What is asked about one resource: `attributes`, `excludedAttributes`, `asOf`, and the
/// version header fields.
pub fn one(knock: &Knock<'_>) -> Result<Asked, Error> {
    let raw = knock.head.uri.query().unwrap_or_default();
    let pairs = query::pairs(raw).ok_or_else(|| {
        refuse("The query cannot be decoded. Percent-encode it as UTF-8, every `%` as `%25`.")
    })?;
    let values = |wanted: &str| -> Vec<&str> {
        let named = pairs.iter().filter(|(name, _)| name == wanted);
        named.map(|(_, value)| value.as_ref()).collect()
    };
    Ok(Asked {
        view: view(&values("attributes"), &values("excludedAttributes"))?,
        precondition: tags::precondition(&knock.head.headers)?,
        new_id: None,
        tolerance: knock.caller.tolerance(),
        at: values("asOf").first().map(|text| instant(text)).transpose()?,
    })
}

fn view(attributes: &[&str], excluded: &[&str]) -> Result<Projection, Error> {
    if attributes.is_empty() && excluded.is_empty() {
        return Ok(Projection::default());
    }
    Ok(Projection::new(attributes, excluded)?)
}

fn instant(text: &str) -> Result<Moment, Error> {
    text.parse().map_err(|_| {
        refuse("`asOf` is no RFC 3339 date and time with an offset, such as ...T12:00:00Z.")
    })
}

fn refuse(said: &str) -> Error {
    Error::new(Kind::Scim(ScimType::InvalidValue), said)
}
