//! A rule is checked whole before it is saved.

use super::*;
use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::domain::access::level::Limit;
use crate::domain::access::pattern::Matcher;
use crate::domain::access::pattern::Phrase;
use crate::domain::access::role::administrator::AdminRole;

const WRITER: Id = Id([1; 16]);
const OTHER: Id = Id([2; 16]);

fn rule(matcher: Matcher, grants: Vec<Template>) -> Rule {
    Rule {
        id: Id([9; 16]),
        connection: 1,
        organization: 5_555,
        reach: Vec::new(),
        matcher,
        user_filter: None,
        grants,
        priority: 0,
        enabled: true,
        valid_from: None,
        valid_to: None,
        max_affected: None,
        needs_approval: false,
        approved_by: None,
        written_by: WRITER,
    }
}

fn said(rule: &Rule) -> Vec<String> {
    faults(rule).iter().map(ToString::to_string).collect()
}

fn phrase(text: &str) -> Phrase {
    Phrase::parse(text).unwrap()
}

fn contact() -> Template {
    Template::Admin { role: AdminRole::PrimaryContact, scope: Some(phrase("ORG5555")) }
}

#[test]
fn every_fault_of_a_rule_is_said_at_once() {
    let limit = Limit { module: None, privilege: None, privacy: None };
    let grants = vec![
        Template::Service { service: phrase("a{svc}") },
        Template::Rooms { systems: Vec::new() },
        Template::Limit { limit },
        Template::LoginDisabled { reason: " ".to_owned() },
        Template::ApplicationRole { role: String::new() },
        Template::Admin { role: AdminRole::Global, scope: Some(phrase("ORG5555")) },
    ];
    let mut bad = rule(Matcher::Regex("(?<who>.*)".to_owned()), grants);
    bad.valid_from = Some(Moment(2));
    bad.valid_to = Some(Moment(2));
    bad.max_affected = Some(0);
    bad.user_filter = Some(UserFilter(Vec::new()));
    assert_eq!(
        said(&bad),
        [
            "Grant 1: The braces at character 2 name no capture of the rule's pattern.",
            "Grant 2: name at least one room system.",
            "Grant 3: a restriction sets privilege or privacy (AG8).",
            "Grant 4: a reason has between 1 and 512 bytes.",
            "Grant 5: name the application role.",
            "Grant 6: this administrator's role is held at a place, or at none; mend the scope.",
            "A glob or regular expression cannot give administrator's rights (LE6). Match by id \
             or exact name.",
            "A rule that gives administrator's rights needs the approval of a second \
             administrator (LE6).",
            "The rule ends before it begins. Mend validFrom or validTo.",
            "maxAffected is at least 1; switch the rule off instead.",
            "The user filter has no test. Remove it or add one.",
        ]
    );
    let open = rule(Matcher::Regex("a(b".to_owned()), vec![Template::PartnerSignIn]);
    assert_eq!(said(&open), ["The pattern has a mistake at character 2: unclosed group."]);
    assert_eq!(faults(&rule(Matcher::Exact("A".to_owned()), Vec::new())), [RuleFault::Grants]);
    let grants = vec![Template::PartnerSignIn; 33];
    assert_eq!(faults(&rule(Matcher::Exact("A".to_owned()), grants)), [RuleFault::Grants]);
}

#[test]
fn le6_wildcards_never_give_administrators_rights() {
    let manager = Template::ApplicationRole { role: "identityAccountManager".to_owned() };
    for grant in [contact(), manager] {
        for (matcher, wild) in [
            (Matcher::Glob("A*".to_owned()), true),
            (Matcher::Regex("A".to_owned()), true),
            (Matcher::Exact("A".to_owned()), false),
            (Matcher::Id(OTHER), false),
        ] {
            let one = Rule { needs_approval: true, ..rule(matcher, vec![grant.clone()]) };
            assert_eq!(faults(&one).contains(&RuleFault::Wildcard), wild);
            assert_eq!(one.idle(Moment(5)), Some(Idle::Unapproved));
        }
    }
}

#[test]
fn ad6_nobody_approves_their_own_rule() {
    let approval = |by, group| Some(Approval { by, at: Moment(1), group });
    let mut one = rule(Matcher::Exact("A".to_owned()), vec![contact()]);
    one.needs_approval = true;
    one.approved_by = approval(WRITER, Some(OTHER));
    assert_eq!(faults(&one), [RuleFault::OwnApproval]);
    assert_eq!(one.idle(Moment(5)), Some(Idle::Unapproved));
    one.approved_by = approval(OTHER, None);
    assert_eq!(faults(&one), [RuleFault::UnpinnedApproval]);
    assert_eq!(one.idle(Moment(5)), Some(Idle::Unapproved));
    one.approved_by = approval(OTHER, Some(OTHER));
    assert!(faults(&one).is_empty());
    assert_eq!(one.idle(Moment(5)), None);
    assert_eq!(*one.matcher(), Matcher::Id(OTHER));
    let mut plain = rule(Matcher::Glob("A*".to_owned()), vec![Template::PartnerSignIn]);
    plain.needs_approval = true;
    assert_eq!(plain.idle(Moment(5)), Some(Idle::Unapproved));
    plain.approved_by = approval(OTHER, None);
    assert_eq!(plain.idle(Moment(5)), None, "wildcards may be approved for plain grants");
}

#[test]
fn a_rule_survives_its_way_to_the_store() {
    let grants = vec![
        contact(),
        Template::Service { service: phrase("{svc}") },
        Template::Assignment {
            location: phrase("ORG{org}/{{x}}"),
            role: phrase("ED Normal"),
            default: DefaultWish::IfNone,
        },
    ];
    let one = rule(Matcher::Regex("(?<svc>a)(?<org>b)".to_owned()), grants);
    let bytes = postcard::to_stdvec(&one).unwrap();
    assert_eq!(postcard::from_bytes::<Rule>(&bytes).unwrap(), one);
}
