//! Letters at 90, 60 and 30 days: once, in time, and again when they did not arrive.

use super::*;

#[tokio::test]
async fn ce1_ce2_the_owner_is_written_to_90_60_and_30_days_before_the_end() {
    let stage = Stage::new().await;
    let id = stage.add("feed.northvale.example", 100).await;
    assert_eq!(stage.days(110, 6).await, [10, 40, 70, 99, 101]);
    let letters = stage.letters();
    let days = |days: i64| format!("in {days} days");
    assert!(letters[0].subject.contains(&days(90)), "{}", letters[0].subject);
    assert!(letters[1].subject.contains(&days(60)) && letters[2].subject.contains(&days(30)));
    assert!(letters[4].subject.contains("has expired"));
    for letter in &letters {
        assert_eq!(letter.to, ["owner@northvale.example"]);
        assert!(letter.text.contains("ORG0001 Northvale Health"));
        assert!(letter.calendar.as_ref().unwrap().contains("BEGIN:VEVENT"));
    }
    let shown = stage.show(&id).await;
    assert_eq!(shown["letters"].as_array().unwrap().len(), 5);
    assert_eq!(shown["state"], "expired");
    let mut ids: Vec<&str> = letters.iter().map(|letter| letter.message_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5, "each letter has a Message-ID of its own");
}

#[tokio::test]
async fn ce1_two_passes_at_once_send_a_letter_once() {
    let stage = Stage::new().await;
    for at in 0..5 {
        stage.add(&format!("feed{at}.northvale.example"), 80).await;
    }
    let now = stage.clocks.now();
    let passes = (0..4).map(|_| {
        let ports = stage.ports.clone();
        tokio::spawn(async move { certificates::run_once(&ports, now).await.unwrap().sent })
    });
    let mut sent = 0;
    for pass in passes.collect::<Vec<_>>() {
        sent += pass.await.unwrap();
    }
    assert_eq!((sent, stage.letters().len()), (5, 5));
}

#[tokio::test]
async fn ce1_a_crash_between_sending_and_recording_sends_the_same_letter_again() {
    let stage = Stage::new().await;
    let id = stage.add("feed.northvale.example", 80).await;
    stage.mood(Mood::Silent);
    let (ports, now) = (stage.ports.clone(), stage.clocks.now());
    let pass = tokio::spawn(async move { certificates::run_once(&ports, now).await });
    stage.mailbox.asked.notified().await;
    pass.abort();
    assert!(pass.await.unwrap_err().is_cancelled());
    stage.mood(Mood::Takes);
    assert_eq!(stage.pass().await, 0, "the lease still runs");
    stage.clocks.pass(599_000_000);
    assert_eq!(stage.pass().await, 0, "the lease still runs");
    stage.clocks.pass(1_000_000);
    assert_eq!(stage.pass().await, 1);
    let letters = stage.letters();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].message_id, letters[1].message_id);
    stage.clocks.pass(DAY);
    assert_eq!(stage.pass().await, 0);
    let shown = stage.show(&id).await;
    assert_eq!(shown["letters"][0]["progress"], "sent");
    assert_eq!(shown["letters"][0]["attempts"], 2);
}

#[tokio::test]
async fn ce3_a_late_registration_gets_one_letter_marked_late() {
    let stage = Stage::new().await;
    stage.add("feed.northvale.example", 45).await;
    assert_eq!(stage.pass().await, 1);
    assert_eq!(stage.pass().await, 0);
    let letters = stage.letters();
    assert!(letters[0].text.contains("later than planned"), "{}", letters[0].text);
    assert_eq!(stage.days(16, 12).await, [15]);
    assert!(!stage.letters()[1].text.contains("later than planned"));
}

#[tokio::test]
async fn ce3_after_a_long_absence_only_the_tightest_letter_goes_out() {
    let stage = Stage::new().await;
    stage.add("feed.northvale.example", 100).await;
    assert_eq!(stage.pass().await, 0);
    stage.clocks.pass(75 * DAY);
    assert_eq!(stage.pass().await, 1);
    assert_eq!(stage.pass().await, 0);
    let letters = stage.letters();
    assert!(letters[0].subject.contains("in 25 days") && letters[0].text.contains("later than"));
}

#[tokio::test]
async fn ce5_a_successor_ends_the_letters_of_the_old_one_and_begins_its_own() {
    let stage = Stage::new().await;
    let old = stage.add("feed.northvale.example", 80).await;
    stage.mood(Mood::Refuses);
    assert_eq!(stage.pass().await, 0);
    assert_eq!(stage.show(&old).await["letters"][0]["progress"], "failed");
    let new = stage.certificate("feed.northvale.example", 398, 398);
    let cause = tenancy::operator(&stage.ports).unwrap();
    let made = Details::default();
    let new = certificates::replace(&stage.ports, cause, &old, new.as_bytes(), made).await.unwrap();
    assert_eq!(new["owner"], "owner@northvale.example");
    let shown = stage.show(&old).await;
    assert_eq!(shown["state"], "replaced");
    assert_eq!(shown["letters"][0]["progress"], "cancelled");
    stage.mood(Mood::Takes);
    assert_eq!(stage.days(400, 24).await, [308, 338, 368, 397, 399]);
}

