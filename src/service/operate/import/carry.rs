//! One errand, carried out by the use case that it is for.

use serde_json::Value;

use crate::base::clock::Moment;
use crate::scim::filter::operand;
use crate::service::Asked;
use crate::service::Error;
use crate::service::Work;
use crate::service::import::Deed;
use crate::service::import::Errand;
use crate::service::people;
use crate::service::people::Recalled;
use crate::service::provision;
use crate::service::provision::Order;

/// Carries an errand out. What it takes from people was weighed before, or will be.
pub(super) async fn carry_out(work: Work<'_>, errand: Errand) -> Result<(), Error> {
    let deed = match errand.deed {
        Deed::Create => provision::Deed::Create,
        Deed::Modify => provision::Deed::Modify,
        Deed::Remove => provision::Deed::Remove,
        Deed::Recall => return people::recall(work, errand.id, recalled(&errand.body)).await,
    };
    let model = work.ports.models.of_kind(errand.kind).ok_or_else(Error::not_found)?;
    let creates = errand.deed == Deed::Create;
    let asked = Asked {
        new_id: creates.then_some(errand.id),
        tolerance: work.caller.tolerance(),
        // Under a veil the brake only counts.
        weighed: !work.ports.windows.is_open(),
        ..Asked::default()
    };
    let id = if creates { String::new() } else { errand.id.to_string() };
    let order = Order { deed, kind: model.rt.clone(), id, document: errand.body, asked };
    order.run(work).await.map(drop)
}

fn recalled(body: &Value) -> Recalled {
    let moment = |name: &str| -> Option<Moment> {
        body.get(name).and_then(Value::as_str).and_then(operand::moment)
    };
    Recalled { activated: moment("activatedAt"), last_access: moment("lastAccess") }
}
