//! Frames: length, code, body.

use super::message::Message;

/// The most bytes that the body of a frame may have.
pub const MAX_BODY: usize = 0xffff - 1;

/// Bytes that are no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadFrame {
    /// The frame's length field does not say how long the frame is.
    #[error("a frame of {received} bytes announces {announced}; expected the two to agree")]
    Length {
        /// Bytes after the length field, as announced.
        announced: usize,
        /// Bytes after the length field, as received.
        received: usize,
    },
    /// No such message.
    #[error(
        "message code {code} is unknown; expected one of docs/protocol.md, or an odd code, which may be ignored"
    )]
    UnknownCode {
        /// The frame's code.
        code: u8,
    },
    /// The body is not what the code's message looks like.
    #[error(
        "the body of message {code} cannot be read: {cause}; expected the RLP list of docs/protocol.md"
    )]
    Body {
        /// The frame's code.
        code: u8,
        /// What the decoder says.
        cause: alloy_rlp::Error,
    },
    /// The body exceeds [`MAX_BODY`].
    #[error("a message of {size} bytes is too long; expected at most {MAX_BODY}")]
    TooLong {
        /// Bytes of the body.
        size: usize,
    },
}

/// The frame of a message.
///
/// # Errors
/// [`BadFrame::TooLong`]; nothing was encoded.
pub fn encode(message: &Message) -> Result<Vec<u8>, BadFrame> {
    let mut frame = vec![0, 0, message.code()];
    message.encode_body(&mut frame);
    let size = frame.len().saturating_sub(3);
    let length = u16::try_from(size.saturating_add(1)).map_err(|_| BadFrame::TooLong { size })?;
    for (to, from) in frame.iter_mut().zip(length.to_be_bytes()) {
        *to = from;
    }
    Ok(frame)
}

/// The message in a frame; none when its code is unknown and odd.
///
/// # Errors
/// [`BadFrame`] when the bytes are no message.
pub fn decode(frame: &[u8]) -> Result<Option<Message>, BadFrame> {
    let Some((length, rest)) = frame.split_first_chunk::<2>() else {
        return Err(BadFrame::Length {
            announced: 2,
            received: frame.len(),
        });
    };
    let announced = usize::from(u16::from_be_bytes(*length));
    let Some((code, body)) = rest.split_first().filter(|_| rest.len() == announced) else {
        return Err(BadFrame::Length {
            announced,
            received: rest.len(),
        });
    };
    Message::decode_body(*code, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{B256, ChannelId};
    use crate::wire::{ErrorMessage, Shutdown};
    use proptest::prelude::*;

    fn shutdown() -> Message {
        Message::Shutdown(Shutdown {
            channel: ChannelId(B256::repeat_byte(3)),
        })
    }

    // req: E4, E5
    #[test]
    fn a_frame_is_length_code_and_list() {
        let frame = encode(&shutdown()).unwrap();
        assert_eq!(frame[..4], [0, 35, 98, 0xc0 + 33]);
        assert_eq!(decode(&frame), Ok(Some(shutdown())));
    }

    #[test]
    fn fields_that_a_later_version_adds_are_ignored() {
        let mut frame = encode(&shutdown()).unwrap();
        frame[1] += 2;
        frame[3] += 2;
        frame.extend([7, 8]);
        assert_eq!(decode(&frame), Ok(Some(shutdown())));
    }

    #[test]
    fn an_unknown_odd_code_is_ignored_and_an_even_one_refused() {
        assert_eq!(decode(&[0, 2, 201, 0xc0]), Ok(None));
        assert_eq!(
            decode(&[0, 2, 200, 0xc0]),
            Err(BadFrame::UnknownCode { code: 200 })
        );
    }

    #[test]
    fn a_message_beyond_64_kib_is_not_encoded() {
        let text = "x".repeat(MAX_BODY);
        let long = Message::Error(ErrorMessage {
            channel: ChannelId(B256::ZERO),
            text,
        });
        assert!(matches!(encode(&long), Err(BadFrame::TooLong { .. })));
    }

    proptest! {
        // req: A52
        #[test]
        fn no_bytes_make_the_decoder_panic(bytes: Vec<u8>, code: u8) {
            let _ = decode(&bytes);
            let mut framed = u16::try_from(bytes.len() + 1).unwrap().to_be_bytes().to_vec();
            framed.push(code);
            framed.extend(&bytes);
            let _ = decode(&framed);
        }
    }
}