#[tokio::test]
async fn ce6_a_certificate_without_an_owner_goes_to_the_help_desk_and_is_an_alert() {
    let stage = Stage::new().await;
    let id = stage.add("feed.northvale.example", 80).await;
    let cause = tenancy::operator(&stage.ports).unwrap();
    let gone = Details { owner: Some(String::new()), ..Details::default() };
    let shown = certificates::set(&stage.ports, cause, &id, gone).await.unwrap();
    assert_eq!(shown["alerts"], serde_json::json!(["no-owner"]));
    assert_eq!(stage.pass().await, 1);
    let letter = &stage.letters()[0];
    assert_eq!(letter.to, ["desk@network.example"]);
    assert!(letter.text.contains("No Application Owner"));
}

#[tokio::test]
async fn ce7_f16_a_letter_that_did_not_leave_is_shown_and_tried_again() {
    let stage = Stage::new().await;
    let id = stage.add("feed.northvale.example", 89).await;
    stage.mood(Mood::Refuses);
    let mut attempts = Vec::new();
    for minute in 0..72 * 60 {
        let passed = certificates::run_once(&stage.ports, stage.clocks.now()).await.unwrap();
        assert_eq!(passed.sent, 0);
        if passed.failed > 0 {
            attempts.push(minute);
        }
        stage.clocks.pass(60_000_000);
    }
    assert_eq!(attempts[..6], [0, 1, 3, 7, 15, 31], "each pause is twice the one before");
    assert!((20..40).contains(&attempts.len()), "{attempts:?}");
    let shown = stage.show(&id).await;
    assert_eq!(shown["letters"][0]["progress"], "failed");
    assert_eq!(shown["letters"][0]["failure"], "the relay is down");
    assert_eq!(shown["alerts"], serde_json::json!(["letter-not-delivered"]));
    let standing = certificates::standing(&stage.ports).await.unwrap();
    assert!(standing.contains(&("letter-not-delivered", 1)) && standing.contains(&("expiring", 1)));
    stage.mood(Mood::Takes);
    stage.clocks.pass(5 * DAY / 24);
    assert_eq!(stage.pass().await, 1);
    assert_eq!(stage.pass().await, 0);
    let shown = stage.show(&id).await;
    assert_eq!(shown["letters"][0]["progress"], "sent");
    assert_eq!(shown["alerts"], serde_json::json!([]));
}

#[tokio::test]
async fn ce7_an_undelivered_letter_gives_way_to_the_next_step() {
    let stage = Stage::new().await;
    let id = stage.add("feed.northvale.example", 61).await;
    stage.mood(Mood::Refuses);
    stage.days(2, 1).await;
    stage.mood(Mood::Takes);
    assert_eq!(stage.days(10, 1).await.len(), 1, "one letter, not one per step");
    let shown = stage.show(&id).await;
    assert_eq!(shown["letters"][0]["progress"], "cancelled");
    assert_eq!(shown["letters"][1]["progress"], "sent");
}

#[tokio::test]
async fn f10_a_clock_that_jumps_sends_nothing_until_it_is_confirmed() {
    for jump in [-DAY / 24, 3_650 * DAY, 6 * 60_000_000] {
        let stage = Stage::new().await;
        stage.add("feed.northvale.example", 90).await;
        stage.add("other.northvale.example", 300).await;
        assert_eq!(stage.pass().await, 1);
        stage.clocks.pass(60_000_000);
        stage.clocks.set_by(jump);
        let held = certificates::run_once(&stage.ports, stage.clocks.now()).await.unwrap();
        assert!(held.held && held.sent == 0, "a jump of {jump}");
        stage.clocks.pass(60_000_000);
        assert_eq!(stage.pass().await, 0, "a jump of {jump}");
        stage.clocks.set_by(-jump);
        stage.pass().await;
        certificates::confirm_clock(&stage.ports);
        assert_eq!(stage.pass().await, 0, "the clock is right again: nothing twice");
    }
}

#[tokio::test]
async fn ce2_a_rehearsal_says_what_is_due_and_changes_nothing() {
    let stage = Stage::new().await;
    let id = stage.add("feed.northvale.example", 55).await;
    for _ in 0..2 {
        let due = certificates::dry_run(&stage.ports).await.unwrap();
        assert_eq!(due.as_array().unwrap().len(), 1);
        assert_eq!((&due[0]["step"], &due[0]["late"]), (&"60".into(), &true.into()));
        assert_eq!(due[0]["recipients"], serde_json::json!(["owner@northvale.example"]));
    }
    assert_eq!(stage.show(&id).await["letters"], serde_json::json!([]));
    assert_eq!(stage.pass().await, 1);
    assert_eq!(certificates::dry_run(&stage.ports).await.unwrap(), serde_json::json!([]));
}
