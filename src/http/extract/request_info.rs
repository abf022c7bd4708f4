//! Information from a request's headers: language, client address, `ETag`; and the limit on guesses per address.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT_LANGUAGE, EntityTag, Header, HeaderMap, IF_NONE_MATCH, IfNoneMatch};
use actix_web::{FromRequest, HttpRequest};
use ipnet::IpNet;

use crate::actions;
use crate::http::errors::ApiError;
use crate::http::state::state;
use crate::rules::lang::Lang;
use crate::rules::refusals::{CodeRefusal, GiftRefusal, Refusal, StaffRefusal};
use crate::wechat::LoginError;

/// The reader's language, from `?lang=`, else `Accept-Language`, else Chinese.
#[must_use]
pub fn lang(request: &HttpRequest) -> Lang {
    let query = request.query_string().split('&').find_map(|pair| pair.strip_prefix("lang="));
    if let Some(lang) = query.and_then(Lang::from_tag) {
        return lang;
    }
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    header.and_then(accept_language).unwrap_or_default()
}

impl FromRequest for Lang {
    type Error = Infallible;
    type Future = Ready<Result<Lang, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(lang(request)))
    }
}

/// The supported language with the highest weight in an `Accept-Language` header; the first one among equals.
fn accept_language(header: &str) -> Option<Lang> {
    let mut best: Option<(f32, Lang)> = None;
    for part in header.split(',') {
        let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let weight = weight.trim_start().strip_prefix(['q', 'Q']).and_then(|weight| weight.strip_prefix('='));
        let weight = weight.and_then(|weight| weight.trim().parse().ok()).unwrap_or(0.0);
        let Some(lang) = Lang::from_tag(tag) else { continue };
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

/// The client's address: the peer's, or the forwarded one behind trusted proxies.
#[must_use]
pub fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    Some(forwarded_address(peer, request.headers(), &state(request).trusted_proxies))
}

/// Reads `X-Forwarded-For` from the right while the hop that wrote the entry is trusted. Entries of untrusted peers may be
/// forged.
fn forwarded_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    // As bytes, because entries from the client may not be valid text.
    let entries = headers.get_all("x-forwarded-for").flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let entries: Vec<&[u8]> = entries.collect();
    let mut client = peer.to_canonical();
    for hop in entries.iter().rev() {
        if !is_trusted(&client) {
            break;
        }
        let Some(address) = hop_address(hop) else { break };
        client = address;
    }
    client
}

/// The address of one hop. Some proxies add a port, or put brackets around IPv6.
fn hop_address(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse::<IpAddr>().ok().or_else(with_port).map(|address| address.to_canonical())
}

