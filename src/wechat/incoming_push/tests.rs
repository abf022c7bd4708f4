//! Pushes that another implementation signed and encrypted (`tests/it/fixtures/wechat_pushes.json`), unchanged and
//! tampered with.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const FIXTURES: &str = include_str!("../../../tests/it/fixtures/wechat_pushes.json");
const WHOM: &str = "owAqB1nqaOYYWl0Ng484G2z5NIwU";

struct Fixtures {
    json: Value,
    now: Timestamp,
}

fn fixtures() -> Fixtures {
    let json: Value = serde_json::from_str(FIXTURES).unwrap();
    let now = json["at"].as_str().unwrap().parse().unwrap();
    Fixtures { json, now }
}

impl Fixtures {
    fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap()
    }

    fn secret(&self, name: &str) -> SecretString {
        SecretString::new(self.text(name).to_owned())
    }

    fn plain(&self) -> PushVerifier {
        PushVerifier::new(self.text("app_id"), self.secret("token"), None).unwrap()
    }

    fn sealed(&self) -> PushVerifier {
        PushVerifier::new(self.text("app_id"), self.secret("token"), Some(&self.secret("key"))).unwrap()
    }

    fn push(&self, name: &str) -> (PushParams, &str) {
        let push = &self.json["pushes"][name];
        let pairs = push["query"].as_str().unwrap().split('&').filter_map(|pair| pair.split_once('='));
        let query: Value = pairs.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        (serde_json::from_value(query).unwrap(), push["body"].as_str().unwrap())
    }

    fn verify(&self, verifier: &PushVerifier, name: &str) -> Result<PushEvent, PushRejection> {
        let (params, body) = self.push(name);
        self.verify_body(verifier, &params, body)
    }

    fn verify_body(
        &self,
        verifier: &PushVerifier,
        params: &PushParams,
        body: &str,
    ) -> Result<PushEvent, PushRejection> {
        verifier.verify(params, body.as_bytes(), self.now).map(|received| received.push)
    }
}

fn erase() -> PushEvent {
    PushEvent::Erase { openid: OpenId::parse(WHOM).unwrap(), at: Timestamp::from_second(1_681_437_590).unwrap() }
}

#[test]
fn each_event_is_read_plain_and_encrypted_as_json_and_as_xml() {
    let fixtures = fixtures();
    for (mode, verifier) in [("plain", fixtures.plain()), ("sealed", fixtures.sealed())] {
        for (name, push) in [
            ("text json", PushEvent::Other),
            ("text xml", PushEvent::Other),
            ("revoke xml", erase()),
            ("cancel json", erase()),
        ] {
            assert_eq!(fixtures.verify(&verifier, &format!("{mode} {name}")), Ok(push), "{mode} {name}");
        }
    }
}

#[test]
fn a_push_signed_without_the_token_is_forged() {
    let fixtures = fixtures();
    let other = PushVerifier::new("wx", SecretString::new("anotherTokenOfNobody".to_owned()), None).unwrap();
    assert_eq!(fixtures.verify(&other, "plain revoke xml"), Err(PushRejection::Forged));
    let (good, body) = fixtures.push("plain revoke xml");
    for signature in ["", "b6c0", "é6c0dd49e4e39706947506a44736f7dfa542882", &good.signature.replace('b', "g")] {
        let params = PushParams { signature: signature.to_owned(), ..good.clone() };
        let outcome = fixtures.verify_body(&fixtures.plain(), &params, body);
        assert_eq!(outcome, Err(PushRejection::Forged), "{signature}");
    }
    let loud = PushParams { signature: good.signature.to_uppercase(), ..good };
    assert!(fixtures.verify_body(&fixtures.plain(), &loud, body).is_ok());
}

#[test]
fn with_a_key_plain_and_tampered_messages_are_rejected() {
    let fixtures = fixtures();
    assert_eq!(fixtures.verify(&fixtures.sealed(), "plain revoke xml"), Err(PushRejection::Forged));
    let (params, body) = fixtures.push("sealed revoke xml");
    let tampered = body.replace("Q3st", "Q3su");
    assert_eq!(fixtures.verify_body(&fixtures.sealed(), &params, &tampered), Err(PushRejection::Forged));
    // The signature of plain mode does not cover the body.
    let (plain, _) = fixtures.push("plain revoke xml");
    let msg_signature = Some(plain.signature.clone());
    let params = PushParams { msg_signature, ..params };
    assert_eq!(fixtures.verify_body(&fixtures.sealed(), &params, body), Err(PushRejection::Forged));
}

