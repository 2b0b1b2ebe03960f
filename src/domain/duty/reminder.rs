//! Which letter about a certificate is due: at most one at a time (CE2 to CE5, Q20).
//!
//! A step is an instant before or after the end. The due step is the last whose instant has
//! passed; wider ones that were missed are not sent after it. A step that was claimed, or any
//! later one, silences it: so a clock that goes back repeats nothing.

use serde::{Deserialize, Serialize};

use crate::base::clock::Moment;
use crate::domain::duty::certificate::Certificate;
use crate::domain::duty::certificate::DAY;
use crate::domain::duty::certificate::State;

/// How long after its instant a letter still counts as being on time: the pass may have been
/// away for a night.
const ON_TIME: i64 = DAY;

/// Before whose end, and how long before, letters go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Days before the end.
    pub days: Vec<u32>,
    /// Whether a letter goes out when the last 24 hours begin.
    pub last_day: bool,
    /// Days after the end.
    pub after: Vec<u32>,
    /// Certificates that hold shorter than this many days are reminded at a half, a third and a
    /// sixth of their lifetime instead of `days`; 0 never.
    pub proportional_below: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { days: vec![90, 60, 30], last_day: true, after: vec![1], proportional_below: 0 }
    }
}

/// One step of a certificate's plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its stable name: `90`, `1/3`, `last-day`, `after-1`.
    pub name: String,
    /// When it is due.
    pub due: Moment,
}

/// A step that somebody has taken on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// The name of the step.
    pub step: String,
    /// When it was due.
    pub due: Moment,
}

/// A letter that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The step.
    pub step: Step,
    /// Whether it goes out more than a day after its instant: the certificate was registered
    /// late, or nobody was there (CE3).
    pub late: bool,
}

impl Policy {
    /// The plan of a certificate, earliest first. Steps that would lie at or before its beginning
    /// are left out (CE4).
    pub fn steps(&self, certificate: &Certificate) -> Vec<Step> {
        let facts = &certificate.facts;
        let (ends, lifetime) = (facts.not_after.0, facts.lifetime());
        let before = |name: String, span: i64| {
            let due = Moment(ends.saturating_sub(span));
            (span < lifetime).then_some(Step { name, due })
        };
        let in_days = |days: &u32| i64::from(*days).saturating_mul(DAY);
        let mut steps: Vec<Step> = Vec::new();
        if lifetime < in_days(&self.proportional_below) {
            let parts = [2_i64, 3, 6];
            steps.extend(parts.iter().filter_map(|part| {
                before(format!("1/{part}"), lifetime.checked_div(*part).unwrap_or(0))
            }));
        } else {
            steps.extend(
                self.days.iter().filter_map(|days| before(days.to_string(), in_days(days))),
            );
        }
        if self.last_day {
            steps.extend(before("last-day".to_owned(), DAY));
        }
        steps.extend(self.after.iter().map(|days| Step {
            name: format!("after-{days}"),
            due: Moment(ends.saturating_add(in_days(days))),
        }));
        steps.sort_by_key(|step| step.due);
        steps.dedup_by_key(|step| step.due);
        steps
    }

    /// The letter that is due at `now`, if any.
    pub fn due(&self, certificate: &Certificate, claimed: &[Claimed], now: Moment) -> Option<Due> {
        if matches!(certificate.state(now), State::Replaced | State::Unreadable) {
            return None;
        }
        let step = self.steps(certificate).into_iter().rfind(|step| step.due <= now)?;
        if claimed.iter().any(|one| one.due >= step.due) {
            return None;
        }
        let since = step.due.max(certificate.registered.min(now));
        let late = certificate.registered > step.due || now.0.saturating_sub(since.0) > ON_TIME;
        Some(Due { step, late })
    }

