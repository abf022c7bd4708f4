//! Refusals of codes, and of photos of codes.

use super::kind::refusals;
use super::sample_values::point;

refusals! {
    /// The code does not count, or not here.
    CodeRefusal {
        /// Not a code of this carnival.
        CodeUnknown => Unknown,
        /// A code of this carnival, but of a kind that is not accepted here.
        CodeOfAnotherKind => Unsuitable,
        /// A practice code, in a request that is no practice.
        PracticeCode => Unsuitable,
        /// A code that is not for practice, in a practice request.
        NotPracticeCode => Unsuitable,
        /// The code of a replaced poster.
        CodeReplaced {
            /// The point's name.
            point: String = point(),
        } => Outdated,
        /// The code on the tablet has changed since.
        DisplayCodeTooOld => Outdated,
        /// The point accepts only the tablet's code.
        DisplayCodeNeeded {
            /// The point's name.
            point: String = point(),
        } => NotPermitted,
        /// The point accepts only the poster's code.
        PrintedCodeNeeded {
            /// The point's name.
            point: String = point(),
        } => NotPermitted,
        /// A resident's personal code has expired; it is valid for five minutes.
        OwnCodeTooOld => Outdated,
        /// The printed code of the point has reached the last generation.
        CodesUsedUp {
            /// The point's name.
            point: String = point(),
        } => Conflict,
        /// A code is to be replaced, and neither the code nor a nonce was sent.
        ReissueUnclear => Unsuitable,
        /// The photo contains no code of this carnival.
        NoCodeFound => Unsuitable,
        /// The photo is not an image or is broken.
        PhotoUnreadable => Unsuitable,
        /// The photo has too many pixels.
        PhotoTooLarge {
            /// Width in pixels.
            width: u32 = 8000,
            /// Height in pixels.
            height: u32 = 6000,
            /// Maximum number of pixels.
            most: u64 = 20_000_000,
        } => Unsuitable,
    }
}
