//! What a request asks beside its body: attributes, instant, version.

use crate::http::scim::Knock;
use crate::http::scim::tags;
use crate::scim::error::ScimType;
use crate::scim::list::ItemQuery;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Kind;

/// What is asked about one resource: `attributes`, `excludedAttributes`, `asOf`, and the
/// version header fields.
pub fn one(knock: &Knock<'_>) -> Result<Asked, Error> {
    let query = item(knock)?;
    Ok(Asked {
        view: query.projection,
        precondition: tags::precondition(&knock.head.headers)?,
        new_id: None,
        tolerance: knock.caller.tolerance(),
        weighed: false,
        at: query.at,
    })
}

/// The same about a change, which is made now and at no other time.
pub fn change(knock: &Knock<'_>) -> Result<Asked, Error> {
    now(knock)?;
    one(knock)
}

/// Refuses `asOf` where something is changed: ignored, it would look as if the past had been.
pub fn now(knock: &Knock<'_>) -> Result<(), Error> {
    if item(knock)?.at.is_none() {
        return Ok(());
    }
    let said = "`asOf` is for reading: nothing can be changed in the past. Leave it out.";
    Err(Error::new(Kind::Scim(ScimType::InvalidValue), said))
}

/// The query string, read by the same rules as that of a list.
fn item(knock: &Knock<'_>) -> Result<ItemQuery, Error> {
    Ok(ItemQuery::from_query(knock.head.uri.query().unwrap_or_default())?)
}
