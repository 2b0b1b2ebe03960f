//! The gateway's own certificate registers itself, and its successor takes its place (CE8).

use super::*;

fn der(pem: &str) -> Vec<Vec<u8>> {
    wardgate::domain::duty::read::certificates(pem.as_bytes()).unwrap()
}

#[tokio::test]
async fn ce8_the_listeners_certificate_is_in_the_register_and_reminded_of() {
    let stage = Stage::new().await;
    let first = der(&stage.certificate("gate.network.example", 398, 80));
    let id = certificates::keep_listener(&stage.ports, &first).await.unwrap();
    assert_eq!(certificates::keep_listener(&stage.ports, &first).await.unwrap(), id);
    let shown = stage.show(&id.to_string()).await;
    assert_eq!((&shown["source"], &shown["use"]), (&"listener".into(), &"gateway-tls".into()));
    assert_eq!(shown["organization"], "network");
    assert_eq!(stage.pass().await, 1);
    assert_eq!(stage.letters()[0].to, ["desk@network.example"]);
    let next = der(&stage.certificate("gate.network.example", 398, 398));
    let new = certificates::keep_listener(&stage.ports, &next).await.unwrap();
    let shown = stage.show(&id.to_string()).await;
    assert_eq!(shown["replaced_by"], new.to_string());
    // Back to the old one, as after a roll-back.
    let back = certificates::keep_listener(&stage.ports, &first).await.unwrap();
    assert_eq!(stage.show(&new.to_string()).await["replaced_by"], back.to_string());
    assert_eq!(stage.show(&back.to_string()).await["state"], "expiring");
}
