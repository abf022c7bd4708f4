//! Chunked request bodies that a handler does not read to the end.
//!
//! After an early response (no token, too large, too slow), actix drains the rest of a chunked body for as long as the
//! client sends, so an attacker could occupy every connection. It drains only bodies that have been dropped. So the body
//! is held until the response is sent; actix then closes the connection. For bodies with a length, actix does so anyway.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::web::Bytes;
use futures_util::Stream;
use futures_util::stream::poll_fn;

/// The body of a chunked request; empty for other requests.
#[derive(Clone, Default)]
pub struct UnreadBody(Option<Rc<RefCell<Payload>>>);

impl std::fmt::Debug for UnreadBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unread")
    }
}

impl UnreadBody {
    /// Holds the request's body. Handlers can still read it.
    #[must_use]
    pub fn hold(request: &mut ServiceRequest) -> UnreadBody {
        if !request.chunked().unwrap_or(false) {
            return UnreadBody::default();
        }
        let held = Rc::new(RefCell::new(request.take_payload()));
        let reading = Rc::clone(&held);
        let payload = Box::pin(poll_fn(move |cx| Pin::new(&mut *reading.borrow_mut()).poll_next(cx)));
        request.set_payload(Payload::Stream { payload });
        UnreadBody(Some(held))
    }

    /// Releases the request body when this response body is dropped.
    #[must_use]
    pub fn release_after(self, body: BoxBody) -> BoxBody {
        if self.0.is_none() { body } else { BoxBody::new(HoldingResponse { body, _unread: self }) }
    }
}

struct HoldingResponse {
    body: BoxBody,
    _unread: UnreadBody,
}

impl MessageBody for HoldingResponse {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
