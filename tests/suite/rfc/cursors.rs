//! Pages by cursor (RFC 9865).

use std::time::Duration;

use serde_json::json;

use super::people::People;
use crate::world::Reply;

fn next(reply: &Reply) -> String {
    reply.body["nextCursor"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
}

/// The first page of one.
async fn first(people: &People, rest: &str) -> Reply {
    people.client.get(&format!("/Users?cursor&count=1{rest}")).await.expect(200)
}

#[tokio::test]
async fn rfc_cur01_cur15_cur16_cur22_what_is_announced() {
    let people = People::new().await;
    let told = people.client.get("/ServiceProviderConfig").await.expect(200);
    let paging = &told.body["pagination"];
    assert_eq!((&paging["cursor"], &paging["index"]), (&json!(true), &json!(true)));
    assert_eq!(paging["defaultPaginationMethod"], "index");
    for name in ["defaultPageSize", "maxPageSize", "cursorTimeout"] {
        assert!(paging[name].as_u64().unwrap() > 0, "{name}");
    }
    // The default is the index: no cursor comes unasked.
    let page = people.client.get("/Users?count=1").await.expect(200);
    assert_eq!(page.body["startIndex"], 1);
    assert!(page.body.get("nextCursor").is_none());
}

#[tokio::test]
async fn rfc_cur02_cur03_cur04_cur05_cur06_cur07_cur09_cur10_cur18_a_walk() {
    let people = People::new().await;
    let mut place = String::new();
    let mut seen = Vec::new();
    for turn in 1..=3 {
        let page = people.client.get(&format!("/Users?cursor={place}&count=1")).await.expect(200);
        assert_eq!(page.body["totalResults"], 3);
        assert_eq!(page.body["itemsPerPage"], 1);
        // previousCursor is optional, and not offered.
        assert!(page.body.get("previousCursor").is_none());
        seen.extend(people.names(&page));
        assert_eq!(page.body.get("nextCursor").is_some(), turn < 3);
        if turn < 3 {
            place = next(&page);
            let fits = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
            assert!(!place.is_empty() && place.chars().all(fits), "{place}");
        }
    }
    assert_eq!(seen, ["ben", "anne", "cara"]);
    let bare = people.client.get("/Users?cursor=&count=2").await.expect(200);
    assert_eq!(people.names(&bare), ["ben", "anne"]);
}

#[tokio::test]
async fn rfc_cur08_count_zero_and_below_tell_the_total_only() {
    let people = People::new().await;
    for count in ["0", "-1"] {
        let page = people.client.get(&format!("/Users?cursor=&count={count}")).await.expect(200);
        assert_eq!(page.body["totalResults"], 3);
        assert!(page.body.get("Resources").is_none());
    }
}

#[tokio::test]
async fn rfc_cur11_cur21_idp79_a_cursor_that_was_touched_is_refused() {
    let people = People::new().await;
    let good = next(&first(&people, "").await);
    for bad in ["nonsense", "%00", "AAAA", &good[1..], &good[..good.len() - 1]] {
        let path = format!("/Users?cursor={bad}&count=1");
        people.client.get(&path).await.refused(400, "invalidCursor");
    }
    let path = format!("/Users?cursor={good}&startIndex=1");
    people.client.get(&path).await.refused(400, "invalidValue");
    let page = people.client.get(&format!("/Users?cursor={good}&count=1")).await;
    assert_eq!(people.names(&page), ["anne"]);
}

#[tokio::test]
async fn pag03_no_other_cursor_than_our_own_for_this_caller_and_query_is_taken() {
    let people = People::new().await;
    let good = next(&first(&people, "").await);
    let (other, _) = people.world.other_organization(2).await;
    for at in 0..good.len() {
        let flipped = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
        let mut bad = good.clone();
        bad.replace_range(at..=at, flipped);
        let path = format!("/Users?cursor={bad}&count=1");
        people.client.get(&path).await.refused(400, "invalidCursor");
    }
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "cursor": "A".repeat(64 * 1_024)
    });
    people.client.post("/Users/.search", &body).await.refused(400, "invalidCursor");
    let path = format!("/Users?cursor={good}&count=1");
    other.get(&path).await.refused(400, "invalidCursor");
    people.client.get(&format!("{path}&filter=id%20pr")).await.refused(400, "invalidCursor");
    people.client.get(&path).await.expect(200);
    people.world.clock.advance(people.world.ports.settings.cursor_life);
    people.client.get(&path).await.refused(400, "expiredCursor");
}

