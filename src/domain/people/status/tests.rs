use super::*;
use crate::base::entropy::Entropy;
use crate::base::entropy::SeededEntropy;

const MONTHS: u16 = USUAL_DORMANT_AFTER_MONTHS;
const WINDOW: Duration = USUAL_UNDO_WINDOW;

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn now() -> Moment {
    at("2026-11-25T12:00:00Z")
}

/// One account of each status at [`now`].
fn samples() -> [(Status, Facts); 5] {
    let active = Facts::activated(at("2026-11-01T00:00:00Z"));
    let dormant = Facts::activated(at("2026-01-01T00:00:00Z"));
    let disabled = Some(at("2026-11-02T00:00:00Z"));
    let closed_at = Some(at("2026-11-25T00:00:00Z"));
    [
        (Status::Active, active),
        (Status::ActiveDisabled, Facts { login_disabled_at: disabled, ..active }),
        (Status::Dormant, dormant),
        (Status::DormantDisabled, Facts { login_disabled_at: disabled, ..dormant }),
        (Status::Deactivated, Facts { closed_at, ..active }),
    ]
}

fn of(facts: Facts) -> Status {
    status(&facts, now(), MONTHS)
}

#[test]
fn us2_every_transition_of_the_table() {
    use Status::{Active, ActiveDisabled, Deactivated, Dormant, DormantDisabled};
    let later = at("2027-11-25T12:00:00Z");
    for (name, facts) in samples() {
        assert_eq!(of(facts), name);
        let step = |changed: Result<Facts, Refusal>| changed.map(of);
        let disabled = step(facts.disabled(now()));
        let enabled = step(facts.enabled());
        let signed_in = step(facts.signed_in(now()));
        let closed = step(facts.closed(now()));
        let undone = step(facts.undone(now(), WINDOW));
        let reinstated = step(facts.reinstated(now()));
        let passed = status(&facts, later, MONTHS);
        let (not, shut, off) =
            (Err(Refusal::NotClosed), Err(Refusal::Closed), Err(Refusal::Disabled));
        let expected = match name {
            Active => {
                (Ok(ActiveDisabled), Ok(Active), Ok(Active), Ok(Deactivated), not, not, Dormant)
            }
            ActiveDisabled => {
                (Ok(ActiveDisabled), Ok(Active), off, Ok(Deactivated), not, not, DormantDisabled)
            }
            Dormant => {
                (Ok(DormantDisabled), Ok(Dormant), Ok(Active), Ok(Deactivated), not, not, Dormant)
            }
            DormantDisabled => {
                (Ok(DormantDisabled), Ok(Dormant), off, Ok(Deactivated), not, not, DormantDisabled)
            }
            Deactivated => (shut, shut, shut, shut, Ok(Active), Ok(ActiveDisabled), Deactivated),
        };
        let found = (disabled, enabled, signed_in, closed, undone, reinstated, passed);
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn us2_every_derived_value_of_the_table() {
    use Deactivation::{Permanent, Temporary};
    let table = [
        (Status::Active, "Active", Some(true), true, true, None, Mark::Plain),
        (
            Status::ActiveDisabled,
            "Active (disabled)",
            Some(false),
            false,
            true,
            Some(Temporary),
            Mark::Tag,
        ),
        (Status::Dormant, "Dormant", Some(true), true, true, None, Mark::Plain),
        (
            Status::DormantDisabled,
            "Dormant (disabled)",
            Some(false),
            false,
            true,
            Some(Temporary),
            Mark::Tag,
        ),
        (
            Status::Deactivated,
            "Deactivated (permanent)",
            None,
            false,
            false,
            Some(Permanent),
            Mark::StruckThrough,
        ),
    ];
    for (status, word, active, signs_in, listed, deactivation, mark) in table {
        assert_eq!(status.to_string(), word);
        assert_eq!(Status::parse(&word.to_uppercase()), Some(status));
        assert_eq!(status.active(), active, "{word}");
        assert_eq!(status.may_sign_in(), signs_in, "{word}");
        assert_eq!(status.in_users_report(), listed, "{word}");
        assert_eq!(status.deactivation(), deactivation, "{word}");
        assert_eq!(status.in_deactivated_report(), deactivation.is_some(), "{word}");
        assert_eq!(status.mark(), mark, "{word}");
        assert!(!status.wakes() || signs_in, "{word}");
    }
    assert_eq!((Temporary.to_string(), Permanent.to_string()).0, "temporary");
    assert_eq!(Permanent.to_string(), "permanent");
}

#[test]
fn us2_months_are_of_the_calendar_and_the_day_is_clamped() {
    let table = [
        ("2025-08-31T10:00:00Z", "2026-02-28T10:00:00Z"),
        ("2027-08-31T10:00:00.000001Z", "2028-02-29T10:00:00.000001Z"),
        ("2026-05-25T12:00:00Z", "2026-11-25T12:00:00Z"),
        ("2026-08-29T23:59:59.999999Z", "2027-02-28T23:59:59.999999Z"),
        ("2025-12-31T00:00:00Z", "2026-06-30T00:00:00Z"),
        // The clocks of Toronto change in between: counted in UTC, nothing moves.
        ("2026-10-15T04:00:00Z", "2027-04-15T04:00:00Z"),
    ];
    for (seen, last) in table {
        let facts = Facts::activated(at(seen));
        assert_eq!(facts.awake_until(MONTHS), Some(at(last)), "{seen}");
        assert_eq!(status(&facts, at(last), MONTHS), Status::Active, "{seen}: at the boundary");
        assert_eq!(status(&facts, at(last).next(), MONTHS), Status::Dormant, "{seen}: after it");
    }
}

#[test]
fn us2_the_latest_of_three_moments_counts_and_without_any_nobody_sleeps() {
    let (old, new) = (at("2020-01-01T00:00:00Z"), at("2026-11-01T00:00:00Z"));
    let asleep = Facts {
        last_access_at: Some(old),
        activated_at: Some(old),
        reinstated_at: Some(old),
        ..Facts::default()
    };
    assert_eq!(of(asleep), Status::Dormant);
    assert_eq!(of(Facts { last_access_at: Some(new), ..asleep }), Status::Active);
    assert_eq!(of(Facts { activated_at: Some(new), ..asleep }), Status::Active);
    assert_eq!(of(Facts { reinstated_at: Some(new), ..asleep }), Status::Active);
    assert_eq!(of(Facts::default()), Status::Active);
    assert_eq!(status(&asleep, now(), 0), Status::Active, "0 months: never dormant");
    let far = Facts::activated(Moment::MAX);
    assert_eq!(status(&far, Moment::MAX, u16::MAX), Status::Active, "no overflow");
}

#[test]
fn us2_status_is_a_function_of_facts_and_time() {
    let chance = SeededEntropy::new(2);
    let mut drawn = [0; 8];
    let base = at("2024-01-01T00:00:00Z").0;
    for _ in 0..2_000 {
        let mut moment = || {
            chance.fill(&mut drawn).unwrap();
            let days = i64::from(u16::from_be_bytes([drawn[0], drawn[1]]) % 1_200);
            (drawn[2] % 3 != 0).then_some(Moment(base + days * 86_400_000_000))
        };
        let facts = Facts {
            closed_at: moment(),
            login_disabled_at: moment(),
            last_access_at: moment(),
            activated_at: moment(),
            reinstated_at: moment(),
        };
        let now = moment().unwrap_or(Moment(base));
        let found = status(&facts, now, MONTHS);
        assert_eq!(found, status(&facts.clone(), now, MONTHS));
        // The oracle of 2.4 works on the text of the moments, which sorts as they do.
        let dormant = facts
            .reference()
            .is_some_and(|reference| now.to_string() > half_a_year_after(&reference.to_string()));
        let word = match (facts.closed_at.is_some(), dormant, facts.login_disabled_at.is_some()) {
            (true, _, _) => "Deactivated (permanent)".to_owned(),
            (false, dormant, disabled) => {
                let first = if dormant { "Dormant" } else { "Active" };
                let tail = if disabled { " (disabled)" } else { "" };
                format!("{first}{tail}")
            }
        };
        assert_eq!(found.word(), word);
        // EX2: a row in one report or both, in both exactly while temporary.
        let both = found.in_users_report() && found.in_deactivated_report();
        assert!(found.in_users_report() || found.in_deactivated_report());
        assert_eq!(both, found.deactivation() == Some(Deactivation::Temporary));
        // An index of references answers the same.
        let limit = dormant_up_to(now, MONTHS).unwrap();
        assert_eq!(dormant, facts.reference().is_some_and(|reference| reference <= limit));
    }
}

/// Six months later by pencil: `2025-08-31T…` becomes `2026-02-28T…`.
fn half_a_year_after(text: &str) -> String {
    let number = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (year, month) = if month > 6 { (year + 1, month - 6) } else { (year, month + 6) };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    format!("{year:04}-{month:02}-{:02}{}", day.min(days), &text[10..])
}

#[test]
fn us6_signing_in_wakes_at_once_and_dormancy_never_blocks() {
    let asleep = Facts::activated(at("2020-01-01T00:00:00Z"));
    assert!(of(asleep).may_sign_in() && of(asleep).wakes());
    assert_eq!(of(asleep.signed_in(now()).unwrap()), Status::Active);
    let off = asleep.disabled(now()).unwrap();
    assert_eq!(off.signed_in(now()), Err(Refusal::Disabled));
    assert_eq!(of(off.enabled().unwrap()), Status::Dormant, "re-enabling does not wake (A9)");
}

#[test]
fn us6_a_reported_sign_in_is_taken_once_and_never_backwards() {
    let (early, late) = (at("2026-11-03T00:00:00Z"), at("2026-11-20T00:00:00Z"));
    let facts = Facts::activated(at("2026-01-01T00:00:00Z"));
    let seen = facts.seen(late, now()).unwrap();
    assert_eq!((seen.facts.last_access_at, seen.although), (Some(late), None));
    assert_eq!(seen.facts.seen(late, now()).unwrap(), seen);
    assert_eq!(seen.facts.seen(early, now()).unwrap(), seen);
    assert_eq!(facts.seen(now().next(), now()), Err(Refusal::Future));
    let off = facts.disabled(early).unwrap();
    let odd = off.seen(late, now()).unwrap();
    assert_eq!((odd.facts, odd.although), (off, Some(Deactivation::Temporary)));
    let closed = facts.closed(early).unwrap();
    let odd = closed.seen(late, now()).unwrap();
    assert_eq!((odd.facts, odd.although), (closed, Some(Deactivation::Permanent)));
    assert_eq!(off.seen(early, now()).unwrap().although, None, "before it was disabled");
}

#[test]
fn us8_undo_within_the_window_restores_the_exact_state() {
    for (name, facts) in samples().into_iter().filter(|(name, _)| *name != Status::Deactivated) {
        let closed = facts.closed(now()).unwrap();
        assert_eq!(of(closed), Status::Deactivated);
        let last = now().after(WINDOW);
        assert_eq!(closed.undone(last, WINDOW), Ok(facts), "{name}");
        assert_eq!(closed.undone(last.next(), WINDOW), Err(Refusal::WindowPassed), "{name}");
        let back = closed.reinstated(last.next()).unwrap();
        assert_eq!(status(&back, last.next(), MONTHS), Status::ActiveDisabled, "{name}");
        assert_eq!(back.last_access_at, facts.last_access_at);
    }
}

#[test]
fn us5_disabling_twice_keeps_the_first_moment() {
    let off = Facts::activated(now()).disabled(now()).unwrap();
    assert_eq!(off.disabled(now().next()), Ok(off));
}
