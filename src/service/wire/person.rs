//! A person's extension: what is stored of it, and what is worked out.

use serde_json::Map;
use serde_json::Value;

use crate::scim::hiding::Part;

/// The extension that the network keeps about people.
pub const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";

/// The organization that the person belongs to.
pub const HOME: &str = "homeOrganization";
/// When the account could first be used.
pub const ACTIVATED: &str = "activatedAt";
/// The last sign-in.
pub const LAST_ACCESS: &str = "lastAccess";
/// When the account was last opened again.
pub const REINSTATED: &str = "reinstatedAt";
/// Since when and why signing in is switched off.
pub const DEACTIVATION: &str = "deactivation";

/// What a person administers, as a part of the type.
pub fn admin_roles() -> Part {
    let container = Some(EXTENSION.to_owned());
    Part::Attribute { container, name: "adminRoles".to_owned(), sub: None }
}

/// What a document says in the extension.
pub fn extension(document: &Map<String, Value>) -> Option<&Map<String, Value>> {
    document.get(EXTENSION)?.as_object()
}

/// Puts the extension last, and in it what every reader needs: see [`EXTENSION`].
pub fn lay_out(document: &mut Map<String, Value>) {
    let Some(mut mine) = document.shift_remove(EXTENSION) else { return };
    if let Some(mine) = mine.as_object_mut() {
        for name in [LAST_ACCESS, ACTIVATED, HOME] {
            if let Some(value) = mine.shift_remove(name) {
                mine.insert(name.into(), value);
            }
        }
    }
    document.insert(EXTENSION.into(), mine);
}
