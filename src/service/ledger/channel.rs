//! Channels beside rules: core `roles` and `entitlements`, and the Compact texts (2.7).

use serde_json::Map;
use serde_json::Value;

use crate::domain::access::grant::Places;
use crate::service::Error;
use crate::service::Work;
use crate::service::ledger::person::Person;

/// Whether a document says anything through these channels.
pub(super) fn speaks(_document: &Map<String, Value>) -> bool {
    false
}

/// Takes over what the channels of a person say.
pub(super) async fn read(
    _work: Work<'_>,
    _person: &mut Person,
    _places: &Places,
) -> Result<(), Error> {
    Ok(())
}
