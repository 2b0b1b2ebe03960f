//! The roles that we ship: those of the source documents and the vendor's public help (B10).

use crate::domain::access::role::DataScope;
use crate::domain::access::role::Role;
use crate::domain::access::role::Roles;
use crate::domain::access::role::word::Catalogue;
use crate::domain::access::role::word::Fixed;
use crate::domain::place::tree::Rank;

const REGION: &[Rank] = &[Rank::Region];
const DIVISION: &[Rank] = &[Rank::Division];
const HIGH: &[Rank] = &[Rank::Region, Rank::Division];
const FACILITY: &[Rank] = &[Rank::Organization, Rank::Site];
const AREA: &[Rank] = &[Rank::Division, Rank::Organization, Rank::Site];
const ANYWHERE: &[Rank] = &[Rank::Region, Rank::Division, Rank::Organization, Rank::Site];

/// One line of the sample.
struct Line(Fixed, &'static [Rank], DataScope, u16);

const fn named(value: &'static str, display: &'static str) -> Fixed {
    Fixed { value, display, also: &[] }
}

const fn known(value: &'static str, display: &'static str, also: &'static [&'static str]) -> Fixed {
    Fixed { value, display, also }
}

/// Least privilege first.
const LINES: [Line; 11] = [
    Line(named("view-only", "View-Only"), ANYWHERE, DataScope::Full, 10),
    Line(named("public-health-user", "Public Health User"), HIGH, DataScope::Summary, 15),
    Line(named("family-reunification", "Family Reunification"), ANYWHERE, DataScope::Full, 20),
    Line(named("field-ems", "Field EMS"), AREA, DataScope::Full, 30),
    Line(named("dispatch", "Dispatch"), AREA, DataScope::Full, 30),
    Line(named("ed-normal", "ED Normal"), FACILITY, DataScope::Full, 40),
    Line(
        known(
            "public-health-administrator",
            "Public Health Administrator",
            &["Public Health Admin", "public-health-admin"],
        ),
        HIGH,
        DataScope::Summary,
        50,
    ),
    Line(
        known("ems-administrator", "EMS Administrator", &["EMS Admin", "ems-admin"]),
        AREA,
        DataScope::Full,
        60,
    ),
    Line(
        known("ed-administrator", "ED Administrator", &["ED Admin", "ed-admin"]),
        FACILITY,
        DataScope::Full,
        70,
    ),
    Line(
        known(
            "division-administrator",
            "Division Administrator",
            &["Division Admin", "Divisional Administrator", "division-admin"],
        ),
        DIVISION,
        DataScope::Full,
        80,
    ),
    Line(
        known(
            "regional-administrator",
            "Regional Administrator",
            &["Regional Admin", "regional-admin"],
        ),
        REGION,
        DataScope::Full,
        90,
    ),
];

/// The sample catalogue.
pub fn roles() -> Roles {
    let role = |line: &Line| Role {
        word: line.0.into(),
        offered_at: line.1.to_vec(),
        data_scope: line.2,
        privilege: line.3,
    };
    // Lines that were ambiguous would give an empty catalogue; a test holds that they are not.
    Catalogue::new(LINES.iter().map(role).collect()).unwrap_or_else(|_| Catalogue::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b10_the_sample_is_whole() {
        assert_eq!(roles().all().len(), LINES.len());
    }
}
