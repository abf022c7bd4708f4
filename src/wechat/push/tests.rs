//! Pushes that another implementation signed and encrypted (`tests/it/fixtures/wechat_pushes.json`), and what becomes of them when somebody meddles.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const FIXTURES: &str = include_str!("../../../tests/it/fixtures/wechat_pushes.json");
const WHOM: &str = "owAqB1nqaOYYWl0Ng484G2z5NIwU";

struct Made {
    fixtures: Value,
    now: Timestamp,
}

fn made() -> Made {
    let fixtures: Value = serde_json::from_str(FIXTURES).unwrap();
    let now = fixtures["at"].as_str().unwrap().parse().unwrap();
    Made { fixtures, now }
}

impl Made {
    fn text(&self, name: &str) -> &str {
        self.fixtures[name].as_str().unwrap()
    }

    fn secret(&self, name: &str) -> Secret {
        Secret::new(self.text(name).to_owned())
    }

    fn plain(&self) -> Inbox {
        Inbox::new(self.text("app_id"), self.secret("token"), None).unwrap()
    }

    fn sealed(&self) -> Inbox {
        Inbox::new(self.text("app_id"), self.secret("token"), Some(&self.secret("key"))).unwrap()
    }

    fn push(&self, name: &str) -> (Envelope, &str) {
        let push = &self.fixtures["pushes"][name];
        let mut envelope = Envelope::default();
        for (name, value) in push["query"].as_str().unwrap().split('&').filter_map(|pair| pair.split_once('=')) {
            let value = value.to_owned();
            match name {
                "timestamp" => envelope.timestamp = value,
                "nonce" => envelope.nonce = value,
                "signature" => envelope.signature = value,
                "msg_signature" => envelope.msg_signature = Some(value),
                "encrypt_type" => envelope.encrypt_type = Some(value),
                _ => {}
            }
        }
        (envelope, push["body"].as_str().unwrap())
    }

    fn open(&self, inbox: &Inbox, name: &str) -> Result<Push, NotTaken> {
        let (envelope, body) = self.push(name);
        inbox.open(&envelope, body.as_bytes(), self.now).map(|received| received.push)
    }
}

fn erase() -> Push {
    Push::Erase { openid: OpenId::plausible(WHOM).unwrap(), at: Timestamp::from_second(1_681_437_590).unwrap() }
}

#[test]
fn each_kind_is_read_plain_and_sealed_as_json_and_as_xml() {
    let made = made();
    for (mode, inbox) in [("plain", made.plain()), ("sealed", made.sealed())] {
        for (name, push) in
            [("text json", Push::Other), ("text xml", Push::Other), ("revoke xml", erase()), ("cancel json", erase())]
        {
            assert_eq!(made.open(&inbox, &format!("{mode} {name}")), Ok(push), "{mode} {name}");
        }
    }
}

#[test]
fn who_does_not_know_the_token_is_not_believed() {
    let made = made();
    let other = Inbox::new("wx", Secret::new("anotherTokenOfNobody".to_owned()), None).unwrap();
    assert_eq!(made.open(&other, "plain revoke xml"), Err(NotTaken::Forged));
    let (good, body) = made.push("plain revoke xml");
    for signature in ["", "b6c0", "é6c0dd49e4e39706947506a44736f7dfa542882", &good.signature.replace('b', "g")] {
        let envelope = Envelope { signature: signature.to_owned(), ..good.clone() };
        let told = made.plain().open(&envelope, body.as_bytes(), made.now);
        assert_eq!(told.unwrap_err(), NotTaken::Forged, "{signature}");
    }
    let loud = Envelope { signature: good.signature.to_uppercase(), ..good };
    assert!(made.plain().open(&loud, body.as_bytes(), made.now).is_ok());
}

#[test]
fn with_a_key_nothing_plain_is_taken_and_no_byte_can_be_changed() {
    let made = made();
    assert_eq!(made.open(&made.sealed(), "plain revoke xml"), Err(NotTaken::Forged));
    let (envelope, body) = made.push("sealed revoke xml");
    let meddled = body.replace("Q3st", "Q3su");
    assert_eq!(made.sealed().open(&envelope, meddled.as_bytes(), made.now).unwrap_err(), NotTaken::Forged);
    // The signature of the plain mode says nothing about the body.
    let (plain, _) = made.push("plain revoke xml");
    let msg_signature = Some(plain.signature.clone());
    let envelope = Envelope { msg_signature, ..envelope };
    assert_eq!(made.sealed().open(&envelope, body.as_bytes(), made.now).unwrap_err(), NotTaken::Forged);
}

