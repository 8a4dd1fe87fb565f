/** What a genesis calls this codec. */
export const CODEC_NAME = 'sign-block64-1'

/** First byte of every encoded delta; a decoder refuses versions that it does not know. */
export const CODEC_VERSION = 1

/** Values that share one magnitude. Smaller blocks follow the delta closer and cost more bytes: 64 costs 1.25 bits a value. */
export const BLOCK_LENGTH = 64

/** Version (1 byte), then the number of values (4 bytes, little endian). */
export const HEADER_BYTES = 5
