import { PATIENCE, roundOf, told } from '../village/village.js'
import type { Village } from '../village/village.js'

/**
 * Has the proposer of a round's first term die by SIGKILL when its proposal is ready and has not left: nothing of the term's time has been saved, and nobody can go on with what it
 * has sent. It is started again once the others have gone on.
 *
 * @returns milliseconds from its death until the next in rank has a quorum of prevotes for its own proposal
 */
export async function failOver(village: Village): Promise<number> {
  const { villagers } = village
  const asked = Date.now()
  for (const villager of villagers) village.tell(villager, 'fall')
  const fallen = await village.until('a proposer that falls', () => villagers.find((villager) => told(villager, 'falling', asked).length > 0), PATIENCE)
  const { at, round } = told(fallen, 'falling', asked)[0]!
  for (const villager of villagers) if (villager !== fallen) village.tell(villager, 'stand')
  const locked = await village.until('another proposal with a quorum', () => {
    // A term may have begun before: on a busy machine the proposer of the first can be later than the others' patience.
    const later = villagers.flatMap((villager) => told(villager, 'term', asked)).filter((term) => term.round === round && term.term > 0)
    return later.flatMap(({ term, proposer }) => told(village.by(proposer), 'locked', asked).filter((lock) => lock.round === round && lock.term === term)).sort((x, y) => x.at - y.at)[0]
  }, PATIENCE)
  await village.until('the death of the proposer', () => fallen.process === undefined ? true : undefined, PATIENCE)
  village.start(fallen)
  await village.until('everybody in one round again', () => villagers.every((villager) => roundOf(villager) > round) ? true : undefined, PATIENCE)
  // Others had gone on before it died: its death cost nobody anything.
  return locked.at < at ? failOver(village) : locked.at - at
}
