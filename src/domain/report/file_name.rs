//! Names of export files: the source's patterns, on the organization's own clock (Q10).

use std::fmt;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use jiff::tz::TimeZoneDatabase;

use crate::base::clock::Moment;
use crate::domain::place::organization;
use crate::domain::report::kind::Kind;

/// The zone of an organization that names none.
pub const DEFAULT_ZONE: &str = "America/Toronto";

/// The rules of all zones, built in: a file name depends on no folder of the machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// An organization's time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of an IANA name such as [`DEFAULT_ZONE`]; none if there is no such zone.
    pub fn named(name: &str) -> Option<Self> {
        ZONES.get(name).ok().filter(|zone| !zone.is_unknown()).map(Self)
    }
}

/// The name of an export of the organization with number `number`, taken at `taken`; also for an
/// export as of an earlier instant (A10, A16, A19, A22).
pub fn file_name(kind: Kind, number: u32, taken: Moment, zone: &Zone) -> String {
    let stamp = Stamp { taken, zone };
    match kind {
        Kind::Users => format!("Organization_Users_Report_{stamp}.csv"),
        Kind::DelegatesPcvc => {
            format!("Organization_delegates_per_delegators_report_PCVC_{stamp}.csv")
        }
        Kind::DelegatesEconsult => {
            format!("Organization_delegates_per_delegators_report_ECONSULT_{stamp}.csv")
        }
        Kind::Scheduling => {
            format!("Room_Based_System_Scheduling_{}_{stamp}.csv", organization::code(number))
        }
        Kind::Deactivated => format!("Organization_Deactivated_Users_Report_{stamp}.csv"),
    }
}

/// The folder of an organization in a file of several (Q15).
pub fn folder(number: u32) -> String {
    format!("{}/", organization::code(number))
}

/// `yyyy-mm-dd hh_mm_ss` of 24 hours, local time.
struct Stamp<'a> {
    taken: Moment,
    zone: &'a Zone,
}

impl fmt::Display for Stamp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = Timestamp::from_microsecond(self.taken.0).unwrap_or(Timestamp::MAX);
        let local = instant.to_zoned(self.zone.0.clone()).datetime();
        let (date, time) = (local.date(), local.time());
        write!(f, "{:04}-{:02}-{:02} ", date.year(), date.month(), date.day())?;
        write!(f, "{:02}_{:02}_{:02}", time.hour(), time.minute(), time.second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(kind: Kind, taken: &str, zone: &str) -> String {
        file_name(kind, 5_555, taken.parse().unwrap(), &Zone::named(zone).unwrap())
    }

    #[test]
    fn ex1_file_names_are_those_of_the_source() {
        let at = |kind| named(kind, "2026-01-05T13:07:09.999999Z", DEFAULT_ZONE);
        let wanted = [
            "Organization_Users_Report_2026-01-05 08_07_09.csv",
            "Organization_delegates_per_delegators_report_PCVC_2026-01-05 08_07_09.csv",
            "Organization_delegates_per_delegators_report_ECONSULT_2026-01-05 08_07_09.csv",
            "Room_Based_System_Scheduling_ORG5555_2026-01-05 08_07_09.csv",
            "Organization_Deactivated_Users_Report_2026-01-05 08_07_09.csv",
        ];
        assert_eq!(Kind::ALL.map(at), wanted);
    }

    #[test]
    fn ex1_the_clock_is_the_organizations_own() {
        let at = |taken, zone| {
            let name = named(Kind::Users, taken, zone);
            name["Organization_Users_Report_".len()..].trim_end_matches(".csv").to_owned()
        };
        // Summer, the hour that comes twice, the hour that never comes, midnight, the next day.
        assert_eq!(at("2026-07-01T13:00:00Z", DEFAULT_ZONE), "2026-07-01 09_00_00");
        assert_eq!(at("2026-11-01T05:30:00Z", DEFAULT_ZONE), "2026-11-01 01_30_00");
        assert_eq!(at("2026-11-01T06:30:00Z", DEFAULT_ZONE), "2026-11-01 01_30_00");
        assert_eq!(at("2026-03-08T06:59:59Z", DEFAULT_ZONE), "2026-03-08 01_59_59");
        assert_eq!(at("2026-03-08T07:00:00Z", DEFAULT_ZONE), "2026-03-08 03_00_00");
        assert_eq!(at("2026-01-05T05:00:00Z", DEFAULT_ZONE), "2026-01-05 00_00_00");
        assert_eq!(at("2026-01-05T23:00:00Z", "Asia/Kathmandu"), "2026-01-06 04_45_00");
        assert_eq!(at("2026-01-05T23:00:00Z", "America/St_Johns"), "2026-01-05 19_30_00");
        assert_eq!(at("2026-01-05T23:00:00Z", "UTC"), "2026-01-05 23_00_00");
    }

    #[test]
    fn ex1_numbers_are_padded_to_four_digits() {
        let zone = Zone::named(DEFAULT_ZONE).unwrap();
        for (number, code) in [(1, "ORG0001"), (42, "ORG0042"), (9_999, "ORG9999")] {
            let name = file_name(Kind::Scheduling, number, Moment(0), &zone);
            let wanted = format!("Room_Based_System_Scheduling_{code}_1969-12-31 19_00_00.csv");
            assert_eq!(name, wanted);
            assert_eq!(folder(number), format!("{code}/"));
        }
        assert_eq!(folder(12_345), "ORG12345/");
    }

    #[test]
    fn every_moment_has_a_name_and_no_name_leaves_its_folder() {
        let zone = Zone::named("Pacific/Kiritimati").unwrap();
        for moment in [Moment::MIN, Moment::MAX, Moment(-1), Moment(i64::MIN)] {
            let name = file_name(Kind::Users, 1, moment, &zone);
            assert!(!name.contains(['/', '\\', '"', ':']), "{name}");
        }
        for bad in ["", "Mars/Olympus", "../etc/passwd", "Etc/Unknown", "EST5EDT,M3.2.0,M11.1.0"] {
            assert_eq!(Zone::named(bad), None, "{bad}");
        }
    }
}