#[test]
fn a_push_for_another_app_is_rejected() {
    let fixtures = fixtures();
    assert_eq!(fixtures.verify(&fixtures.sealed(), "sealed for another app"), Err(PushRejection::Forged));
    let (params, body) = fixtures.push("plain revoke xml");
    let body = body.replace("wx0123456789abcdef", "wxfedcba9876543210");
    assert_eq!(fixtures.verify_body(&fixtures.plain(), &params, &body), Err(PushRejection::Forged));
}

#[test]
fn five_minutes_of_clock_difference_are_accepted_in_both_directions() {
    let fixtures = fixtures();
    let (params, body) = fixtures.push("plain text json");
    for (off, fresh) in [(0, true), (300, true), (-300, true), (301, false), (-301, false), (86_400, false)] {
        let now = fixtures.now.checked_add(SignedDuration::from_secs(off)).unwrap();
        let outcome = fixtures.plain().verify(&params, body.as_bytes(), now).map(|received| received.push);
        assert_eq!(outcome, if fresh { Ok(PushEvent::Other) } else { Err(PushRejection::Stale) }, "{off}");
        assert_eq!(fixtures.plain().verify_address(&params, now).is_ok(), fresh, "{off}");
    }
}

#[test]
fn a_signed_body_that_cannot_be_parsed_is_malformed() {
    let fixtures = fixtures();
    let malformed = |outcome: Result<PushEvent, PushRejection>| matches!(outcome, Err(PushRejection::Malformed(_)));
    assert!(malformed(fixtures.verify(&fixtures.sealed(), "sealed garbage")));
    assert!(malformed(fixtures.verify(&fixtures.plain(), "sealed text json")), "no key is set");
    let (params, _) = fixtures.push("plain text json");
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><xml><Event>&a;</Event></xml>";
    let deep = format!("{}{}", "<xml>".repeat(2_000), "</xml>".repeat(2_000));
    let nested = format!("{}{}", "{\"a\":".repeat(2_000), "}".repeat(2_000));
    let nobody = r#"{"Event":"user_authorization_revoke","CreateTime":1}"#;
    let odd = r#"{"Event":"user_authorization_revoke","OpenID":"o n e","CreateTime":1}"#;
    let never = r#"{"Event":"user_authorization_revoke","OpenID":"o1"}"#;
    let invalid = ["", "{", "[]", "<xml>", "<xml><a></b></xml>", "<html><a/></html>", bomb, &deep, &nested];
    let incomplete = [nobody, odd, never, "<xml><Event>&unknown;</Event></xml>"];
    for body in invalid.into_iter().chain(incomplete) {
        assert!(malformed(fixtures.verify_body(&fixtures.plain(), &params, body)), "{body:.60}");
    }
}

#[test]
fn an_erasure_dated_in_the_future_counts_from_now() {
    let fixtures = fixtures();
    let (params, body) = fixtures.push("plain cancel json");
    let body = body.replace("1681437590", "1981437590");
    let outcome = fixtures.verify_body(&fixtures.plain(), &params, &body);
    let Ok(PushEvent::Erase { at, .. }) = outcome else { unreachable!("it is a cancellation") };
    assert_eq!(at, fixtures.now);
}

#[test]
fn malformed_tokens_and_keys_are_rejected_at_startup() {
    let verifier = |token: &str, key: Option<&str>| {
        let key = key.map(|key| SecretString::new(key.to_owned()));
        PushVerifier::new("wx", SecretString::new(token.to_owned()), key.as_ref()).map(|_| ())
    };
    let token = "carnivalPushToken2023";
    assert_eq!(verifier("short", None), Err(PushSetupError::Token));
    assert_eq!(verifier("with spaces in the token", None), Err(PushSetupError::Token));
    assert_eq!(verifier(token, Some("abc")), Err(PushSetupError::Key));
    assert_eq!(verifier(token, Some(&"=".repeat(43))), Err(PushSetupError::Key));
    // Any trailing two bits are accepted.
    assert_eq!(verifier(token, Some(&"Z".repeat(43))), Ok(()));
}

#[test]
fn debug_prints_no_secret_and_no_openid() {
    let fixtures = fixtures();
    let printed = format!("{:?} {:?}", fixtures.sealed(), fixtures.verify(&fixtures.sealed(), "sealed revoke xml"));
    for secret in [fixtures.text("token"), fixtures.text("key"), WHOM] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn no_push_panics_the_parser(body: Vec<u8>, text in "[<>{}&;xml/!\\[\\]\"]{0,64}", sealed in "[A-Za-z0-9+/=]{0,128}") {
        let fixtures = fixtures();
        let (params, _) = fixtures.push("plain text json");
        for body in [body.as_slice(), text.as_bytes()] {
            let _ = fixtures.plain().verify(&params, body, fixtures.now);
        }
        let key = MessageKey::read(fixtures.text("key")).unwrap();
        prop_assert!(key.decrypt(&sealed).is_none());
    }
}
