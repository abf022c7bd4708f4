//! Large response bodies, given to a connection in pieces.
//!
//! The framework copies each part of a body into the write buffer of its connection, and adds no more once the buffer is
//! full. A body in one part would be copied whole, so a client that requests large answers and reads none would hold a
//! copy on each of its connections. In pieces, it holds one piece; the rest stays in memory that all answers share.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

/// The length of a piece, and of a full write buffer. With larger ones, each idle connection would keep a larger buffer.
pub const PIECE_BYTES: usize = 16 << 10;

/// A long body that is in memory, in pieces; any other unchanged.
#[must_use]
pub fn in_pieces(body: BoxBody) -> BoxBody {
    match body.size() {
        BodySize::Sized(length) if length > PIECE_BYTES as u64 => match body.try_into_bytes() {
            Ok(rest) => BoxBody::new(BodyPieces { rest }),
            Err(body) => body,
        },
        _ => body,
    }
}

struct BodyPieces {
    rest: Bytes,
}

impl MessageBody for BodyPieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let length = self.rest.len().min(PIECE_BYTES);
        Poll::Ready((length > 0).then(|| Ok(self.rest.split_to(length))))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[actix_web::test]
    async fn the_pieces_share_the_memory_of_the_body() {
        for length in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 5 * PIECE_BYTES - 1] {
            let whole = Bytes::from((0..=250).cycle().take(length).collect::<Vec<u8>>());
            let mut body = in_pieces(BoxBody::new(whole.clone()));
            assert_eq!(body.size(), BodySize::Sized(length as u64));
            let mut read = 0;
            while let Some(piece) = poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
                let piece = piece.unwrap();
                assert!((1..=PIECE_BYTES).contains(&piece.len()), "{} of {length}", piece.len());
                assert_eq!(piece.as_ptr(), whole[read..].as_ptr());
                read += piece.len();
            }
            assert_eq!(read, length);
        }
    }
}
