//! `Content-Disposition` headers with two file names: one in the reader's language, and an ASCII fallback.

use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};

/// A file to be saved.
pub fn attachment(ascii: &str, name: &str) -> ContentDisposition {
    content_disposition(DispositionType::Attachment, ascii, name)
}

/// A file to be displayed, with a name for saving it.
pub fn inline(ascii: &str, name: &str) -> ContentDisposition {
    content_disposition(DispositionType::Inline, ascii, name)
}

fn content_disposition(disposition: DispositionType, ascii: &str, name: &str) -> ContentDisposition {
    let value = name.as_bytes().to_vec();
    let file_name = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value };
    let parameters = vec![DispositionParam::Filename(ascii.to_owned()), DispositionParam::FilenameExt(file_name)];
    ContentDisposition { disposition, parameters }
}