/// Whether `If-None-Match` matches this tag.
#[must_use]
pub fn matches_etag(request: &HttpRequest, tag: &EntityTag) -> bool {
    if !request.headers().contains_key(IF_NONE_MATCH) {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// Routes of signed links. Their signatures are too long to be guessed, so a forged one is not counted.
const SIGNED_LINKS: [&str; 2] = ["/v1/pictures/", "/v1/postcards/"];

/// Counts an error per address if it may be a guess: an unknown code or a failed login. Above the limit, returns the answer
/// to give instead, `TooManyTries`, which does not tell whether the code exists.
///
/// The middleware calls this for each failed request. Only an answer that reports an error as part of a success, or as a
/// page, calls it itself.
#[must_use]
pub fn limit_guesses(request: &HttpRequest, error: &ApiError) -> Option<ApiError> {
    let is_guess = match error {
        ApiError::Action(actions::Error::Refused(refusal)) => {
            matches!(
                refusal,
                Refusal::Code(CodeRefusal::CodeUnknown)
                    | Refusal::Gift(GiftRefusal::VoucherUnknown)
                    | Refusal::Staff(StaffRefusal::InvitationUnknown)
            ) && !SIGNED_LINKS.iter().any(|prefix| request.path().starts_with(prefix))
        }
        ApiError::Action(actions::Error::Login(error)) => {
            matches!(error, LoginError::InvalidCode | LoginError::CodeUsed)
        }
        ApiError::Action(_) | ApiError::Request(_) => false,
    };
    let address = client_address(request).filter(|_| is_guess)?;
    state(request).limits.record_failure(address).err().map(ApiError::from)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn headers(forwarded: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in forwarded {
            map.append("x-forwarded-for".parse().unwrap(), value.parse().unwrap());
        }
        map
    }

    fn from(peer: &str, entries: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        forwarded_address(peer.parse().unwrap(), &headers(entries), &trusted).to_string()
    }

    #[test]
    fn a_forwarded_address_is_believed_only_from_trusted_proxies() {
        for (peer, entries, trusted, client) in [
            ("203.0.113.9", &["198.51.100.1"][..], &[][..], "203.0.113.9"),
            ("203.0.113.9", &["198.51.100.1"], &["127.0.0.0/8"], "203.0.113.9"),
            ("127.0.0.1", &["198.51.100.1"], &["127.0.0.0/8"], "198.51.100.1"),
            // Entries before those of trusted proxies are ignored.
            ("127.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.7"], &["127.0.0.0/8", "10.0.0.0/8"], "198.51.100.1"),
            ("127.0.0.1", &["1.2.3.4", "198.51.100.1"], &["127.0.0.0/8", "10.0.0.0/8"], "198.51.100.1"),
            ("127.0.0.1", &["1.2.3.4, nonsense"], &["127.0.0.0/8", "10.0.0.0/8"], "127.0.0.1"),
        ] {
            assert_eq!(from(peer, entries, trusted), client, "{peer} {entries:?} {trusted:?}");
        }
    }

    #[test]
    fn forwarded_addresses_are_read_in_all_notations() {
        let trusted = ["127.0.0.0/8", "::1/128"];
        for (peer, entries, client) in [
            ("127.0.0.1", &["  198.51.100.1  "][..], "198.51.100.1"),
            ("127.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("127.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("::1", &["[2001:db8::7]"], "2001:db8::7"),
            ("::ffff:127.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.2.3.4", "5.6.7.8, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["198.51.100.1", ""], "127.0.0.1"),
            ("127.0.0.1", &["unknown"], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, _hidden"], "127.0.0.1"),
            ("203.0.113.9", &["::1, 127.0.0.1"], "203.0.113.9"),
        ] {
            assert_eq!(from(peer, entries, &trusted), client, "{peer} {entries:?}");
        }
        let hops = (0..2000).map(|nth| format!("10.{}.{}.1", nth / 250, nth % 250)).collect::<Vec<_>>().join(",");
        assert_eq!(from("127.0.0.1", &[&format!("{hops}, 198.51.100.1")], &trusted), "198.51.100.1");
        let mut bytes = HeaderMap::new();
        let name: actix_web::http::header::HeaderName = "x-forwarded-for".parse().unwrap();
        let value = actix_web::http::header::HeaderValue::from_bytes(b"\xff\xfe, 198.51.100.1").unwrap();
        bytes.append(name, value);
        let trusted: Vec<IpNet> = vec!["127.0.0.0/8".parse().unwrap()];
        let client = forwarded_address("127.0.0.1".parse().unwrap(), &bytes, &trusted);
        assert_eq!(client.to_string(), "198.51.100.1", "invalid bytes from the client do not hide the address");
    }

    #[test]
    fn the_supported_language_with_the_highest_weight_is_chosen() {
        assert_eq!(accept_language("en-GB,en;q=0.9,zh;q=0.8"), Some(Lang::En));
        assert_eq!(accept_language("fr, zh-CN;q=0.5, en;q=0.4"), Some(Lang::Zh));
        assert_eq!(accept_language("zh; q=0.1 , en ; Q=0.2"), Some(Lang::En));
        assert_eq!(accept_language("en;q=0"), None);
        assert_eq!(accept_language("*"), None);
    }
}
