import { RecurrentSession, type BaseModel, type RecurrentDraft } from '../../model/index.js'
import { Asking } from '../decoding/asking.js'
import type { TrainedDraft } from '../drafts/draft.js'
import { trainedDraft } from '../drafts/trained-draft.js'
import { InUse } from './in-use.js'

/** Tokens of a proposal. More are right too seldom for what they take. */
const PROPOSED = 6
/** So small a model is fastest with one. */
const THREADS = 1

/** A trained draft that is ready to be asked; it is released when it was replaced and no text is written with it any more. */
export class LoadedDraft extends InUse {
  /** Whether asking pays is learnt anew with each draft. */
  readonly asking = new Asking()
  readonly trained: TrainedDraft

  private constructor(session: RecurrentSession) {
    super(() => session.release())
    this.trained = trainedDraft(session)
  }

  /** @throws RecurrentDraftError where the draft was made for another base */
  static async load(base: BaseModel, draft: RecurrentDraft): Promise<LoadedDraft> {
    return new LoadedDraft(await RecurrentSession.create(base, draft, { length: PROPOSED, threads: THREADS }))
  }
}