    /// The next step that is still to come at `now`.
    pub fn next(&self, certificate: &Certificate, now: Moment) -> Option<Step> {
        if matches!(certificate.state(now), State::Replaced | State::Unreadable) {
            return None;
        }
        self.steps(certificate).into_iter().find(|step| step.due > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;
    use crate::domain::duty::certificate::tests::made;
    use proptest::prelude::*;

    const START: i64 = 20_000 * DAY;

    /// What a pass every `hours` sends over the whole life and 40 days more: step and day.
    fn year(policy: &Policy, certificate: &Certificate, hours: i64) -> Vec<(String, i64)> {
        let (mut claimed, mut sent) = (Vec::new(), Vec::new());
        let mut now = certificate.registered.0;
        while now < certificate.facts.not_after.0 + 40 * DAY {
            if let Some(due) = policy.due(certificate, &claimed, Moment(now)) {
                let before = certificate.facts.not_after.0 - now;
                sent.push((due.step.name.clone(), before.div_euclid(DAY)));
                claimed.push(Claimed { step: due.step.name, due: due.step.due });
            }
            now += hours * DAY / 24;
        }
        sent
    }

    fn names(sent: &[(String, i64)]) -> Vec<&str> {
        sent.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn ce2_letters_go_out_90_60_and_30_days_before() {
        let sent = year(&Policy::default(), &made(START, 398), 24);
        let wanted = [("90", 90), ("60", 60), ("30", 30), ("last-day", 1), ("after-1", -1)];
        assert_eq!(sent, wanted.map(|(name, day)| (name.to_owned(), day)));
        let one = made(START, 398);
        let at = |days: i64, more: i64| {
            let now = Moment(one.facts.not_after.0 - days * DAY + more);
            Policy::default().due(&one, &[], now).map(|due| due.step.name)
        };
        assert_eq!(at(90, -1), None);
        assert_eq!(at(90, 0).as_deref(), Some("90"));
    }

    #[test]
    fn ce4_a_threshold_beyond_the_lifetime_is_left_out() {
        let policy = Policy::default();
        let tail = ["last-day", "after-1"];
        for (days, wanted) in [
            (47, vec!["30"]),
            (90, vec!["60", "30"]),
            (100, vec!["90", "60", "30"]),
            (200, vec!["90", "60", "30"]),
            (398, vec!["90", "60", "30"]),
            (1_100, vec!["90", "60", "30"]),
            (30, vec![]),
            (1, vec![]),
        ] {
            let wanted: Vec<&str> = match days {
                1 => vec!["after-1"],
                _ => wanted.into_iter().chain(tail).collect(),
            };
            assert_eq!(names(&year(&policy, &made(START, days), 1)), wanted, "{days} days");
        }
    }

    #[test]
    fn ce4_short_lives_have_a_plan_in_proportion() {
        let policy = Policy { proportional_below: 90, ..Policy::default() };
        let sent = year(&policy, &made(START, 48), 1);
        assert_eq!(names(&sent), ["1/2", "1/3", "1/6", "last-day", "after-1"]);
        assert_eq!(sent.iter().map(|(_, day)| *day).collect::<Vec<_>>(), [24, 16, 8, 1, -1]);
        assert_eq!(
            names(&year(&policy, &made(START, 90), 24)),
            ["60", "30", "last-day", "after-1"]
        );
    }

    #[test]
    fn ce3_a_late_registration_gets_the_tightest_step_alone() {
        let mut one = made(START, 398);
        one.registered = Moment(one.facts.not_after.0 - 45 * DAY);
        let due = Policy::default().due(&one, &[], one.registered).unwrap();
        assert_eq!((due.step.name.as_str(), due.late), ("60", true));
        assert_eq!(names(&year(&Policy::default(), &one, 24)), ["60", "30", "last-day", "after-1"]);
        one.registered = Moment(one.facts.not_after.0 + 50 * DAY);
        let due = Policy::default().due(&one, &[], one.registered).unwrap();
        assert_eq!((due.step.name.as_str(), due.late), ("after-1", true));
    }

    #[test]
    fn ce3_a_letter_is_late_when_nobody_was_there() {
        let one = made(START, 398);
        let at = |days: i64, hours: i64| {
            let now = Moment(one.facts.not_after.0 - days * DAY + hours * DAY / 24);
            Policy::default().due(&one, &[], now).map(|due| (due.step.name, due.late)).unwrap()
        };
        assert_eq!(at(90, 24), ("90".into(), false));
        assert_eq!(at(90, 25), ("90".into(), true));
        assert_eq!(at(20, 0), ("30".into(), true));
    }

    #[test]
    fn ce5_a_replaced_certificate_is_silent() {
        let mut one = made(START, 398);
        one.replaced_by = Some(Id([2; 16]));
        assert_eq!(year(&Policy::default(), &one, 24), []);
        assert_eq!(Policy::default().next(&one, Moment(START)), None);
    }

    #[test]
    fn f10_a_clock_that_goes_back_repeats_nothing() {
        let mut one = made(START, 398);
        one.registered = Moment(one.facts.not_after.0 - 20 * DAY);
        let policy = Policy::default();
        let due = policy.due(&one, &[], one.registered).unwrap();
        assert_eq!(due.step.name, "30");
        let claimed = [Claimed { step: due.step.name, due: due.step.due }];
        for days in 0..380 {
            let now = Moment(one.registered.0 - days * DAY);
            assert_eq!(policy.due(&one, &claimed, now), None, "{days} days back");
        }
    }

    proptest! {
        #[test]
        fn ce1_no_step_is_due_twice_and_none_out_of_order(
            days in 1_i64..1_200, hours in 1_i64..2_000, late in 0_i64..1_200,
        ) {
            let mut one = made(START, days);
            one.registered = Moment(one.registered.0 + late * DAY);
            let sent = year(&Policy::default(), &one, hours);
            let mut once = names(&sent);
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), sent.len());
            prop_assert!(sent.windows(2).all(|pair| pair[0].1 > pair[1].1));
        }

        #[test]
        fn ce2_a_pass_a_day_sends_every_step_within_the_day(days in 2_i64..1_200) {
            let one = made(START, days);
            let wanted: Vec<String> =
                Policy::default().steps(&one).into_iter().map(|step| step.name).collect();
            let sent = year(&Policy::default(), &one, 24);
            prop_assert_eq!(names(&sent), wanted.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
