/**
 * Where those who sign for a seat hear each other's shares: on the topic of a cluster of peers, or on one of a cluster of seats' delegates alone. All who
 * take part in that cluster, several times as many, would else hear shares that say nothing to them.
 *
 * @param level - at which the seat is
 */
export function seatTopic(seat: string, level: number): string {
  return level === 1 ? seat : `${seat}.delegates`
}
