import test from 'ava'

import { roundLines } from '../../node/cli/round-lines.js'
import type { RoundNews } from '../../node/daemon/history.js'

const news: RoundNews = {
  time: 0, cluster: 'verilog.0', training: 9, isRollCall: false, round: 7, record: 'a'.repeat(64), provisional: false, term: 0, head: 'head', signers: 5, voters: 7, contributions: [], adapter: 'b'.repeat(64),
  members: ['a', 'b', 'c', 'd'],
}

test('whoever reads the rounds sees that the cluster has split, why, and in which half the node goes on', (t) => {
  const stays = roundLines({ ...news, split: { other: 'verilog.new', isOtherNew: true, members: ['e', 'f', 'g'] } }, 'a', false)
  const goes = roundLines({ ...news, cluster: 'verilog.new', members: ['e', 'f', 'g'], split: { other: 'verilog.0', isOtherNew: false, members: news.members } }, 'e', false)
  const said = 'The cluster had more members than the policy allows and has split: 4 go on in verilog.0, 3 in the new verilog.new.'
  t.true(stays.some((line) => line.includes(`${said} This node goes on in verilog.0.`)), stays.join('\n'))
  t.true(goes.some((line) => line.includes(`${said} This node goes on in verilog.new.`)), goes.join('\n'))
  t.false(roundLines(news, 'a', false).some((line) => line.includes('split')))
})
