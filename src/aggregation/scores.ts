import { checkInteger } from './candidate.js'
import { AggregationError } from './errors.js'
import { lowerMedian } from './integers.js'

/**
 * What several auditors' scores of one delta count as: the lower median on each probe, so that one auditor among three or more moves little and one
 * of two can only lower.
 *
 * @param id - content id of the delta, for messages
 * @param reports - one or more auditors' scores, 0 to 65536 for each of the same probes
 * @throws AggregationError AGGREGATION_INPUT
 */
export function consensusScores(id: string, reports: readonly (readonly number[] | Int32Array)[]): number[] {
  const probes = reports[0]?.length
  if (probes === undefined || reports.some((report) => report.length !== probes)) {
    throw new AggregationError('AGGREGATION_INPUT', `the delta ${id} has reports on ${reports.map(({ length }) => length).join(', ') || 'no'} probes: all auditors score the same ones`)
  }
  for (const report of reports) report.forEach((score, probe) => checkInteger(id, `score ${probe}`, score, 65_536))
  return Array.from({ length: probes }, (_, probe) => lowerMedian(reports.map((report) => report[probe]!)))
}
