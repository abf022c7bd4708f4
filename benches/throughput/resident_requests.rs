//! Tokens and requests of residents, prepared before the measurement.

use carnival::http::api::client::{self, Call};
use carnival::rules::ids::{Generation, PointNumber, ResidentId};
use carnival::tokens::codes::link;
use carnival::tokens::{Codes, Jwt, Secret};
use jiff::Timestamp;

use crate::baseline_server;
use crate::load::Requests;
use crate::test_carnival::{CODES_SECRET, ID, JWT_SECRET, POINTS, PUBLIC_URL};

/// The id of a resident, by crowd and number; distributed like keyed hashes.
pub(crate) fn resident(crowd: u32, number: u32) -> ResidentId {
    let seed = (u64::from(crowd) << 32) | u64::from(number);
    let mix = |mut x: u64| {
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    let (high, low) = (mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)), mix(seed ^ 0x5851_f42d_4c95_7f2d));
    ResidentId::new(((u128::from(high) << 64) | u128::from(low)).to_be_bytes())
}

/// The tokens of the first `count` residents of a crowd; the baseline accepts them too.
pub(crate) fn tokens(crowd: u32, count: u32) -> Vec<String> {
    let jwt = Jwt::new(&Secret::new(JWT_SECRET).unwrap(), &[], &ID.parse().unwrap(), 12 * 3600).unwrap();
    let now = Timestamp::now();
    (0..count).map(|number| jwt.issue_resident(resident(crowd, number), now).unwrap().token).collect()
}

/// The request line and headers of a call, like a mini-program's, without the last ones. An empty token is not sent.
pub(crate) fn head<A>(call: &Call<A>, token: &str) -> String {
    let Call { method, path, .. } = call;
    let bearer = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    format!(
        "{method} {path} HTTP/1.1\r\nhost: carnival.example\r\nuser-agent: bench\r\naccept: */*\r\n\
         accept-language: zh-CN,zh;q=0.9\r\n{bearer}"
    )
}

/// The last headers of a call, and its body.
pub(crate) fn tail<A>(call: &Call<A>) -> String {
    if call.body.is_null() {
        return "\r\n".to_owned();
    }
    let body = call.body.to_string();
    format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// The poster links: the program's, or the baseline's.
pub(crate) fn poster_links(for_baseline: bool) -> Vec<String> {
    let codes = Codes::new(&Secret::new(CODES_SECRET).unwrap(), &ID.parse().unwrap(), 180);
    let link_of = |point: u16| {
        let number = PointNumber::try_from(u64::from(point)).unwrap();
        let code = if for_baseline {
            baseline_server::code(JWT_SECRET, point)
        } else {
            codes.printed(number, Generation::FIRST)
        };
        link(PUBLIC_URL, &code)
    };
    (1..=POINTS).map(link_of).collect()
}

/// A check-in of each resident of a crowd at each point, point after point.
pub(crate) fn check_ins(crowd: u32, count: u32, points: std::ops::Range<u16>, for_baseline: bool) -> Requests {
    let calls: Vec<_> = poster_links(for_baseline).iter().map(|link| client::check_in(link, None, &[])).collect();
    let heads = tokens(crowd, count).iter().map(|token| head(&calls[0], token)).collect();
    let tails = calls.iter().map(tail).collect();
    let order = points.flat_map(|point| (0..count).map(move |number| (number, u32::from(point)))).collect();
    Requests { heads, tails, order }
}

/// A claim of one gift by each resident of a crowd.
pub(crate) fn claims(crowd: u32, count: u32, gift: &str) -> Requests {
    let call = client::claim(gift);
    let heads = tokens(crowd, count).iter().map(|token| head(&call, token)).collect();
    Requests { heads, tails: vec![tail(&call)], order: (0..count).map(|number| (number, 0)).collect() }
}
