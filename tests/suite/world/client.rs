//! A client that speaks to the real router and checks what is true of every answer.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::HeaderMap;
use hyper::Request;
use serde_json::Value;
use wardgate::http::gateway::Gateway;

/// A caller.
#[derive(Clone)]
pub struct Client {
    gateway: Arc<Gateway>,
    authorization: Option<String>,
    peer: SocketAddr,
}

/// An answer, read.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// The body as it came.
    pub bytes: Bytes,
    /// The body as JSON; null when it is empty or no JSON.
    pub body: Value,
}

impl Client {
    pub fn new(gateway: Arc<Gateway>, token: Option<&str>) -> Self {
        let authorization = token.map(|token| format!("Bearer {token}"));
        Self { gateway, authorization, peer: SocketAddr::from(([127, 0, 0, 1], 40_000)) }
    }

    /// The same caller from another address.
    pub fn at_address(&self, last: u8) -> Self {
        Self { peer: SocketAddr::from(([127, 0, 0, last], 40_000)), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[], Some(body.to_string())).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send("PUT", path, &[], Some(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.send("PATCH", path, &[], Some(body.to_string())).await
    }

    /// PATCH with these operations.
    pub async fn operations(&self, path: &str, operations: Value) -> Reply {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.patch(path, &serde_json::json!({"schemas": schemas, "Operations": operations})).await
    }

    /// A query with this filter; the text is percent-encoded here.
    pub async fn filter(&self, endpoint: &str, filter: &str) -> Reply {
        self.get(&format!("{endpoint}?filter={}", encode(filter))).await
    }

    /// Any request. Paths are below `/scim/v2` unless they begin with `//` (then one slash is
    /// taken off and the rest is the whole path).
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Reply {
        self.send_bytes(method, path, headers, body.map(String::into_bytes)).await
    }

    /// Any request with any bytes.
    pub async fn send_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Reply {
        let path = match path.strip_prefix("//") {
            Some(whole) => format!("/{whole}"),
            None => format!("/scim/v2{path}"),
        };
        let api = path.starts_with("/api/");
        let mut request = Request::builder().method(method).uri(path);
        let named = |name: &str| headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some(authorization) = self.authorization.as_ref().filter(|_| !named("authorization"))
        {
            request = request.header("authorization", authorization);
        }
        if body.is_some() && !named("content-type") {
            request = request.header("content-type", "application/scim+json");
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let body = Full::new(Bytes::from(body.unwrap_or_default()));
        let answer = Box::pin(self.gateway.handle(request.body(body).unwrap(), self.peer)).await;
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let zip = head.headers.get("content-type").is_some_and(|kind| kind == "application/zip");
        let text = if zip { String::new() } else { String::from_utf8(bytes.to_vec()).unwrap() };
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let (status, headers) = (head.status.as_u16(), head.headers);
        let reply = Reply { status, headers, text, bytes, body };
        match api {
            true => reply.check_api(method),
            false => reply.check_always(method),
        }
        reply
    }
}

impl Reply {
    /// The `id` of the resource in the answer.
    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no id in {self:?}")).to_owned()
    }

    /// The `scimType` of an error, or nothing.
    pub fn scim_type(&self) -> &str {
        self.body["scimType"].as_str().unwrap_or_default()
    }

    /// One header as text, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The resources of a list.
    pub fn resources(&self) -> Vec<Value> {
        self.body["Resources"].as_array().cloned().unwrap_or_default()
    }

    /// Fails unless the status is this one, and shows the answer.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Fails unless it is this SCIM error.
    #[track_caller]
    pub fn refused(self, status: u16, scim_type: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.scim_type(), scim_type, "{}", reply.text);
        reply
    }

    /// What is true of every answer of the administrators' API.
    fn check_api(&self, method: &str) {
        assert_ne!(self.status, 500, "{}", self.text);
        assert_eq!(self.header("cache-control"), "no-store");
        if self.text.is_empty() || method == "HEAD" {
            return;
        }
        let media = self.header("content-type");
        if self.status < 400 {
            let known = ["application/json", "text/csv; charset=utf-8; header=present"];
            assert!(known.contains(&media), "content type {media:?}");
            return;
        }
        assert_eq!(media, "application/problem+json");
        assert_eq!(self.body["type"], "about:blank", "{}", self.text);
        assert_eq!(self.body["status"], self.status, "{}", self.text);
        for name in ["title", "code", "detail"] {
            assert!(!self.body[name].as_str().unwrap_or_default().is_empty(), "{}", self.text);
        }
    }

    /// Fails unless it is this problem of the administrators' API.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.body["code"], code, "{}", reply.text);
        reply
    }

    /// What is true of every answer of the SCIM face.
    fn check_always(&self, method: &str) {
        // Only a story that damages the store may see a 500, which then says what to do.
        let fault = self.status == 500 && !self.text.contains("`wardgate check`");
        assert!(!fault, "{}", self.text);
        assert!(!self.headers.contains_key("server"));
        if self.text.is_empty() || method == "HEAD" {
            return;
        }
        let media = self.header("content-type");
        let json =
            media.starts_with("application/scim+json") || media.starts_with("application/json");
        assert!(json, "content type {media:?}");
        assert!(self.body.is_object(), "{}", self.text);
        assert!(!self.text.contains("\"password\":"), "{}", self.text);
        if self.status >= 400 {
            assert_eq!(self.body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
            assert_eq!(self.body["status"], self.status.to_string());
            assert!(!self.body["detail"].as_str().unwrap_or_default().is_empty(), "{}", self.text);
        } else if self.body.get("meta").is_some_and(|meta| meta.get("version").is_some()) {
            assert_eq!(self.body["meta"]["version"], self.header("etag"), "{}", self.text);
        }
    }
}

/// Percent-encodes everything but unreserved characters.
pub fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
