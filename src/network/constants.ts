/** Gossip carries announcements, not bulk: a message above this is refused by the sender and by every receiver. */
export const MAXIMUM_MESSAGE_BYTES = 64 * 1024

/** Bytes of a chunk of pulled content. With 4 in flight, 256 KiB moved 421 MiB/s over loopback with flat memory. */
export const CHUNK_BYTES = 256 * 1024

/** Chunks that a puller asks for before the first has come: enough to keep the pipe full, few enough to keep memory flat. */
export const CHUNKS_IN_FLIGHT = 4

/** Chunks that may be there before an earlier one is: more would be hashed in one go once that one comes. */
export const CHUNKS_AHEAD = 32

/** Pulls that one peer may have open at a holder, and that a puller opens at one. */
export const PULLS_PER_PEER = 4

/** Pulls that a holder serves at once, from all peers together. */
export const PULLS_SERVED = 64

/** A pull without a byte for so long goes on with the next holder; milliseconds. */
export const PULL_SILENCE_MS = 5000

/** A pull is also given up below this rate over one such silence: a holder must not keep it open drop by drop. Bytes a second. */
export const PULL_MINIMUM_RATE = 8 * 1024

/** A holder waits so long for a puller's next request, or for its reading of a chunk; milliseconds. */
export const SERVE_PATIENCE_MS = 20_000

/** One exchange of hello or of addresses must be over by then; milliseconds. */
export const EXCHANGE_TIMEOUT_MS = 10_000

/** A hello holds a genesis, an address record and a credential. */
export const MAXIMUM_HELLO_BYTES = 32 * 1024

/** A credential with the signatures of up to 32 owners. */
export const MAXIMUM_CREDENTIAL_BYTES = 4096

/** Addresses of a peer, and how long each may be. */
export const ADDRESSES_PER_PEER = 8
export const MAXIMUM_ADDRESS_LENGTH = 256

/** Bytes of a peer's signed addresses: all of them at full length, and the envelope. */
export const MAXIMUM_ADDRESS_RECORD_BYTES = ADDRESSES_PER_PEER * MAXIMUM_ADDRESS_LENGTH + 512

/** Records in one answer of the peer exchange; another answer brings others. */
export const RECORDS_PER_EXCHANGE = 64

/** Peers whose addresses are kept. */
export const KNOWN_PEERS = 1024
