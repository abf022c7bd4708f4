//! A token of another carnival, key, algorithm or time is rejected.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::rules::ids::{DeviceId, InvitationId, SessionId};
use crate::tokens::{AnyStaff, CodeDisplay, Colleague, Organiser, StaffRole, Viewer, Volunteer};

const KEY: &str = "86bef85fa1c4ff97bf7e8eaf4d6ca34e2b0faa0cb7a1c75cfb05e24bdfc9dcdd";
const OLD_KEY: &str = "r5gKuGFWkTcc1H4zdWdTHDbWxsD6ePr2TE0uNqR0cF0=";

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn jwt() -> Jwt {
    Jwt::new(&secret(KEY), &[], &"chenghua-2023".parse().unwrap(), 43_200).unwrap()
}

fn now() -> Timestamp {
    "2023-10-21T10:00:00+08:00".parse().unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_secs(seconds)
}

fn ana() -> ResidentId {
    ResidentId::new([7; 16])
}

fn session(role: Role) -> StaffSession {
    StaffSession {
        id: SessionId::from_bytes([9; 16]),
        invitation: InvitationId::from_bytes([1; 16]),
        role,
        place: None,
        name: "Li".parse().unwrap(),
        nonce: "nonce-123".parse().unwrap(),
        begun: now(),
        until: later(3600),
        device: DeviceId::from_bytes([2; 16]),
        end: None,
        corrected: None,
    }
}

/// Valid claims with the change of a test.
fn claims(change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = json!({
        "iss": "carnival",
        "aud": "chenghua-2023",
        "sub": ana().to_string(),
        "role": "resident",
        "iat": now().as_second(),
        "exp": later(60).as_second(),
    });
    change(&mut claims);
    claims
}

/// Reads claims signed with the right key and header.
fn read(claims: &Value) -> Result<Bearer, TokenError> {
    let jwt = jwt();
    let token = encode(&header(&secret(KEY)), claims, &EncodingKey::from_secret(KEY.as_bytes())).unwrap();
    jwt.read(&token, now())
}

/// Reads valid claims under another header, with a valid HS256 signature.
fn read_under(header: &str) -> Result<Bearer, TokenError> {
    let jwt = jwt();
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims(|_| ()).to_string()));
    let key = EncodingKey::from_secret(KEY.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    jwt.read(&format!("{message}.{signature}"), now())
}

#[test]
fn a_residents_token_is_valid_until_it_expires() {
    let issued = jwt().issue_resident(ana(), now()).unwrap();
    assert_eq!(issued.expires_at, later(43_200));
    assert_eq!(jwt().read(&issued.token, later(43_199)), Ok(Bearer::Resident(Resident { id: ana() })));
    assert_eq!(jwt().read(&issued.token, later(43_200)), Err(TokenError::Expired));
}

#[test]
fn a_staff_token_carries_the_role_and_is_valid_as_long_as_the_session() {
    let permits = |role| match role {
        Role::Volunteer => [true, false, false, true, true, true],
        Role::Organiser => [true; 6],
        Role::Viewer => [false, false, true, true, false, true],
        Role::Reporter => [false, false, false, true, false, true],
        Role::Display => [false, false, false, false, true, true],
    };
    for role in [Role::Volunteer, Role::Organiser, Role::Viewer, Role::Reporter, Role::Display] {
        let session = session(role);
        let issued = jwt().issue_staff(&session).unwrap();
        assert_eq!(issued.expires_at, session.until);
        let Bearer::Staff(token) = jwt().read(&issued.token, now()).unwrap() else { panic!("a token of staff") };
        assert_eq!((token.session(), token.role(), token.is_operator()), (&session.id, role, false));
        let found = [
            Volunteer::of(token.clone()).is_some(),
            Organiser::of(token.clone()).is_some(),
            Viewer::of(token.clone()).is_some(),
            Colleague::of(token.clone()).is_some(),
            CodeDisplay::of(token.clone()).is_some(),
            AnyStaff::of(token).is_some(),
        ];
        assert_eq!(found, permits(role), "{role:?}");
        assert_eq!(jwt().read(&issued.token, session.until), Err(TokenError::Expired));
    }
}

#[test]
fn tokens_are_the_same_in_every_version() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6ImY4YzQwNWVmIn0.eyJpc3MiOiJjYXJuaXZhbCIsImF1ZCI6ImNoZW5n\
        aHVhLTIwMjMiLCJzdWIiOiIwNzA3MDcwNzA3MDcwNzA3MDcwNzA3MDcwNzA3MDcwNyIsInJvbGUiOiJyZXNpZGVudCIsImlhdCI6\
        MTY5Nzg1MzYwMCwiZXhwIjoxNjk3ODk2ODAwfQ.GxClQi93OJP56TT7ov37SnRjEvZbMC4vP4TQ1I0NPQE";
    assert_eq!(jwt().issue_resident(ana(), now()).unwrap().token, token);
    assert_eq!(jwt().read(token, now()), Ok(Bearer::Resident(Resident { id: ana() })));
}

