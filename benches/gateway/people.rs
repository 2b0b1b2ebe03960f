//! Invented people, by number.

use serde_json::Value;
use serde_json::json;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GIVEN: [&str; 8] = ["Ada", "Bo", "Cleo", "Dag", "Edda", "Finn", "Gro", "Hal"];
const FAMILY: [&str; 8] = ["Field", "Marsh", "Heath", "Brook", "Dale", "Moor", "Glen", "Ford"];
const WARDS: [&str; 5] = ["Cardiology", "Oncology", "Paediatrics", "Radiology", "Renal"];

/// The `userName` of person `number` of a family of numbers.
pub fn user_name(family: &str, number: u64) -> String {
    format!("{family}.{number:07}@northvale.example")
}

/// The `externalId` of the same.
pub fn external_id(family: &str, number: u64) -> String {
    format!("{family}-{number:07}")
}

/// A person as a large identity provider sends one: about 1.5 kB once it is stored.
pub fn person(family: &str, number: u64) -> Value {
    let of = |words: &[&'static str], step: u64| {
        let place = (number / step) % (words.len() as u64);
        usize::try_from(place).ok().and_then(|place| words.get(place)).copied().unwrap_or_default()
    };
    let (given, last) = (of(&GIVEN, 1), of(&FAMILY, 8));
    let mail = user_name(family, number);
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": mail,
        "externalId": external_id(family, number),
        "name": {
            "formatted": format!("{given} {last}"), "givenName": given, "familyName": last,
            "middleName": "Quill", "honorificPrefix": "Dr."
        },
        "displayName": format!("{given} {last} {number:07}"),
        "nickName": given,
        "title": "Consultant",
        "userType": "Employee",
        "preferredLanguage": "en-CA",
        "locale": "en-CA",
        "timezone": "America/Edmonton",
        "active": true,
        "emails": [
            {"value": mail, "type": "work", "primary": true},
            {"value": format!("home.{family}.{number:07}@people.example"), "type": "home"}
        ],
        "phoneNumbers": [
            {"value": format!("tel:+1-780-{:07}", number % 10_000_000), "type": "work"},
            {"value": "tel:+1-780-5550100", "type": "fax"}
        ],
        "addresses": [{
            "type": "work", "streetAddress": "100 North Vale Road", "locality": "Northvale",
            "region": "AB", "postalCode": "T0A 0A0", "country": "CA", "primary": true,
            "formatted": "100 North Vale Road\nNorthvale AB T0A 0A0"
        }],
        "roles": [{"value": "clinician", "display": "Clinician", "primary": true}],
        ENTERPRISE: {
            "employeeNumber": format!("{number:07}"),
            "costCenter": "4130",
            "organization": "Northvale Health",
            "division": "Acute care",
            "department": of(&WARDS, 64)
        }
    })
}
