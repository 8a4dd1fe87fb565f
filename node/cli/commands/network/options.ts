import { Option } from 'commander'

import { collectPaths } from '../../options.js'

/** Who signs. */
export function ownerOption(): Option {
  return new Option('--owner <folder>', 'folder of an owner\'s key, may be repeated (default: the one that `network create` made beside the file)').argParser(collectPaths)
}