#[test]
fn what_is_meant_for_another_app_is_not_for_us() {
    let made = made();
    assert_eq!(made.open(&made.sealed(), "sealed for another app"), Err(NotTaken::Forged));
    let (envelope, body) = made.push("plain revoke xml");
    let body = body.replace("wx0123456789abcdef", "wxfedcba9876543210");
    assert_eq!(made.plain().open(&envelope, body.as_bytes(), made.now).unwrap_err(), NotTaken::Forged);
}

#[test]
fn five_minutes_are_fresh_in_both_directions() {
    let made = made();
    let (envelope, body) = made.push("plain text json");
    for (off, fresh) in [(0, true), (300, true), (-300, true), (301, false), (-301, false), (86_400, false)] {
        let now = made.now.checked_add(SignedDuration::from_secs(off)).unwrap();
        let told = made.plain().open(&envelope, body.as_bytes(), now).map(|received| received.push);
        assert_eq!(told, if fresh { Ok(Push::Other) } else { Err(NotTaken::Stale) }, "{off}");
        assert_eq!(made.plain().check(&envelope, now).is_ok(), fresh, "{off}");
    }
}

#[test]
fn signed_garbage_is_told_as_such() {
    let made = made();
    let malformed = |told: Result<Push, NotTaken>| matches!(told, Err(NotTaken::Malformed(_)));
    assert!(malformed(made.open(&made.sealed(), "sealed garbage")));
    assert!(malformed(made.open(&made.plain(), "sealed text json")), "no key is set");
    let (envelope, _) = made.push("plain text json");
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><xml><Event>&a;</Event></xml>";
    let deep = format!("{}{}", "<xml>".repeat(2_000), "</xml>".repeat(2_000));
    let nested = format!("{}{}", "{\"a\":".repeat(2_000), "}".repeat(2_000));
    let nobody = r#"{"Event":"user_authorization_revoke","CreateTime":1}"#;
    let odd = r#"{"Event":"user_authorization_revoke","OpenID":"o n e","CreateTime":1}"#;
    let never = r#"{"Event":"user_authorization_revoke","OpenID":"o1"}"#;
    for body in ["", "{", "[]", "<xml>", "<xml><a></b></xml>", "<html><a/></html>", bomb, &deep, &nested] {
        assert!(malformed(made.plain().open(&envelope, body.as_bytes(), made.now).map(|it| it.push)), "{body:.60}");
    }
    for body in [nobody, odd, never, "<xml><Event>&unknown;</Event></xml>"] {
        assert!(malformed(made.plain().open(&envelope, body.as_bytes(), made.now).map(|it| it.push)), "{body}");
    }
}

#[test]
fn nobody_is_erased_for_a_time_that_is_yet_to_come() {
    let made = made();
    let (envelope, body) = made.push("plain cancel json");
    let body = body.replace("1681437590", "1981437590");
    let Ok(Received { push: Push::Erase { at, .. }, .. }) = made.plain().open(&envelope, body.as_bytes(), made.now)
    else {
        unreachable!("it is a cancellation");
    };
    assert_eq!(at, made.now);
}

#[test]
fn tokens_and_keys_that_cannot_be_right_are_told_at_start() {
    let inbox = |token: &str, key: Option<&str>| {
        let key = key.map(|key| Secret::new(key.to_owned()));
        Inbox::new("wx", Secret::new(token.to_owned()), key.as_ref()).map(|_| ())
    };
    let token = "carnivalPushToken2023";
    assert_eq!(inbox("short", None), Err(InboxError::Token));
    assert_eq!(inbox("with spaces in the token", None), Err(InboxError::Token));
    assert_eq!(inbox(token, Some("abc")), Err(InboxError::Key));
    assert_eq!(inbox(token, Some(&"=".repeat(43))), Err(InboxError::Key));
    // Whatever the last two bits are.
    assert_eq!(inbox(token, Some(&"Z".repeat(43))), Ok(()));
}

#[test]
fn nothing_of_it_prints() {
    let made = made();
    let printed = format!("{:?} {:?}", made.sealed(), made.open(&made.sealed(), "sealed revoke xml"));
    for hushed in [made.text("token"), made.text("key"), WHOM] {
        assert!(!printed.contains(hushed), "{printed}");
    }
}

proptest! {
    #[test]
    fn whatever_is_pushed_is_read_without_a_panic(body: Vec<u8>, text in "[<>{}&;xml/!\\[\\]\"]{0,64}", sealed in "[A-Za-z0-9+/=]{0,128}") {
        let made = made();
        let (envelope, _) = made.push("plain text json");
        for body in [body.as_slice(), text.as_bytes()] {
            let _ = made.plain().open(&envelope, body, made.now);
        }
        let key = Key::read(made.text("key")).unwrap();
        prop_assert!(key.open(&sealed).is_none());
    }
}