#[test]
fn after_a_rotation_old_tokens_are_accepted_and_new_ones_use_the_new_key() {
    let carnival = "chenghua-2023".parse().unwrap();
    let before = Jwt::new(&secret(OLD_KEY), &[], &carnival, 60).unwrap();
    let after = Jwt::new(&secret(KEY), &[secret(OLD_KEY)], &carnival, 60).unwrap();
    let old = before.issue_resident(ana(), now()).unwrap().token;
    let new = after.issue_resident(ana(), now()).unwrap().token;
    assert!(after.read(&old, now()).is_ok());
    assert!(after.read(&new, now()).is_ok());
    assert!(jwt().read(&new, now()).is_ok());
    assert_eq!(jwt().read(&old, now()), Err(TokenError::Invalid), "an unknown kid");
    assert_eq!(before.read(&new, now()), Err(TokenError::Invalid));
}

#[test]
fn claims_of_another_issuer_audience_role_or_shape_are_rejected() {
    assert!(read(&claims(|_| ())).is_ok(), "valid; the following cases change one thing each");
    for (name, value) in [
        ("iss", json!("someone")),
        ("aud", json!("chenghua-2024")),
        ("aud", json!([])),
        ("sub", json!("ana")),
        ("sub", json!(SessionId::from_bytes([9; 16]).as_str())),
        ("role", json!("organiser")),
        ("role", json!("admin")),
        ("exp", json!("2099")),
        ("exp", json!(-1)),
    ] {
        assert_eq!(read(&claims(|all| all[name] = value.clone())), Err(TokenError::Invalid), "{name}: {value}");
    }
    for name in ["iss", "aud", "sub", "role", "exp"] {
        let without = claims(|all| _ = all.as_object_mut().map(|all| all.remove(name)));
        assert_eq!(read(&without), Err(TokenError::Invalid), "without {name}");
    }
}

#[test]
fn the_given_time_counts_and_not_the_machines_clock() {
    let past = claims(|all| all["exp"] = json!(now().as_second()));
    assert_eq!(read(&past), Err(TokenError::Expired));
    let long_past_for_the_machine = claims(|all| all["exp"] = json!(later(1).as_second()));
    assert!(read(&long_past_for_the_machine).is_ok());
}

#[test]
fn other_headers_are_rejected_even_with_a_valid_signature() {
    let ours = r#"{"typ":"JWT","alg":"HS256","kid":"KID"}"#.replace("KID", &header(&secret(KEY)).kid.unwrap());
    assert!(read_under(&ours).is_ok(), "valid; the following cases change one thing each");
    for (part, other) in [
        ("HS256", "none"),
        ("HS256", "RS256"),
        ("HS256", "HS512"),
        (r#""kid":""#, r#""kid":"0"#),
        (r#""kid""#, r#""jku""#),
        (r#""typ":"JWT","#, ""),
        (r#""typ":"JWT","#, r#""typ":"JWT","crit":["b64"],"#),
        (r#","alg":"HS256""#, ""),
    ] {
        let header = ours.replace(part, other);
        assert_ne!(header, ours);
        assert_eq!(read_under(&header), Err(TokenError::Invalid), "{header}");
    }
}

#[test]
fn a_token_without_a_signature_is_rejected() {
    let token = jwt().issue_resident(ana(), now()).unwrap().token;
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_eq!(jwt().read(&format!("{message}."), now()), Err(TokenError::Invalid));
    assert_eq!(jwt().read(message, now()), Err(TokenError::Invalid));
}

#[test]
fn another_carnival_or_key_under_the_same_kid_is_rejected() {
    let token = jwt().issue_resident(ana(), now()).unwrap().token;
    let elsewhere = Jwt::new(&secret(KEY), &[], &"chenghua-2024".parse().unwrap(), 60).unwrap();
    assert_eq!(elsewhere.read(&token, now()), Err(TokenError::Invalid));
    let forged = encode(&header(&secret(KEY)), &claims(|_| ()), &EncodingKey::from_secret(OLD_KEY.as_bytes())).unwrap();
    assert_eq!(jwt().read(&forged, now()), Err(TokenError::Invalid));
}

#[test]
fn a_changed_character_anywhere_is_rejected() {
    let token = jwt().issue_resident(ana(), now()).unwrap().token;
    for at in 0..token.len() {
        let other = if token.as_bytes()[at] == b'A' { 'B' } else { 'A' };
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        assert_eq!(jwt().read(&changed, now()), Err(TokenError::Invalid), "at {at}");
    }
}

#[test]
fn an_overlong_token_is_rejected() {
    let long = claims(|all| all["more"] = json!("x".repeat(700)));
    assert_eq!(read(&long), Err(TokenError::Invalid));
    assert!(read(&claims(|all| all["more"] = json!("x".repeat(200)))).is_ok());
}

proptest::proptest! {
    #![proptest_config(crate::rules::samples::property_config())]

    #[test]
    fn no_text_panics_the_verifier(text in "\\PC{0,80}") {
        let ours = &jwt().keys[0].header_prefix.clone();
        for token in [text.clone(), format!("{ours}{text}"), format!("{ours}e30.{text}")] {
            proptest::prop_assert_eq!(jwt().read(&token, now()), Err(TokenError::Invalid));
        }
    }
}
