//! Bodies sent in chunks that nobody reads to their end.
//!
//! When a request was answered early (no token, too large, too slow) the server would read the rest
//! of such a body and throw it away, for as long as the sender likes: a stranger could hold every
//! connection there is. It does so only if nobody holds the body any more; so it is held until the
//! answer is sent, and the connection is closed after it. Bodies with a length are closed by themselves.

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

/// A body that is being sent in chunks, if it is.
#[derive(Clone, Default)]
pub struct UnreadBody(Option<Rc<RefCell<Payload>>>);

impl std::fmt::Debug for UnreadBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unread")
    }
}

impl UnreadBody {
    /// Holds the request's body, which is still there to be read.
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

    /// Lets go of it when this body is sent.
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
