export type CorpusErrorCode = 'CORPUS_SOURCE_MISSING' | 'CORPUS_EMPTY' | 'CORPUS_NOTHING_USABLE' | 'CORPUS_PAIRS_INVALID' | 'CORPUS_PATTERN_INVALID'

/** Sources from which nothing can be learned. Single bad files are no error: the report counts them by reason. */
export class CorpusError extends Error {
  override readonly name = 'CorpusError'

  constructor(readonly code: CorpusErrorCode, message: string) {
    super(message)
  }
}