#[tokio::test]
async fn rfc_cur12_an_old_cursor_has_expired() {
    let people = People::new().await;
    let place = next(&first(&people, "").await);
    let path = format!("/Users?cursor={place}&count=1");
    let life = people.world.ports.settings.cursor_life;
    people.world.clock.advance(life - Duration::from_secs(1));
    people.client.get(&path).await.expect(200);
    people.world.clock.advance(Duration::from_secs(1));
    people.client.get(&path).await.refused(400, "expiredCursor");
}

/// CUR-13 lets a server refuse another `count` with `invalidCount`; we serve it.
#[tokio::test]
async fn rfc_cur13_another_count_is_served() {
    let people = People::new().await;
    let place = next(&first(&people, "").await);
    let page = people.client.get(&format!("/Users?cursor={place}&count=2")).await;
    assert_eq!(people.names(&page), ["anne", "cara"]);
    assert!(page.body.get("nextCursor").is_none());
}

#[tokio::test]
async fn rfc_cur14_sorting_holds_across_pages() {
    let people = People::new().await;
    for (order, expected) in
        [("", ["anne", "ben", "cara"]), ("&sortOrder=descending", ["cara", "ben", "anne"])]
    {
        for sort in ["userName", "displayName"] {
            let pages = one_by_one(&people, &format!("&sortBy={sort}{order}")).await;
            let seen: Vec<_> = pages.iter().flat_map(|page| people.names(page)).collect();
            assert_eq!(seen, expected, "{sort}{order}");
        }
    }
}

async fn one_by_one(people: &People, rest: &str) -> Vec<Reply> {
    let mut pages = vec![first(people, rest).await];
    while let Some(page) = pages.last().filter(|page| page.body.get("nextCursor").is_some()) {
        let path = format!("/Users?cursor={}&count=1{rest}", next(page));
        pages.push(people.client.get(&path).await.expect(200));
    }
    pages
}

#[tokio::test]
async fn rfc_cur17_cursors_work_in_a_search() {
    let people = People::new().await;
    let ask = |cursor: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "cursor": cursor, "count": 2
        })
    };
    let page = people.client.post("/Users/.search", &ask("")).await.expect(200);
    assert_eq!(people.names(&page), ["ben", "anne"]);
    let page = people.client.post("/Users/.search", &ask(&next(&page))).await.expect(200);
    assert_eq!(people.names(&page), ["cara"]);
    assert!(page.body.get("nextCursor").is_none());
}

#[tokio::test]
async fn rfc_cur19_cur20_a_cursor_gives_nobody_access() {
    let people = People::new().await;
    let place = next(&first(&people, "").await);
    let path = format!("/Users?cursor={place}&count=1");
    let nonsense = people.client.get("/Users?cursor=nonsense&count=1").await;
    let (other, _) = people.world.other_organization(2).await;
    let (sibling, _) = people.world.other_connection(1).await;
    for client in [&other, &sibling, &people.world.admin()] {
        let reply = client.get(&path).await.refused(400, "invalidCursor");
        assert_eq!(reply.text, nonsense.text);
    }
    people.world.caller(None).get(&path).await.expect(401);
}

#[tokio::test]
async fn rfc_cur23_a_cursor_belongs_to_its_query() {
    let people = People::new().await;
    let place = next(&first(&people, "&filter=userName%20pr").await);
    for path in [
        format!("/Users?cursor={place}&count=1"),
        format!("/Users?cursor={place}&count=1&filter=title%20pr"),
        format!("/Users?cursor={place}&count=1&filter=userName%20pr&sortBy=userName"),
        format!("/Groups?cursor={place}&count=1"),
        format!("/?cursor={place}&count=1&filter=userName%20pr"),
    ] {
        people.client.get(&path).await.refused(400, "invalidCursor");
    }
    let path = format!("/Users?cursor={place}&count=1&filter=userName%20pr");
    assert_eq!(people.names(&people.client.get(&path).await), ["anne"]);
}

#[tokio::test]
async fn rfc_cur24_a_lost_permission_ends_the_walk() {
    let people = People::new().await;
    let place = next(&first(&people, "").await);
    people.world.set("permissions=groups").await;
    people.client.get(&format!("/Users?cursor={place}&count=1")).await.expect(403);
}
