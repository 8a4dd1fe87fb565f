import type { Surface } from '../surface.js'

import { adapterSurfaces } from './adapters.js'
import { controlSurfaces } from './control.js'
import { corpusSurfaces } from './corpus.js'
import { encodingSurfaces } from './encodings.js'
import { evaluationSurfaces } from './evaluation.js'
import { messageSurfaces } from './messages.js'
import { modelFileSurfaces } from './model-files.js'
import { networkFileSurfaces } from './network-files.js'
import { publicDataSurfaces } from './public-data.js'
import { qualitySurfaces } from './quality.js'
import { recordSurfaces } from './records.js'
import { storeSurfaces } from './store.js'
import { transportSurfaces } from './transport.js'

/** Everything that takes bytes from a stranger, from disk or from a user. */
export const surfaces: readonly Surface[] = [
  ...encodingSurfaces,
  ...messageSurfaces,
  ...recordSurfaces,
  ...transportSurfaces,
  ...networkFileSurfaces,
  ...adapterSurfaces,
  ...modelFileSurfaces,
  ...publicDataSurfaces,
  ...storeSurfaces,
  ...controlSurfaces,
  ...corpusSurfaces,
  ...qualitySurfaces,
  ...evaluationSurfaces,
]
